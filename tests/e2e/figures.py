"""Figures of the gate in the operator's cluster, one JSON line each: start, memory, the limit of 256 MiB. E2E_SECONDS: how long the
crowd works (10). Goals are judged for an optimised build only (with E2E_SECONDS set, as for a release)."""
import contextlib
import json
import os
import shutil
import time
from pathlib import Path

import cluster
from crowd import Crowd
from frame import KEYSPACE, CheckError, ask, eventually, expect
from lab.process import LabError, accepts
from lab.servers import UNPRIVILEGED
from limits import rss_kib

LIMIT = 256 * 1024 * 1024
GROUP = Path("/sys/fs/cgroup/memory/sluice-e2e")
JUDGED = "E2E_SECONDS" in os.environ


def tell(name, value, goal):
    """A goal that is missed is an error only where goals are judged."""
    print(json.dumps({"figure": name, "value": value, "goal": goal}), flush=True)
    if JUDGED and value > goal:
        raise CheckError(f"{name}: {value}, want at most {goal}")


@cluster.in_cluster
def check_start(where, times=5):
    """From the start of the process until the MySQL port is open, with all tablets healthy; and the memory of an idle gate."""
    taken = []
    for _ in range(times):
        where.gate.stop()
        start = time.monotonic()
        where.launch_gate()
        while not accepts(where.port):
            if not where.gate.alive() or time.monotonic() > start + 30:
                raise LabError(f"the gate does not start: {where.gate.last_words()}")
            time.sleep(0.002)
        taken.append(1000 * (time.monotonic() - start))
        where.await_gate()
    tell("start to listening, ms (median)", round(sorted(taken)[times // 2], 1), 200)
    with where.connect(KEYSPACE) as connection:
        expect("a row", ask(connection, "SELECT n FROM thing WHERE id = 5"), ((5,),))
    tell("RSS after the start, MiB", round(rss_kib(where.gate.pid) / 1024, 1), 30)


@contextlib.contextmanager
def limited(where, limit):
    """A gate whose memory the kernel limits, swap too where it counts it; without control groups only its own limit holds."""
    grouped = os.access(GROUP.parent, os.W_OK)
    if grouped:
        GROUP.mkdir(exist_ok=True)
        (GROUP / "memory.limit_in_bytes").write_text(str(limit), encoding="utf-8")
        shutil.chown(GROUP / "cgroup.procs", UNPRIVILEGED)  # who the gate runs as puts itself into it
    gate = where.beside(where.program("vtgate"), "vtgate-limited", group=GROUP if grouped else None,
                        more=[] if grouped else [f"--memory-limit={limit * 3 // 4}"])
    try:
        yield gate, grouped
    finally:
        gate.gate.stop()
        if grouped:
            eventually("the group is empty", lambda: not (GROUP / "cgroup.procs").read_text(encoding="utf-8"), 5)
            GROUP.rmdir()


@cluster.in_cluster
def check_memory_limit(where, busy=2000):
    """256 MiB, 2,000 busy connections, and results that are wide: nobody dies, and who is refused hears why."""
    seconds = float(os.environ.get("E2E_SECONDS", "10"))
    wide = "SELECT id, REPEAT('x', 262144) FROM thing"
    with limited(where, LIMIT) as (gate, grouped):
        groups = [(busy // 4, "SELECT n, name FROM thing WHERE id = 5")] * 4 + [(16, wide)] * 2
        largest = 0
        with Crowd(gate, groups, seconds, KEYSPACE) as crowd:
            while crowd.working():
                expect("the gate lives", gate.gate.alive(), True)
                largest = max(largest, rss_kib(gate.gate.pid))
                time.sleep(0.1)
        print(json.dumps({"figure": "256 MiB", "control group": grouped, "seconds": seconds, "answers": crowd.answers,
                          "wide answers": sum(told["answers"] for told in crowd.told[4:]), "errors": crowd.errors,
                          "wide answers cut": sum(told["lost"] for told in crowd.told[4:]),
                          "largest RSS, MiB": round(largest / 1024, 1)}), flush=True)
        expect("lost connections", crowd.lost, 0)
        expect("refusals for other reasons", [text for text in crowd.errors if "memory limit" not in text], [])
        with gate.connect(KEYSPACE) as connection:
            expect("a row afterwards", ask(connection, "SELECT n FROM thing WHERE id = 5"), ((5,),))
    if largest * 1024 > LIMIT:
        raise CheckError(f"the gate grew to {largest} KiB")
