"""What a process costs, read from outside: CPU time and memory from /proc, system calls by strace, idle connections."""
import os
import re
import resource
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pymysql

import load

TICK = os.sysconf("SC_CLK_TCK")
CALLS = {
    "reads": {"read", "readv", "recvfrom", "recvmsg", "recvmmsg"},
    "writes": {"write", "writev", "sendto", "sendmsg", "sendmmsg"},
    "waits": {"epoll_wait", "epoll_pwait", "epoll_pwait2", "poll", "ppoll", "select"},
}


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def rss_kib(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(encoding="utf-8")).group(1))


def system_calls(pid, cell, port, user, events=10000):
    """System calls per query by kind, in a short run of its own; None where tracing is not allowed."""
    with tempfile.NamedTemporaryFile("r", suffix=".strace") as table:
        tracer = subprocess.Popen(["strace", "-f", "-c", "-U", "calls,name", "-o", table.name, "-p", str(pid)], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if "attached" not in tracer.stderr.readline():
            tracer.wait()
            return None
        outcome = load.run(cell, port, user, events=events)
        tracer.send_signal(signal.SIGINT)
        tracer.communicate()
        counts = {name: int(count) for count, name in re.findall(r"^ *(\d+) (\w+)$", table.read(), re.M)}
    counts.pop("total", None)
    found = {kind: sum(counts.pop(name, 0) for name in names) for kind, names in CALLS.items()}
    found["others"] = sum(counts.values())
    return {kind: round(count / outcome.queries, 2) for kind, count in found.items()}


def idle_kib(pid, port, user, count=2000):
    """Memory that an idle plain connection costs, after its process has had connections before."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        close(opened(port, user, 100))
        base = settled_rss(pid)
        connections = opened(port, user, count)
        grown = settled_rss(pid)
        close(connections)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return round((grown - base) / count, 2)


def opened(port, user, count):
    return [pymysql.connect(host="127.0.0.1", port=port, user=user, autocommit=None, ssl_disabled=True) for _ in range(count)]


def close(connections):
    for connection in connections:
        connection.close()


def settled_rss(pid, quiet=1.5, limit=6.0):
    """The resident set once it has not changed for `quiet` seconds (a gate gives buffers back after a second)."""
    start = changed = time.monotonic()
    known = rss_kib(pid)
    while time.monotonic() - changed < quiet and time.monotonic() - start < limit:
        time.sleep(0.05)
        now = rss_kib(pid)
        if now != known:
            known, changed = now, time.monotonic()
    return known


def machine():
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = re.search(r"model name\s*:\s*(.*)", text)
    memory = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text(encoding="utf-8")).group(1))
    return {"cpu": model.group(1) if model else "unknown", "cores": len(os.sched_getaffinity(0)),
            "memory_gib": round(memory / 1024 / 1024, 1), "kernel": os.uname().release}
