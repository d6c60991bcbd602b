#!/bin/bash
# Runs the corpus tests of the release build and prints their lines `corpus NAME: PASSED of TOTAL`.
# A corpus test has "corpus" or "corpora" in its name; the folder of the recorded cases is $SLUICE_CORPORA.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
status=0
for binary in build/release/bin/*_test; do
    output=$("$binary" --gtest_filter='*[cC]orpus*:*[cC]orpora*' 2>&1)
    code=$?
    grep '^corpus ' <<<"$output"
    if [[ $code -ne 0 ]]; then
        status=1
        grep -A8 'Failure$' <<<"$output" | head -40
    fi
done
exit $status
