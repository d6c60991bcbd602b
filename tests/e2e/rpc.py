"""A gate that reaches its shards through vttablets only (--tablet_protocol=grpc): what travels, and what happens when it does not.

Checks that a plain server can pass as well are proved by it (run.py --plain rpc).
"""
import struct
import sys
from pathlib import Path

import pymysql

from frame import KEYSPACE, TRX_PAUSE, CheckError, ask, busy, cluster_options, eventually, expect, ids_on_both, keyspace, only_gate
from lab.cluster import Keyspace
from prepared import Prepared

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "differential"))
import tables  # noqa: E402
from client import Client  # noqa: E402

KINDS = ", ".join(f"`{kind[0]}` {kind[1]}" for kind in tables.KINDS)
EVERY_BYTE = bytes(range(256))


def keyspaces(shards):
    """The suites' keyspace, a table of all kinds of columns beside it, and an unsharded keyspace with a sequence."""
    main = keyspace(shards)
    main.schema.append(f"CREATE TABLE kinds(id BIGINT NOT NULL PRIMARY KEY, {KINDS})")
    main.schema.append("CREATE TABLE numbered(id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, word VARCHAR(20))")
    by_id = {"column_vindexes": [{"column": "id", "name": "hash"}]}
    main.vschema["tables"]["kinds"] = by_id
    main.vschema["tables"]["numbered"] = {**by_id, "auto_increment": {"column": "id", "sequence": "flat.numbers"}}
    flat = Keyspace("flat", ["0"], {"tables": {"numbers": {"type": "sequence"}, "note": {}}}, [
        "CREATE TABLE numbers(id BIGINT NOT NULL PRIMARY KEY, next_id BIGINT, cache BIGINT) COMMENT 'vitess_sequence'",
        "INSERT INTO numbers VALUES (0, 1000, 10)",
        "CREATE TABLE note(id BIGINT NOT NULL PRIMARY KEY, word VARCHAR(20))"])
    return [main, flat]


# One cluster for all checks that leave it as it was.
ALL = {"tablets": True, "keyspaces": keyspaces, "gate_flags": ("--allow-kill-statement",)}


def with_tablets(check):
    return cluster_options(**ALL)(check)


def refused(what, connection, statement, number, part=""):
    """The statement ends in this error, whose text has `part`."""
    try:
        ask(connection, statement)
    except pymysql.err.MySQLError as error:
        expect(f"{what}: the number ({error.args[1]})", error.args[0], number)
        if part not in error.args[1]:
            raise CheckError(f"{what}: {error.args[1]!r} has no {part!r}") from None
        return
    raise CheckError(f"{what}: {statement} was accepted")


@with_tablets
def check_rows(where):
    """Writes and reads of one shard and of all, by text; answers of writes."""
    with where.connect(KEYSPACE) as connection:
        cursor = connection.cursor()
        cursor.execute("INSERT INTO thing(id, n, name) VALUES " + ", ".join(f"({i}, {i}, 'it''s {i}')" for i in range(2000, 2100)))
        expect("rows inserted", cursor.rowcount, 100)
        cursor.execute("UPDATE thing SET n = n + 1 WHERE id BETWEEN 2000 AND 2049")
        expect("rows changed", cursor.rowcount, 50)
        cursor.execute("UPDATE thing SET name = NULL WHERE id = 2001")
        expect("a row", ask(connection, "SELECT n, name FROM thing WHERE id IN (2000, 2001, 2099) ORDER BY id"),
               ((2001, "it's 2000"), (2002, None), (2099, "it's 2099")))
        expect("a sum", ask(connection, "SELECT COUNT(*), SUM(n) FROM thing WHERE id >= 2000 AND id < 2100"), ((100, 205000),))
        expect("a limit", ask(connection, "SELECT id FROM thing WHERE id >= 2000 AND id < 2100 ORDER BY id DESC LIMIT 2, 3"),
               ((2097,), (2096,), (2095,)))
        expect("names of columns", [column[0] for column in described(connection, "SELECT n+1, 'a', id AS x, 1.50 FROM thing WHERE id=1")],
               ["n+1", "a", "x", "1.50"])
        cursor.execute("DELETE FROM thing WHERE id >= 2000 AND id < 2100")
        expect("rows deleted", cursor.rowcount, 100)


def described(connection, statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.description


@with_tablets
def check_all_types(where):
    """All kinds of columns, written by text and as parameters: the rows are those that the shard itself gives, by both protocols."""
    gate = Client(where.port, user="vt_app", database=KEYSPACE)
    for number, (column, _, *values, _bad, _grouped) in enumerate(tables.KINDS):
        for at, value in enumerate([*values, "NULL"]):
            outcome = gate.query(f"INSERT INTO kinds(id, `{column}`) VALUES ({10 * number + at}, {value})")
            expect(f"INSERT of {value} into {column}", outcome.error, None)
    columns = ", ".join(f"`{kind[0]}`" for kind in tables.KINDS)
    text = f"SELECT id, {columns} FROM kinds ORDER BY id"
    ours = {"text": gate.query(text), "prepared": gate.prepared(text), "one": gate.prepared(f"SELECT id, {columns} FROM kinds WHERE id = ?", [10])}
    expect("errors", [outcome.error for outcome in ours.values()], [None] * 3)
    if where.plain:
        return
    theirs = {"text": [], "prepared": [], "one": []}
    shown = {}
    for shard in where.of(KEYSPACE):
        with Client(shard.server.port, user="vt_app", database=shard.database) as direct:
            for name, outcome in (("text", direct.query(text)), ("prepared", direct.prepared(text)),
                                  ("one", direct.prepared(f"SELECT id, {columns} FROM kinds WHERE id = ?", [10]))):
                theirs[name] += outcome.rows
                shown[name] = outcome.columns
    for name, outcome in ours.items():
        order = (lambda row: int(row[0])) if name == "text" else (lambda row: struct.unpack("<q", row[0])[0])
        expect(f"{name}: rows", sorted(outcome.rows, key=order), sorted(theirs[name], key=order))
        for ours_, theirs_ in zip(outcome.columns, shown[name]):
            expect(f"{name}: column {theirs_.name}", same_in(ours_), same_in(theirs_))
    gate.query("DELETE FROM kinds")


def same_in(column):
    return column.name, column.table, column.charset, column.length, column.kind, column.flags, column.decimals


@with_tablets
def check_every_byte(where):
    """Bytes of all values, by text, as hexadecimal, as a parameter and as long data."""
    gate = Client(where.port, user="vt_app", database=KEYSPACE)
    escaped = b"".join(b"\\" + bytes([c]) if c in b"'\\" else b"\\0" if c == 0 else bytes([c]) for c in EVERY_BYTE)
    for what, done in (("text", lambda: gate.query(b"UPDATE thing SET body = _binary'" + escaped + b"' WHERE id = 9")),
                       ("hexadecimal", lambda: gate.query(f"UPDATE thing SET body = x'{EVERY_BYTE.hex()}' WHERE id = 9")),
                       ("parameter", lambda: gate.prepared("UPDATE thing SET body = ? WHERE id = ?", [EVERY_BYTE, 9]))):
        expect(what, done().error, None)
        for rows in (gate.query("SELECT body FROM thing WHERE id = 9").rows, gate.prepared("SELECT body FROM thing WHERE id = ?", [9]).rows):
            expect(f"by {what}", rows, [(EVERY_BYTE,)])
        expect("set back", gate.query("UPDATE thing SET body = NULL WHERE id = 9").affected, 1)
    large = EVERY_BYTE * 8192
    expect("large", gate.prepared("UPDATE thing SET body = ? WHERE id = ?", [large, 9]).error, None)
    expect("large, back", gate.prepared("SELECT body FROM thing WHERE id = ?", [9]).rows, [(large,)])
    gate.query("UPDATE thing SET body = NULL WHERE id = 9")


@with_tablets
def check_prepared(where):
    """A statement prepared once: its columns are known before it runs; numbers, texts and NULL as parameters."""
    connection = where.connect(KEYSPACE)
    read = Prepared(connection, "SELECT n, name FROM thing WHERE id = ? AND (name = ? OR ? IS NULL)")
    expect("parameters", read.parameters, 3)
    expect("a row", read.execute(5, "thing 5", "x"), [(5, b"thing 5")])
    expect("a row by NULL", read.execute(6, "nothing", None), [(6, b"thing 6")])
    expect("no row", read.execute(7, "nothing", "x"), [])
    many = Prepared(connection, "SELECT id, n FROM thing WHERE id IN (?, ?, ?) ORDER BY id")
    expect("rows of several shards", many.execute(3, 1, 2), [(1, 1), (2, 2), (3, 3)])
    total = Prepared(connection, "SELECT COUNT(*) FROM thing WHERE n > ?")
    expect("a count over all", total.execute(60), [(4,)])


@with_tablets
def check_transactions(where):
    """Over two shards: seen by others only after COMMIT, gone after ROLLBACK; savepoints; a read-only one; autocommit off."""
    one, two = ids_on_both(where)
    writer, reader = where.connect(KEYSPACE), where.connect(KEYSPACE)

    def seen():
        return tuple(n for n, in ask(reader, f"SELECT n FROM thing WHERE id IN ({one}, {two}) ORDER BY id"))

    before = seen()
    ask(writer, "BEGIN")
    for number in (one, two):
        ask(writer, f"UPDATE thing SET n = n + 1000 WHERE id = {number}")
    expect("before the COMMIT", seen(), before)
    ask(writer, "COMMIT")
    expect("after the COMMIT", seen(), tuple(n + 1000 for n in before))
    ask(writer, "BEGIN")
    ask(writer, f"UPDATE thing SET n = n - 1000 WHERE id IN ({one}, {two})")
    ask(writer, "SAVEPOINT `a b`")
    ask(writer, f"UPDATE thing SET n = 0 WHERE id IN ({one}, {two})")
    ask(writer, "ROLLBACK TO `a b`")
    ask(writer, "RELEASE SAVEPOINT `a b`")
    refused("an unknown savepoint", writer, "ROLLBACK TO `a b`", 1305)
    ask(writer, "COMMIT")
    expect("after the savepoint", seen(), before)
    ask(writer, "SET autocommit = 0")
    ask(writer, f"UPDATE thing SET n = 0 WHERE id IN ({one}, {two})")
    ask(writer, "ROLLBACK")
    ask(writer, "SET autocommit = 1")
    expect("after the ROLLBACK", seen(), before)
    ask(writer, "START TRANSACTION READ ONLY")
    refused("a write where none may be", writer, f"UPDATE thing SET n = 0 WHERE id = {one}", 1792)
    ask(writer, "ROLLBACK")
    eventually("nothing stays open", lambda: not busy(where), pause=TRX_PAUSE)


@with_tablets
def check_savepoint_of_late_shard(where):
    """A shard that joins a transaction late knows the savepoints that were set before."""
    one, two = ids_on_both(where)
    connection = where.connect(KEYSPACE)
    ask(connection, "BEGIN")
    ask(connection, f"UPDATE thing SET n = -1 WHERE id = {one}")
    ask(connection, "SAVEPOINT before_two")
    ask(connection, f"UPDATE thing SET n = -1 WHERE id = {two}")
    ask(connection, "ROLLBACK TO before_two")
    expect("the first change", ask(connection, f"SELECT n FROM thing WHERE id = {one}"), ((-1,),))
    expect("the second is gone", ask(connection, f"SELECT n FROM thing WHERE id = {two}"), ((two,),))
    ask(connection, "ROLLBACK")


@with_tablets
def check_settings(where):
    """Settings follow their session over shared connections, in and out of transactions."""
    names = "SELECT @@time_zone, @@sql_mode, @@transaction_isolation"
    first, second = where.connect(KEYSPACE), where.connect(KEYSPACE)
    unset = ask(first, names)
    for connection, zone, mode, level in ((first, "+00:00", "STRICT_TRANS_TABLES", "READ-COMMITTED"), (second, "+05:30", "", "SERIALIZABLE")):
        ask(connection, f"SET time_zone = '{zone}', sql_mode = '{mode}', transaction_isolation = '{level}'")
    for _ in range(5):
        expect("the first one's", ask(first, names), (("+00:00", "STRICT_TRANS_TABLES", "READ-COMMITTED"),))
        expect("the second one's", ask(second, names), (("+05:30", "", "SERIALIZABLE"),))
        with where.connect(KEYSPACE) as third:
            expect("nobody's", ask(third, names), unset)
    ask(second, "BEGIN")
    ask(second, "INSERT INTO thing(id, n) VALUES (3001, 'x')")
    expect("what a lenient mode made of it", ask(second, "SELECT n FROM thing WHERE id = 3001"), ((0,),))
    ask(second, "ROLLBACK")
    refused("a strict mode", first, "INSERT INTO thing(id, n) VALUES (3001, 'x')", 1366)


@only_gate
@with_tablets
def check_modes_of_text(where):
    """Modes under which a tablet would write what it cannot read are refused."""
    with where.connect(KEYSPACE) as connection:
        for mode in ("ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "PIPES_AS_CONCAT", "REAL_AS_FLOAT"):
            refused(mode, connection, f"SET sql_mode = 'STRICT_TRANS_TABLES,{mode}'", 1235, f"setting the {mode} sql_mode is unsupported")
        expect("quotes and backslashes", ask(connection, r"SELECT 'a\\b''c', name FROM thing WHERE id = 1"), (("a\\b'c", "thing 1"),))


@with_tablets
def check_locks(where):
    """A lock of GET_LOCK lasts for the session and ends with it."""
    database = KEYSPACE if where.plain else "flat"
    holder, other = where.connect(database), where.connect(database)
    expect("the lock", ask(holder, "SELECT GET_LOCK('rpc', 1)"), ((1,),))
    expect("for another session", ask(other, "SELECT GET_LOCK('rpc', 0)"), ((0,),))
    expect("still there", ask(holder, "SELECT IS_USED_LOCK('rpc') IS NOT NULL"), ((1,),))
    holder.close()
    eventually("the lock is free", lambda: ask(other, "SELECT GET_LOCK('rpc', 0)") == ((1,),))
    expect("given back", ask(other, "SELECT RELEASE_LOCK('rpc')"), ((1,),))


@only_gate
@with_tablets
def check_temporary_table(where):
    """A temporary table is the session's alone, and lives as long."""
    holder, other = where.connect("flat"), where.connect("flat")
    ask(holder, "CREATE TEMPORARY TABLE mine(id BIGINT)")
    ask(holder, "INSERT INTO mine VALUES (1), (2)")
    expect("its rows", ask(holder, "SELECT COUNT(*) FROM mine"), ((2,),))
    try:
        ask(other, "SELECT COUNT(*) FROM mine")
    except pymysql.err.MySQLError:
        return
    raise CheckError("another session sees the temporary table")


@only_gate
@with_tablets
def check_sequence(where):
    """Numbers come from the tablet of the sequence, in one row or in many; the client may ask for them, too."""
    with where.connect(KEYSPACE) as connection:
        cursor = connection.cursor()
        cursor.execute("INSERT INTO numbered(word) VALUES ('one')")
        first = cursor.lastrowid
        cursor.execute("INSERT INTO numbered(word) VALUES ('two'), ('three'), ('four')")
        expect("the next one", cursor.lastrowid, first + 1)
        expect("rows", ask(connection, "SELECT id, word FROM numbered ORDER BY id"),
               tuple((first + i, word) for i, word in enumerate(("one", "two", "three", "four"))))
        block = ask(connection, "SELECT NEXT 5 VALUES FROM flat.numbers")[0][0]
        expect("a block", block, first + 4)
        expect("behind it", ask(connection, "SELECT NEXT VALUE FROM flat.numbers"), ((first + 9,),))
        ask(connection, "DELETE FROM numbered")


@only_gate
@with_tablets
def check_targets(where):
    """A session that is bound to one shard speaks to that shard's tablet."""
    for shard in where.of(KEYSPACE):
        with where.connect(f"{KEYSPACE}:{shard.name}") as connection:
            expect(f"rows of {shard.name}", ask(connection, "SELECT COUNT(*) FROM thing"), shard.run("SELECT COUNT(*) FROM thing"))


@with_tablets
def check_streams(where):
    """More rows than a tablet gives at once: workload OLAP streams them, text and prepared; OLTP is refused as v21 refuses it."""
    many = "SELECT a.id, b.id, c.id FROM note a, note b, note c"
    database = KEYSPACE if where.plain else "flat"
    with where.connect(database) as connection:
        if where.plain:
            ask(connection, "CREATE TABLE note(id BIGINT NOT NULL PRIMARY KEY, word VARCHAR(20))")
        ask(connection, "INSERT INTO note(id) VALUES " + ", ".join(f"({i})" for i in range(30)))
        if not where.plain:
            refused("too many rows", connection, many, 1317, "row count exceeded 10000")
            ask(connection, "SET workload = 'olap'")
        expect("rows", len(ask(connection, many)), 27000)
        expect("prepared", len(Prepared(connection, many + " WHERE a.id >= ?").execute(0)), 27000)
        ask(connection, "BEGIN")
        expect("in a transaction", len(ask(connection, many)), 27000)
        ask(connection, "COMMIT")
        ask(connection, "DELETE FROM note WHERE id >= 0")


@only_gate
@with_tablets
def check_errors(where):
    """Errors keep MySQL's numbers and v21's words: where, by what call, and whose they are."""
    one, _ = ids_on_both(where)
    at = f"target: {KEYSPACE}.{where.of(KEYSPACE)[0].name}.primary: vttablet: "
    with where.connect(KEYSPACE) as connection:
        refused("a duplicate key", connection, f"INSERT INTO thing(id) VALUES ({one})", 1062,
                f"{at}rpc error: code = AlreadyExists desc = Duplicate entry '{one}'")
        refused("a wrong value", connection, f"UPDATE thing SET n = 'x' WHERE id = {one}", 1366, at)
        ask(connection, "BEGIN")
        refused("in the call that began a transaction", connection, f"INSERT INTO thing(id) VALUES ({one})", 1062,
                f"{at}Duplicate entry '{one}'")
        refused("in the transaction", connection, f"INSERT INTO thing(id) VALUES ({one})", 1062,
                f"{at}rpc error: code = AlreadyExists desc = Duplicate entry")
        ask(connection, "ROLLBACK")
        refused("an unknown column", connection, f"SELECT nothing FROM thing WHERE id = {one}", 1054)
        refused("a wrong priority", connection, "SELECT /*vt+ PRIORITY=101 */ n FROM thing WHERE id = 1", 1105,
                "Invalid priority value specified in query")
        expect("directives", ask(connection, "SELECT /*vt+ PRIORITY=5 WORKLOAD_NAME=batch CONSOLIDATOR=disabled */ n FROM thing WHERE id = 5"),
               ((5,),))


@with_tablets
def check_time_outs(where):
    """A statement that has had its time ends, also on its shard, and the session goes on; so does one that is killed."""
    if where.plain:
        return
    with where.connect(KEYSPACE) as connection, where.connect(KEYSPACE) as other:
        refused("a directive's limit", connection, "SELECT /*vt+ QUERY_TIMEOUT_MS=200 */ SLEEP(10) FROM thing WHERE id = 1", 3024)
        ask(connection, "SET query_timeout = 200")
        refused("the session's limit", connection, "SELECT SLEEP(10) FROM thing WHERE id = 1", 3024)
        ask(connection, "SET query_timeout = 0")
        eventually("nothing runs on", lambda: not busy(where), 5, TRX_PAUSE)
        ask(connection, "BEGIN")
        ask(connection, "UPDATE thing SET n = n WHERE id = 1")
        ask(other, f"KILL QUERY {connection.thread_id()}")
        expect("the transaction lives", ask(connection, "SELECT n FROM thing WHERE id = 1"), ((1,),))
        ask(connection, "ROLLBACK")


@only_gate
@cluster_options(tablets=True, keyspaces=keyspaces, fault="tablet")
def check_lost_tablet(where):
    """A tablet that dies takes its transactions along; the session hears it once, and works again when the tablet is back."""
    one, two = ids_on_both(where)
    connection, other = where.connect(KEYSPACE), where.connect(KEYSPACE)
    ask(connection, "BEGIN")
    for number in (one, two):
        ask(connection, f"UPDATE thing SET n = n + 1 WHERE id = {number}")
    shard = where.of(KEYSPACE)[0]
    where.tablets[shard.uid].kill()
    for session in (connection, other):
        try:
            ask(session, f"UPDATE thing SET n = n + 1 WHERE id = {one}")
        except pymysql.err.MySQLError:
            continue
        raise CheckError("a write succeeded without a tablet")
    eventually("the other shard's part is rolled back", lambda: not busy_on(where.of(KEYSPACE)[1].server), 5, TRX_PAUSE)
    expect("the other shard serves", ask(other, f"SELECT n FROM thing WHERE id = {two}"), ((two,),))
    where.launch_tablet(shard)
    where.await_tablet(shard)
    eventually("the shard is used again", lambda: raised(where, one), 20)
    expect("the session works", ask(connection, f"SELECT id FROM thing WHERE id = {one}"), ((one,),))


def busy_on(server):
    return server.run(["SELECT trx_id FROM information_schema.innodb_trx"])


def raised(where, number):
    try:
        with where.connect(KEYSPACE) as connection:
            ask(connection, f"UPDATE thing SET n = n + 1 WHERE id = {number}")
    except (pymysql.err.MySQLError, OSError):
        return False
    return True


@only_gate
@cluster_options(tablets=True, keyspaces=keyspaces, fault="lost transaction")
def check_lost_transaction(where):
    """A transaction that its tablet has ended is over: an error once, nothing half done, and no silent retry."""
    one, two = ids_on_both(where)
    connection = where.connect(KEYSPACE)
    ask(connection, "BEGIN")
    for number in (one, two):
        ask(connection, f"UPDATE thing SET n = n + 1 WHERE id = {number}")
    server = where.of(KEYSPACE)[0].server
    for thread, in server.run(["SELECT trx_mysql_thread_id FROM information_schema.innodb_trx"]):
        server.run([f"KILL {thread}"])
    try:
        ask(connection, f"UPDATE thing SET n = n + 1 WHERE id = {one}")
    except pymysql.err.MySQLError as error:
        if error.args[0] in (1062, 1064):
            raise
    else:
        raise CheckError("the transaction went on without its connection")
    eventually("nothing stays open", lambda: not busy_on(where.of(KEYSPACE)[1].server), 5, TRX_PAUSE)
    expect("nothing was kept", ask(connection, f"SELECT n FROM thing WHERE id IN ({one}, {two}) ORDER BY id"),
           tuple(sorted(((one,), (two,)))))
