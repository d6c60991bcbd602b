"""Primaries are changed while clients write: PlannedReparentShard every five seconds, and EmergencyReparentShard after the primary's server
was killed. No acknowledged write is lost, no client sees an error that need not be. E2E_SECONDS: how long (20). E2E_PAUSE: seconds from change
to change (5). V21: which programs are Vitess's (vtgate,vttablet,vtctld,vtctldclient)."""
import json
import os
import re
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pymysql

import frame
import load as load_suite
from frame import KEYSPACE, CheckError, eventually, expect
from lab import example, servers
from lab.cluster import CELL
from lab.controlled import ManagedCluster, alias, made_servers
from lab.replicated import PASSWORD, USER
from model import NUMBERS, ROWS_OF_A_CLIENT, ModelLoad

SECONDS = float(os.environ.get("E2E_SECONDS", "20"))
PAUSE = float(os.environ.get("E2E_PAUSE", "5"))
FLAGS = ["--buffer_min_time_between_failovers=1s"]
CLIENTS = 8


def keyspace(shards):
    """The suites' tables and sysbench's."""
    made = frame.keyspace(shards)
    made.vschema["tables"] |= example.sbtest(shards).vschema["tables"]
    return made


@contextmanager
def managed(shards=2, per_shard=3, **more):
    """The suites' tables in a cluster of managed tablets."""
    v21 = [name for name in os.environ.get("V21", "").split(",") if name]
    with tempfile.TemporaryDirectory(prefix="sluice-e2e-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        made = made_servers(folder, servers.flavor("mysql"), shards * per_shard)
        where = ManagedCluster(folder, [keyspace(shards)], made, per_shard, **{"gate_flags": FLAGS, "v21": v21, **more})
        try:
            where.start()
            yield where
        except Exception:
            keep_logs(where)
            raise
        finally:
            where.stop()


def keep_logs(where):
    if os.environ.get("KEEP_LOGS"):
        os.system(f"cp -r '{where.folder}' '{os.environ['KEEP_LOGS']}'")


def load_of(where, seed=1):
    """Each seed has rows of its own."""
    return ModelLoad(lambda: where.connect(KEYSPACE, read_timeout=60), CLIENTS, seed, first=seed % 100000 * CLIENTS + 1)


def primary_of(where, shard):
    """The tablet that the shard's record names."""
    record = json.loads(where.must("GetShard", f"{shard.keyspace.name}/{shard.name}"))["shard"]["primary_alias"]
    return next(tablet for tablet in where.of_shard(shard) if (CELL, tablet.uid) == (record["cell"], record["uid"]))


def rows_of(tablet):
    return dict(tablet.run(f"SELECT id, n FROM counter WHERE id >= {ROWS_OF_A_CLIENT}"))


def same_rows(where, shard):
    """Waits until the shard's other tablets have what its primary has; returns that. A primary that was killed may come back with a
    transaction that nobody was told of: such a tablet has more than the others."""
    primary = primary_of(where, shard)
    done = primary.server.run(["SELECT @@global.gtid_executed"])[0][0]
    for tablet in where.of_shard(shard):
        waited = tablet.server.run([f"SELECT WAIT_FOR_EXECUTED_GTID_SET('{done}', 60)"])[0][0]
        expect(f"the wait of {alias(tablet)} for its primary", waited, 0)
        own = tablet.server.run([f"SELECT GTID_SUBTRACT(@@global.gtid_executed, '{done}')"])[0][0]
        if own:
            print(f"e2e reparents: {alias(tablet)} has transactions of its own: {own}", flush=True)
        else:
            expect(f"rows of {alias(tablet)}", rows_of(tablet) == rows_of(primary), True)
    return rows_of(primary)


def compare_rows(where, load):
    """What was written, with what there is."""
    rows = {}
    for shard in where.shards:
        rows |= same_rows(where, shard)
    load.check(rows)


def goes_on(load, seconds=60):
    """Every client gets answers again."""
    before = [(client, client.acknowledged) for client in load.clients]
    eventually("every client goes on", lambda: all(client.acknowledged > count for client, count in before), seconds)


def told(name, load, **more):
    print(json.dumps({"figure": name, **more, "acknowledged": load.acknowledged, "reads": sum(client.reads for client in load.clients),
                      "longest stall, s": round(load.longest_stall, 2), "errors": [[count, *kind] for kind, count in load.kinds().items()]}),
          flush=True)


def next_primary(where, shard):
    primary = primary_of(where, shard)
    tablets = where.of_shard(shard)
    return tablets[(tablets.index(primary) + 1) % len(tablets)]


def check_planned(where):
    """A planned change every five seconds: nobody sees an error."""
    taken = []
    with load_of(where) as load:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            shard = where.shards[len(taken) % len(where.shards)]
            chosen = next_primary(where, shard)
            start = time.monotonic()
            where.must("PlannedReparentShard", f"{KEYSPACE}/{shard.name}", "--new-primary", alias(chosen))
            taken.append(time.monotonic() - start)
            expect("the new primary", primary_of(where, shard).uid, chosen.uid)
            goes_on(load)
            time.sleep(max(0.0, PAUSE - taken[-1]))
    told("PlannedReparentShard under writes", load, reparents=len(taken), **{"longest reparent, s": round(max(taken), 2)})
    compare_rows(where, load)
    expect("errors", load.kinds(), {})


DEADLOCKS = {"1213", "1205"}  # of sysbench's transactions with each other
# Transactions that a tablet has ended because their time was over when it stepped down, or would not go on with: in our words and in Vitess's. None of
# these says that primaries change, so neither gate tries again.
ENDED = re.compile(r"operation not allowed in state|QueryList.TerminateAll|transaction #: (ended at|in use: kill)|wrong tablet type"
                   r"|can't accept new connections in state")
IGNORED = re.compile(r"gnoring error (\d+) (.*)")


class Sysbench:
    """A run of transactions that goes on whatever error it is given; `out` is what it says, with every error."""

    def __init__(self, where, mode, same):
        words = [*load_suite.words(where, "read_write", CLIENTS, "run", mode, **same), f"--time={SECONDS:.0f}", "--mysql-ignore-errors=all", "--verbosity=5"]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.out = []
        self.reader = threading.Thread(target=lambda: self.out.extend(self.process.stdout), daemon=True)
        self.reader.start()

    def running(self):
        return self.process.poll() is None

    def transactions(self):
        return next((int(found.group(1)) for found in (re.search(r"transactions: +(\d+)", line) for line in self.out) if found), 0)

    def kinds(self):
        """How often each error was ignored, by number and text."""
        kinds = {}
        for number, text in (found.groups() for found in map(IGNORED.search, self.out) if found):
            kind = number, NUMBERS.sub("#", text)[:200]
            kinds[kind] = kinds.get(kind, 0) + 1
        return kinds


def check_sysbench(where):
    """sysbench's transactions, as text and prepared at the same time, while primaries change: nothing fails but for deadlocks."""
    same = {"user": USER, "password": PASSWORD, "database": KEYSPACE}
    load_suite.sysbench(where, "read_write", 1, "prepare", **same)
    runs, changes = [Sysbench(where, mode, same) for mode in ("disable", "auto")], 0
    while all(run.running() for run in runs):
        shard, start = where.shards[changes % len(where.shards)], time.monotonic()
        where.must("PlannedReparentShard", f"{KEYSPACE}/{shard.name}", "--new-primary", alias(next_primary(where, shard)))
        changes += 1
        time.sleep(max(0.0, PAUSE - (time.monotonic() - start)))
    kinds = {}
    for run in runs:
        run.process.wait()
        run.reader.join(10)
        for kind, count in run.kinds().items():
            kinds[kind] = kinds.get(kind, 0) + count
    print(json.dumps({"figure": "PlannedReparentShard under sysbench", "reparents": changes, "transactions": [run.transactions() for run in runs],
                      "ignored": [[count, *kind] for kind, count in kinds.items()]}), flush=True)
    load_suite.sysbench(where, "read_write", 1, "cleanup", **same)
    expect("sysbench's exit status", [run.process.returncode for run in runs], [0, 0])
    # A transaction that waits for a row of one whom the gate holds is ended with the tablet's patience (--shutdown_grace_period), as by v21.
    ended = sum(count for (_, text), count in kinds.items() if ENDED.search(text))
    clients = CLIENTS * len(runs)
    if ended > changes * (clients if "vttablet" in where.v21 else len(runs)):  # Vitess's tablets end a client's transaction in several words
        raise CheckError(f"{ended} transactions were ended by {changes} changes")
    expect("errors but deadlocks", {kind: count for kind, count in kinds.items() if kind[0] not in DEADLOCKS and not ENDED.search(kind[1])}, {})


def check_emergency(where):
    """The primary's server is killed and another tablet takes over: only what was under way may fail."""
    kills = 0
    with load_of(where, seed=2) as load:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            shard = where.shards[kills % len(where.shards)]
            old = primary_of(where, shard)
            old.server.kill()
            kills += 1
            where.must("EmergencyReparentShard", f"{KEYSPACE}/{shard.name}")
            goes_on(load)
            if primary_of(where, shard) is old:
                raise CheckError("the dead primary is the primary still")
            restart(where, old.server)
            eventually(f"{alias(old)} follows", lambda tablet=old: follows(tablet), 60)
            time.sleep(2)
    told("EmergencyReparentShard under writes", load, kills=kills)
    compare_rows(where, load)
    if len(load.errors) > CLIENTS * kills:
        raise CheckError(f"{len(load.errors)} statements failed in {kills} kills")


def launch(server):
    """As a managed server starts: read-only."""
    if "--super-read-only" not in server.options:
        server.options += ["--read-only", "--super-read-only"]
    server.launch()


def restart(where, server):
    """Until it answers."""
    launch(server)
    eventually(f"{server.name} answers", server.answers, 60)
    where.renamed(server)


def follows(tablet):
    with tablet.server.connect(cursorclass=pymysql.cursors.DictCursor) as connection:
        rows = frame.ask(connection, "SHOW REPLICA STATUS")
    return bool(rows) and rows[0]["Replica_IO_Running"] == rows[0]["Replica_SQL_Running"] == "Yes"


CHECKS = (check_planned, check_sysbench, check_emergency)


def run(only=None):
    """All in one cluster; whether they passed."""
    return frame.run_in_order("reparents", managed, [check for check in CHECKS if only in (None, check.__name__.removeprefix("check_"))])
