# The one front door. Every target is a line over CMakePresets.json or a script under tools/.
SHELL := /bin/bash
PYTHON := /usr/bin/python3 -B
SHARDS ?= 2
BENCH ?= full
export SHARDS BACKEND BENCH PEER TIDY FUZZ_SECONDS

.PHONY: help setup build run up down cluster cluster-down test e2e bench corpora profile package tidy format fuzz golden clean
.DEFAULT_GOAL := help

help: ## this list
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: ## installs the Debian packages that are missing (root or sudo)
	@tools/setup.sh

build: setup ## the programs, optimised, in build/release/bin/
	@tools/build.sh release programs

run: build ## two MySQL servers and the gate on 127.0.0.1:15306 until Ctrl-C (SHARDS=1|2|4, BACKEND=mysql|mariadb)
	@$(PYTHON) tools/run.py run

up: build ## the same in the background
	@$(PYTHON) tools/run.py up

down: ## stops what `make up` started; the data stays
	@$(PYTHON) tools/run.py down

cluster: build ## the documentation's local cluster: etcd, vtctld, three tablets with their servers, the gate (BACKEND=mysql|mariadb)
	@$(PYTHON) tools/cluster.py up

cluster-down: ## ends what `make cluster` started; the data stays
	@$(PYTHON) tools/cluster.py down

test: setup ## every test beside the code: dev (ASan, UBSan), then the rooms with threads once more under TSan
	@cd tests && $(PYTHON) -c 'from lab import mysql_root; mysql_root.ensure()'
	@tools/build.sh dev all && tools/check.sh dev
	@tools/build.sh tsan threaded_tests && tools/check.sh tsan

e2e: build ## real servers: drivers, differential suites and faults against a running gate
	@tools/setup.sh drivers
	@tools/build.sh release sluice_peer
	@$(PYTHON) tests/e2e/run.py
	@$(PYTHON) tests/deploy/package.py

bench: build ## the table of bench/run.py: gate, direct, haproxy, floor (BENCH=quick|full|rooms, PEER=host:port)
	@tools/build.sh release $(if $(filter rooms,$(BENCH)),all,floor memory_tablet)
	@$(PYTHON) bench/run.py

profile: setup ## measures anew which code is hot, for release builds (bench/profile.proftext, docs/adr/0027-profile.md)
	@tools/build.sh profile programs
	@$(PYTHON) bench/hot_path.py

corpora: setup ## the recorded cases only, optimised, one line each (SLUICE_CORPORA names their folder)
	@tools/build.sh release all && tools/corpora.sh

package: build ## a .deb of the programs, in build/release/
	@tools/build.sh release package_files && cd build/release && cpack -G DEB

tidy: setup ## tools/tidy.py over everything, clang-tidy over what changed (TIDY=all: over everything)
	@$(PYTHON) tools/tidy.py && tools/build.sh dev all && $(PYTHON) tools/clang_tidy.py

format: setup ## clang-format over our C++
	@git ls-files -co --exclude-standard '*.cc' '*.h' | xargs -r clang-format-19 -i

fuzz: setup ## every fuzzer for FUZZ_SECONDS (10), findings under build/fuzz/findings
	@tools/build.sh fuzz all && tools/fuzz.sh

golden: setup ## writes the golden files anew from what the code does now
	@tools/build.sh dev all && UPDATE_GOLDEN=1 tools/check.sh dev

clean: ## removes build/; var/ (the servers' data) stays
	@rm -rf build
