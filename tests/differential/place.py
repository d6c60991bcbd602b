"""Two sides that hold the same tables: a plain server, and a gate over shards (or a second plain server, to prove the suite)."""
import contextlib
import json
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import tables
from client import Client
from lab import servers
from lab.cluster import Keyspace, shard_names
from lab.process import wait_until
from lab.tablets import TabletCluster, chosen_cluster


@dataclass(frozen=True)
class Run:
    """One pass over the statements: how many shards, by which protocol, in which keyspaces."""
    name: str
    shards: int
    binary: bool
    made: object = tables  # what tables there are

    @property
    def flat(self):
        return f"{self.name}_flat"

    def filled(self, statement):
        return statement.replace("{db}", self.name).replace("{flat}", self.flat)

    def keyspaces(self):
        made = self.made
        sharded = {name: self.with_sequence(table) for name, table in made.SHARDED.items()}
        vschema = {"sharded": True, "vindexes": made.VINDEXES, "tables": sharded}
        flat = {"tables": {**{name: {} for name in made.FLAT}, **{name: {"type": "sequence"} for name in made.SEQUENCES}}}
        sequences = [f"CREATE TABLE {name}(id BIGINT NOT NULL PRIMARY KEY, next_id BIGINT, cache BIGINT) COMMENT 'vitess_sequence'"
                     for name in made.SEQUENCES]
        sequences += [f"INSERT INTO {name} VALUES (0, {made.FIRST_ID}, 100)" for name in made.SEQUENCES]
        return [Keyspace(self.name, shard_names(self.shards), vschema, list(made.SHARDED_SCHEMA)),
                Keyspace(self.flat, ["0"], flat, [*made.FLAT_SCHEMA, *sequences])]

    def with_sequence(self, table):
        if "auto_increment" not in table:
            return table
        column, sequence = table["auto_increment"]
        return {**table, "auto_increment": {"column": column, "sequence": f"{self.flat}.{sequence}"}}


class Sides:
    """`plain(...)` and `gate(...)` are new connections; the gate is also the second plain server of --self."""

    def __init__(self, plain, cluster=None, twin=None):
        self.plain_server, self.cluster, self.twin = plain, cluster, twin

    def plain(self, run, **more):
        return Client(self.plain_server.port, user=servers.APP_USER, database=run.name, **more)

    def gate(self, run, **more):
        port = self.cluster.port if self.cluster else self.twin.port
        return Client(port, user=servers.APP_USER, database=run.name, **more)


@contextlib.contextmanager
def sides(runs, flavor, with_gate, gate_flags=()):
    with tempfile.TemporaryDirectory(prefix="sluice-diff-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        started = [servers.Server(f"server-{i}", flavor, folder / f"s{i}", folder / f"server-{i}.log", number=i)
                   for i in range(3 if with_gate else 2)]
        try:
            servers.start_all(started)
            keyspaces = [keyspace for run in runs for keyspace in run.keyspaces()]
            fill_plain(started[0], keyspaces)
            if not with_gate:
                fill_plain(started[1], keyspaces)
                yield Sides(started[0], twin=started[1])
                return
            cluster = chosen_cluster()(folder, keyspaces, started[1:], gate_flags=gate_flags)
            try:
                create_and_start(cluster)
                yield Sides(started[0], cluster)
            finally:
                cluster.stop()
        finally:
            for server in started:
                server.stop()


def fill_plain(server, keyspaces):
    for keyspace in keyspaces:
        server.run([f"CREATE DATABASE `{keyspace.name}` CHARACTER SET utf8mb4", f"USE `{keyspace.name}`", *keyspace.schema])


def create_and_start(cluster):
    cluster.create_databases()
    cluster.load_topology()
    cluster.start_gate()
    if isinstance(cluster, TabletCluster):
        wait_until("the gate knows all columns", lambda: knows_columns(cluster), cluster.gate, 60)


def knows_columns(cluster):
    """Tablets tell them when they have found them."""
    with urllib.request.urlopen(f"http://127.0.0.1:{cluster.web_port}/debug/vschema", timeout=10) as page:
        keyspaces = json.load(page)["keyspaces"]
    return all(table.get("column_list_authoritative") for keyspace in keyspaces.values() for table in keyspace.get("tables", {}).values())
