"""What the suites share: the tables, the cluster of a suite, how checks are found, run and reported."""
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pymysql

from lab import servers
from lab.cluster import Keyspace, shard_names
from lab.process import LabError
from lab.tablets import TabletCluster, chosen_cluster

KEYSPACE = "e2e"
TABLES = {
    "thing": "(id BIGINT NOT NULL PRIMARY KEY, n BIGINT, name VARCHAR(200), made TIMESTAMP NULL, body LONGBLOB)",
    "counter": "(id BIGINT NOT NULL PRIMARY KEY, n BIGINT NOT NULL)",
}
ROWS = 64
# InnoDB renews information_schema.innodb_trx only if nobody has read it for 0.1 s: who asks faster sees old rows for ever.
TRX_PAUSE = 0.15
SHORT = "--short" in sys.argv  # for ctest: the same checks with less of everything


class CheckError(Exception):
    """What a check found wrong."""


def expect(what, got, want):
    if got != want:
        raise CheckError(f"{what}: got {str(got)[:300]}, want {str(want)[:300]}")


def amount(full):
    """How often a check repeats what it does."""
    return full // 10 if SHORT else full


def eventually(what, true, seconds=2.0, pause=0.02):
    """Asks until it is true; the deadline is part of what is promised."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise CheckError(f"{what}: not within {seconds} s")
        time.sleep(pause)


@dataclass
class Plain:
    """One plain server that stands in for a cluster, to prove the checks."""
    server: servers.Server

    plain = True

    @property
    def servers(self):
        return [self.server]

    @property
    def port(self):
        return self.server.port

    @property
    def gate(self):
        return self.server.process

    def connect(self, database=KEYSPACE, **more):
        return pymysql.connect(**{"host": "127.0.0.1", "port": self.port, "user": servers.APP_USER, "database": database,
                                  "charset": "utf8mb4", "autocommit": True, **more})


def keyspace(shards):
    vindex = {"column_vindexes": [{"column": "id", "name": "hash"}]}
    vschema = {"sharded": True, "vindexes": {"hash": {"type": "hash"}}, "tables": {name: vindex for name in TABLES}}
    return Keyspace(KEYSPACE, shard_names(shards), vschema, [f"CREATE TABLE {name}{columns}" for name, columns in TABLES.items()])


@contextlib.contextmanager
def place(plain, shards=2, gate_flags=(), server_options=(), keyspaces=None, tablets=False, fault=None, made_of=None):  # noqa: ARG001
    """A cluster with the suites' tables and rows 1..ROWS in each; or a plain server. `tablets`: with vttablets between, whatever
    SLUICE_SHAPE says; `made_of`: the class of the cluster. `fault` only sets clusters apart."""
    flavor = servers.flavor(os.environ.get("BACKEND") or "mysql")
    with tempfile.TemporaryDirectory(prefix="sluice-e2e-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        made = [servers.Server(f"server-{i}", flavor, folder / f"server-{i}", folder / f"server-{i}.log", number=i,
                               options=list(server_options)) for i in ((1,) if plain else (1, 2))]
        described = keyspaces(shards) if keyspaces else [keyspace(shards)]
        if plain:
            where = Plain(made[0].start())
            for one in described:
                made[0].run([f"CREATE DATABASE {one.name} CHARACTER SET utf8mb4", f"USE {one.name}", *one.schema])
        else:
            made_of = made_of or (TabletCluster if tablets else chosen_cluster())
            where = made_of(folder, described, made, gate_flags=gate_flags)
            where.plain = False
        try:
            if not plain:
                where.start()
            if KEYSPACE in [one.name for one in described]:
                fill(where)
            yield where
        finally:
            if plain:
                made[0].stop()
            else:
                where.stop()


def fill(where):
    with where.connect(KEYSPACE) as connection, connection.cursor() as cursor:
        for number in range(1, ROWS + 1):
            cursor.execute("INSERT INTO thing(id, n, name, made) VALUES (%s, %s, %s, '2024-02-29 12:00:00')", (number, number, f"thing {number}"))
            cursor.execute("INSERT INTO counter(id, n) VALUES (%s, 0)", (number,))


def ask(connection, statement, arguments=None):
    """The rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return cursor.fetchall()


def busy(where):
    """What clients' statements still do on the servers: running queries and open transactions."""
    left = []
    for server in where.servers:
        left += server.run(["SELECT id, info FROM information_schema.processlist "
                            f"WHERE user = '{servers.APP_USER}' AND command NOT IN ('Sleep', 'Daemon', 'Binlog Dump')"])
        left += server.run(["SELECT trx_id, trx_query FROM information_schema.innodb_trx"])
    return left


def ids_on_both(where):
    """Two ids of rows that lie on different shards (any two on a plain server)."""
    if where.plain:
        return 1, 2
    first, second = where.of(KEYSPACE)[0], where.of(KEYSPACE)[-1]
    return first.run("SELECT MIN(id) FROM thing")[0][0], second.run("SELECT MIN(id) FROM thing")[0][0]


def run_suite(name, module, plain, only=None):
    """Runs a suite's checks, each `check_NAME(where)`, in the cluster that the suite asks for; returns the failed ones."""
    failed = []
    checks = [value for key, value in vars(module).items() if key.startswith("check_") and only in (None, key.removeprefix("check_"))]
    for options in {id(getattr(check, "options", {})): getattr(check, "options", {}) for check in checks}.values():
        mine = [check for check in checks if getattr(check, "options", {}) == options and not (plain and getattr(check, "gate_only", False))]
        if mine:
            with place(plain, **options) as where:
                failed += [check for check in mine if not run_check(name, check, where)]
            checks = [check for check in checks if check not in mine]
    return failed


def run_check(suite, check, where):
    title = f"{suite}.{check.__name__.removeprefix('check_')}"
    start = time.monotonic()
    try:
        check(where)
    except (CheckError, LabError, pymysql.err.MySQLError, OSError) as error:
        print(f"e2e {title}: FAILED: {type(error).__name__} {error}", flush=True)
        return False
    print(f"e2e {title}: passed in {time.monotonic() - start:.1f} s", flush=True)
    return True


FAILURES = (CheckError, LabError, OSError, pymysql.err.MySQLError, KeyError, subprocess.SubprocessError)


def run_in_order(suite, place, checks, on=""):
    """Checks that build on each other, in the one cluster of the context `place()`; the first that fails is the last. `on` ends the
    checks' titles. Whether all passed."""
    name, start = "start", time.monotonic()

    def passed():
        print(f"e2e {suite}.{name}{on}: passed in {time.monotonic() - start:.1f} s", flush=True)

    try:
        with place() as where:
            passed()
            for check in checks:
                name, start = check.__name__.removeprefix("check_"), time.monotonic()
                check(where)
                passed()
    except FAILURES as error:
        print(f"e2e {suite}.{name}{on}: FAILED: {type(error).__name__} {error}", flush=True)
        return False
    return True


def backends(default=("mysql", "mariadb")):
    """The kinds of server that a suite runs on: the one that BACKEND names, or all."""
    return [os.environ["BACKEND"]] if os.environ.get("BACKEND") else list(default)


def cluster_options(**options):
    """Marks a check with the cluster it wants."""
    def mark(check):
        check.options = options
        return check
    return mark


def only_gate(check):
    """Marks a check that a plain server cannot pass."""
    check.gate_only = True
    return check
