"""A cluster whose primaries the control plane changes: each tablet manages a MySQL server of its own, beside an etcd, a vtctld and the
operator's gate. Every program can be Vitess 21's instead of ours (VITESS_BIN)."""
import json
import os
import shutil
import subprocess
from pathlib import Path

from . import servers as server_room
from .cluster import CELL, Shard
from .etcd import Etcd
from .process import LabError, Process, accepts, account, free_port, wait_until
from .replicated import ReplicatedCluster, v21_program

REPLICATION_USER = "vt_repl"
# Vitess 21 takes a server of another major version than 8 for one of 5.7.
VERSION_FOR_V21 = "8.4.4"
OPTIONS = ["--relay-log=relay", "--relay-log-recovery=ON", "--plugin-load=semisync_source.so;semisync_replica.so",
           "--loose-rpl_semi_sync_source_timeout=1000000000000"]


def made_servers(folder, flavor, count):
    """Servers as a managed tablet wants them."""
    if flavor.kind != "mysql":
        raise LabError("this cluster needs MySQL's GTIDs")
    return [server_room.Server(f"server-{i}", flavor, Path(folder) / f"server-{i}", Path(folder) / f"server-{i}.log", number=i + 1,
                               options=OPTIONS) for i in range(count)]


class ManagedCluster(ReplicatedCluster):
    """`v21` names the programs that are Vitess's. Each shard has `per_shard` tablets and as many of `servers`."""

    def __init__(self, folder, keyspaces, servers, per_shard=2, v21=(), durability="semi_sync", etcd_members=1, **more):
        self.per_shard, self.v21, self.durability, self.etcd_members = per_shard, tuple(v21), durability, etcd_members
        self.others = []
        super().__init__(folder, keyspaces, servers, **more)
        self.replicas = self.others
        self.ports |= {shard.uid: (free_port(), free_port()) for shard in self.others}
        self.vtctld, self.vtctld_port, self.vtctld_web_port = None, free_port(), free_port()

    def spread(self, keyspaces):
        """The first tablets of all shards; `replicas` are the others."""
        named = [(keyspace, name) for keyspace in keyspaces for name in keyspace.shards]
        if len(named) * self.per_shard != len(self.servers):
            raise LabError(f"{len(named)} shards of {self.per_shard} tablets want as many servers, not {len(self.servers)}")
        made = [[Shard(keyspace, name, self.servers[i * self.per_shard + j], f"vt_{keyspace.name}", 100 + 10 * i + j)
                 for j in range(self.per_shard)] for i, (keyspace, name) in enumerate(named)]
        self.others = [shard for shards in made for shard in shards[1:]]
        return [shards[0] for shards in made]

    @property
    def all_tablets(self):
        return sorted([*self.shards, *self.others], key=lambda shard: shard.uid)

    def of_shard(self, shard):
        """The tablets of a tablet's shard."""
        return [other for other in self.all_tablets if (other.keyspace.name, other.name) == (shard.keyspace.name, shard.name)]

    def program(self, name):
        """Ours, or Vitess's where it was asked for."""
        if name not in self.v21:
            return super().program(name)
        program = v21_program(name)
        if program is None:
            raise LabError(f"VITESS_BIN names no folder with Vitess's {name}")
        return program

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(parents=True, exist_ok=True)
        server_room.start_all(self.servers)
        for server in self.servers:
            self.renamed(server)
            server.run(["SET sql_log_bin = 0", f"CREATE USER IF NOT EXISTS '{REPLICATION_USER}'@'%'",
                        f"GRANT REPLICATION SLAVE ON *.* TO '{REPLICATION_USER}'@'%'", "RESET BINARY LOGS AND GTIDS"])
        self.etcd = Etcd(self.folder / "etcd", self.logs, members=self.etcd_members)
        self.etcd.start()
        self.start_vtctld()
        self.write_topology()
        for shard in self.all_tablets:
            self.launch_tablet(shard)
        for shard in self.all_tablets:
            self.await_tablet(shard)
        for shard in self.shards:
            self.make_primary(shard)
        self.start_gate()
        return self

    def renamed(self, server):
        """What Vitess's programs must see, each time that the server has started."""
        if "vttablet" in self.v21:
            rename_version(server, VERSION_FOR_V21)

    def write_topology(self):
        """Cells and keyspaces, as people make them; tablets write their records themselves."""
        self.must("AddCellInfo", "--root", f"/vitess/{CELL}", "--server-address", self.etcd.address, CELL)
        for keyspace in {shard.keyspace.name: shard.keyspace for shard in self.shards}.values():
            self.must("CreateKeyspace", "--durability-policy", self.durability, keyspace.name)
            for name in keyspace.shards:
                self.must("CreateShard", f"{keyspace.name}/{name}")
            self.must("ApplyVSchema", "--vschema", json.dumps(keyspace.vschema), keyspace.name)

    def launch_tablet(self, shard):
        web, rpc = self.ports[shard.uid]
        folder = self.folder / f"tablet-{shard.uid}"
        folder.mkdir(exist_ok=True)
        folder.chmod(0o777)
        users = [f"--db_{role}_user={server_room.APP_USER}" for role in ("app", "dba", "allprivs", "filtered", "appdebug")]
        self.tablets[shard.uid] = Process(f"vttablet-{shard.uid}", [
            self.program("vttablet"), *self.topology_flags, "--tablet-path", f"{CELL}-{shard.uid:010d}", "--init_keyspace",
            shard.keyspace.name, "--init_shard", shard.name, "--init_tablet_type", "replica", "--tablet_hostname", "127.0.0.1",
            "--db_socket", shard.server.socket, *users, "--db_repl_user", REPLICATION_USER, "--port", web, "--grpc_port", rpc,
            "--health_check_interval", "1s", "--service_map", "grpc-queryservice,grpc-tabletmanager,grpc-updatestream",
            "--log_dir", folder, *self.tablet_flags],
            self.logs / f"vttablet-{shard.uid}.out", user=server_room.UNPRIVILEGED, folder=folder,
            environment={"VTDATAROOT": str(folder), "MYSQL_FLAVOR": "MySQL80"})

    def start_vtctld(self):
        self.vtctld = Process("vtctld", [
            self.program("vtctld"), *self.topology_flags, "--port", self.vtctld_web_port, "--grpc_port", self.vtctld_port, "--service_map",
            "grpc-vtctl,grpc-vtctld", "--log_dir", self.folder], self.logs / "vtctld.out", user=server_room.UNPRIVILEGED)
        wait_until("vtctld", lambda: accepts(self.vtctld_port), self.vtctld, 60)

    def control(self, *words, program=None, port=None, seconds=60):
        """Exit status, output and errors of a command of vtctldclient. `program`, `port`: another client, another vtctld's port."""
        done = subprocess.run([str(word) for word in (program or self.program("vtctldclient"), "--server",
                                                      f"127.0.0.1:{port or self.vtctld_port}", *words)], capture_output=True, text=True, check=False, timeout=seconds, **unprivileged())
        return done.returncode, done.stdout, done.stderr

    def must(self, *words):
        """The output of a command that must succeed."""
        status, out, errors = self.control(*words)
        if status != 0:
            raise LabError(f"vtctldclient {' '.join(map(str, words))}: {errors.strip()[-400:]}")
        return out

    def make_primary(self, shard):
        """The shard's first primary and its tables."""
        self.must("PlannedReparentShard", f"{shard.keyspace.name}/{shard.name}", "--new-primary", alias(shard))
        made = f"SHOW DATABASES LIKE '{shard.database}'"
        wait_until(f"the database of {alias(shard)}", lambda: shard.server.run([made]), self.tablets[shard.uid], 30)
        if shard.keyspace.schema:
            shard.run(*shard.keyspace.schema)

    def stop(self):
        if self.vtctld:
            self.vtctld.stop()
        super().stop()


def alias(shard):
    return f"{CELL}-{shard.uid:010d}"


def unprivileged():
    """Vitess's programs refuse to run as root."""
    return account(server_room.UNPRIVILEGED) if os.getuid() == 0 else {}


def rename_version(server, version):
    """Lets a running server call itself another version, where it keeps the text that it greets clients with. Needs the rights of root."""
    binary = server_room.mysql_root.ROOT / "usr/sbin/mysqld"
    done = subprocess.run([shutil.which("nm"), "-D", binary], capture_output=True, text=True, check=True)
    offset = next((int(line.split()[0], 16) for line in done.stdout.split("\n") if line.endswith(" server_version")), None)
    maps = Path(f"/proc/{server.process.pid}/maps").read_text(encoding="utf-8").split("\n")
    start = next((int(line.split("-")[0], 16) for line in maps if line.endswith(str(binary))), None)
    if offset is None or start is None:
        raise LabError(f"{server.name} keeps its version somewhere else")
    with open(f"/proc/{server.process.pid}/mem", "r+b", buffering=0) as memory:
        memory.seek(start + offset)
        memory.write(version.encode() + b"\0")
    if server.run(["SELECT VERSION()"])[0][0] != version:
        raise LabError(f"{server.name} does not take the version {version}")
