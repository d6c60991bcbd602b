"""Distributed transactions that a gate of Vitess 21 has left unfinished: ours sees, counts and shows them. It needs Vitess's own
vttablet (VITESS_BIN), since only that keeps them."""
import json
import time
import urllib.request

from frame import KEYSPACE, ask, cluster_options, eventually, expect, only_gate
from lab.replicated import v21_program
from lab.tablets import TabletCluster

ABANDONED = 1  # seconds after which a tablet tells of a transaction


class TwoPhaseTablets(TabletCluster):
    """Vitess's own tablets, which watch what two-phase commit has left."""

    def __init__(self, *arguments, **more):
        super().__init__(*arguments, tablet_flags=("--twopc_enable", f"--twopc_abandon_age={ABANDONED}"), **more)

    def tablet_program(self):
        return v21_program("vttablet")


def page(where, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{where.web_port}{path}", timeout=10) as answer:
        return answer.read().decode()


def counted(where):
    return json.loads(page(where, "/debug/vars")).get("SluiceUnresolvedTransactions", {})


@only_gate
@cluster_options(made_of=TwoPhaseTablets)
def check_left_over(where):
    """What a gate that died between deciding and doing has left stands in _vt of the shard that decides."""
    first, second = where.of(KEYSPACE)
    identity = f"{KEYSPACE}:{first.name}:1701"
    expect("before", counted(where), {})
    created = time.time_ns() - 60 * 10**9
    first.server.run([
        f"INSERT INTO _vt.dt_state(dtid, state, time_created) VALUES ('{identity}', 3, {created})",
        f"INSERT INTO _vt.dt_participant(dtid, id, keyspace, shard) VALUES ('{identity}', 1, '{KEYSPACE}', '{second.name}')"])
    label = f"{KEYSPACE}.{first.name}"
    eventually("counted", lambda: counted(where).get(label) == 1, 30, 0.2)
    status = page(where, "/debug/status")
    expect("on the status page", identity in status, True)
    want = (identity, "COMMIT", time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(created // 10**9)), f"{KEYSPACE}:{second.name}")
    with where.connect(KEYSPACE) as connection:
        for statement in ("SHOW UNRESOLVED TRANSACTIONS", f"SHOW UNRESOLVED TRANSACTIONS FOR {KEYSPACE}",
                          f"SHOW TRANSACTION STATUS FOR '{identity}'"):
            rows = ask(connection, statement)
            expect(statement, [(one, state, made.strftime("%Y-%m-%d %H:%M:%S"), them) for one, state, made, them in rows], [want])
        expect("one that is not there", ask(connection, f"SHOW TRANSACTION STATUS FOR '{KEYSPACE}:{first.name}:1'"), ())
    first.server.run([f"DELETE FROM _vt.dt_participant WHERE dtid = '{identity}'", f"DELETE FROM _vt.dt_state WHERE dtid = '{identity}'"])
    eventually("forgotten", lambda: counted(where).get(label, 0) == 0, 30, 0.2)
