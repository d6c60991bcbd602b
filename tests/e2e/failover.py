"""A primary that turns read-only, dies or is replaced, under load: requests wait in the gate, clients see nothing of it."""
import json
import subprocess
import threading
import time

import pymysql

from frame import CheckError, amount, ask, cluster_options, eventually, expect, only_gate
from lab import servers

BUFFERED = {"shards": 1, "gate_flags": ("--enable_buffer", "--buffer_min_time_between_failovers=1s")}
CLIENTS = 4


class Load:
    """Clients that count, each its own row, and read; what failed is kept."""

    def __init__(self, where):
        self.where = where
        self.ending = threading.Event()
        self.counted = [0] * CLIENTS
        self.errors = []
        self.started = [row[0] for row in self.rows()]
        self.threads = [threading.Thread(target=self.client, args=(i,), daemon=True) for i in range(CLIENTS)]

    def rows(self):
        with self.where.connect("e2e") as connection:
            return ask(connection, f"SELECT n FROM counter WHERE id <= {CLIENTS} ORDER BY id")

    def client(self, index):
        connection = None
        while not self.ending.is_set():
            try:
                connection = connection or self.where.connect("e2e", read_timeout=30)
                ask(connection, "UPDATE counter SET n = n + 1 WHERE id = %s", (index + 1,))
                self.counted[index] += 1
                ask(connection, "SELECT n FROM counter WHERE id = %s", (index + 1,))
            except (pymysql.err.MySQLError, OSError) as error:
                self.errors.append(error)
                connection = None
                time.sleep(0.05)

    def total(self):
        return sum(self.counted)

    def goes_on(self, seconds=15):
        """Waits until every client has counted on."""
        before = list(self.counted)
        eventually("every client goes on", lambda: all(now > then for now, then in zip(self.counted, before)), seconds)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        self.goes_on()
        return self

    def __exit__(self, *_):
        self.ending.set()
        for thread in self.threads:
            thread.join(30)

    def check(self, allowed=0):
        """No acknowledged write is lost, and at most so many statements failed."""
        if len(self.errors) > allowed:
            raise CheckError(f"{len(self.errors)} statements failed, first: {self.errors[0]}")
        found = [now[0] - then for now, then in zip(self.rows(), self.started)]
        for index, (have, said) in enumerate(zip(found, self.counted)):
            if not said <= have <= said + allowed:
                raise CheckError(f"client {index} counted {said}, its row {have}")


@only_gate
@cluster_options(**BUFFERED)
def check_read_only(where):
    """A primary that takes no writes for a while."""
    server = where.servers[0]
    with Load(where) as load:
        for _ in range(2):
            server.run([read_only(server, 1)])
            eventually("the gate sees it", lambda: state(where, 100) == "NOT_SERVING", 5)
            server.run([read_only(server, 0)])
            load.goes_on()
            time.sleep(1.1)  # --buffer_min_time_between_failovers
    load.check()


def read_only(server, value):
    """MySQL stays read-only when only super_read_only ends."""
    strict = value and server.flavor.kind == "mysql"
    return f"SET GLOBAL {'super_' if strict else ''}read_only = {value}"


def state(where, uid):
    with where.connect("e2e") as connection:
        rows = ask(connection, "SHOW VITESS_TABLETS")
    return next((row[4] for row in rows if row[5].endswith(f"{uid:010d}")), None)


@only_gate
@cluster_options(**BUFFERED)
def check_restart(where):
    """A primary that is killed and comes back: only what was under way may fail."""
    server = where.servers[0]
    with Load(where) as load:
        server.kill()
        server.launch()
        server.await_ready()
        load.goes_on(30)
    load.check(allowed=CLIENTS)


@only_gate
@cluster_options(**BUFFERED, fault="replaced")
def check_replaced(where):
    """The other server becomes the primary, by the records, again and again."""
    old, new = where.servers
    if old.flavor.kind != "mysql":
        print("e2e failover.replaced: needs MySQL's GTIDs")
        return
    new.run(["STOP REPLICA", follow(old), "START REPLICA", read_only(new, 1)])
    with Load(where) as load:
        for _ in range(amount(20) or 2):
            switch(where, old, new)
            old, new = new, old
            load.goes_on()
            time.sleep(1.1)  # --buffer_min_time_between_failovers
    load.check()
    expect("the records' primary serves", state(where, 100 if old is where.servers[0] else 200), "SERVING")


def follow(source):
    return ("CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', "
            f"SOURCE_PORT={source.port}, SOURCE_USER='{servers.APP_USER}', SOURCE_AUTO_POSITION=1, GET_SOURCE_PUBLIC_KEY=1")


def switch(where, old, new):
    """What a planned reparent does, by hand."""
    old.run([read_only(old, 1)])
    done = old.run(["SELECT @@global.gtid_executed"])[0][0]
    expect("the replica has all", new.run([f"SELECT WAIT_FOR_EXECUTED_GTID_SET('{done}', 10)"])[0][0], 0)
    new.run(["STOP REPLICA", "RESET REPLICA ALL", read_only(new, 0)])
    old.run([follow(new), "START REPLICA"])
    description = where.description()
    first = description["tablets"][0]
    second = {**first, "alias": "zone1-0000000200", "mysql_port": where.servers[1].port}
    primary = first if new is where.servers[0] else second
    for tablet in (first, second):
        tablet["type"] = "PRIMARY" if tablet is primary else "REPLICA"
    description["tablets"] = [first, second]
    path = where.folder / "switched.json"
    path.write_text(json.dumps(description), encoding="utf-8")
    words = [where.program("topoctl"), *where.topology_flags, "load", path]
    subprocess.run([str(word) for word in words], check=True, capture_output=True)
