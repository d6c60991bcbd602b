#!/bin/bash
# Installs the Debian 12 packages that are missing; does nothing, and needs no rights, if all are there.
# `setup.sh` installs what building, testing and `make run` need; `setup.sh drivers` adds the drivers of tests/drivers.
set -euo pipefail

build=(clang-19 lld-19 llvm-19 libclang-rt-19-dev clang-tidy-19 clang-format-19 cmake ninja-build ccache git make
    libboost1.81-dev libboost-json1.81-dev libssl-dev libprotobuf-dev protobuf-compiler libsqlite3-dev libicu-dev
    zlib1g-dev libxxhash-dev libyaml-cpp-dev libtomlplusplus-dev libre2-dev libgtest-dev libbenchmark-dev pkg-config libnghttp2-dev libsnappy-dev
    libgrpc++-dev protobuf-compiler-grpc) # the last two: peers of tests/rpc only
lab=(python3 python3-pymysql python3-yaml mariadb-server-core mariadb-client-core debootstrap haproxy sysbench strace procps etcd-server)
drivers=(python3-pip python3-venv python3-dev pkg-config gcc libmariadb-dev nodejs npm golang-go
    default-jdk-headless maven chromium) # the last one looks at the gate's pages (tests/e2e/browser.py)

wanted=("${build[@]}" "${lab[@]}")
[[ ${1:-} == drivers ]] && wanted+=("${drivers[@]}")

has() {
    dpkg-query --show --showformat '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed && return 0
    case $1 in # what may have come from elsewhere than Debian
        golang-go) command -v go >/dev/null ;;
        npm) command -v npm >/dev/null ;;
        default-jdk-headless) command -v javac >/dev/null ;;
        *) return 1 ;;
    esac
}

missing=()
for package in "${wanted[@]}"; do has "$package" || missing+=("$package"); done
if [[ ${#missing[@]} -eq 0 ]]; then exit 0; fi

if [[ $(id -u) -eq 0 ]]; then as_root=()
elif command -v sudo >/dev/null; then as_root=(sudo)
else
    echo "setup: these packages are missing: ${missing[*]}" >&2
    echo "setup: run as root, or install sudo, so that they can be installed." >&2
    exit 1
fi

# Services of the packages (haproxy) must not start by themselves: the lab starts what it needs.
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
    trap '"${as_root[@]}" rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
fi

echo "setup: installing ${missing[*]}"
install=(env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends)
if ! "${as_root[@]}" "${install[@]}" "${missing[@]}" >/tmp/sluice-setup.$$ 2>&1; then
    "${as_root[@]}" apt-get update --quiet
    "${as_root[@]}" "${install[@]}" "${missing[@]}"
fi
rm -f /tmp/sluice-setup.$$
