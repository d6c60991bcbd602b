"""A cluster as operators have it: an etcd of three members, a primary and a replica tablet for each shard, the gate with
the operator's command line.

One server has every shard's primary, the other one is its replica: what is tested here is the gate, not the servers.
"""
import copy
import json
import os
from pathlib import Path

from . import servers as server_room
from .cluster import CELL, Shard
from .etcd import Etcd
from .process import LabError, Process, free_port, port_is_free, wait_until
from .tablets import TabletCluster, v21_program

# As vitess-operator starts a gate; only addresses, ports and folders are others here.
OPERATOR = (
    "--buffer_max_failover_duration=10s --buffer_min_time_between_failovers=20s --buffer_size=1000 --cell=zone1 --cells_to_watch=zone1 "
    "--enable_buffer=true --grpc_max_message_size=67108864 --grpc_port=15999 --logtostderr=true --mysql_auth_server_impl=static "
    "--mysql_auth_server_static_file=/vt/secrets/vtgate-static-auth/users.json --mysql_auth_static_reload_interval=30s "
    "--mysql_server_port=3306 --port=15000 --service_map=grpc-vtgateservice --tablet_types_to_wait=MASTER,REPLICA "
    "--topo_global_root=/vitess/example/global --topo_global_server_address=HOST:2379 --topo_implementation=etcd2")
SECRETS = "/vt/secrets/vtgate-static-auth"
USER, PASSWORD = "app", "app's password"
REPLICA = 1  # added to a primary's number


class Secret:
    """A folder as Kubernetes mounts a Secret: its file is a link into `..data`, which is a link that is replaced."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.version = 0

    def write(self, name, text):
        self.version += 1
        version = self.folder / f"..version-{self.version}"
        version.mkdir(parents=True)
        (version / name).write_text(text, encoding="utf-8")
        fresh = self.folder / "..data_tmp"
        fresh.symlink_to(version.name)
        old = (self.folder / "..data").resolve() if self.version > 1 else None
        fresh.rename(self.folder / "..data")
        if old is None:
            (self.folder / name).symlink_to(Path("..data") / name)
        else:
            (old / name).unlink()
            old.rmdir()


def users(password):
    return json.dumps({USER: [{"Password": password, "UserData": USER}]})


class ReplicatedCluster(TabletCluster):
    """`vttablet` chooses another tablet than the lab's."""
    vttablet = None

    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        self.rpc_port = free_port()
        self.secret = Secret(self.folder / "vtgate-static-auth")
        self.replicas = [Shard(shard.keyspace, shard.name, self.servers[1], shard.database, shard.uid + REPLICA) for shard in self.shards]
        self.ports |= {shard.uid: (free_port(), free_port()) for shard in self.replicas}
        self.password = PASSWORD

    def spread(self, keyspaces):
        shards = []
        for keyspace in keyspaces:
            for name in keyspace.shards:
                database = f"vt_{keyspace.name}" if len(keyspace.shards) == 1 else f"vt_{keyspace.name}_{name}"
                shards.append(Shard(keyspace, name, self.servers[0], database, 100 + 10 * len(shards)))
        return shards

    @property
    def topology_flags(self):
        return ["--topo_implementation", "etcd2", "--topo_global_server_address", self.etcd.address,
                "--topo_global_root", "/vitess/example/global"]

    def description(self):
        made = super().description()
        made["cells"][CELL]["server_address"] = self.etcd.address
        made["tablets"] += [{**self.tablet(shard), "type": "REPLICA"} for shard in self.replicas]
        return made

    def create_databases(self):
        primary, replica = self.servers
        if primary.flavor.kind != "mysql":
            raise LabError("this cluster needs MySQL's GTIDs")
        super().create_databases()
        replica.run(["STOP REPLICA", "CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', "
                     f"SOURCE_PORT={primary.port}, SOURCE_USER='{server_room.APP_USER}', SOURCE_AUTO_POSITION=1, GET_SOURCE_PUBLIC_KEY=1",
                     "START REPLICA", "SET GLOBAL super_read_only = 1"])
        done = primary.run(["SELECT @@global.gtid_executed"])[0][0]
        if replica.run([f"SELECT WAIT_FOR_EXECUTED_GTID_SET('{done}', 60)"])[0][0] != 0:
            raise LabError("the replica does not follow its primary")

    def load_topology(self):
        if self.etcd is None:
            self.etcd = Etcd(self.folder / "etcd", self.logs, members=3)
            self.etcd.start()
            self.write_topology()
        for shard in [*self.shards, *self.replicas]:
            self.launch_tablet(shard)
        for shard in [*self.shards, *self.replicas]:
            self.await_tablet(shard)

    def tablet_program(self):
        return self.vttablet or super().tablet_program()

    def gate_words(self, port, web_port, rpc_port):
        """The operator's command line, here."""
        text = OPERATOR.replace(SECRETS, str(self.secret.folder)).replace("HOST:2379", self.etcd.address)
        for name, value in (("--mysql_server_port=3306", port), ("--port=15000", web_port), ("--grpc_port=15999", rpc_port)):
            text = text.replace(name, f"{name.split('=')[0]}={value}")
        return text.split(" ")

    def launch_gate(self):
        for port in (self.port, self.web_port, self.rpc_port):
            if not port_is_free(port):
                raise LabError(f"port {port} is taken by another process")
        if not self.secret.version:
            self.secret.write("users.json", users(self.password))
        self.gate = self.gate_process(self.program("vtgate"), "vtgate", self.port, self.web_port, self.rpc_port)

    def gate_process(self, program, name, port, web_port, rpc_port, more=(), group=None):
        return Process(name, [program, *self.gate_words(port, web_port, rpc_port), *self.gate_flags, *more], self.logs / f"{name}.out",
                       user=server_room.UNPRIVILEGED, group=group)

    def beside(self, program, name, more=(), group=None):
        """Another gate over the same tablets: the same command line and `more`, in a control group of memory if one is given."""
        other = self.unready_gate(program, name, more, group)
        wait_until(name, lambda: other.healthy() and other.answers(), other.gate, 60)
        return other

    def unready_gate(self, program=None, name="vtgate-beside", more=(), group=None):
        """The same, without waiting for it."""
        other = copy.copy(self)
        other.port, other.web_port, other.rpc_port = free_port(), free_port(), free_port()
        other.gate = self.gate_process(program or self.program("vtgate"), name, other.port, other.web_port, other.rpc_port, more, group)
        return other

    def connect(self, database=None, **more):
        return super().connect(database, **{"user": USER, "password": self.password, **more})
