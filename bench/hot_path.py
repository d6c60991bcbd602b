"""`make profile`: which branches the programs take under load, for the compiler (docs/adr/0027-profile.md).

A gate straight on two servers, and a gate over two tablets, all instrumented (preset `profile`), run sysbench's loads; the
counters that they leave at their end become bench/profile.proftext, without the functions that hardly ran.
"""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
os.environ.setdefault("SLUICE_BIN", str(PROJECT / "build/profile/bin"))
TEXT = PROJECT / "bench/profile.proftext"
RARE = 0.002  # of the hottest function's count: below it a function is left out

sys.path.insert(0, str(PROJECT / "bench"))
import load  # noqa: E402
import run as bench  # noqa: E402
from lab.process import LabError  # noqa: E402

CELLS = [load.Cell(workload, 16, mode) for workload in (bench.POINT, "oltp_read_only", "oltp_read_write", "oltp_write_only")
         for mode in ("text", "prepared")]
POINT_SECONDS, SECONDS = 20, 5


def run_loads(folder):
    """Point selects weigh most: the path that a user's machine spends its time on."""
    stand = bench.Stand(folder, {"vtgate", "vtgate-rpc"})
    try:
        for target in stand.start():
            for cell in CELLS:
                seconds = POINT_SECONDS if cell.workload == bench.POINT else SECONDS
                outcome = load.run(cell, target.port, bench.USER, seconds=seconds)
                print(f"{target.name}, {cell}: {outcome.queries} queries", flush=True)
    finally:
        stand.stop()


def merged(folder):
    """The counters of all processes, as llvm-profdata's text."""
    files = sorted(folder.glob("*.profraw"))
    if not files:
        raise LabError(f"no program left a profile; is {os.environ['SLUICE_BIN']} the build of preset `profile`?")
    whole = folder / "whole.proftext"
    subprocess.run(["llvm-profdata-19", "merge", "--text", "-o", whole, *files], check=True)
    return whole.read_text(encoding="utf-8")


def without_rare(text):
    """The same profile with the functions that count. They are paragraphs: name, hash, number of counters, counters."""
    head, body = re.fullmatch(r"((?:[:#][^\n]*\n)+)(.*)", text, re.S).groups()
    most = {function: max(counters(function)) for function in body.strip().split("\n\n")}
    kept = sorted(function for function, count in most.items() if count >= RARE * max(most.values()))
    print(f"{len(kept)} of {len(most)} functions kept")
    return head + "\n\n".join(kept) + "\n"


def counters(function):
    lines = [line for line in function.split("\n") if not line.startswith("#")]
    return [int(line) for line in lines[3:]]


def main():
    with tempfile.TemporaryDirectory(prefix="sluice-profile-") as name:
        folder = Path(name)
        folder.chmod(0o777)
        os.environ["LLVM_PROFILE_FILE"] = str(folder / "%m-%p.profraw")
        try:
            run_loads(folder)
            TEXT.write_text(without_rare(merged(folder)), encoding="utf-8")
        except (LabError, load.LoadError) as error:
            print(f"make profile: {error}", file=sys.stderr)
            return 1
    print(f"{TEXT.relative_to(PROJECT)}: {TEXT.stat().st_size // 1024} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
