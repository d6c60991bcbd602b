"""clang-tidy over the .cc files that differ from the main branch's last common commit (TIDY=all: over every one).

It reads the compile commands of the dev build. A file that passed is remembered under build/dev/tidy by a hash of its
preprocessed dependencies (sizes and times of the headers that ninja knows), so that a second run is quick.
"""
import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / os.environ.get("TIDY_BUILD", "build/dev")
PASSED = BUILD / "tidy"


def git(*words):
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\n")


def changed():
    base = git("merge-base", "HEAD", "origin/main")[0] if "origin/main" in "".join(git("branch", "-r")) else "HEAD"
    return {name for name in git("diff", "--name-only", base) + git("ls-files", "-o", "--exclude-standard") if name}


def wanted(commands):
    ours = sorted({Path(entry["file"]) for entry in commands if Path(entry["file"]).is_relative_to(ROOT)})
    ours = [path for path in ours if not path.is_relative_to(BUILD)]
    if os.environ.get("TIDY") == "all":
        return ours
    names = changed()
    return [path for path in ours if str(path.relative_to(ROOT)) in names]


def dependencies(commands):
    """What each object file was made of, as ninja recorded it."""
    listing = subprocess.run(["ninja", "-C", BUILD, "-t", "deps"], capture_output=True, text=True, check=False).stdout
    made_of = {}
    current = []
    for line in listing.split("\n"):
        if line and not line[0].isspace():
            current = made_of.setdefault(line.split(":")[0], [])
        elif line.strip():
            current.append(line.strip())
    return {entry["file"]: made_of.get(entry.get("output", ""), []) for entry in commands}


def mark(path, headers):
    digest = hashlib.sha256((ROOT / ".clang-tidy").read_bytes())
    for name in [str(path), *headers]:
        known = BUILD / name
        if known.exists():
            stat = known.stat()
            digest.update(f"{name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return PASSED / digest.hexdigest()


def check(path, headers):
    passed = mark(path, headers)
    if headers and passed.exists():
        return True, ""
    done = subprocess.run(["clang-tidy-19", "--quiet", "-p", BUILD, str(path)], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        passed.touch()
    return done.returncode == 0, done.stdout


def main():
    commands = json.loads((BUILD / "compile_commands.json").read_text())
    files = wanted(commands)
    made_of = dependencies(commands)
    PASSED.mkdir(exist_ok=True)
    failed = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, (clean, text) in zip(files, pool.map(lambda f: check(f, made_of.get(str(f), [])), files)):
            if not clean:
                failed += 1
                print(f"{path.relative_to(ROOT)}\n{text}")
    print(f"clang-tidy: {failed} of {len(files)} files with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
