"""`make run`, `make up`, `make down`: a sharded database on this machine, for people.

run: starts two MySQL servers, a topology in one SQLite file and the gate under var/, says how to connect, and stops
everything on Ctrl-C. up: the same in the background. down: stops it. The data stays for the next run.
"""
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT / "tests"))

import background  # noqa: E402
from lab import example, servers  # noqa: E402
from lab.cluster import Cluster  # noqa: E402
from lab.process import LabError, ensure_account, port_is_free  # noqa: E402

PORT, WEB_PORT, FIRST_SERVER_PORT = 15306, 15001, 17100
VAR = PROJECT / "var"
LOGS = VAR / "log"
PID_FILE = VAR / "run.pid"
READY = "ready:"
say = background.say
BEHIND = background.Background(PROJECT / "tools/run.py", PID_FILE, LOGS / "run.log", "Ctrl-C stops", "make up", "make down")


def check_rights():
    if os.getuid() != 0 and shutil.which("sudo") is None:
        raise LabError("`make run` needs root, or a user with sudo, to install what is missing.")


def check_ports():
    for port, what in ((PORT, "MySQL"), (WEB_PORT, "web"), (FIRST_SERVER_PORT, "first server"), (FIRST_SERVER_PORT + 1, "second server")):
        if not port_is_free(port):
            raise LabError(f"port {port} ({what}) is taken; `make down` stops what `make up` started.")


def data_folder(name):
    """var/NAME; where user mysql may not enter the clone (as under /root), /var/lib/sluice, with a link from var/."""
    folder = VAR / name
    if os.getuid() != 0 or folder.is_symlink():
        return folder.resolve()
    ensure_account("mysql")
    VAR.mkdir(exist_ok=True)
    entry = subprocess.run(["setpriv", "--reuid=mysql", "--regid=mysql", "--clear-groups", "test", "-x", VAR], check=False)
    socket_fits = len(str(folder / "server-1/mysql.sock")) <= servers.SOCKET_PATH_LIMIT
    if folder.exists() or (entry.returncode == 0 and socket_fits):
        return folder
    elsewhere = Path("/var/lib/sluice") / f"{hashlib.sha256(str(PROJECT).encode()).hexdigest()[:8]}-{name}"
    elsewhere.mkdir(parents=True, exist_ok=True)
    folder.symlink_to(elsewhere)
    return elsewhere


def make_cluster(shards, backend):
    flavor = servers.flavor(backend, say)
    say(f"servers: {flavor.version.split('Ver ')[-1]}")
    folder = data_folder(f"{flavor.kind}-{shards}")
    pair = [servers.Server(f"server-{i}", flavor, folder / f"server-{i}", LOGS / f"server-{i}.log", number=i, durable=True,
                           port=FIRST_SERVER_PORT + i - 1) for i in (1, 2)]
    return Cluster(folder, example.keyspaces(shards), pair, log_folder=LOGS, port=PORT, web_port=WEB_PORT,
                   tablets_by_socket=True)


def start(cluster):
    cluster.folder.mkdir(parents=True, exist_ok=True)
    LOGS.mkdir(parents=True, exist_ok=True)
    new = not (cluster.servers[0].folder / "data").exists()
    say("starting two servers" + (" (the first start makes their data folders)" if new else "") + " ...")
    servers.start_all(cluster.servers)
    cluster.create_databases()
    cluster.load_topology()
    say("starting vtgate ...")
    cluster.start_gate()
    with cluster.connect() as connection:
        example.fill(connection)


def welcome(cluster):
    names = " ".join(dict.fromkeys(f"{s.keyspace.name}/{s.name}" for s in cluster.shards))
    say(f"""
{READY} {names}
  mysql -h 127.0.0.1 -P {PORT} -u root customer      (any user, no password, this machine only)
  http://127.0.0.1:{WEB_PORT}/debug/status
  logs: {LOGS.relative_to(PROJECT)}    data: {os.path.relpath(cluster.folder, PROJECT)}
""")


def run():
    background.end_on_signals()
    check_rights()
    check_ports()
    cluster = make_cluster(int(os.environ.get("SHARDS") or 2), os.environ.get("BACKEND") or "")
    with background.stopping(cluster.stop):
        start(cluster)
        welcome(cluster)
        say("Ctrl-C stops everything; the data stays.")
        background.watch([cluster.gate, *(server.process for server in cluster.servers)])
    say("stopped.")


def prepare():
    check_rights()
    check_ports()
    if not os.environ.get("BACKEND") == "mariadb":
        servers.flavor(os.environ.get("BACKEND") or "", say)  # installs here, where its progress is seen


def up():
    BEHIND.up(prepare)
    say("It runs in the background; `make down` stops it.")


if __name__ == "__main__":
    background.main({"run": ("make run", run), "up": ("make up", up), "down": ("make down", BEHIND.stop)})
