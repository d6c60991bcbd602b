"""A sharded cluster on real servers: databases, topology and the gate, described by keyspaces."""
import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pymysql

from . import servers as server_room
from .process import LabError, Process, free_port, page_status, port_is_free, wait_until

CELL = "zone1"
PROJECT = Path(__file__).resolve().parent.parent.parent


def shard_names(count):
    """The names of `count` equal key ranges; one is '-', the whole."""
    if count not in (1, 2, 4, 8, 16, 32, 64):
        raise LabError(f"shards come in 1, 2, 4, 8, 16, 32 or 64, not {count}")
    bounds = [""] + [f"{256 * i // count:02x}" for i in range(1, count)] + [""]
    return [f"{low}-{high}" for low, high in zip(bounds, bounds[1:])]


@dataclass
class Keyspace:
    """`schema` runs once on every shard; `vschema` is the keyspace's VSchema JSON."""
    name: str
    shards: list
    vschema: dict
    schema: list = field(default_factory=list)


@dataclass
class Shard:
    keyspace: Keyspace
    name: str
    server: server_room.Server
    database: str
    uid: int

    def run(self, *statements):
        """Runs statements on the shard itself, past the gate."""
        return self.server.run(statements, self.database)


class Cluster:
    """Servers, keyspaces and a gate in one folder. `tablets_by_socket` lets the gate reach shards by unix socket."""
    gate_user = None  # whom the gate runs as, if not as us

    def __init__(self, folder, keyspaces, servers, binaries=None, log_folder=None, port=0, web_port=0,
                 tablets_by_socket=False, gate_flags=()):
        self.folder = Path(folder)
        self.logs = Path(log_folder or self.folder / "log")
        self.binaries = Path(binaries or os.environ.get("SLUICE_BIN", PROJECT / "build/release/bin"))
        self.servers = servers
        self.port = port or free_port()
        self.web_port = web_port or free_port()
        self.tablets_by_socket = tablets_by_socket
        self.gate_flags = list(gate_flags)
        self.gate = None
        self.shards = self.spread(keyspaces)

    def spread(self, keyspaces):
        """Shard i of a keyspace lies on server i; a shard that shares its server carries its name in the database's."""
        shards = []
        for keyspace in keyspaces:
            for i, name in enumerate(keyspace.shards):
                alone = len(keyspace.shards) <= len(self.servers)
                database = f"vt_{keyspace.name}" if alone else f"vt_{keyspace.name}_{name}"
                shards.append(Shard(keyspace, name, self.servers[i % len(self.servers)], database, 100 + len(shards)))
        return shards

    def of(self, keyspace):
        return [shard for shard in self.shards if shard.keyspace.name == keyspace]

    @property
    def topology(self):
        return self.folder / "topo.sqlite"

    @property
    def topology_flags(self):
        return ["--topo_implementation", "embedded", "--topo_global_server_address", self.topology,
                "--topo_global_root", "/vitess/global"]

    def description(self):
        """What topoctl loads."""
        keyspaces = {shard.keyspace.name: shard.keyspace for shard in self.shards}
        return {
            "cells": {CELL: {"root": f"/vitess/{CELL}"}},
            "keyspaces": {name: {"shards": k.shards, "vschema": k.vschema} for name, k in keyspaces.items()},
            "tablets": [self.tablet(shard) for shard in self.shards],
        }

    def tablet(self, shard):
        record = {
            "alias": f"{CELL}-{shard.uid:010d}", "keyspace": shard.keyspace.name, "shard": shard.name, "type": "PRIMARY",
            "hostname": "127.0.0.1", "mysql_hostname": "127.0.0.1", "mysql_port": shard.server.port,
            "db_name_override": shard.database,
        }
        if self.tablets_by_socket:
            record["tags"] = {"mysql_socket": str(shard.server.socket)}
        return record

    def create_databases(self):
        """Databases and tables of every shard; what exists stays."""
        for shard in self.shards:
            shard.server.run([f"CREATE DATABASE IF NOT EXISTS `{shard.database}` CHARACTER SET utf8mb4"])
            if shard.keyspace.schema:
                shard.run(*shard.keyspace.schema)

    def load_topology(self):
        """Writes the topology once; what ALTER VSCHEMA changed later stays."""
        if self.topology.exists():
            return
        try:
            self.write_topology()
        except LabError:
            self.topology.unlink(missing_ok=True)
            raise

    def write_topology(self):
        description = self.folder / "cluster.json"
        description.write_text(json.dumps(self.description(), indent=2), encoding="utf-8")
        words = [self.program("topoctl"), *self.topology_flags, "load", description]
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise LabError("topoctl could not load the topology: " + (done.stderr or done.stdout).strip().split("\n")[-1])

    def program(self, name):
        path = self.binaries / name
        if not path.exists():
            raise LabError(f"{path} does not exist; `make build` makes it")
        return path

    @property
    def shards_flags(self):
        """How the gate reaches its shards."""
        return ["--tablet_protocol=mysql", "--db_app_user", server_room.APP_USER]

    def launch_gate(self):
        for what, port in (("MySQL", self.port), ("web", self.web_port)):
            if not port_is_free(port):
                raise LabError(f"port {port} ({what}) is taken by another process; is the gate running already?")
        self.gate = Process("vtgate", [
            self.program("vtgate"), *self.shards_flags, *self.topology_flags, "--cell", CELL,
            "--cells_to_watch", CELL, "--tablet_types_to_wait", "PRIMARY", "--mysql_server_port", self.port,
            "--mysql_server_bind_address", "127.0.0.1", "--mysql_auth_server_impl", "none", "--port", self.web_port,
            "--vschema_ddl_authorized_users", "%", "--log_dir", self.logs,
            *self.gate_flags], self.logs / "vtgate.out", user=self.gate_user)

    def await_gate(self, seconds=30):
        wait_until("vtgate", lambda: self.healthy() and self.answers(), self.gate, seconds)

    def start_gate(self):
        self.launch_gate()
        self.await_gate()

    def start(self):
        """Everything, from nothing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(parents=True, exist_ok=True)
        server_room.start_all(self.servers)
        self.create_databases()
        self.load_topology()
        self.start_gate()
        return self

    def healthy(self):
        return self.page_status("/debug/health") == 200

    def page_status(self, path):
        """The HTTP status of one of the gate's web pages; 0 if nobody answers."""
        return page_status(self.web_port, path)

    def answers(self):
        try:
            self.connect().close()
        except (pymysql.err.MySQLError, OSError):
            return False
        return True

    def connect(self, database=None, **more):
        """A connection to the gate."""
        options = {"host": "127.0.0.1", "port": self.port, "user": "root", "database": database, "charset": "utf8mb4",
                   "autocommit": True, **more}
        return pymysql.connect(**options)

    def stop(self):
        """The gate first, so that it sees no server vanish; then the servers, side by side."""
        if self.gate:
            self.gate.stop()
        running = [server.process for server in self.servers if server.process and server.process.alive()]
        for process in running:
            process.child.terminate()
        for process in running:
            process.stop()

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_):
        self.stop()
