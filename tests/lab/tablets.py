"""A cluster in the other shape: an etcd, a vttablet before each shard, and a gate that talks to tablets only."""
import os
from pathlib import Path

from . import servers as server_room
from .cluster import CELL, Cluster
from .etcd import Etcd
from .process import LabError, Process, accepts, free_port, wait_until

USER, PASSWORD = "vt_tablet", "tablet"  # an unmanaged vttablet of Go's demands a password


def vttablet_program(binaries):
    """SLUICE_VTTABLET names any vttablet (also Go's); else it is our own. None: there is none."""
    named = os.environ.get("SLUICE_VTTABLET")
    path = Path(named) if named else Path(binaries) / "vttablet"
    if named and not path.exists():
        raise LabError(f"SLUICE_VTTABLET names {path}, which does not exist")
    return path if path.exists() else None


def v21_program(name):
    """A program of Vitess 21, if VITESS_BIN names a folder with it; else None."""
    folder = os.environ.get("VITESS_BIN")
    path = Path(folder) / name if folder else None
    return path if path and path.exists() else None


class TabletCluster(Cluster):
    """`tablet_flags` are more words for every vttablet; `tablets` are their processes by the shard's uid."""

    def __init__(self, *arguments, tablet_flags=(), **more):
        super().__init__(*arguments, **more)
        self.tablet_flags = list(tablet_flags)
        self.ports = {shard.uid: (free_port(), free_port()) for shard in self.shards}
        self.etcd, self.tablets = None, {}

    @property
    def topology_flags(self):
        return ["--topo_implementation", "etcd2", "--topo_global_server_address", self.etcd.address,
                "--topo_global_root", "/vitess/global"]

    @property
    def shards_flags(self):
        return ["--tablet_protocol=grpc"]

    def description(self):
        made = super().description()
        made["cells"][CELL]["server_address"] = self.etcd.address
        return made

    def tablet(self, shard):
        web, rpc = self.ports[shard.uid]
        return {**super().tablet(shard), "port_map": {"vt": web, "grpc": rpc}}

    def create_databases(self):
        for server in self.servers:
            server.run([f"CREATE USER IF NOT EXISTS '{USER}'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'",
                        f"GRANT ALL ON *.* TO '{USER}'@'127.0.0.1' WITH GRANT OPTION"])
        super().create_databases()

    def load_topology(self):
        """Here also what stands before the shards is started."""
        if self.etcd is None:
            self.etcd = Etcd(self.folder / "etcd", self.logs).start()
            self.write_topology()
        for shard in self.shards:
            self.launch_tablet(shard)
        for shard in self.shards:
            self.await_tablet(shard)

    def tablet_program(self):
        program = vttablet_program(self.binaries)
        if program is None:
            raise LabError("there is no vttablet; SLUICE_VTTABLET names one")
        return program

    def launch_tablet(self, shard):
        program = self.tablet_program()
        web, rpc = self.ports[shard.uid]
        folder = self.folder / f"tablet-{shard.uid}"
        folder.mkdir(exist_ok=True)
        folder.chmod(0o777)
        roles = ("app", "dba", "allprivs", "repl", "filtered", "appdebug")
        # Go's tablet writes down what it has found before it was the primary when it reads the schema anew.
        reads = ["--queryserver-config-schema-reload-time=2s"] if os.environ.get("SLUICE_VTTABLET") else []
        users = [f"--db_{role}_{what}" for role in roles for what in (f"user={USER}", f"password={PASSWORD}")]
        self.tablets[shard.uid] = Process(f"vttablet-{shard.uid}", [
            program, *self.topology_flags, "--tablet-path", f"{CELL}-{shard.uid:010d}", "--init_keyspace", shard.keyspace.name,
            "--init_shard", shard.name, "--init_tablet_type", "replica", "--init_db_name_override", shard.database,
            "--tablet_hostname", "127.0.0.1", "--port", web, "--grpc_port", rpc, "--service_map",
            "grpc-queryservice,grpc-tabletmanager,grpc-updatestream", "--unmanaged", "--db_host", "127.0.0.1",
            "--db_port", shard.server.port, *users, "--log_dir", folder, *reads, *self.tablet_flags],
            self.logs / f"vttablet-{shard.uid}.out", user=server_room.UNPRIVILEGED, environment={"VTDATAROOT": str(folder)}, folder=folder)

    def await_tablet(self, shard, seconds=30):
        wait_until(f"the tablet of {shard.keyspace.name}/{shard.name}", lambda: accepts(self.ports[shard.uid][1]),
                   self.tablets[shard.uid], seconds)

    def stop(self):
        """The gate, the tablets, the servers, the topology."""
        if self.gate:
            self.gate.stop()
        for tablet in self.tablets.values():
            if tablet.alive():
                tablet.child.terminate()
        for tablet in self.tablets.values():
            tablet.stop()
        super().stop()
        if self.etcd:
            self.etcd.stop()


class V21Cluster(TabletCluster):
    """The same shape of Vitess 21's programs, which do not run as root."""
    gate_user = server_room.UNPRIVILEGED

    def __init__(self, *arguments, **more):
        flags = ["--queryserver-config-schema-reload-time=2s"]  # it writes down what it found before it was the primary when it reads anew
        super().__init__(*arguments, tablet_flags=flags, gate_flags=["--logtostderr"], **more)

    def program(self, name):
        return v21_program(name) or super().program(name)

    def tablet_program(self):
        return self.program("vttablet")


def chosen_cluster():
    """The shape that SLUICE_SHAPE asks the suites for: straight (or empty) or tablets."""
    shape = os.environ.get("SLUICE_SHAPE", "straight")
    if shape not in ("straight", "tablets"):
        raise LabError(f"SLUICE_SHAPE is straight or tablets, not '{shape}'")
    return TabletCluster if shape == "tablets" else Cluster
