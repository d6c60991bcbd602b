"""Figures of the gate in the operator's cluster, one JSON line each: start, memory, the limit of 256 MiB. E2E_SECONDS: how long the
crowd works (10). Goals are judged for an optimised build only (with E2E_SECONDS set, as for a release)."""
import contextlib
import json
import os
import shutil
import time
from pathlib import Path

import pymysql

import cluster
from crowd import Crowd
from frame import KEYSPACE, CheckError, ask, cluster_options, eventually, expect, only_gate
from lab.cluster import Cluster, Keyspace, Shard, shard_names
from lab.process import LabError, accepts
from lab.servers import UNPRIVILEGED
from lab.tablets import TabletCluster
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


WIDE, SHARDS, TABLES = "wide", 64, 1000


def wide(_):
    names = [f"t{number}" for number in range(TABLES)]
    columns = "(id BIGINT NOT NULL PRIMARY KEY, n BIGINT, name VARCHAR(200), made TIMESTAMP NULL, body LONGBLOB, KEY by_n(n))"
    vschema = {"sharded": True, "vindexes": {"hash": {"type": "hash"}},
               "tables": {name: {"column_vindexes": [{"column": "id", "name": "hash"}]} for name in names}}
    return [Keyspace(WIDE, shard_names(SHARDS), vschema, [f"CREATE TABLE {name}{columns}" for name in names])]


class SharedDatabases:
    """All shards of a server lie in one database there: nobody above sees it, and 64,000 tables would be 7 GB of files."""

    def spread(self, keyspaces):
        return [Shard(keyspace, name, self.servers[i % len(self.servers)], f"vt_{keyspace.name}", 100 + i)
                for keyspace in keyspaces for i, name in enumerate(keyspace.shards)]

    def create_databases(self):
        every = self.shards
        self.shards = every[:len(self.servers)]
        super().create_databases()
        self.shards = every

    def answers(self):
        """With all columns known."""
        try:
            with self.connect(WIDE) as connection:
                return len(ask(connection, f"SHOW COLUMNS FROM t{TABLES - 1}")) == 5
        except (pymysql.err.MySQLError, OSError):
            return False


class WideCluster(SharedDatabases, Cluster):
    pass


class WideTablets(SharedDatabases, TabletCluster):
    pass


def measured_again(where, name, goal, processes):
    """Starts the gate once more; `processes` are all that belong to the group afterwards."""
    where.gate.stop()
    start = time.monotonic()
    where.launch_gate()
    where.await_gate(120)
    tell(f"{name}: start to answering, ms", round(1000 * (time.monotonic() - start)), goal)
    with where.connect(WIDE) as connection:
        for number in (0, TABLES - 1):
            ask(connection, f"INSERT INTO t{number}(id, n) VALUES (5, 7) ON DUPLICATE KEY UPDATE n = 7")
            expect("a row", ask(connection, f"SELECT n FROM t{number} WHERE id = 5"), ((7,),))
    tell(f"{name}: RSS of the gate, MiB", round(rss_kib(where.gate.pid) / 1024, 1), 256)
    print(json.dumps({"figure": f"{name}: RSS of all, MiB", "value": round(sum(rss_kib(one.pid) for one in processes()) / 1024, 1),
                      "processes": len(processes())}), flush=True)


@only_gate
@cluster_options(made_of=WideCluster, keyspaces=wide)
def check_many_shards(where):
    """1,000 tables in 64 shards, straight to the servers."""
    measured_again(where, "64 shards of 1,000 tables, straight", 10000, lambda: [where.gate])


@only_gate
@cluster_options(made_of=WideTablets, keyspaces=wide)
def check_many_tablets(where):
    """1,000 tables in 64 shards, each with a tablet of its own."""
    measured_again(where, "64 shards of 1,000 tables, 64 tablets", 20000, lambda: [where.gate, *where.tablets.values()])
