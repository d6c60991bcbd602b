"""Sessions that share backend connections and must not notice."""
import random
import threading

import pymysql
from pymysql.constants import CLIENT

from frame import CheckError, amount, ask, cluster_options, expect, only_gate, place
from prepared import Prepared

SETTINGS = [
    {"SET": ["time_zone = '+00:00'", "sql_mode = 'STRICT_TRANS_TABLES'", "transaction_isolation = 'READ-COMMITTED'"], "charset": "utf8mb4", "flags": 0},
    {"SET": ["time_zone = '+05:30'", "sql_mode = ''", "transaction_isolation = 'REPEATABLE-READ'"], "charset": "latin1", "flags": CLIENT.FOUND_ROWS},
]
STATEMENTS = [
    "SELECT id, made, n FROM thing WHERE id = {id}",
    "SELECT id, name FROM thing WHERE id = {id}",
    "UPDATE thing SET n = n WHERE id = {id}",
    "UPDATE thing SET name = 'é{id}' WHERE id = {id}",
    "UPDATE thing SET n = 'x' WHERE id = {id}",
    "SELECT @@time_zone, @@sql_mode, @@transaction_isolation, @@character_set_client",
    "SELECT COUNT(*), SUM(n) FROM thing",
    "SELECT 'a' || 'b', made FROM thing WHERE id = {id}",
]


def outcome(connection, statement):
    """Rows, affected rows and warnings' count; or the error's number, as a client sees them."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(statement)
        except pymysql.err.MySQLError as error:
            return ("error", error.args[0])
        return (cursor.fetchall(), cursor.rowcount, cursor.warning_count if hasattr(cursor, "warning_count") else 0)


@cluster_options(gate_flags=("--queryserver-config-pool-size=1", "--queryserver-config-transaction-cap=1"))
def check_settings(where, steps=10000, seed=7):
    """Two clients with different settings, interleaved over pools of one; each answer is that of a plain server."""
    with place(True) as plain:
        chance = random.Random(seed)
        pairs = [[connected(place_, settings) for place_ in (where, plain)] for settings in SETTINGS]
        for step in range(amount(steps)):
            ours, theirs = pairs[chance.randrange(2)]
            statement = chance.choice(STATEMENTS).format(id=chance.randint(1, 64))
            expect(f"step {step} (seed {seed}): {statement}", outcome(ours, statement), outcome(theirs, statement))


def connected(where, settings):
    connection = where.connect("e2e", charset=settings["charset"], client_flag=settings["flags"])
    for setting in settings["SET"]:
        ask(connection, f"SET {setting}")
    return connection


@cluster_options(shards=4, gate_flags=("--queryserver-config-pool-size=2",))
def check_small_pools(where, clients=64, statements=30):
    """Sixty-four clients that ask all of four shards over pools of two: nobody waits for ever."""
    wrong = []

    def work():
        try:
            with where.connect("e2e") as connection:
                for _ in range(amount(statements)):
                    expect("a scatter", ask(connection, "SELECT COUNT(*) FROM thing"), ((64,),))
        except (pymysql.err.MySQLError, CheckError, OSError) as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if wrong or any(thread.is_alive() for thread in threads):
        raise CheckError(f"{sum(t.is_alive() for t in threads)} clients stalled, {len(wrong)} failed: {wrong[:1]}")


@only_gate
@cluster_options(gate_flags=("--queryserver-config-pool-size=3",))
def check_prepared_over_lost_backends(where):
    """One prepared statement, a hundred executes without types, its backends killed again and again."""
    connection = where.connect("e2e")
    statement = Prepared(connection, "SELECT n, name FROM thing WHERE id = ?")
    for number in range(1, 101):
        wanted = (number % 64) + 1
        got = statement.execute(wanted, with_types=number == 1)
        expect(f"execute {number}", got, [(wanted, f"thing {wanted}".encode())])
        if number % 10 == 0:
            for server in where.servers:
                kill_backends(server)
    statement.close()


def kill_backends(server):
    for number, in server.run(["SELECT id FROM information_schema.processlist WHERE user = 'vt_app'"]):
        server.run([f"KILL {number}"])


def check_prepared(where):
    """NULL, texts and numbers by the binary protocol, and an error that leaves the statement usable."""
    connection = where.connect("e2e")
    write = Prepared(connection, "INSERT INTO thing(id, n, name) VALUES (?, ?, ?)")
    for number, n, name in ((1001, None, "é😀"), (1002, -5, None), (1003, 2**62, "")):
        write.execute(number, n, name)
    try:
        write.execute(1001, 1, "again")
    except pymysql.err.IntegrityError as error:
        expect("the duplicate key's number", error.args[0], 1062)
    else:
        raise CheckError("a duplicate key was accepted")
    read = Prepared(connection, "SELECT n, name FROM thing WHERE id = ?")
    expect("a NULL number", read.execute(1001), [(None, "é😀".encode())])
    expect("a NULL text", read.execute(1002), [(-5, None)])
    expect("a large number", read.execute(1003), [(2**62, b"")])
    ask(connection, "DELETE FROM thing WHERE id IN (1001, 1002, 1003)")
