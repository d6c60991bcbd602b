"""Parts beside the gate: HAProxy and the bare relay to compare with."""
import os
import shutil

from .process import LabError, Process, accepts, free_port, wait_until


def haproxy(folder, log, server_port):
    """HAProxy relaying TCP to a server, one thread per core, without logging. Returns (process, port)."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "haproxy.cfg"
    configuration.write_text(f"""global
    nbthread {len(os.sched_getaffinity(0))}
    maxconn 4000
defaults
    mode tcp
    timeout connect 10s
    timeout client 1h
    timeout server 1h
listen mysql
    bind 127.0.0.1:{port}
    server shard 127.0.0.1:{server_port}
""", encoding="utf-8")
    program = shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin:" + os.environ.get("PATH", ""))
    if program is None:
        raise LabError("there is no haproxy; `make setup` installs it")
    process = Process("haproxy", [program, "-db", "-f", configuration], log)
    wait_until("haproxy", lambda: accepts(port), process)
    return process, port


def floor(binary, log, server_port):
    """The bare relay of bench/floor.cc. Returns (process, port)."""
    port = free_port()
    process = Process("floor", [binary, port, server_port], log)
    wait_until("floor", lambda: accepts(port), process)
    return process, port
