"""Clients and servers killed in the middle of everything."""
import socket
import threading

import pymysql

from frame import TRX_PAUSE, CheckError, ask, busy, cluster_options, eventually, expect, ids_on_both, only_gate

SHORT_LOCKS = {"server_options": ("--innodb-lock-wait-timeout=3",)}


def clean(where, seconds=2.0):
    eventually("the servers' process lists are clean", lambda: not busy(where), seconds, TRX_PAUSE)


def cut(connection):
    """The client is gone, without a goodbye."""
    connection._sock.shutdown(socket.SHUT_RDWR)  # pylint: disable=protected-access
    connection._force_close()  # pylint: disable=protected-access


def in_background(work):
    """Runs `work` on a thread; what it raises or returns lies in the returned list."""
    outcome = []

    def run():
        try:
            outcome.append(work())
        except (pymysql.err.MySQLError, OSError, AttributeError, ValueError) as error:
            outcome.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, outcome


def waiting_for_lock(where, count=1):
    """Whether so many statements wait for row locks on the servers."""
    waits = sum(server.run(["SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"])[0][0] for server in where.servers)
    return waits >= count


def check_in_result(where):
    """A client that leaves while a large result is on its way."""
    connection = where.connect(cursorclass=pymysql.cursors.SSCursor, database="e2e")
    cursor = connection.cursor()
    cursor.execute("SELECT a.id, REPEAT('x', 1000000) FROM thing a WHERE a.id = 1 OR a.id > 0")
    cursor.fetchone()
    cursor._result.unbuffered_active = cursor.connection = None  # pylint: disable=protected-access
    cut(connection)
    clean(where)


@only_gate
def check_in_lock_wait(where):
    """A client that leaves while its statement waits for a row (a plain server lets it wait on)."""
    holder, waiter = where.connect("e2e", autocommit=False), where.connect("e2e")
    ask(holder, "UPDATE thing SET n = n + 1 WHERE id = 1")
    in_background(lambda: ask(waiter, "UPDATE thing SET n = n + 1 WHERE id = 1"))
    eventually("the second client waits", lambda: waiting_for_lock(where), 10, TRX_PAUSE)
    cut(waiter)
    eventually("the waiting statement is gone", lambda: not waiting_for_lock(where), pause=TRX_PAUSE)
    holder.rollback()
    clean(where)


def check_in_transaction(where):
    """A client that leaves with a transaction open on all shards."""
    connection = where.connect("e2e", autocommit=False)
    for number in ids_on_both(where):
        ask(connection, "UPDATE thing SET n = -1 WHERE id = %s", (number,))
    cut(connection)
    clean(where)
    with where.connect("e2e") as other:
        expect("rows left changed", ask(other, "SELECT COUNT(*) FROM thing WHERE n = -1"), ((0,),))


def check_in_handshake(where):
    """Clients that leave during the login, at each step."""
    for spoken in (b"", b"\x01", b"\x20\x00\x00\x01\x85\xa6\xff\x01", b"\xff\xff\xff\x01", b"\x03\x00\x00\x01abc"):
        for _ in range(50):
            raw = socket.create_connection(("127.0.0.1", where.port))
            raw.recv(10)
            raw.sendall(spoken)
            raw.close()
    clean(where)
    with where.connect("e2e") as connection:
        expect("the gate answers", ask(connection, "SELECT n FROM thing WHERE id = 5"), ((5,),))


@cluster_options(gate_flags=("--allow-kill-statement",))
def check_kill_query(where):
    """KILL QUERY from another connection ends a scatter on all shards."""
    victim, killer = where.connect("e2e"), where.connect("e2e")
    number = ask(victim, "SELECT CONNECTION_ID()")[0][0]
    thread, outcome = in_background(lambda: ask(victim, "SELECT id, SLEEP(5) FROM thing"))
    eventually("the statement runs", lambda: busy(where), pause=TRX_PAUSE)
    ask(killer, f"KILL QUERY {number}")
    thread.join(2)
    if thread.is_alive():
        raise CheckError("the killed statement still runs")
    if not where.plain:  # a plain server lets SLEEP return instead
        expect("the killed statement's error", outcome[0].args[0], 1317)
    clean(where)
    expect("the killed connection lives", ask(victim, "SELECT n FROM thing WHERE id = 5"), ((5,),))


@cluster_options(**SHORT_LOCKS)
def check_deadlock(where):
    """Two transactions that wait for each other on different shards: one ends, and nothing stays locked."""
    one, two = ids_on_both(where)
    first, second = where.connect("e2e", autocommit=False), where.connect("e2e", autocommit=False)
    ask(first, "UPDATE thing SET n = 100 WHERE id = %s", (one,))
    ask(second, "UPDATE thing SET n = 200 WHERE id = %s", (two,))
    work = [in_background(lambda: ask(first, "UPDATE thing SET n = 100 WHERE id = %s", (two,))),
            in_background(lambda: ask(second, "UPDATE thing SET n = 200 WHERE id = %s", (one,)))]
    for thread, _ in work:
        thread.join(15)
    errors = [outcome[0].args[0] for _, outcome in work if outcome and isinstance(outcome[0], Exception)]
    if not errors or any(number not in (1205, 1213) for number in errors):
        raise CheckError(f"the deadlock ended with errors {errors}")
    first.rollback()
    second.rollback()
    clean(where)


@only_gate
@cluster_options(fault="commit")
def check_commit_half_done(where):
    """A shard that dies between two commits: the error, and warning 301."""
    one, two = ids_on_both(where)
    connection = where.connect("e2e", autocommit=False)
    ask(connection, "UPDATE thing SET n = 7001 WHERE id = %s", (one,))
    ask(connection, "UPDATE thing SET n = 7002 WHERE id = %s", (two,))
    victim = where.of("e2e")[-1].server
    victim.kill()
    try:
        connection.commit()
    except pymysql.err.MySQLError:
        codes = [row[1] for row in ask(connection, "SHOW WARNINGS")]
        if 301 not in codes:
            raise CheckError(f"warnings {codes}, 301 is not among them") from None
    else:
        raise CheckError("the commit succeeded although a shard was dead")
    expect("the first shard's part stands", where.of("e2e")[0].run(f"SELECT n FROM thing WHERE id = {one}"), ((7001,),))
    victim.launch()
    victim.await_ready()
    eventually("the shard is used again", lambda: succeeds(where, f"SELECT n FROM thing WHERE id = {two}"), 10)


def succeeds(where, statement):
    try:
        with where.connect("e2e") as connection:
            ask(connection, statement)
    except (pymysql.err.MySQLError, OSError):
        return False
    return True


@only_gate
@cluster_options(fault="load")
def check_server_killed_under_load(where):
    """Counters that clients raise while a server is killed and comes back: no write is done twice, none is lost."""
    stop = threading.Event()
    tallies = [Tally(where, number, stop) for number in range(1, 17)]
    for tally in tallies:
        tally.start()
    victim = where.of("e2e")[0].server
    for _ in range(2):
        eventually("writes go on", lambda: all(tally.done > 20 for tally in tallies), 20)
        victim.kill()
        eventually("errors reach the clients", lambda: any(tally.doubtful for tally in tallies), 10)
        victim.launch()
        victim.await_ready()
        for tally in tallies:
            tally.done_before, tally.done = tally.done_before + tally.done, 0
        eventually("all clients write again without a restart", lambda: all(tally.done > 20 for tally in tallies), 20)
    stop.set()
    for tally in tallies:
        tally.join(10)
        with where.connect("e2e") as connection:
            value = ask(connection, "SELECT n FROM counter WHERE id = %s", (tally.number,))[0][0]
        sure = tally.done_before + tally.done
        if not sure <= value <= sure + tally.doubtful:
            raise CheckError(f"counter {tally.number} is {value}, with {sure} writes confirmed and {tally.doubtful} in doubt")


@only_gate
@cluster_options(fault="ready")
def check_ready_page(where):
    """Load balancers are sent away while no primary answers, and come back without a restart."""
    eventually("the gate is ready", lambda: where.page_status("/debug/ready") == 200, 15)
    for server in where.servers:
        server.kill()
    eventually("the gate is not ready", lambda: where.page_status("/debug/ready") == 503, 30)
    expect("the process is healthy", where.page_status("/debug/health"), 200)
    for server in where.servers:
        server.launch()
        server.await_ready()
    eventually("the gate is ready again", lambda: where.page_status("/debug/ready") == 200, 30)


class Tally(threading.Thread):
    """A client that raises one counter as fast as it can, and reconnects when it must."""

    def __init__(self, where, number, stop):
        super().__init__(daemon=True)
        self.where, self.number, self.ended = where, number, stop
        self.done = self.done_before = self.doubtful = 0

    def run(self):
        connection = None
        while not self.ended.is_set():
            try:
                connection = connection or self.where.connect("e2e")
                ask(connection, "UPDATE counter SET n = n + 1 WHERE id = %s", (self.number,))
                self.done += 1
            except (pymysql.err.MySQLError, OSError):
                self.doubtful += 1
                connection = None
                self.ended.wait(0.01)
