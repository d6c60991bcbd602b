"""A gate that knows its keyspaces' views and the functions that their servers have loaded (--enable-views, --track-udfs)."""
import shutil
import subprocess
from pathlib import Path

import pymysql

from frame import KEYSPACE, CheckError, ask, cluster_options, eventually, expect, ids_on_both, only_gate
from lab.process import LabError
from lab.tablets import TabletCluster, chosen_cluster

SOURCE = Path(__file__).resolve().parent / "squares.c"
FUNCTION = "CREATE AGGREGATE FUNCTION squares RETURNS INTEGER SONAME 'squares.so'"


def with_function(folder, described, servers, gate_flags=()):
    """The chosen cluster, whose servers have loaded an aggregate function before its gate starts."""
    compiler = shutil.which("clang-19") or shutil.which("cc")
    if compiler is None:
        raise LabError("there is no C compiler for the servers' function")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", folder / "squares.so", SOURCE], check=True)
    (folder / "squares.so").chmod(0o755)
    for server in servers:
        server.options.append(f"--plugin-dir={folder}")

    class Made(chosen_cluster()):
        def create_databases(self):
            for server in self.servers:
                server.run([FUNCTION])
            super().create_databases()

    more = {"tablet_flags": ("--queryserver-enable-views",)} if issubclass(Made, TabletCluster) else {}
    return Made(folder, described, servers, gate_flags=gate_flags, **more)


KNOWING = {"made_of": with_function, "gate_flags": ("--enable-views", "--track-udfs")}


def in_cluster(check):
    return only_gate(cluster_options(**KNOWING)(check))


def outcome(connection, statement):
    """Rows, or the error's number."""
    try:
        return ask(connection, statement)
    except pymysql.err.MySQLError as error:
        return error.args[0]


def known(connection, view, columns):
    """The gate has heard of the view, with these columns: through tablets that takes a moment."""
    return outcome(connection, f"SELECT {columns} FROM {view} LIMIT 0") == ()


@in_cluster
def check_reads(where):
    """Views over sharded tables, and over each other: what they stand for is merged, sorted and routed like any query."""
    one, two = ids_on_both(where)
    with where.connect(KEYSPACE) as connection:
        ask(connection, "CREATE VIEW few (number, word) AS SELECT id, name FROM thing WHERE id <= 10")
        ask(connection, f"CREATE VIEW {KEYSPACE}.pairs AS SELECT t.id, t.name, {KEYSPACE}.c.n FROM {KEYSPACE}.thing t JOIN counter c USING (id)")
        ask(connection, "CREATE VIEW over_few AS SELECT number FROM few WHERE word LIKE 'thing%'")
        for view, columns in (("few", "number, word"), ("pairs", "id, name, n"), ("over_few", "number")):
            eventually(f"{view} is known", lambda view=view, columns=columns: known(connection, view, columns), 20)
        expect("all rows", ask(connection, "SELECT * FROM few ORDER BY word DESC LIMIT 2"), ((9, "thing 9"), (8, "thing 8")))
        expect("its columns", ask(connection, "SELECT number FROM few ORDER BY number LIMIT 3"), ((1,), (2,), (3,)))
        expect("an aggregate", ask(connection, "SELECT COUNT(*), MAX(number) FROM few"), ((10, 10),))
        expect("groups", ask(connection, "SELECT n, COUNT(*) FROM pairs GROUP BY n"), ((0, 64),))
        expect("a row of a view", ask(connection, f"SELECT name FROM pairs WHERE id = {two}"), ((f"thing {two}",),))
        expect("a view and a table", ask(connection, f"SELECT p.name, t.n FROM pairs p JOIN thing t ON t.id = p.id WHERE t.id = {one}"),
               ((f"thing {one}", one),))
        expect("a view over a view", ask(connection, "SELECT COUNT(*) FROM over_few"), ((10,),))
        expect("in a subquery", ask(connection, f"SELECT n FROM thing WHERE id = {one} AND id IN (SELECT id FROM pairs WHERE id = {one})"), ((one,),))
        expect("by INSERT ... SELECT", outcome(connection, f"INSERT INTO counter(id, n) SELECT 1000, number FROM few WHERE number = {one}"), 1235)
        ask(connection, "SET workload = olap")
        expect("streamed", len(ask(connection, "SELECT * FROM pairs")), 64)
    with where.connect() as connection:
        expect("from no keyspace", ask(connection, f"SELECT COUNT(*) FROM {KEYSPACE}.over_few"), ((10,),))
    with where.connect(KEYSPACE) as connection:
        ask(connection, "DROP VIEW over_few, few, pairs")


@in_cluster
def check_shown(where):
    """Views are where clients look for them."""
    with where.connect(KEYSPACE) as connection:
        ask(connection, "CREATE VIEW seen AS SELECT id AS number FROM thing")
        eventually("known", lambda: known(connection, "seen", "number"), 20)
        expect("SHOW FULL TABLES", [row for row in ask(connection, "SHOW FULL TABLES") if row[1] == "VIEW"], [("seen", "VIEW")])
        expect("SHOW COLUMNS", [row[0] for row in ask(connection, "SHOW COLUMNS FROM seen")], ["number"])
        expect("SHOW CREATE VIEW", ask(connection, "SHOW CREATE VIEW seen")[0][0], "seen")
        expect("SHOW VSCHEMA TABLES", ("seen",) in ask(connection, "SHOW VSCHEMA TABLES"), True)
        ask(connection, "DROP VIEW seen")
        eventually("forgotten", lambda: outcome(connection, "SELECT number FROM seen") == 1146, 20)


@in_cluster
def check_changes(where):
    """ALTER and CREATE OR REPLACE are seen; what cannot be right is refused, never answered wrongly."""
    with where.connect(KEYSPACE) as connection:
        ask(connection, "CREATE VIEW changing AS SELECT id FROM thing")
        eventually("known", lambda: known(connection, "changing", "id"), 20)
        ask(connection, "ALTER VIEW changing AS SELECT id + 1000 AS later FROM thing WHERE id = 1")
        eventually("altered", lambda: outcome(connection, "SELECT later FROM changing") == ((1001,),), 20)
        ask(connection, "CREATE OR REPLACE VIEW changing AS SELECT COUNT(*) AS all_of_it FROM thing")
        eventually("replaced", lambda: outcome(connection, "SELECT all_of_it FROM changing") == 1235, 20)
        expect("a write to it", outcome(connection, "UPDATE changing SET all_of_it = 1"), 1235)
        expect("over another keyspace", outcome(connection, "CREATE VIEW v AS SELECT * FROM nowhere.t"), 1049)
        expect("twice in one DROP", outcome(connection, "DROP VIEW changing, changing"), 1066)
        ask(connection, "DROP VIEW changing")


@in_cluster
def check_functions(where):
    """A loaded aggregate is computed where a shard has whole groups, and nowhere else."""
    one, _ = ids_on_both(where)
    with where.connect(KEYSPACE) as connection:
        expect("one shard", ask(connection, f"SELECT squares(n) FROM thing WHERE id = {one}"), ((one * one,),))
        expect("groups of one shard", ask(connection, "SELECT id, squares(n + 1) FROM thing GROUP BY id ORDER BY id LIMIT 2"), ((1, 4), (2, 9)))
        try:
            raise CheckError(f"all shards: {ask(connection, 'SELECT squares(n) FROM thing')}")
        except pymysql.err.MySQLError as error:
            expect("all shards", error.args, (1235, "VT12001: unsupported: Aggregate UDF 'squares(n)' must be pushed down to MySQL"))
