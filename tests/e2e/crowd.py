"""Processes of busy.py against a gate."""
import json
import subprocess
import sys
from pathlib import Path

from lab.replicated import USER

BUSY = Path(__file__).resolve().parent / "busy.py"


class Crowd:
    """`groups` are (connections, statement): each is a process. Entered when all are connected."""

    def __init__(self, where, groups, seconds, database):
        self.processes = [subprocess.Popen(
            [sys.executable, "-B", str(BUSY), str(where.port), USER, where.password, database, str(count), str(seconds), statement],
            stdout=subprocess.PIPE, text=True) for count, statement in groups]
        self.told = []

    def __enter__(self):
        for process in self.processes:
            process.stdout.readline()
        return self

    def __exit__(self, *_):
        for process in self.processes:
            line = process.stdout.readline()
            process.wait()
            self.told.append(json.loads(line) if line else {"answers": 0, "lost": 1, "errors": {"no word": 1}})

    def working(self):
        return any(process.poll() is None for process in self.processes)

    @property
    def answers(self):
        return sum(told["answers"] for told in self.told)

    @property
    def lost(self):
        return sum(told["lost"] for told in self.told)

    @property
    def errors(self):
        found = {}
        for told in self.told:
            for text, count in told["errors"].items():
                found[text] = found.get(text, 0) + count
        return found
