"""`make bench`: what the gate costs, beside a direct connection, HAProxy and a bare relay, in the same minutes.

Three database servers: two shards behind the gate, one with all rows for the others (and, to compare like with like,
for a gate of one shard). vtgate-rpc reaches the halves through vttablets; vtgate-memory reaches tablets that answer from
memory, so that only the gate is measured; vtgate-v21 is the shape of vtgate-rpc made of Vitess 21's programs, if VITESS_BIN names them. Targets take turns within each
round; medians are reported. BENCH=quick: one load, three rounds of three seconds. BENCH=rooms: the programs' own
benchmarks (*_bench.cc) instead. PEER=host:port[,host:port] adds targets; TARGETS=direct,haproxy,... chooses.
"""
import hashlib
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT / "tests"))

import pymysql  # noqa: E402

import load  # noqa: E402
import memory  # noqa: E402
import probe  # noqa: E402
import report  # noqa: E402
from lab import example, peers, servers  # noqa: E402
from lab.cluster import Cluster  # noqa: E402
from lab.process import LabError  # noqa: E402
from lab.tablets import TabletCluster, V21Cluster  # noqa: E402

USER = servers.APP_USER
POINT = "oltp_point_select"
BINARIES = Path(os.environ.get("SLUICE_BIN", PROJECT / "build/release/bin"))


@dataclass(frozen=True)
class Extent:
    """How much is measured."""
    cells: list
    rounds: int
    seconds: int
    targets: tuple


TARGETS = ("vtgate", "vtgate-socket", "direct", "haproxy", "floor")
TABLETS = {"vtgate-rpc": TabletCluster, "vtgate-v21": V21Cluster, "vtgate-memory": memory.MemoryCluster}
QUICK = Extent([load.Cell(POINT, 16, "text")], 3, 3, TARGETS)
FULL = Extent([load.Cell(POINT, n, mode) for mode in ("text", "prepared") for n in (1, 16, 128)] +
              [load.Cell("oltp_read_only", 16, "text"), load.Cell("oltp_read_write", 16, "text")], 5, 10, (*TARGETS, "vtgate-whole", "vtgate-rpc"))


@dataclass
class Target:
    """Where load goes; `processes` are the ones whose CPU is counted, the first one is the target itself."""
    name: str
    port: int
    host: str = "127.0.0.1"
    processes: dict = field(default_factory=dict)
    real: bool = True  # its rows are the server's


@dataclass
class Round:
    outcome: load.Outcome
    cpu_us: dict
    rss_kib: int


class Stand:
    """Everything that runs during a benchmark."""

    def __init__(self, folder, chosen):
        self.folder = folder
        self.chosen = chosen
        self.parts = []
        flavor = servers.flavor(os.environ.get("BACKEND") or "mysql")
        print(f"server: {flavor.version.split('Ver ')[-1]}", flush=True)
        self.whole, *self.halves = [
            servers.Server(name, flavor, folder / name, folder / f"{name}.log", number=i + 1)
            for i, name in enumerate(["whole", "half-1", "half-2"])]

    def wants(self, name):
        return name in self.chosen

    def start(self):
        behind = {"vtgate": self.halves, "vtgate-socket": self.halves, "vtgate-whole": [self.whole], "vtgate-rpc": self.halves,
                  "vtgate-v21": self.halves}
        gates = [name for name in behind if self.wants(name)]
        servers.start_all([self.whole, *(self.halves if gates else [])])
        self.whole.run(["CREATE DATABASE sbtest"])
        load.prepare(self.whole.port, USER)
        targets = [self.gate(name, behind[name]) for name in gates]
        if self.wants("vtgate-memory"):
            targets.append(self.gate("vtgate-memory", self.halves))
        whole = {"mysqld": self.whole.process.pid}
        if self.wants("direct"):
            targets.append(Target("direct", self.whole.port, processes=whole))
        if self.wants("haproxy"):
            process, port = peers.haproxy(self.folder / "haproxy", self.folder / "haproxy.log", self.whole.port)
            self.parts.append(process)
            targets.append(Target("haproxy", port, processes={"haproxy": process.pid, **whole}))
        if self.wants("floor"):
            process, port = peers.floor(BINARIES / "floor", self.folder / "floor.log", self.whole.port)
            self.parts.append(process)
            targets.append(Target("floor", port, processes={"floor": process.pid, **whole}))
        for address in filter(None, (os.environ.get("PEER") or "").split(",")):
            host, port = address.rsplit(":", 1)
            targets.append(Target(address, int(port), host))
        return targets

    def gate(self, name, behind):
        """A gate over the two halves, by TCP or by unix socket, or over one shard on the others' server: what is left
        of a difference then is the gate's, not that of two servers. The first one of its servers carries the rows there."""
        cluster = TABLETS.get(name, Cluster)(self.folder / name, [example.sbtest(len(behind))], behind, binaries=BINARIES,
                                             tablets_by_socket=name.endswith("-socket"))
        cluster.folder.mkdir(parents=True)
        cluster.folder.chmod(0o755)
        cluster.create_databases()
        cluster.load_topology()
        cluster.start_gate()
        tablets = {}
        if name in TABLETS:
            self.parts += [cluster.etcd, *cluster.tablets.values()]
            tablets = {f"tablet-{i + 1}": tablet.pid for i, tablet in enumerate(cluster.tablets.values())}
        self.parts.append(cluster.gate)
        if name == "vtgate-memory":
            return Target(name, cluster.port, processes={name: cluster.gate.pid, **tablets}, real=False)
        if not cluster.shards[0].run("SHOW TABLES"):
            copy_rows(self.whole, cluster)
        served = {f"mysqld-{i + 1}": server.process.pid for i, server in enumerate(behind)}
        return Target(name, cluster.port, processes={name: cluster.gate.pid, **tablets, **served})

    def stop(self):
        for part in reversed(self.parts):
            part.stop()
        for server in [self.whole, *self.halves]:
            server.stop()


def copy_rows(source, cluster):
    """The tables and rows of the plain server, through the gate."""
    with source.connect("sbtest") as whole, cluster.connect("sbtest") as gate:
        read, write = whole.cursor(), gate.cursor()
        for table in example.SBTEST_TABLES:
            read.execute(f"SHOW CREATE TABLE {table}")
            write.execute(read.fetchone()[1])
            read.execute(f"SELECT id, k, c, pad FROM {table}")
            rows = read.fetchall()
            for start in range(0, len(rows), 1000):
                write.executemany(f"INSERT INTO {table}(id, k, c, pad) VALUES (%s, %s, %s, %s)", rows[start:start + 1000])


def checksum(target):
    """A digest of columns and rows of a few hundred reads, which must be the same for every target."""
    digest = hashlib.sha256()
    statements = [f"SELECT c FROM sbtest{i % 10 + 1} WHERE id={i * 37 % load.ROWS + 1}" for i in range(200)]
    statements += [f"SELECT id, k, c, pad FROM sbtest{i} WHERE id BETWEEN {i * 100} AND {i * 100 + 99} ORDER BY id" for i in range(1, 11)]
    statements += ["SELECT SUM(k) FROM sbtest1 WHERE id BETWEEN 100 AND 299"]
    with pymysql.connect(host=target.host, port=target.port, user=USER, database="sbtest", charset="utf8mb4") as connection:
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)
            digest.update(repr(([column[:2] for column in cursor.description], cursor.fetchall())).encode())
    return digest.hexdigest()


def compare_results(targets):
    sums = {target.name: checksum(target) for target in targets if target.real}
    truth = sums.get("direct")
    wrong = [name for name, value in sums.items() if truth and value != truth]
    if wrong:
        raise LabError(f"{', '.join(wrong)} answered otherwise than the plain server; nothing was measured")
    print(f"results: {len(sums)} targets agree", flush=True)


def measure(target, cell, seconds):
    before = {name: probe.cpu_seconds(pid) for name, pid in target.processes.items()}
    outcome = load.run(cell, target.port, USER, seconds=seconds, host=target.host)
    cpu = {name: 1e6 * (probe.cpu_seconds(pid) - before[name]) / outcome.queries for name, pid in target.processes.items()}
    cpu["sysbench"] = outcome.load_cpu_us
    first = next(iter(target.processes.values()), None)
    return Round(outcome, cpu, probe.rss_kib(first) if first else 0)


def measure_all(targets, extent):
    """Rounds of every load, targets taking turns; a target that fails at a load is out of it."""
    measured, failed = {}, {}
    for cell in extent.cells:
        print(f"{cell}: {extent.rounds} rounds of {extent.seconds} s for each of {len(targets)} targets", flush=True)
        for number in range(extent.rounds):
            turn = number % len(targets)
            for target in targets[turn:] + targets[:turn]:
                if (cell, target.name) in failed:
                    continue
                try:
                    measured.setdefault((cell, target.name), []).append(measure(target, cell, extent.seconds))
                except load.LoadError as error:
                    failed[cell, target.name] = str(error)
                    measured.pop((cell, target.name), None)
    return measured, failed


def rows_of(targets, extent, measured, failed):
    rows = []
    for cell in extent.cells:
        for target in targets:
            if (cell, target.name) in measured:
                rows.append(report.row(cell, target.name, measured[cell, target.name]))
            else:
                rows.append({"target": target.name, "workload": cell.workload, "connections": cell.connections, "mode": cell.mode,
                             "error": failed[cell, target.name]})
    return rows


def bench(extent, quick):
    chosen = set(filter(None, os.environ.get("TARGETS", "").split(","))) or set(extent.targets)
    with tempfile.TemporaryDirectory(prefix="sluice-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        stand = Stand(folder, chosen)
        try:
            print("set-up: servers, rows, targets ...", flush=True)
            targets = stand.start()
            compare_results(targets)
            measured, failed = measure_all(targets, extent)
            rows = rows_of(targets, extent, measured, failed)
            gate = next((target for target in targets if target.name == "vtgate"), None)
            idle = calls = None
            if gate:
                pid = gate.processes["vtgate"]
                idle = probe.idle_kib(pid, gate.port, USER)
                calls = probe.system_calls(pid, load.Cell(POINT, 16, "text"), gate.port, USER)
        finally:
            stand.stop()
    found = report.verdicts(measured, idle, calls)
    report.print_table(rows)
    print(f"\nKiB per idle connection: {idle}    system calls per query: {calls}")
    report.print_verdicts(found, quick)
    report.write(PROJECT / "build/bench/latest.json", rows, idle, probe.machine(), found, calls)
    return 1 if failed else 0


def bench_rooms():
    for binary in sorted(BINARIES.glob("*_bench")):
        subprocess.run([binary, "--benchmark_min_time=0.2"], check=True)
    return 0


def main():
    kind = os.environ.get("BENCH") or "full"
    extents = {"quick": QUICK, "full": FULL}
    try:
        if kind == "rooms":
            return bench_rooms()
        if kind not in extents:
            raise LabError(f"BENCH is quick, full or rooms, not '{kind}'")
        return bench(extents[kind], kind == "quick")
    except (LabError, load.LoadError) as error:
        print(f"make bench: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
