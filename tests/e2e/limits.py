"""Many connections, large rows, the spread over cores."""
import resource
import subprocess
import threading
import time
from pathlib import Path

import pymysql

from frame import CheckError, ask, cluster_options, eventually, expect, only_gate
from prepared import Prepared

BASE_KIB, PER_CONNECTION_KIB = 25 * 1024, 6
STREAM_LIMIT_KIB = 256 * 1024
LIMITED = {"gate_flags": (f"--memory-limit={STREAM_LIMIT_KIB * 1024}",)}


def rss_kib(pid):
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").split("\n"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise CheckError(f"process {pid} is gone")


@only_gate
def check_idle_connections(where, count=10000, working=200):
    """Ten thousand idle clients, and two hundred busy ones beside them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < count + 500:
        raise CheckError(f"the limit of open files is {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    idle = [where.connect(None, autocommit=None) for _ in range(count)]
    allowed = BASE_KIB + PER_CONNECTION_KIB * count
    eventually(f"RSS of at most {allowed} KiB with {count} idle clients", lambda: rss_kib(where.gate.pid) <= allowed, 10)
    wrong = []

    def work(number):
        try:
            with where.connect("e2e") as connection:
                for _ in range(20):
                    expect("a row", ask(connection, "SELECT n FROM thing WHERE id = %s", (number % 64 + 1,)), ((number % 64 + 1,),))
        except (pymysql.err.MySQLError, CheckError, OSError) as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(working)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    expect("busy clients that failed", wrong[:1], [])
    for connection in idle:
        connection.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@cluster_options(**LIMITED)
@only_gate
def check_large_result(where, rows=1000):
    """A result of a gigabyte to a slow client: it arrives whole, and the gate stays small."""
    connection = where.connect("e2e", cursorclass=pymysql.cursors.SSCursor)
    largest, length = 0, 0
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT a.id, REPEAT('x', 1048576) FROM thing a JOIN thing b ON a.id = b.id WHERE a.id = 1 LIMIT {rows}")
        for row in cursor:
            length += len(row[1])
    for _ in range(rows // 64):
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, REPEAT('x', 1048576) FROM thing")
            for row in cursor:
                length += len(row[1])
            largest = max(largest, rss_kib(where.gate.pid))
    expect("bytes that arrived", length, 1048576 * (1 + 64 * (rows // 64)))
    if largest > STREAM_LIMIT_KIB:
        raise CheckError(f"the gate grew to {largest} KiB")


def check_rows_around_a_packet(where):
    """Rows of just under, exactly and over 16 MiB, by text and by the binary protocol, alone and between small ones."""
    connection = where.connect("e2e", max_allowed_packet=2**30)
    prepared = Prepared(connection, "SELECT id, REPEAT('x', ?) FROM thing WHERE id IN (1, 2, 3)")
    for size in (2**24 - 10, 2**24 - 6, 2**24 - 5, 2**24 - 1, 2**24, 2**24 + 1, 2**25 - 2, 2**25 + 7):
        rows = ask(connection, f"SELECT id, IF(id = 2, REPEAT('x', {size}), 'small') FROM thing WHERE id IN (1, 2, 3)")
        expect(f"text, {size}", sorted((number, len(text)) for number, text in rows), [(1, 5), (2, size), (3, 5)])
        rows = prepared.execute(size)
        expect(f"binary, {size}", sorted((number, len(text)) for number, text in rows), [(1, size), (2, size), (3, size)])
    expect("the connection is in step", ask(connection, "SELECT n FROM thing WHERE id = 5"), ((5,),))


def check_large_packet_in(where):
    """Statements and parameters around 16 MiB and beyond, on their way in."""
    connection = where.connect("e2e", max_allowed_packet=2**30)
    write = Prepared(connection, "UPDATE thing SET body = ? WHERE id = ?")
    for size in (2**24 - 60, 2**24 - 1, 2**24, 2**25 + 1):
        ask(connection, f"UPDATE thing SET body = '{'y' * size}' WHERE id = 7")
        expect(f"text, {size}", ask(connection, "SELECT LENGTH(body) FROM thing WHERE id = 7"), ((size,),))
        write.execute(b"z" * (size + 1), 7)
        expect(f"binary, {size}", ask(connection, "SELECT LENGTH(body), RIGHT(body, 1) FROM thing WHERE id = 7"), ((size + 1, b"z"),))
    ask(connection, "UPDATE thing SET body = NULL WHERE id = 7")


@cluster_options(**LIMITED)
@only_gate
def check_large_row(where, size=900 * 1024 * 1024):
    """A row of nearly a gigabyte passes or is refused; the gate stays small, and the others live on."""
    connection = where.connect("e2e", max_allowed_packet=2**30)
    try:
        got = ask(connection, f"SELECT LENGTH(name), REPEAT('x', {size}) FROM thing WHERE id = 1")[0][1]
        expect("the row's length", len(got), size)
    except pymysql.err.MySQLError as error:
        if error.args[0] in (2006, 2013):
            raise
    if rss_kib(where.gate.pid) > STREAM_LIMIT_KIB:
        raise CheckError(f"the gate grew to {rss_kib(where.gate.pid)} KiB")
    with where.connect("e2e") as other:
        expect("the gate answers", ask(other, "SELECT n FROM thing WHERE id = 5"), ((5,),))


@only_gate
def check_spread_over_cores(where):
    """Sixteen busy clients: no loop does more than 60 % of the work."""
    before = thread_times(where.gate.pid)
    stop = time.monotonic() + 3
    script = ("import pymysql,sys,time\nc=pymysql.connect(host='127.0.0.1',port=int(sys.argv[1]),user='x',database='e2e').cursor()\n"
              "e=time.monotonic()+float(sys.argv[2])\nwhile time.monotonic()<e: c.execute('SELECT n FROM thing WHERE id=1')\n")
    clients = [subprocess.Popen(["/usr/bin/python3", "-c", script, str(where.port), "3"]) for _ in range(16)]
    for client in clients:
        client.wait()
    expect("the clients took their time", time.monotonic() >= stop, True)
    spent = sorted((now - before.get(thread, 0) for thread, now in thread_times(where.gate.pid).items()), reverse=True)
    if spent[0] > 0.6 * sum(spent):
        raise CheckError(f"one thread did {spent[0] / sum(spent):.0%} of the work")


def thread_times(pid):
    """User and system ticks of each thread of a process."""
    times = {}
    for stat in Path(f"/proc/{pid}/task").glob("*/stat"):
        fields = stat.read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        times[stat.parent.name] = int(fields[11]) + int(fields[12])
    return times
