"""The fast path, by the gate's own counters: what cached point selects cost besides forwarding."""
import json
import urllib.request

from frame import KEYSPACE, ROWS, cluster_options, expect, only_gate
from prepared import Prepared

WARM_UP, STATEMENTS = 2_000, 10_000


def counters(where):
    with urllib.request.urlopen(f"http://127.0.0.1:{where.web_port}/debug/vars", timeout=10) as answer:
        return json.load(answer)


def cost(where, run):
    """By how much the counters grow while `run` runs its statements, after a warm-up."""
    for i in range(WARM_UP):
        run(i)
    before = counters(where)
    for i in range(STATEMENTS):
        run(i)
    after = counters(where)
    names = ("SluiceParses", "SluicePlansBuilt", "SluiceRowsCut", "SluiceHeapAllocations", "SluiceForwarded", "SluiceQueries")
    return {name: after[name] - before[name] for name in names}


def quiet_connection(where):
    """A connection on the second loop: the first one also follows the topology, which allocates now and then."""
    while (connection := where.connect(KEYSPACE)).thread_id() % 2 != 0:
        connection.close()
    return connection


def only_forwarded(what, grown):
    expect(what, grown, {"SluiceParses": 0, "SluicePlansBuilt": 0, "SluiceRowsCut": 0, "SluiceHeapAllocations": 0,
                         "SluiceForwarded": STATEMENTS, "SluiceQueries": STATEMENTS})


@only_gate
@cluster_options(gate_flags=("--loops", "2"))
def check_text(where):
    with quiet_connection(where) as connection, connection.cursor() as cursor:
        def one(i):
            cursor.execute(f"SELECT n, name FROM thing WHERE id = {i % ROWS + 1}")
            if i % 500 == 0:
                expect("the row", cursor.fetchall(), ((i % ROWS + 1, f"thing {i % ROWS + 1}"),))

        only_forwarded("10,000 point selects as text", cost(where, one))


@only_gate
@cluster_options(gate_flags=("--loops", "2"))
def check_prepared(where):
    with quiet_connection(where) as connection:
        statement = Prepared(connection, "SELECT n FROM thing WHERE id = ?")

        def one(i):
            rows = statement.execute(i % ROWS + 1, with_types=i == 0)
            if i % 500 == 0:
                expect("the row", rows, [(i % ROWS + 1,)])

        only_forwarded("10,000 prepared point selects", cost(where, one))
