#!/bin/bash
# Fails, and names the files, if clang-format would change any of our C++.
set -euo pipefail
cd "$(dirname "$0")/.."
git ls-files '*.cc' '*.h' | xargs -r -P2 -n24 clang-format-19 --dry-run --Werror
