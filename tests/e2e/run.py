"""Runs the end-to-end suites: run.py [--plain] [--short] [suite or suite.check ...].

With --short (for ctest) servers that are not installed are not fetched either: the exit code is 77 without any.
"""
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import browser  # noqa: E402
import changes  # noqa: E402
import chaos as chaos_suite  # noqa: E402
import cluster  # noqa: E402
import commands as commands_suite  # noqa: E402
import failover  # noqa: E402
import figures  # noqa: E402
import faults  # noqa: E402
import frame  # noqa: E402
import limits  # noqa: E402
import load  # noqa: E402
import local as local_suite  # noqa: E402
import mixed  # noqa: E402
import path  # noqa: E402
import protection  # noqa: E402
import reparent as reparent_suite  # noqa: E402
import reparents as reparents_suite  # noqa: E402
import rpc  # noqa: E402
import sessions  # noqa: E402
import tablet as tablet_suite  # noqa: E402
import unresolved  # noqa: E402
import views  # noqa: E402
import vtctl as vtctl_suite  # noqa: E402
from lab import mysql_root, servers, tablets  # noqa: E402
from lab.process import LabError  # noqa: E402
from lab.replicated import v21_program  # noqa: E402

SUITES = {"sessions": sessions, "changes": changes, "faults": faults, "failover": failover, "limits": limits, "load": load, "path": path,
          "rpc": rpc, "protection": protection, "cluster": cluster, "figures": figures, "browser": browser,
          "mixed": mixed, "views": views, "unresolved": unresolved}


def drivers(plain, _=None):
    only = ["pymysql"] if frame.SHORT else []
    words = [sys.executable, "-B", HERE.parent / "drivers/run.py", "--allow-absent", *(["--plain"] if plain else []), *only]
    return subprocess.run(words, check=False).returncode == 0


def differential(plain, _=None):
    """The statements of tests/differential; without a gate there is nothing to compare."""
    words = [sys.executable, "-B", HERE.parent / "differential/run.py"]
    return plain or subprocess.run(words, check=False).returncode == 0


def collation(plain, _=None):
    """Our collations' answers beside MySQL's; no gate takes part."""
    return plain or subprocess.run([sys.executable, "-B", HERE.parent / "collation/compare.py"], check=False).returncode == 0


def grpc(plain, _=None):
    """Our gRPC against grpc-go, both ways; no gate takes part."""
    return plain or subprocess.run([sys.executable, "-B", HERE.parent / "rpc/run.py", "--allow-absent", "go"], check=False).returncode == 0


def tablet(plain, _=None):
    """A vttablet as a process; no gate takes part."""
    return plain or tablet_suite.run()


def vtctl(plain, _=None):
    """vtctld and vtctldclient as processes; no gate takes part."""
    return plain or vtctl_suite.run()


def reparent(plain, _=None):
    """Two vttablets of one shard; no gate takes part."""
    return plain or reparent_suite.run()


def reparents(plain, only=None):
    """Primaries change under writes."""
    return plain or reparents_suite.run(only)


def chaos(plain, _=None):
    """Processes are killed under load."""
    return plain or chaos_suite.run()


def commands(plain, _=None):
    """vtctldclient's commands, ours and Vitess's."""
    return plain or commands_suite.run()


def local(plain, _=None):
    """The documentation's local cluster, whose servers mysqlctl makes."""
    return plain or local_suite.run()


PROGRAMS = {"reparent": reparent, "reparents": reparents, "chaos": chaos, "commands": commands, "local": local, "drivers": drivers,
            "differential": differential, "collation": collation, "grpc": grpc, "tablet": tablet, "vtctl": vtctl}
BY_NAME_ONLY = {"chaos"}


def tablet_is_here():
    """Whether there is a vttablet for the suite that needs one."""
    binaries = os.environ.get("SLUICE_BIN", HERE.parent.parent / "build/release/bin")
    if tablets.vttablet_program(binaries) is None:
        print("e2e: absent (there is no vttablet; SLUICE_VTTABLET names one)")
        return False
    return True


def cluster_is_here():
    """Whether there is what an operator's cluster needs: tablets, MySQL with its GTIDs, etcd."""
    if os.environ.get("BACKEND") == "mariadb" or shutil.which("etcd") is None:
        print("e2e: absent (the cluster needs MySQL and etcd-server)")
        return False
    return tablet_is_here()


def two_phase_is_here():
    """Whether there is a vttablet that keeps distributed transactions."""
    if v21_program("vttablet") is None:
        print("e2e: absent (VITESS_BIN names no folder with Vitess 21's vttablet)")
        return False
    return cluster_is_here()


NEED_TABLETS = {"rpc": tablet_is_here, "protection": tablet_is_here, "cluster": cluster_is_here, "figures": cluster_is_here,
                "browser": cluster_is_here, "mixed": cluster_is_here, "unresolved": two_phase_is_here}


def server_is_here():
    """Names the kind of server that is installed, MySQL before MariaDB."""
    if "BACKEND" not in os.environ and not mysql_root.present() and servers.own_mysql() is None:
        os.environ["BACKEND"] = "mariadb"
    try:
        servers.flavor(os.environ.get("BACKEND") or "mysql")
    except LabError as reason:
        print(f"e2e: absent ({reason})")
        return False
    return True


def main():
    words = [word for word in sys.argv[1:] if word not in ("--plain", "--short")]
    plain = "--plain" in sys.argv
    if frame.SHORT and not server_is_here():
        return 77
    failed = []
    for word in words or [suite for suite in (*PROGRAMS, *SUITES) if suite not in BY_NAME_ONLY]:
        suite, _, only = word.partition(".")
        try:
            if suite in PROGRAMS:
                failed += [] if PROGRAMS[suite](plain, only or None) else [suite]
            elif suite in NEED_TABLETS and not plain and not NEED_TABLETS[suite]():
                if words == [word]:
                    return 77
            else:
                failed += frame.run_suite(suite, SUITES[suite], plain, only or None)
        except LabError as error:
            print(f"e2e {suite}: {error}", flush=True)
            failed.append(suite)
    print(f"e2e: {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
