"""A gate in an operator's cluster (tests/lab/replicated.py): etcd, a primary and a replica tablet for each shard, the operator's command
line. E2E_SECONDS: how long etcd is frozen (3). With VITESS_BIN, a folder of Vitess 21's programs: the same with its tablets, and its gate
beside ours.
"""
import json
import os
import subprocess
import time
import urllib.error
import urllib.request

import pymysql

import frame
import journey
from crowd import Crowd
from failover import Load
from frame import KEYSPACE, CheckError, ask, cluster_options, eventually, expect, only_gate
from lab.cluster import CELL, Keyspace
from lab.process import Process, accepts, free_port, wait_until
from lab.replicated import PASSWORD, ReplicatedCluster, users, v21_program
from lab.servers import UNPRIVILEGED

SEQUENCE = "(id BIGINT NOT NULL PRIMARY KEY, next_id BIGINT, cache BIGINT) COMMENT 'vitess_sequence'"


def keyspaces(shards):
    """The documentation's shop: products in a keyspace of one shard, customers and their orders in one of two."""
    commerce = Keyspace("commerce", ["0"], {"tables": {"product": {}, "customer_seq": {"type": "sequence"}, "order_seq": {"type": "sequence"}}}, [
        "CREATE TABLE product(sku VARBINARY(128) NOT NULL PRIMARY KEY, description VARBINARY(128), price BIGINT)",
        *(f"CREATE TABLE {name}{SEQUENCE}" for name in ("customer_seq", "order_seq")),
        *(f"INSERT INTO {name} VALUES (0, 1000, 100)" for name in ("customer_seq", "order_seq"))])
    main = frame.keyspace(shards)
    by_customer = [{"column": "customer_id", "name": "hash"}]
    main.vschema["tables"]["customer"] = {"column_vindexes": by_customer, "auto_increment": {"column": "customer_id", "sequence": "commerce.customer_seq"}}
    main.vschema["tables"]["corder"] = {"column_vindexes": by_customer, "auto_increment": {"column": "order_id", "sequence": "commerce.order_seq"}}
    main.schema.append("CREATE TABLE customer(customer_id BIGINT NOT NULL PRIMARY KEY, email VARBINARY(128))")
    main.schema.append("CREATE TABLE corder(order_id BIGINT NOT NULL PRIMARY KEY, customer_id BIGINT, sku VARBINARY(128), price BIGINT)")
    return [commerce, main]


class V21Tablets(ReplicatedCluster):
    """The same cluster with Vitess's own tablets."""
    vttablet = v21_program("vttablet")


CLUSTER = {"made_of": ReplicatedCluster, "keyspaces": keyspaces}


def in_cluster(check):
    return only_gate(cluster_options(**CLUSTER)(check))


def page(where, path, seconds=10.0):
    """Status and text of a web page; 0 if it did not come in time."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{where.web_port}{path}", timeout=seconds) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def variables(where):
    return json.loads(page(where, "/debug/vars")[1])


@in_cluster
def check_journey(where):
    """The documentation's statements, and what SHOW says of the cluster."""
    journey.check_answers(where)
    journey.check_shows(where)


@in_cluster
def check_beside_v21(where):
    """Vitess's own gate over the same tablets, with the same command line: the same answers."""
    compare_with_v21(where)


@only_gate
@cluster_options(**{**CLUSTER, "made_of": V21Tablets})
def check_tablets_of_v21(where):
    """The same over Vitess's own tablets."""
    journey.check_answers(where)
    journey.check_shows(where)
    compare_with_v21(where)


if v21_program("vtgate") is None:
    del check_beside_v21
if v21_program("vttablet") is None:
    del check_tablets_of_v21


def compare_with_v21(where):
    theirs = where.beside(v21_program("vtgate"), "vtgate-v21")
    try:
        journey.compare(where, theirs)
        missing = sorted(set(variables(theirs)) - set(variables(where)))
        expect("names in /debug/vars that v21 has alone", missing, [])
    finally:
        theirs.gate.stop()


@in_cluster
def check_secret(where):
    """users.json is replaced as Kubernetes replaces it, by another folder behind a link; a broken file changes nothing."""
    def may(password):
        try:
            where.connect(password=password).close()
        except pymysql.err.OperationalError as error:
            expect("the refusal", error.args[0], 1045)
            return False
        return True

    where.secret.write("users.json", users("another"))
    eventually("the new password", lambda: may("another"), 5)
    expect("the old password", may(PASSWORD), False)
    where.secret.write("users.json", "{ broken")
    eventually("a word about it", lambda: "users.json" in where.gate.log.read_text(encoding="utf-8"), 5)
    expect("the last good password", may("another"), True)
    where.secret.write("users.json", users(PASSWORD))
    eventually("the first password", lambda: may(PASSWORD), 5)


@in_cluster
def check_documentation_command(where):
    """The documentation's command line, beside the operator's."""
    folder = where.folder / "documented"
    (folder / "tmp").mkdir(parents=True)
    for made in (folder, folder / "tmp"):
        made.chmod(0o777)
    port, web, rpc = free_port(), free_port(), free_port()
    gate = Process("vtgate-documented", [
        where.program("vtgate"), "--topo_implementation", "etcd2", "--topo_global_server_address", where.etcd.address,
        "--topo_global_root", "/vitess/example/global", "--log_dir", folder / "tmp", "--port", web, "--grpc_port", rpc,
        "--mysql_server_port", port, "--cell", CELL, "--cells_to_watch", CELL, "--tablet_types_to_wait", "PRIMARY,REPLICA",
        "--service_map", "grpc-vtgateservice", "--pid_file", folder / "tmp/vtgate.pid", "--mysql_auth_server_impl", "none"],
        where.logs / "documented.out", user=UNPRIVILEGED)
    try:
        wait_until("the documented gate", lambda: answers(port), gate, 30)
        expect("the pid file", int((folder / "tmp/vtgate.pid").read_text(encoding="utf-8")), gate.pid)
        with pymysql.connect(host="127.0.0.1", port=port, user="anybody", database=KEYSPACE) as connection:
            expect("rows", ask(connection, "SELECT COUNT(*) FROM thing"), ((frame.ROWS,),))
        expect("exit status", gate.stop(), 0)
        expect("the pid file is gone", (folder / "tmp/vtgate.pid").exists(), False)
    finally:
        gate.stop()


def answers(port):
    try:
        pymysql.connect(host="127.0.0.1", port=port, user="anybody").close()
    except (pymysql.err.MySQLError, OSError):
        return False
    return True


def change_vschema(where, name):
    """Adds a table to the VSchema, past the gate."""
    description = where.description()
    vschema = description["keyspaces"][KEYSPACE]["vschema"]
    vschema["tables"][name] = vschema["tables"]["thing"]
    description["tablets"] = []  # those that are there stay
    path = where.folder / "changed.json"
    path.write_text(json.dumps(description), encoding="utf-8")
    words = [where.program("topoctl"), *where.topology_flags, "--overwrite", "load", path]
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    expect(f"topoctl ({done.stderr.strip()})", done.returncode, 0)


def knows(where, name):
    with where.connect(KEYSPACE) as connection:
        return (name,) in ask(connection, "SHOW VSCHEMA TABLES")


def change_arrives(where, name):
    """Within a second the gate knows what was written."""
    change_vschema(where, name)
    eventually(f"the VSchema's table {name}", lambda: knows(where, name), 1.0)


@in_cluster
def check_frozen_etcd(where):
    """etcd stands still under load: no query fails, its age is told, and a change arrives within a second of its return."""
    seconds = float(os.environ.get("E2E_SECONDS", "3"))
    with Load(where) as load:
        where.etcd.freeze()
        try:
            end = time.monotonic() + seconds
            while time.monotonic() < end and not load.errors:
                time.sleep(0.1)
            load.goes_on()
            age = variables(where)["TopologyWatcherMaxRefreshLag"] / 1e9
            if age < seconds:
                raise CheckError(f"after {seconds} s the topology is told to be {age:.1f} s old")
            with where.connect(KEYSPACE) as connection:
                expect("a new session", ask(connection, "SELECT n FROM thing WHERE id = 5"), ((5,),))
                expect("tablets", len(ask(connection, "SHOW VITESS_TABLETS")), 6)
        finally:
            where.etcd.thaw()
        eventually("etcd has a leader", lambda: where.etcd.leader() is not None, 20)
        change_arrives(where, "after_the_frost")
        load.goes_on()
    load.check()
    print(f"e2e cluster: etcd frozen for {seconds:.0f} s: {load.total()} writes, {len(load.errors)} errors", flush=True)


@in_cluster
def check_lost_leader(where):
    """The member of etcd that leads is killed under load, and comes back later."""
    with Load(where) as load:
        lost = where.etcd.leader()
        where.etcd.members[lost].kill()
        other = (lost + 1) % len(where.etcd.members)
        eventually("another one leads", lambda: where.etcd.leader(other) not in (None, lost), 20)
        change_arrives(where, "under_the_next_leader")
        where.etcd.launch(lost)
        eventually("it is back", lambda: where.etcd.leader(lost) is not None, 20)
        change_arrives(where, "with_all_members")
    load.check()


@in_cluster
def check_start_without_leader(where):
    """A gate and a tablet that start while etcd has no leader wait for one, and say so; vtctld starts without."""
    lost = [1, 2]
    for index in lost:
        where.etcd.members[index].kill()
    web, rpc = free_port(), free_port()
    gate, vtctld, tablet = where.unready_gate(), None, where.tablets[where.shards[0].uid]
    try:
        tablet.stop()
        where.launch_tablet(where.shards[0])
        tablet = where.tablets[where.shards[0].uid]
        vtctld = Process("vtctld", [where.program("vtctld"), *where.topology_flags, "--port", web, "--grpc_port", rpc, "--log_dir", where.folder],
                         where.logs / "vtctld.out", user=UNPRIVILEGED)
        wait_until("vtctld", lambda: accepts(web), vtctld, 20)
        for one in (gate.gate, tablet):
            eventually(f"{one.name} says what it waits for", lambda it=one: b"waiting for the topology at " in it.log.read_bytes()[it.log_start:], 20)
            expect(f"{one.name} runs", one.alive(), True)
        for index in lost:
            where.etcd.launch(index)
        where.etcd.await_ready()
        where.await_tablet(where.shards[0])
        wait_until("the gate", lambda: gate.healthy() and gate.answers(), gate.gate, 60)
    finally:
        for process in (gate.gate, vtctld):
            if process:
                process.stop()
    eventually("the first gate serves", lambda: len(tablets(where)) == 6, 20)


@in_cluster
def check_compaction(where):
    """What happened while the gate was away is forgotten by etcd: the gate reads again."""
    where.gate.child.send_signal(19)
    try:
        where.etcd.kill()
        for index in range(len(where.etcd.members)):
            where.etcd.launch(index)
        where.etcd.await_ready()
        change_vschema(where, "forgotten")
        where.etcd.put("/other", "1")
        where.etcd.compact()
    finally:
        where.gate.child.send_signal(18)
    eventually("the change", lambda: knows(where, "forgotten"), 5)
    change_arrives(where, "after_the_compaction")


@in_cluster
def check_emptied_etcd(where):
    """etcd loses all it had: the gate goes on with what it knows, and follows again once the records are back."""
    with Load(where) as load:
        where.etcd.restart_empty()
        end = time.monotonic() + 3
        while time.monotonic() < end and not load.errors:
            time.sleep(0.1)
        load.goes_on()
        where.write_topology()
        load.goes_on()
        eventually("the tablets", lambda: len(tablets(where)) == 6, 5)
        change_arrives(where, "after_the_loss")
    load.check()


@in_cluster
def check_probes(where):
    """Probes with a time-out of a second are answered while every core is busy."""
    seconds = float(os.environ.get("E2E_SECONDS", "3"))
    slowest, asked = 0.0, 0
    with Crowd(where, [(32, "SELECT n FROM thing WHERE id = 5"), (32, "SELECT COUNT(*) FROM thing")], seconds, KEYSPACE) as crowd:
        while crowd.working():
            for path in ("/debug/health", "/debug/ready", "/debug/status", "/metrics"):
                start = time.monotonic()
                expect(f"{path} under load", page(where, path, 1.0)[0], 200)
                slowest, asked = max(slowest, time.monotonic() - start), asked + 1
    expect("errors of the load", (crowd.errors, crowd.lost), ({}, 0))
    print(f"e2e cluster: {asked} probes beside {crowd.answers} answers, the slowest took {slowest * 1000:.0f} ms", flush=True)


@in_cluster
def check_drain(where):
    """SIGTERM with --mysql-server-drain-onterm under load: who is connected works on until he leaves; then the gate ends."""
    gate = where.beside(where.program("vtgate"), "vtgate-draining", more=["--mysql-server-drain-onterm", "--onterm_timeout=20s"])
    with Crowd(gate, [(8, "UPDATE counter SET n = n + 1 WHERE id = 5"), (8, "SELECT n FROM thing WHERE id = 5")], 3, KEYSPACE) as crowd:
        gate.gate.child.terminate()
        eventually("nobody else is let in", lambda: not answers_to(gate), 2)
        expect("not ready", page(gate, "/debug/ready", 1.0)[0], 503)
        expect("alive", page(gate, "/debug/health", 1.0)[0], 200)
    expect("errors of those who were in", (crowd.errors, crowd.lost), ({}, 0))
    expect("exit status", gate.gate.child.wait(10), 0)


@in_cluster
def check_end(where):
    """SIGTERM without drain under load: statements end, transactions go on, and who is told to leave hears v21's words."""
    gate = where.beside(where.program("vtgate"), "vtgate-ending")
    with gate.connect(KEYSPACE) as connection:
        ask(connection, "BEGIN")
        ask(connection, "UPDATE counter SET n = n + 1 WHERE id = 6")
        before = ask(connection, "SELECT n FROM counter WHERE id = 6")
        with Crowd(gate, [(8, "SELECT n FROM thing WHERE id = 5")], 3, KEYSPACE) as crowd:
            gate.gate.child.terminate()
            eventually("nobody else is let in", lambda: not answers_to(gate), 2)
            expect("in the transaction", ask(connection, "SELECT n FROM counter WHERE id = 6"), before)
            ask(connection, "COMMIT")
        expect("refusals", [text for text in crowd.errors if not text.startswith("1053 Server shutdown in progress")], [])
        expect("exit status", gate.gate.child.wait(10), 0)
    with where.connect(KEYSPACE) as connection:
        expect("what was committed", ask(connection, "SELECT n FROM counter WHERE id = 6"), before)


def answers_to(gate):
    try:
        gate.connect().close()
    except (pymysql.err.MySQLError, OSError):
        return False
    return True


def tablets(where):
    with where.connect() as connection:
        return ask(connection, "SHOW VITESS_TABLETS")
