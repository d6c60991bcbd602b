"""`make cluster`, `make cluster-down`: the local example of Vitess's documentation with our programs, behind the shell.

etcd, vtctld, three tablets of keyspace commerce (primary, replica, rdonly), each with a server that mysqlctl makes, and the
gate, on the example's ports. There is no vtorc: the primary is elected by PlannedReparentShard. The data stays in var/.
"""
import os
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT / "tests"))

import background  # noqa: E402
import run  # noqa: E402
from lab import local, managed, servers  # noqa: E402
from lab.process import LabError, port_is_free  # noqa: E402

LOGS = run.VAR / "log/cluster"
say = background.say
BEHIND = background.Background(PROJECT / "tools/cluster.py", run.VAR / "cluster.pid", LOGS / "cluster.log", "The cluster is up", "make cluster", "make cluster-down")


def make_cluster():
    flavor = servers.flavor(os.environ.get("BACKEND") or "", say)
    say(f"servers: {flavor.version.split('Ver ')[-1]}")
    folder = run.data_folder(f"cluster-{flavor.kind}")
    return managed.LocalCluster(folder, flavor, managed.Ports(), logs=LOGS, say=say)


def check_ports():
    taken = managed.Ports().named()
    for uid in local.UIDS:
        taken |= {f"{what} of tablet {uid}": first + uid for what, first in (("server", 17000), ("web pages", 15000), ("gRPC", 16000))}
    for what, port in taken.items():
        if not port_is_free(port):
            raise LabError(f"port {port} ({what}) is taken; `make cluster-down` stops what `make cluster` started.")


def welcome(cluster):
    folder = os.path.relpath(cluster.place.folder, PROJECT)
    types = ", ".join(f"{words[3]} {words[0]}" for words in map(str.split, cluster.control("GetTablets").splitlines()))
    client = os.path.relpath(cluster.place.program("vtctldclient"), PROJECT)
    say(f"""
commerce/0: {types}
  mysql -h 127.0.0.1 -P {cluster.ports.gate} -u root commerce        (any user, no password, this machine only)
  {client} --server 127.0.0.1:{cluster.ports.vtctld_rpc} GetTablets
  http://127.0.0.1:{cluster.ports.vtctld_web}/app   http://127.0.0.1:{cluster.ports.gate_web}/debug/status   http://127.0.0.1:15100/debug/status
  logs: {folder}/tmp, {LOGS.relative_to(PROJECT)}    data: {folder}

The cluster is up; `make cluster-down` ends it, and its data stays.
""")


def hold():
    """What runs behind the shell."""
    background.end_on_signals()
    cluster = make_cluster()
    with background.stopping(cluster.stop):
        local.start_101(cluster)
        welcome(cluster)
        background.watch([cluster.gate, cluster.vtctld, *cluster.etcd.members, *(tablet.process for tablet in cluster.tablets)])
    say("stopped.")


def prepare():
    run.check_rights()
    check_ports()
    servers.flavor(os.environ.get("BACKEND") or "", say)  # installs here, where its progress is seen


if __name__ == "__main__":
    background.main({"run": ("make cluster", hold), "up": ("make cluster", lambda: BEHIND.up(prepare)),
                     "down": ("make cluster-down", BEHIND.stop)})
