"""Every oltp load of sysbench through the gate: E2E_SECONDS (5) each, as text and prepared (E2E_MODES=disable,auto)."""
import os
import subprocess

from frame import CheckError
from lab import example, servers

LOADS = ["point_select", "read_only", "read_write", "write_only", "insert", "delete", "update_index", "update_non_index"]
CONNECTIONS = (1, 16, 128)


def keyspaces(shards):
    return [example.sbtest(shards)]


def words(where, load, connections, action, mode="disable", user=servers.APP_USER, password="", database="sbtest"):
    """sysbench's command line."""
    return ["sysbench", f"oltp_{load}", "--mysql-host=127.0.0.1", f"--mysql-port={where.port}", f"--mysql-user={user}",
            f"--mysql-password={password}", f"--mysql-db={database}", "--mysql-ssl=off", "--tables=4", "--table-size=2000", "--auto_inc=off",
            f"--threads={connections}", f"--time={os.environ.get('E2E_SECONDS', '5')}", f"--db-ps-mode={mode}", action]


def sysbench(where, load, connections, action, *more, **named):
    done = subprocess.run(words(where, load, connections, action, *more, **named), capture_output=True, text=True, check=False)
    if done.returncode != 0 or "FATAL" in done.stdout + done.stderr:
        lines = [line for line in (done.stdout + done.stderr).split("\n") if "FATAL" in line or "rror" in line]
        raise CheckError(f"sysbench {action} of oltp_{load} with {connections} connections: {lines[0] if lines else done.returncode}")


def through(load):
    def check(where):
        for mode in os.environ.get("E2E_MODES", "disable,auto").split(","):
            for connections in CONNECTIONS:
                sysbench(where, load, 1, "prepare")
                try:
                    sysbench(where, load, connections, "run", mode)
                finally:
                    sysbench(where, load, 1, "cleanup")
    check.__name__ = f"check_{load}"
    check.options = {"keyspaces": keyspaces}
    return check


for name in LOADS:
    globals()[f"check_{name}"] = through(name)
