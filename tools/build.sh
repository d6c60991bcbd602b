#!/bin/bash
# build.sh PRESET TARGET...: configures once (and whenever a list changes) and builds.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1
if [[ ! -w . ]]; then
    echo "build: $(id -un) may not write in $PWD; clone the project to a folder of your own." >&2
    exit 1
fi
shift
cmake --preset "$preset" >"/tmp/sluice-configure.$$" 2>&1 || { cat "/tmp/sluice-configure.$$"; rm -f "/tmp/sluice-configure.$$"; exit 1; }
rm -f "/tmp/sluice-configure.$$"
cmake --build --preset "$preset" --target "$@"
