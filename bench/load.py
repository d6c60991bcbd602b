"""One run of sysbench against one target, and what it tells: queries, latencies, its own CPU time."""
import re
import resource
import subprocess
from dataclasses import dataclass

TABLES, ROWS = 10, 10000


@dataclass(frozen=True)
class Cell:
    """A row of the table before it has a target: which load, how many connections, text or prepared."""
    workload: str
    connections: int
    mode: str

    def __str__(self):
        return f"{self.workload.removeprefix('oltp_')} {self.mode} {self.connections}"


@dataclass
class Outcome:
    queries: int
    seconds: float
    p50_ms: float
    p99_ms: float
    load_cpu_us: float  # of sysbench, per query

    @property
    def qps(self):
        return self.queries / self.seconds


class LoadError(Exception):
    """sysbench gave up; the text is its last complaint."""


def words(cell, port, user, host="127.0.0.1"):
    return ["sysbench", cell.workload, f"--mysql-host={host}", f"--mysql-port={port}", f"--mysql-user={user}", "--mysql-db=sbtest",
            "--mysql-ssl=off", f"--tables={TABLES}", f"--table-size={ROWS}", "--auto_inc=off", f"--threads={cell.connections}",
            f"--db-ps-mode={'auto' if cell.mode == 'prepared' else 'disable'}", "--histogram=on"]


def run(cell, port, user, seconds=0, events=0, host="127.0.0.1"):
    """Runs for `seconds`, or until `events` are done."""
    command = [*words(cell, port, user, host), f"--time={seconds}", f"--events={events}", "run"]
    before = children_cpu()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    cpu = children_cpu() - before
    queries = re.search(r"^ +total: +(\d+)", done.stdout, re.M)
    if done.returncode != 0 or queries is None:
        complaint = [line for line in (done.stdout + done.stderr).split("\n") if "FATAL" in line or "rror" in line]
        raise LoadError(complaint[0].removeprefix("FATAL: ") if complaint else f"sysbench ended with {done.returncode}")
    total = int(queries.group(1))
    elapsed = float(re.search(r"total time: +([\d.]+)s", done.stdout).group(1))
    p50, p99 = percentiles(done.stdout, (50, 99))
    return Outcome(total, elapsed, p50, p99, 1e6 * cpu / max(total, 1))


def prepare(port, user):
    """Makes and fills the tables on a plain server; the same rows each time."""
    command = [*words(Cell("oltp_point_select", 1, "text"), port, user), "--rand-seed=1", "prepare"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LoadError(done.stdout + done.stderr)


def percentiles(report, wanted):
    """From sysbench's histogram: the upper value (ms) of the bucket in which each percentile lies."""
    buckets = [(float(value), int(count)) for value, count in re.findall(r"^ +([\d.]+) \|[* ]*\s+(\d+)$", report, re.M)]
    total = sum(count for _, count in buckets)
    found = []
    for percent in wanted:
        seen = 0
        for value, count in buckets:
            seen += count
            if seen * 100 >= percent * total:
                found.append(value)
                break
    return found or [0.0] * len(wanted)


def children_cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
