"""Runs the end-to-end suites: run.py [--plain] [suite or suite.check ...]."""
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import changes  # noqa: E402
import faults  # noqa: E402
import frame  # noqa: E402
import limits  # noqa: E402
import load  # noqa: E402
import path  # noqa: E402
import sessions  # noqa: E402
from lab.process import LabError  # noqa: E402

SUITES = {"sessions": sessions, "changes": changes, "faults": faults, "limits": limits, "load": load, "path": path}


def drivers(plain):
    words = [sys.executable, "-B", HERE.parent / "drivers/run.py", "--allow-absent", *(["--plain"] if plain else [])]
    return subprocess.run(words, check=False).returncode == 0


def differential(plain):
    """The statements of tests/differential; without a gate there is nothing to compare."""
    words = [sys.executable, "-B", HERE.parent / "differential/run.py"]
    return plain or subprocess.run(words, check=False).returncode == 0


PROGRAMS = {"drivers": drivers, "differential": differential}


def main():
    words = [word for word in sys.argv[1:] if word != "--plain"]
    plain = "--plain" in sys.argv
    failed = []
    for word in words or [*PROGRAMS, *SUITES]:
        suite, _, only = word.partition(".")
        try:
            if suite in PROGRAMS:
                failed += [] if PROGRAMS[suite](plain) else [suite]
            else:
                failed += frame.run_suite(suite, SUITES[suite], plain, only or None)
        except LabError as error:
            print(f"e2e {suite}: {error}", flush=True)
            failed.append(suite)
    print(f"e2e: {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
