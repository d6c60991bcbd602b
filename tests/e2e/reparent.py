"""Two vttablets of one shard over servers of their own: the control plane's calls that make, move and lose a primary.

Every check runs on MySQL and on MariaDB, in its order, on one pair of tablets.
"""
import contextlib
import json
import os
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import pymysql

from frame import CheckError, backends, eventually, expect, run_in_order
from lab import servers
from lab.cluster import CELL, Cluster, Keyspace
from lab.process import Process, accepts, free_port, wait_until

KEYSPACE = "pair"
DATABASE = f"vt_{KEYSPACE}"
REPLICA_OPTIONS = {
    "mysql": ["--plugin-load=semisync_source.so;semisync_replica.so", "--loose-rpl_semi_sync_source_timeout=1000000000"],
    "mariadb": ["--log-slave-updates", "--gtid-strict-mode=ON", "--rpl-semi-sync-master-timeout=1000000000"],
}


class Side:
    """One tablet of the pair and its server."""

    def __init__(self, pair, number, flavor):
        self.pair, self.uid = pair, 100 + number
        self.alias = {"cell": CELL, "uid": self.uid}
        options = ["--relay-log=relay", *REPLICA_OPTIONS[flavor.kind]]
        self.server = servers.Server(f"server-{number}", flavor, pair.folder / f"s{number}", pair.folder / f"s{number}.log",
                                     number=number + 1, options=options)
        self.web_port, self.rpc_port = free_port(), free_port()
        self.process = None

    def start(self):
        self.process = Process(f"vttablet-{self.uid}", [
            self.pair.cluster.program("vttablet"), *self.pair.cluster.topology_flags, "--tablet-path", f"{CELL}-{self.uid}",
            "--init_keyspace", KEYSPACE, "--init_shard", "-", "--init_tablet_type", "replica", "--tablet_hostname", "127.0.0.1",
            "--db_socket", self.server.socket, "--db_app_user", servers.APP_USER, "--db_dba_user", "root", "--db_repl_user", "vt_repl",
            "--db_allprivs_user", "root", "--port", self.web_port, "--grpc_port", self.rpc_port, "--health_check_interval", "1s",
            "--service_map", "grpc-queryservice,grpc-tabletmanager", "--log_dir", self.pair.folder],
            self.pair.folder / f"vttablet-{self.uid}.out")
        wait_until(f"vttablet-{self.uid}", lambda: accepts(self.rpc_port), self.process, 30)

    def call(self, method, **request):
        words = [self.pair.cluster.program("tablet_call"), f"127.0.0.1:{self.rpc_port}", method, json.dumps(request)]
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise CheckError(f"{method} of {self.uid}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def refused(self, method, part, **request):
        try:
            self.call(method, **request)
        except CheckError as error:
            if part not in str(error):
                raise CheckError(f"{method} of {self.uid}: {error} has no {part!r}") from None
            return
        raise CheckError(f"{method} of {self.uid} was accepted")

    def record(self):
        return self.pair.topology().get(f"/{CELL}/tablets/{CELL}-{self.uid:010d}/Tablet", {})

    def rows(self):
        return self.server.run(["SELECT id FROM item ORDER BY id"], DATABASE)

    def read_only(self):
        return self.server.run(["SELECT @@global.read_only"])[0][0] == 1


class Pair:
    def __init__(self, folder, flavor):
        self.folder, self.flavor = folder, flavor
        self.sides = [Side(self, number, flavor) for number in range(2)]
        self.cluster = Cluster(folder, [Keyspace(KEYSPACE, ["-"], {})], [side.server for side in self.sides])
        self.durability = "semi_sync"

    def start(self):
        servers.start_all([side.server for side in self.sides])
        for side in self.sides:
            side.server.run(["SET sql_log_bin = 0", "CREATE USER 'vt_repl'@'%'", "GRANT REPLICATION SLAVE ON *.* TO 'vt_repl'@'%'"])
        description = self.folder / "cluster.json"
        description.write_text(json.dumps({
            "cells": {CELL: {"root": f"/vitess/{CELL}"}},
            "keyspaces": {KEYSPACE: {"shards": ["-"], "vschema": {}, "durability_policy": self.durability}}}), encoding="utf-8")
        words = [self.cluster.program("topoctl"), *self.cluster.topology_flags, "load", description]
        subprocess.run([str(word) for word in words], check=True, capture_output=True)
        for side in self.sides:
            side.start()
        return self

    def stop(self):
        for side in self.sides:
            if side.process and side.process.alive():
                side.process.stop()
            side.server.stop()

    def topology(self):
        words = [self.cluster.program("topoctl"), *self.cluster.topology_flags, "dump"]
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    def shard(self):
        return self.topology()[f"/global/keyspaces/{KEYSPACE}/shards/-/Shard"]


def in_semi_sync(side, primary):
    status = side.call("FullStatus")["status"]
    expect(f"semi-sync of {side.uid} as a source", status["semi_sync_primary_enabled"], primary)
    expect(f"semi-sync of {side.uid} as a replica", status["semi_sync_replica_enabled"], True)


def check_first_primary(pair):
    """What InitShardPrimary does."""
    one, two = pair.sides
    expect("a payload", one.call("Ping", payload="x")["payload"], "x")
    two.refused("ReplicationStatus", "no replication status (errno 100) (sqlstate HY000)")
    two.refused("ExecuteHook", "ExecuteHook is not supported by this tablet")
    for side in pair.sides:
        side.call("ResetReplication")
    position = one.call("InitPrimary", semiSync=True)["position"]
    if not position.startswith(("MySQL56/", "MariaDB/")) or position.endswith("/"):
        raise CheckError(f"the first position is {position!r}")
    now = time.time_ns()
    # Commits wait for an acknowledgement: the journal is written while the replica begins to follow.
    journal = threading.Thread(target=one.call, args=("PopulateReparentJournal",), kwargs={
        "time_created_ns": now, "action_name": "InitShardPrimary", "primary_alias": one.alias, "replication_position": position})
    journal.start()
    two.call("InitReplica", parent=one.alias, replication_position=position, time_created_ns=now, semiSync=True)
    journal.join()
    expect("the type", one.record()["type"], "PRIMARY")
    expect("the shard's primary", pair.shard()["primary_alias"]["uid"], one.uid)
    expect("the journal on the replica", two.call("ReadReparentJournalInfo")["length"], 1)
    eventually("the primary serves", lambda: one.server.run([f"SHOW DATABASES LIKE '{DATABASE}'"]), 10)
    one.server.run(["CREATE TABLE item(id BIGINT NOT NULL PRIMARY KEY)", "INSERT INTO item VALUES (1)"], DATABASE)
    eventually("the row at the replica", lambda: two.rows() == ((1,),), 10)
    expect("a replica's read_only", two.read_only(), True)
    in_semi_sync(one, True)
    in_semi_sync(two, False)


def check_calls(pair):
    """Statements and schemas."""
    one, two = pair.sides
    row = one.call("ExecuteFetchAsDba", query=b64("select 7 as n"), max_rows=10)["result"]
    expect("a field", row["fields"][0]["name"], "n")
    expect("a value", row["rows"][0]["values"], b64("7"))
    one.refused("ExecuteFetchAsDba", "Row count exceeded 1", query=b64("select 1 union select 2"), max_rows=1)
    one.refused("ExecuteFetchAsDba", "multi statement queries are not supported", query=b64("select 1; select 2"), max_rows=1)
    one.call("ExecuteFetchAsDba", query=b64("create table more(id bigint primary key, name varchar(9))"), db_name=DATABASE,
             reload_schema=True, max_rows=1)
    many = one.call("ExecuteMultiFetchAsDba", sql=b64("select 1; select 2"), max_rows=1)["results"]
    expect("results", [each["rows"][0]["values"] for each in many], [b64("1"), b64("2")])
    expect("as the application", one.call("ExecuteFetchAsApp", query=b64("select 3"), max_rows=1)["result"]["rows"][0]["values"], b64("3"))
    expect("as a gate", one.call("ExecuteQuery", query=b64("select id from item"), max_rows=1)["result"]["rows"][0]["values"], b64("1"))
    tables = one.call("GetSchema", tables=["/^mor/"])["schema_definition"]["table_definitions"]
    expect("tables", [(t["name"], t["columns"], t["primary_key_columns"], t["type"]) for t in tables],
           [("more", ["id", "name"], ["id"], "BASE TABLE")])
    where = one.call("PrimaryPosition")["position"]
    two.call("ReloadSchema", wait_position=where)
    two.call("WaitForPosition", position=where)
    one.call("LockTables")
    one.refused("LockTables", "tables already locked on this tablet")
    one.call("UnlockTables")
    one.refused("UnlockTables", "tables were not locked")
    users = one.call("GetPermissions")["permissions"]["user_permissions"]
    if servers.APP_USER not in {user["user"] for user in users}:
        raise CheckError("GetPermissions does not know the application's user")
    expect("tags", one.call("ChangeTags", tags={"rack": "7"})["tags"], {"rack": "7"})
    expect("status values", list(one.call("GetGlobalStatusVars", variables=["Uptime"])["status_values"]), ["Uptime"])


def b64(text):
    import base64
    return base64.b64encode(text.encode()).decode()


class Writer(threading.Thread):
    """Writes rows to a server as some user; knows which were acknowledged."""

    def __init__(self, server, user, first):
        super().__init__()
        self.server, self.user, self.next = server, user, first
        self.acknowledged, self.ended = [], threading.Event()

    def run(self):
        connection = None
        while not self.ended.is_set():
            try:
                if connection is None:
                    connection = self.server.connect(DATABASE, user=self.user)
                with connection.cursor() as cursor:
                    cursor.execute(f"INSERT INTO item VALUES ({self.next})")
                self.acknowledged.append(self.next)
            except (pymysql.err.MySQLError, OSError):
                connection = None
                time.sleep(0.01)
            self.next += 1


def graceful(pair, old, new):
    """What PlannedReparentShard does between two tablets."""
    position = old.call("PrimaryPosition")["position"]
    new.call("SetReplicationSource", parent=old.alias, wait_position=position, semiSync=True)
    stopped = old.call("DemotePrimary")["primary_status"]["position"]
    expect("read_only of the old primary", old.read_only(), True)
    return stopped


def finish(old, new, stopped, before_following=lambda: None):
    new.call("WaitForPosition", position=stopped)
    now = time.time_ns()
    position = new.call("PromoteReplica", semiSync=True)["position"]
    journal = threading.Thread(target=new.call, args=("PopulateReparentJournal",), kwargs={
        "time_created_ns": now, "action_name": "PlannedReparentShard", "primary_alias": new.alias, "replication_position": position})
    journal.start()
    before_following()
    old.call("SetReplicationSource", parent=new.alias, time_created_ns=now, force_start_replication=True, semiSync=True)
    journal.join()


def check_planned(pair):
    """No acknowledged write is lost, whoever writes; a demotion can be taken back.

    MariaDB's read_only does not bind root: while the tablet is demoted root cannot commit all the same, but once it is a replica
    root can write to it as to any (docs/differences.md), so root stops before.
    """
    one, two = pair.sides
    one.server.run(["CREATE USER writer@localhost", f"GRANT SELECT, INSERT ON {DATABASE}.* TO writer@localhost"])
    root, plain = Writer(one.server, "root", 1000), Writer(one.server, "writer", 1000000)
    writers = [root, plain]
    open_transaction = one.server.connect(DATABASE)
    open_transaction.autocommit(False)
    open_transaction.cursor().execute("INSERT INTO item VALUES (900)")
    for writer in writers:
        writer.start()
    try:
        eventually("writes", lambda: all(len(writer.acknowledged) > 20 for writer in writers), 10)
        graceful(pair, one, two)
        before = [len(writer.acknowledged) for writer in writers]
        one.call("UndoDemotePrimary", semiSync=True)
        eventually("writes after a demotion was taken back", lambda: all(
            len(writer.acknowledged) > count + 20 for writer, count in zip(writers, before)), 10)
        stopped = graceful(pair, one, two)
        counts = [len(writer.acknowledged) for writer in writers]
        finish(one, two, stopped, root.ended.set if pair.flavor.kind == "mariadb" else lambda: None)
        expect("acknowledged writes after the demotion", [len(writer.acknowledged) for writer in writers], counts)
    finally:
        for writer in writers:
            writer.ended.set()
        for writer in writers:
            writer.join()
    kept = {row[0] for row in two.rows()}
    expect("acknowledged writes that were lost", [n for writer in writers for n in writer.acknowledged if n not in kept], [])
    try:
        open_transaction.commit()
        raise CheckError("a transaction of the old term was committed")
    except pymysql.err.MySQLError:
        pass
    eventually("types", lambda: (one.record()["type"], two.record()["type"]) == ("REPLICA", "PRIMARY"), 5)
    expect("the shard's primary", pair.shard()["primary_alias"]["uid"], two.uid)
    two.server.run(["INSERT INTO item VALUES (2)"], DATABASE)
    eventually("the row at the old primary", lambda: (2,) in one.rows(), 10)
    in_semi_sync(two, True)
    in_semi_sync(one, False)


def check_emergency(pair):
    """The primary's server dies; what it comes back to is no primary any more."""
    one, two = pair.sides
    two.server.run(["INSERT INTO item VALUES (3)"], DATABASE)
    two.server.kill()
    two.process.kill()
    status = one.call("StopReplicationAndGetStatus", stop_replication_mode="IOTHREADONLY")["status"]
    one.call("WaitForPosition", position=status["after"]["relay_log_position"])
    one.call("PromoteReplica", semiSync=False)
    expect("the row of the dead primary", (3,) in one.rows(), True)
    one.server.run(["INSERT INTO item VALUES (4)"], DATABASE)
    expect("the shard's primary", pair.shard()["primary_alias"]["uid"], one.uid)
    # Without the lab's own statements: MariaDB refuses to follow with transactions of its own.
    two.server.launch()
    wait_until("the dead primary's server", two.server.answers, two.server.process)
    two.start()
    # Nobody tells it: the topology does.
    eventually("the dead primary follows", lambda: (4,) in two.rows(), 20)
    expect("its type", two.record()["type"], "REPLICA")
    eventually("its read_only", two.read_only, 10)


def check_repair(pair):
    """Replication that stops by itself goes on; one that was stopped by a call stays stopped."""
    one, two = pair.sides
    words = "SLAVE" if pair.flavor.kind == "mariadb" else "REPLICA"
    two.server.run([f"STOP {words}"])
    one.server.run(["INSERT INTO item VALUES (5)"], DATABASE)
    eventually("replication goes on", lambda: (5,) in two.rows(), 20)
    two.call("StopReplication")
    one.server.run(["SET GLOBAL read_only = ON"])
    eventually("the primary's server takes writes again", lambda: not one.read_only(), 20)
    status = two.call("ReplicationStatus")["status"]
    expect("threads", (status["io_state"], status["sql_state"]), (1, 1))
    two.call("StartReplication", semiSync=True)
    two.call("ChangeType", tablet_type="RDONLY", semiSync=False)
    expect("its type", two.record()["type"], "RDONLY")
    full = two.call("FullStatus")["status"]
    expect("semi-sync of an rdonly", full["semi_sync_replica_enabled"], False)
    expect("its source", full["replication_status"]["source_port"], one.server.port)


@contextlib.contextmanager
def pair_of(flavor):
    with tempfile.TemporaryDirectory(prefix="sluice-e2e-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        pair = Pair(folder, flavor)
        try:
            yield pair.start()
        except Exception:
            if os.environ.get("KEEP_LOGS"):
                subprocess.run(["cp", "-r", name, os.environ["KEEP_LOGS"]], check=False)
            raise
        finally:
            pair.stop()


CHECKS = (check_first_primary, check_calls, check_planned, check_emergency, check_repair)


def run():
    """Whether all checks passed on each kind of server."""
    return all([run_in_order("reparent", lambda of=kind: pair_of(servers.flavor(of)), CHECKS, f" on {kind}") for kind in backends()])
