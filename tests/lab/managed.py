"""Servers that mysqlctl makes and tablets that manage them: which mysqld is found, one tablet, the documentation's local cluster."""
import contextlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pymysql

from .cluster import CELL, PROJECT
from .etcd import Etcd
from .process import LabError, Process, account, ensure_account, free_port, page_status, port_is_free, wait_until
from .servers import SOCKET_PATH_LIMIT

ACCOUNT = "mysql"  # whom mysqlctl and its servers run as where we are root, which they refuse
MANAGED_PROGRAMS = ("mysqlctl", "mysqlctld", "vttablet", "vtctld", "vtctldclient", "vtgate")
# This machine only, and small: three servers of one shard may share a laptop.
EXTRA_MY_CNF = """bind-address = 127.0.0.1
innodb_buffer_pool_size = 64M
"""


def mysql_root(flavor, folder):
    """What VT_MYSQL_ROOT has to be for a kind of server. One that needs more than a path to run gets a program that runs it."""
    if flavor.base is None:
        return Path(flavor.server[0]).parent.parent
    root = folder / "mysql"
    program = root / "bin" / "mysqld"
    program.parent.mkdir(parents=True, exist_ok=True)
    # The options of a file must come first, and the last --basedir counts.
    program.write_text(f'#!/bin/sh\nexec {" ".join(str(word) for word in flavor.server)} "$@" --basedir={flavor.base} '
                       f"--plugin-dir={flavor.plugins}\n", encoding="utf-8")
    program.chmod(0o755)
    return root


class Place:
    """A $VTDATAROOT with programs, run by a user who is not root."""

    def __init__(self, folder, flavor, binaries=None, logs=None):
        self.folder = Path(folder)
        self.flavor = flavor
        self.logs = Path(logs or self.folder / "log")
        self.binaries = Path(binaries or os.environ.get("SLUICE_BIN", PROJECT / "build/release/bin"))
        self.user = ACCOUNT if os.getuid() == 0 else None
        longest = self.folder / "vt_0000000100" / "mysql.sock"
        if len(str(longest)) > SOCKET_PATH_LIMIT:
            raise LabError(f"the path {longest} is too long for a unix socket; clone the project to a shorter one")

    def prepare(self):
        for folder in (self.folder, self.folder / "tmp", self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        if self.user:
            ensure_account(self.user)
            for folder in (self.folder, self.folder / "tmp", self.logs):
                shutil.chown(folder, self.user, self.user)
        extra = self.folder / "extra.cnf"
        extra.write_text(EXTRA_MY_CNF, encoding="utf-8")
        self.environment = {"VTDATAROOT": str(self.folder), "VT_MYSQL_ROOT": str(mysql_root(self.flavor, self.folder)),
                            "EXTRA_MY_CNF": str(extra)}
        self.reach_programs()

    def reach_programs(self):
        """Programs that the user may not enter (a clone under another's home) are copied."""
        as_user = ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups"] if self.user else []
        if subprocess.run([*as_user, "test", "-x", self.program("vttablet")], check=False).returncode == 0:
            return
        copies = self.folder / "bin"
        copies.mkdir(exist_ok=True)
        for name in MANAGED_PROGRAMS:
            shutil.copy2(self.program(name), copies / name)
        self.binaries = copies

    def program(self, name):
        path = self.binaries / name
        if not path.exists():
            raise LabError(f"{path} does not exist; `make build` makes it")
        return path

    def start(self, name, words, log=None):
        return Process(name, words, self.logs / f"{log or name}.out", user=self.user, environment=self.environment, folder=self.folder)

    def run(self, *words, seconds=300, **environment):
        """Runs a command to its end: (exit status, stdout, stderr)."""
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, timeout=seconds,
                              cwd=self.folder, env={**os.environ, **self.environment, **environment}, stdin=subprocess.DEVNULL,
                              **(account(self.user) if self.user else {}))
        return done.returncode, done.stdout, done.stderr

    def mysqlctl(self, uid, *words, more=(), **environment):
        status, out, errors = self.run(self.program("mysqlctl"), "--config-file-not-found-handling=ignore", "--log_dir", self.folder / "tmp",
                                       "--tablet_uid", uid, *more, *words, **environment)
        if status != 0:
            raise LabError(f"mysqlctl {' '.join(str(word) for word in words)} of {uid}: {errors.strip()[-1500:]}")
        return out


@dataclass
class Ports:
    """Of the programs, and where those of tablets and servers begin: uid 100 has the first one's + 100."""
    etcd: int = 2379
    etcd_peers: int = 2380
    vtctld_web: int = 15000
    vtctld_rpc: int = 15999
    gate_web: int = 15001
    gate_rpc: int = 15991
    gate: int = 15306
    free: bool = False  # tablets get free ports, too

    @staticmethod
    def anywhere():
        return Ports(*(free_port() for _ in range(7)), free=True)

    def named(self):
        return {"etcd": self.etcd, "etcd's members": self.etcd_peers, "vtctld's web pages": self.vtctld_web, "vtctld": self.vtctld_rpc,
                "vtgate's web pages": self.gate_web, "vtgate's gRPC": self.gate_rpc, "vtgate": self.gate}


class Tablet:
    """A tablet and its own server, by the command lines of the documentation's scripts."""

    def __init__(self, cluster, keyspace, shard, uid):
        self.cluster, self.keyspace, self.shard, self.uid = cluster, keyspace, shard, uid
        anywhere = cluster.ports.free
        self.mysql_port = free_port() if anywhere else 17000 + uid
        self.web_port = free_port() if anywhere else 15000 + uid
        self.rpc_port = free_port() if anywhere else 16000 + uid
        self.process = None

    @property
    def alias(self):
        return f"{CELL}-{self.uid:010d}"

    @property
    def folder(self):
        return self.cluster.place.folder / f"vt_{self.uid:010d}"

    @property
    def database(self):
        return f"vt_{self.keyspace}"

    def start_server(self):
        """init, or start if there is one already."""
        action = "start" if self.folder.exists() else "init"
        self.cluster.place.mysqlctl(self.uid, "--mysql_port", self.mysql_port, action)

    def server_process(self):
        """mysqlctl's work as a process, so that several servers are made side by side."""
        place = self.cluster.place
        action = "start" if self.folder.exists() else "init"
        return place.start(f"mysqlctl-{self.uid}", [
            place.program("mysqlctl"), "--config-file-not-found-handling=ignore", "--log_dir", place.folder / "tmp", "--tablet_uid", self.uid,
            "--mysql_port", self.mysql_port, action])

    def stop_server(self):
        self.cluster.place.mysqlctl(self.uid, "shutdown")

    def server_pid(self):
        return int((self.folder / "mysql.pid").read_text(encoding="utf-8"))

    def connect(self, user="root", **more):
        return pymysql.connect(unix_socket=str(self.folder / "mysql.sock"), user=user, charset="utf8mb4", autocommit=True, **more)

    def ask(self, statement, database=None):
        """Rows of the server itself, past tablet and gate."""
        with self.connect(database=database) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    def start(self, *more):
        place = self.cluster.place
        kind = "rdonly" if self.uid % 10 > 1 else "replica"
        (place.folder / "backups").mkdir(exist_ok=True)
        pid_file = self.folder / "vttablet.pid"
        self.process = place.start(f"vttablet-{self.uid}", [
            place.program("vttablet"), "--config-file-not-found-handling=ignore", *self.cluster.topology_flags, "--log_dir", place.folder / "tmp",
            "--log_queries_to_file", place.folder / f"tmp/vttablet_{self.uid:010d}_querylog.txt", "--tablet-path", self.alias,
            "--tablet_hostname", "127.0.0.1", "--init_keyspace", self.keyspace, "--init_shard", self.shard, "--init_tablet_type", kind,
            "--health_check_interval", "5s", "--backup_storage_implementation", "file", "--file_backup_storage_root", place.folder / "backups",
            "--restore_from_backup", "--port", self.web_port, "--grpc_port", self.rpc_port, "--service_map",
            "grpc-queryservice,grpc-tabletmanager,grpc-updatestream", "--pid_file", pid_file, "--heartbeat_on_demand_duration=5s", *more])

    def answers(self):
        return page_status(self.web_port, "/debug/status") == 200

    def healthy(self):
        return page_status(self.web_port, "/healthz") == 200

    def await_start(self, seconds=60):
        wait_until(f"vttablet {self.alias}", self.answers, self.process, seconds)

    def stop(self):
        if self.process:
            self.process.stop()
        (self.folder / "vttablet.pid").unlink(missing_ok=True)


class LocalCluster:
    """etcd, vtctld, tablets with servers of their own and a gate, as the documentation's local example starts them."""

    def __init__(self, folder, flavor, ports=None, binaries=None, logs=None, say=lambda text: None):
        self.place = Place(folder, flavor, binaries, logs)
        self.ports = ports or Ports.anywhere()
        self.say = say
        self.etcd = Etcd(self.place.folder / "etcd", self.place.logs)
        self.etcd.ports = [(self.ports.etcd, self.ports.etcd_peers)]
        self.vtctld = self.gate = None
        self.tablets = []

    @property
    def topology_flags(self):
        return ["--topo_implementation", "etcd2", "--topo_global_server_address", self.etcd.address, "--topo_global_root", "/vitess/global"]

    def check_ports(self):
        for what, port in self.ports.named().items():
            if not port_is_free(port):
                raise LabError(f"port {port} ({what}) is taken by another process")

    def start_plane(self):
        """etcd and vtctld, with the cell's record."""
        self.place.prepare()
        self.check_ports()
        self.say("starting etcd ...")
        self.etcd.start()
        self.control("AddCellInfo", "--root", f"/vitess/{CELL}", "--server-address", self.etcd.address, CELL, server="internal",
                     allowed="already exists")
        self.say("starting vtctld ...")
        self.vtctld = self.place.start("vtctld", [
            self.place.program("vtctld"), "--config-file-not-found-handling=ignore", *self.topology_flags, "--cell", CELL,
            "--service_map", "grpc-vtctl,grpc-vtctld", "--backup_storage_implementation", "file", "--file_backup_storage_root",
            self.place.folder / "backups", "--log_dir", self.place.folder / "tmp", "--port", self.ports.vtctld_web,
            "--grpc_port", self.ports.vtctld_rpc])
        wait_until("vtctld", lambda: page_status(self.ports.vtctld_web, "/debug/status") == 200, self.vtctld, 60)

    def control(self, *words, server=None, allowed=None):
        """The output of a vtctldclient command; it must succeed, or fail with the words that are allowed."""
        server = server or f"127.0.0.1:{self.ports.vtctld_rpc}"
        status, out, errors = self.place.run(self.place.program("vtctldclient"), "--server", server,
                                             *(self.topology_flags if server == "internal" else ()), *words)
        if status != 0 and not (allowed and allowed in errors):
            raise LabError(f"vtctldclient {' '.join(str(word) for word in words)}: {errors.strip()[-500:]}")
        return out

    def add_tablets(self, keyspace, shard, uids):
        """Servers side by side, then tablets; they are not serving before an election."""
        new = [Tablet(self, keyspace, shard, uid) for uid in uids]
        self.tablets += new
        making = [(tablet, tablet.server_process()) for tablet in new]
        for tablet, process in making:
            if process.child.wait() != 0:
                raise LabError(f"mysqlctl of tablet {tablet.uid} failed; {process.log} says: {process.last_words()}")
        for tablet in new:
            tablet.start()
        for tablet in new:
            tablet.await_start()
        return new

    def elect(self, tablet):
        self.control("PlannedReparentShard", "--new-primary", tablet.alias, f"{tablet.keyspace}/{tablet.shard}")
        wait_until(f"the primary {tablet.alias}", tablet.healthy, tablet.process, 60)

    def start_gate(self, *more):
        self.gate = self.place.start("vtgate", [
            self.place.program("vtgate"), "--config-file-not-found-handling=ignore", *self.topology_flags, "--log_dir", self.place.folder / "tmp",
            "--log_queries_to_file", self.place.folder / "tmp/vtgate_querylog.txt", "--port", self.ports.gate_web,
            "--grpc_port", self.ports.gate_rpc, "--mysql_server_port", self.ports.gate, "--mysql_server_socket_path",
            self.place.folder / "tmp/vtgate.sock", "--cell", CELL, "--cells_to_watch", CELL, "--tablet_types_to_wait", "PRIMARY,REPLICA",
            "--service_map", "grpc-vtgateservice", "--enable_buffer", "--mysql_auth_server_impl", "none",
            "--mysql_server_bind_address", "127.0.0.1", *more])
        wait_until("vtgate", lambda: page_status(self.ports.gate_web, "/debug/health") == 200 and self.gate_answers(), self.gate, 90)

    def gate_answers(self):
        try:
            self.connect().close()
        except (pymysql.err.MySQLError, OSError):
            return False
        return True

    def connect(self, database=None, **more):
        return pymysql.connect(**{"host": "127.0.0.1", "port": self.ports.gate, "user": "root", "database": database, "charset": "utf8mb4",
                                  "autocommit": True, **more})

    def of(self, keyspace):
        return [tablet for tablet in self.tablets if tablet.keyspace == keyspace]

    def find(self, uid):
        return next(tablet for tablet in self.tablets if tablet.uid == uid)

    def remove(self, tablets):
        """Tablets and servers end; their data stays."""
        for tablet in tablets:
            tablet.stop()
            tablet.stop_server()
            self.tablets.remove(tablet)

    def stop(self):
        """The gate first; servers last, for nobody but mysqlctl ends them."""
        for process in (self.gate, self.vtctld):
            if process:
                process.stop()
        running = [tablet for tablet in self.tablets if tablet.process]
        for tablet in running:
            if tablet.process.alive():
                tablet.process.child.terminate()
        for tablet in running:
            tablet.stop()
        for tablet in self.tablets:
            with contextlib.suppress(LabError):  # it may have been shut down, or never made
                tablet.stop_server()
        self.etcd.stop()
