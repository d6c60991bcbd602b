"""The documentation's local example with our programs only: servers by mysqlctl and mysqlctld, managed tablets, vtctld, a gate.

Every check runs on MySQL and on MariaDB, in its order, in one cluster. What needs VReplication (MoveTables, Reshard) is not there.
"""
import contextlib
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import pymysql

from frame import SHORT, CheckError, ask, backends, eventually, expect, run_in_order
from lab import local, managed, servers
from lab.cluster import CELL
from lab.process import LabError, accepts, free_port, wait_until

CUSTOMERS = [(1, b"alice@domain.com"), (2, b"bob@domain.com"), (3, b"charlie@domain.com"), (4, b"dan@domain.com"), (5, b"eve@domain.com")]
SEQUENCES = "".join(f"CREATE TABLE {name}(id BIGINT, next_id BIGINT, cache BIGINT, PRIMARY KEY(id)) COMMENT 'vitess_sequence';\n"
                    for name in ("customer_seq", "order_seq"))
SHARDED_TABLES = """
CREATE TABLE customer(customer_id BIGINT NOT NULL PRIMARY KEY, email VARBINARY(128));
CREATE TABLE corder(order_id BIGINT NOT NULL PRIMARY KEY, customer_id BIGINT, sku VARBINARY(128), price BIGINT);
"""
SHARDED_VSCHEMA = {"sharded": True, "vindexes": {"hash": {"type": "hash"}}, "tables": {
    "customer": {"column_vindexes": [{"column": "customer_id", "name": "hash"}],
                 "auto_increment": {"column": "customer_id", "sequence": "customer_seq"}},
    "corder": {"column_vindexes": [{"column": "customer_id", "name": "hash"}],
               "auto_increment": {"column": "order_id", "sequence": "order_seq"}}}}


def write(cluster, *statements, database="commerce"):
    with cluster.connect(database) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def read(cluster, statement, database="commerce"):
    with cluster.connect(database) as connection:
        return list(ask(connection, statement))


def kinds_of(cluster, keyspace):
    """Type by uid, as GetTablets shows it."""
    lines = [line.split() for line in cluster.control("GetTablets", "--keyspace", keyspace).splitlines()]
    return {int(words[0].rpartition("-")[2]): words[3] for words in lines}


def full_status(cluster, uid):
    return json.loads(cluster.control("GetFullStatus", f"{CELL}-{uid}"))


def check_first_cluster(cluster):
    """101: three tablets, one of each type; rows reach all of them, and the gate reads from each type."""
    expect("types", kinds_of(cluster, "commerce"), {100: "primary", 101: "replica", 102: "rdonly"})
    write(cluster, *(f"INSERT INTO customer(customer_id, email) VALUES ({number}, '{email.decode()}')" for number, email in CUSTOMERS),
          "INSERT INTO product VALUES ('SKU-1001', 'Monitor', 100), ('SKU-1002', 'Keyboard', 30)")
    for target in ("commerce", "commerce@replica", "commerce@rdonly"):
        eventually(f"rows in {target}", lambda of=target: read(cluster, "SELECT * FROM customer ORDER BY customer_id", of) == CUSTOMERS, 30, 0.2)
    states = {row[3:5] for row in read(cluster, "SHOW VITESS_TABLETS")}
    expect("what the gate sees", states, {("PRIMARY", "SERVING"), ("REPLICA", "SERVING"), ("RDONLY", "SERVING")})
    mysql = cluster.place.flavor.kind == "mysql"
    for uid, waits in ((100, True), (101, False), (102, False)):
        status = full_status(cluster, uid)
        expect(f"semi-sync of {uid} as a source", status["semi_sync_primary_enabled"], waits)
        expect(f"super_read_only of {uid}", status["super_read_only"], mysql and uid != 100)
        expect(f"read_only of {uid}", status["read_only"], uid != 100)
    tablet = cluster.find(101)
    expect("vt_app's rights", [row[0] for row in tablet.ask("SELECT super_priv FROM mysql.user WHERE user = 'vt_app'")], ["N"])
    expect("what a first start leaves in the binary log",
           tablet.ask("SELECT COUNT(*) FROM mysql.user WHERE user = ''"), ((0,),))


class Writer(threading.Thread):
    """Writes rows through the gate; knows which were acknowledged."""

    def __init__(self, cluster, first):
        super().__init__()
        self.cluster, self.next = cluster, first
        self.acknowledged, self.ended = [], threading.Event()

    def run(self):
        connection = None
        while not self.ended.is_set():
            try:
                connection = connection or self.cluster.connect("commerce")
                with connection.cursor() as cursor:
                    cursor.execute(f"INSERT INTO corder(order_id, customer_id, price) VALUES ({self.next}, 1, 1)")
                self.acknowledged.append(self.next)
            except (pymysql.err.MySQLError, OSError):
                connection = None
                time.sleep(0.01)
            self.next += 1


@contextlib.contextmanager
def writing(cluster, first):
    """A writer beside the block; afterwards nothing that was acknowledged is lost."""
    writer = Writer(cluster, first)
    writer.start()
    try:
        eventually("writes", lambda: len(writer.acknowledged) > 10, 20)
        yield writer
        count = len(writer.acknowledged)
        eventually("writes afterwards", lambda: len(writer.acknowledged) > count + 10, 30)
    finally:
        writer.ended.set()
        writer.join()
    kept = {row[0] for row in read(cluster, f"SELECT order_id FROM corder WHERE order_id >= {first}")}
    expect("acknowledged writes that were lost", [number for number in writer.acknowledged if number not in kept], [])


def check_planned(cluster):
    """PlannedReparentShard under load, there and back."""
    with writing(cluster, 1_000_000):
        cluster.elect(cluster.find(101))
        expect("types", kinds_of(cluster, "commerce"), {100: "replica", 101: "primary", 102: "rdonly"})
    cluster.elect(cluster.find(100))
    expect("types", kinds_of(cluster, "commerce"), {100: "primary", 101: "replica", 102: "rdonly"})


def check_server_that_goes_and_comes_back(cluster):
    """mysqlctl shutdown and start of a replica: its tablet says so, and goes on by itself."""
    tablet = cluster.find(101)
    tablet.stop_server()
    expect("files of a server that has ended", [(tablet.folder / name).exists() for name in ("mysql.sock", "mysql.pid")], [False, False])
    eventually("the tablet is not healthy", lambda: not tablet.healthy(), 30, 0.2)
    tablet.start_server()
    eventually("the tablet is healthy", tablet.healthy, 60, 0.2)
    write(cluster, "UPDATE product SET price = price + 1 WHERE sku = 'SKU-1001'")
    eventually("replication goes on", lambda: tablet.ask("SELECT price FROM product WHERE sku = 'SKU-1001'", tablet.database) == ((101,),), 30, 0.2)
    tablet.cluster.place.mysqlctl(tablet.uid, "start")  # it runs already


def check_killed_server(cluster):
    """kill -9 of a server: mysqld_safe, where there is one, brings it back; else mysqlctl does."""
    tablet = cluster.find(101)
    old = tablet.server_pid()
    os.kill(old, signal.SIGKILL)
    eventually("the process is gone", lambda: not os.path.exists(f"/proc/{old}/exe"), 30)
    root = Path(cluster.place.environment["VT_MYSQL_ROOT"])
    if not any((root / folder / name).exists() for folder in ("sbin", "bin", "libexec", "scripts") for name in ("mysqld_safe", "mariadbd-safe")):
        tablet.start_server()
    eventually("another process", lambda: (tablet.folder / "mysql.pid").exists() and tablet.server_pid() != old, 60, 0.2)
    eventually("the tablet is healthy", tablet.healthy, 60, 0.2)


def check_emergency(cluster):
    """The primary's server is gone; the shard gets another one, and the first one comes back as a replica."""
    old, new = cluster.find(100), cluster.find(101)
    write(cluster, "UPDATE product SET price = 7 WHERE sku = 'SKU-1002'")
    old.stop_server()
    try:
        cluster.control("EmergencyReparentShard", "--new-primary", new.alias, "commerce/0")
        raise CheckError("a primary was made whose commits nobody could acknowledge")
    except LabError as refusal:
        if "will not be able to make forward progress" not in str(refusal):
            raise
    cluster.control("SetKeyspaceDurabilityPolicy", "--durability-policy=none", "commerce")
    cluster.control("EmergencyReparentShard", "--new-primary", new.alias, "commerce/0")
    eventually("the gate writes", lambda: written(cluster, "UPDATE product SET price = price + 1 WHERE sku = 'SKU-1002'"), 30, 0.2)
    expect("an acknowledged write and the next", read(cluster, "SELECT price FROM product WHERE sku = 'SKU-1002'"), [(8,)])
    old.start_server()
    eventually("the old primary follows",
               lambda: old.ask("SELECT price FROM product WHERE sku = 'SKU-1002'", old.database) == ((8,),), 60, 0.5)
    eventually("types", lambda: kinds_of(cluster, "commerce") == {100: "replica", 101: "primary", 102: "rdonly"}, 30, 0.5)
    cluster.control("SetKeyspaceDurabilityPolicy", "--durability-policy=semi_sync", "commerce")
    cluster.elect(old)
    eventually("commits wait for a replica again", lambda: full_status(cluster, 100)["semi_sync_primary_enabled"], 30, 0.5)


def written(cluster, statement):
    try:
        write(cluster, statement)
    except (pymysql.err.MySQLError, OSError):
        return False
    return True


def check_restart(cluster):
    """A tablet and its server end and start with what they have."""
    tablet = cluster.find(102)
    tablet.stop()
    tablet.stop_server()
    eventually("the gate knows", lambda: ("RDONLY", "SERVING") not in {row[3:5] for row in read(cluster, "SHOW VITESS_TABLETS")}, 60, 0.5)
    tablet.start_server()
    tablet.start()
    tablet.await_start()
    eventually("rows in commerce@rdonly", lambda: quietly(cluster, "SELECT COUNT(*) FROM customer", "commerce@rdonly") == [(5,)], 60, 0.5)


def quietly(cluster, statement, database):
    try:
        return read(cluster, statement, database)
    except (pymysql.err.MySQLError, OSError):
        return None


def check_sharded(cluster):
    """301 and 302 without the copy: sequences in commerce, a keyspace of two shards, its rows where the vindex puts them."""
    local.apply_schema(cluster, "commerce", SEQUENCES, "create_commerce_seq")
    write(cluster, *(f"INSERT INTO {name}(id, next_id, cache) VALUES (0, 1000, 100)" for name in ("customer_seq", "order_seq")))
    vschema = {"tables": {**local.COMMERCE_VSCHEMA["tables"], "customer_seq": {"type": "sequence"}, "order_seq": {"type": "sequence"}}}
    local.apply_vschema(cluster, "commerce", vschema, "vschema_commerce_seq")
    cluster.control("CreateKeyspace", "--durability-policy=none", "customer")
    for shard, uid in (("-80", 300), ("80-", 400)):
        tablet, = cluster.add_tablets("customer", shard, [uid])
        cluster.elect(tablet)
    local.apply_schema(cluster, "customer", SHARDED_TABLES, "create_customer_sharded")
    local.apply_vschema(cluster, "customer", SHARDED_VSCHEMA, "vschema_customer_sharded")
    eventually("the gate serves the keyspace", lambda: quietly(cluster, "SELECT * FROM customer", "customer") == [], 60, 0.5)
    write(cluster, *(f"INSERT INTO customer(customer_id, email) VALUES ({number}, '{email.decode()}')" for number, email in CUSTOMERS),
          database="customer")
    shards = {uid: [row[0] for row in cluster.find(uid).ask("SELECT customer_id FROM customer ORDER BY customer_id", "vt_customer")]
              for uid in (300, 400)}
    expect("rows of the shards", shards, {300: [1, 2, 3, 5], 400: [4]})
    expect("all rows", read(cluster, "SELECT * FROM customer ORDER BY customer_id", "customer"), CUSTOMERS)
    write(cluster, "INSERT INTO customer(email) VALUES ('frank@domain.com')", "INSERT INTO corder(customer_id, sku, price) VALUES (4, 'x', 5)",
          database="customer")
    expect("a new customer's number", read(cluster, "SELECT customer_id FROM customer WHERE customer_id >= 1000", "customer"), [(1000,)])
    expect("an order with its customer", read(
        cluster, "SELECT o.order_id, c.email FROM corder o JOIN customer c ON o.customer_id = c.customer_id", "customer"),
        [(1000, b"dan@domain.com")])


def check_delete_shard(cluster):
    """306 and 307: the tablets of a shard end, the shard goes."""
    gone = cluster.of("customer")
    cluster.remove(gone)
    for shard in ("-80", "80-"):
        try:
            cluster.control("DeleteShards", "--recursive", f"customer/{shard}")
            raise CheckError("a shard was deleted that serves")
        except LabError as refusal:
            if "is still serving" not in str(refusal):
                raise
        cluster.control("DeleteShards", "--force", "--recursive", "--even-if-serving", f"customer/{shard}")
    expect("tablets that are left", sorted(kinds_of(cluster, "commerce")), [100, 101, 102])
    expect("shards that are left", json.loads(cluster.control("FindAllShardsInKeyspace", "customer")), {"shards": {}})
    for tablet in gone:
        cluster.place.mysqlctl(tablet.uid, "teardown")
        expect("data after teardown", (tablet.folder / "data").exists(), False)


def check_unmanaged(cluster):
    """A server that somebody else runs, in a keyspace of its own, joined with another keyspace."""
    place = cluster.place
    tablet = managed.Tablet(cluster, "legacy", "0", 401)
    tablet.start_server()
    cluster.tablets.append(tablet)
    with tablet.connect() as connection, connection.cursor() as cursor:
        if place.flavor.kind == "mysql":
            cursor.execute("SET GLOBAL super_read_only = 0")
        for statement in ("SET GLOBAL read_only = 0", "CREATE DATABASE legacy", "CREATE USER legacy@'%' IDENTIFIED BY 'secret'",
                          "GRANT ALL ON *.* TO legacy@'%'", "CREATE TABLE legacy.note(customer_id BIGINT PRIMARY KEY, text VARCHAR(99))",
                          "INSERT INTO legacy.note VALUES (1, 'first'), (4, 'fourth')"):
            cursor.execute(statement)
    login = [f"--db_{role}_{what}={value}" for role in ("app", "dba", "allprivs", "repl", "filtered", "appdebug")
             for what, value in (("user", "legacy"), ("password", "secret"))]
    tablet.start("--unmanaged", "--db_host", "127.0.0.1", "--db_port", tablet.mysql_port, "--init_db_name_override", "legacy", *login)
    tablet.await_start()
    cluster.control("TabletExternallyReparented", tablet.alias)
    local.apply_vschema(cluster, "legacy", {"tables": {"note": {}}}, "vschema_legacy")
    eventually("the gate reads it", lambda: quietly(cluster, "SELECT text FROM note ORDER BY customer_id", "legacy") == [("first",), ("fourth",)],
               60, 0.5)
    write(cluster, "INSERT INTO note VALUES (5, 'fifth')", database="legacy")
    expect("the record's type", kinds_of(cluster, "legacy"), {401: "primary"})


def check_mysqlctld(cluster):
    """A container's way: mysqlctld makes, holds and takes along; calls come by its socket; it ends with its server."""
    place, uid = cluster.place, 501
    socket = place.folder / "mysqlctl.sock"
    tablet = managed.Tablet(cluster, "held", "0", uid)
    words = [place.program("mysqlctld"), "--config-file-not-found-handling=ignore", "--log_dir", place.folder / "tmp", "--tablet_uid", uid,
             "--mysql_port", tablet.mysql_port, "--socket_file", socket, "--port", free_port()]
    held = place.start("mysqlctld", words)
    try:
        wait_until("mysqlctld", socket.exists, held, 120)
        place.mysqlctl(uid, "shutdown", more=("--mysqlctl_socket", socket))
        expect("files of a server that has ended", (tablet.folder / "mysql.sock").exists(), False)
        expect("mysqlctld stays", held.alive(), True)
        place.mysqlctl(uid, "start", more=("--mysqlctl_socket", socket))
        tablet.start("--mysqlctl_socket", socket, "--mycnf_socket_file", tablet.folder / "mysql.sock")
        tablet.await_start()
        cluster.elect(tablet)
        os.kill(tablet.server_pid(), signal.SIGKILL)
        expect("exit status of a mysqlctld whose server has ended", held.child.wait(60), 0)
        held = place.start("mysqlctld", words)  # with the data of before
        wait_until("mysqlctld", socket.exists, held, 120)
        eventually("the tablet is healthy", tablet.healthy, 60, 0.2)
        tablet.stop()
        pid = tablet.server_pid()
        held.child.terminate()
        expect("exit status", held.child.wait(120), 0)
        expect("the server's process", Path(f"/proc/{pid}").exists(), False)
    finally:
        tablet.stop()
        held.stop(120)


def refused(place, want, *words, **environment):
    status, out, errors = place.run(place.program("mysqlctl"), "--logtostderr", *words, **environment)
    expect(f"exit status of {' '.join(map(str, words))}", status, 1)
    if want not in errors:
        raise CheckError(f"mysqlctl {' '.join(map(str, words))}: {(out + errors)[-500:]} instead of {want}")


def check_refusals(cluster):
    """Errors are clear and end with 1."""
    place = cluster.place
    refused(place, "is not empty: a server that exists is started, not initialized", "--tablet_uid", 100, "init")
    refused(place, "failed to find mysql config: open ", "--tablet_uid", 999, "start")
    refused(place, "mysqld not found in any of /nowhere", "--tablet_uid", 998, "init", VT_MYSQL_ROOT="/nowhere")
    refused(place, "template of my.cnf, line 2: there is no value .Nothing", "--tablet_uid", 998, "--mysqlctl_mycnf_template",
            template(place, "[mysqld]\nx = {{.Nothing}}\n"), "init_config")
    refused(place, 'unknown command "frobnicate" for "mysqlctl"', "frobnicate")
    refused(place, "unknown flag: --wait_time", "init_config", "--wait_time", "1s")
    refused(place, "invalid operation never", "position", "never", "MySQL56/", "MySQL56/")
    status, out, _ = place.run(place.program("mysqlctl"), "position", "at_least", "MariaDB/0-1-5", "MariaDB/0-1-4")
    expect("position", (status, out), (0, "true\n"))
    status, out, _ = place.run(place.program("mysqlctl"), "init", "--help")
    expect("help", (status, "--init_db_sql_file" in out), (0, True))
    if os.getuid() == 0:
        done = subprocess.run([place.program("mysqlctl"), "--tablet_uid", "998", "init"], capture_output=True, text=True, check=False,
                              env={**os.environ, **place.environment})
        expect("as root", (done.returncode, "cannot be run as root" in done.stderr), (1, True))


def template(place, text):
    path = place.folder / "template.cnf"
    path.write_text(text, encoding="utf-8")
    return path


@contextlib.contextmanager
def local_cluster(flavor):
    with tempfile.TemporaryDirectory(prefix="sluice-e2e-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        cluster = managed.LocalCluster(folder, flavor)
        try:
            yield local.start_101(cluster)
        except Exception:
            if os.environ.get("KEEP_LOGS"):
                subprocess.run(["cp", "-r", name, os.environ["KEEP_LOGS"]], check=False)
            raise
        finally:
            cluster.stop()
            left = [tablet.alias for tablet in cluster.tablets if accepts(tablet.mysql_port)]
            if left:
                print(f"e2e local: servers that did not end: {left}", flush=True)


CHECKS = (check_first_cluster, check_planned, check_server_that_goes_and_comes_back, check_refusals, check_killed_server, check_emergency,
          check_restart, check_sharded, check_delete_shard, check_unmanaged, check_mysqlctld)
SHORT_CHECKS = (check_first_cluster, check_planned, check_server_that_goes_and_comes_back, check_refusals)


def run():
    """Whether all checks passed on each kind of server; with --short some of them on one."""
    checks = SHORT_CHECKS if SHORT else CHECKS
    return all([run_in_order("local", lambda of=kind: local_cluster(servers.flavor(of)), checks, f" on {kind}")
                for kind in backends(("mysql",) if SHORT else ("mysql", "mariadb"))])
