"""Runs the sessions of real drivers against a gate, or with --plain against a plain server, and looks at the shards.

run.py [--plain] [--shards N] [driver...]; a driver whose packages cannot be had is reported as absent and fails the run
unless --allow-absent is given.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
sys.path.insert(0, str(PROJECT / "tests"))

from lab import mysql_root, servers  # noqa: E402
from lab.cluster import Keyspace, shard_names  # noqa: E402
from lab.process import LabError, free_port  # noqa: E402
from lab.tablets import chosen_cluster  # noqa: E402

CACHE = PROJECT / "build/drivers"
LEFT = [*range(1, 16), 17, 18, 21, 23, 24, 25]  # the ids that a session leaves behind
CONNECTOR_J = "9.1.0"


class Absent(Exception):
    """What a driver needs cannot be had here."""


def made(words, folder=None):
    done = subprocess.run([str(word) for word in words], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Absent((done.stderr or done.stdout).strip().split("\n")[-1])


def needs(*programs):
    for program in programs:
        if shutil.which(program) is None:
            raise Absent(f"there is no {program}")


def copied(name):
    """A folder of ours copied to the cache, where its packages may be installed."""
    target = CACHE / name
    shutil.copytree(HERE / name, target, dirs_exist_ok=True)
    return target


def mariadb_client():
    needs("mariadb")
    return [HERE / "cli/session.sh", "mariadb", "--no-defaults"]


def mysql_client():
    mysql_root.ensure()
    return [HERE / "cli/session.sh", *mysql_root.program("bin/mysql"), "--no-defaults"]


def pymysql():
    return ["/usr/bin/python3", "-B", HERE / "python/pymysql_session.py"]


def mysqlclient():
    environment = CACHE / "python"
    if not (environment / "bin/python").exists():
        made(["/usr/bin/python3", "-m", "venv", environment])
        made([environment / "bin/pip", "install", "--quiet", "mysqlclient==2.2.6"])
    return [environment / "bin/python", "-B", HERE / "python/mysqlclient_session.py"]


def go_sql_driver():
    needs("go")
    made(["go", "build", "-o", CACHE / "go-session", "."], HERE / "go")
    return [CACHE / "go-session"]


def grpc_go():
    """The gRPC door: messages made of our own proto files."""
    needs("go", "protoc")
    folder = copied("rpc")
    generator = CACHE / "protoc-gen-go"
    made(["go", "build", "-o", generator, "google.golang.org/protobuf/cmd/protoc-gen-go"], folder)
    names = ["query", "topodata", "vtgate", "vtrpc", "vttime"]
    packages = [f"--go_opt=M{name}.proto=sluice/tests/drivers/rpc/pb/{name}" for name in names]
    made(["protoc", f"--plugin=protoc-gen-go={generator}", f"--proto_path={PROJECT / 'proto'}", f"--go_out={folder}",
          "--go_opt=module=sluice/tests/drivers/rpc", *packages, *(f"{name}.proto" for name in names)])
    made(["go", "build", "-o", CACHE / "rpc-session", "."], folder)
    return [CACHE / "rpc-session"]


def connector_j():
    needs("mvn", "javac")
    jar = CACHE / f"java/mysql-connector-j-{CONNECTOR_J}.jar"
    if not jar.exists():
        made(["mvn", "--batch-mode", "--quiet", "dependency:copy", f"-Dartifact=com.mysql:mysql-connector-j:{CONNECTOR_J}",
              f"-DoutputDirectory={jar.parent}"])
    made(["javac", "-encoding", "UTF-8", "-d", jar.parent, HERE / "java/Session.java"])
    return ["java", "-cp", f"{jar}:{jar.parent}", "Session"]


def mysql2():
    needs("node", "npm")
    folder = copied("node")
    if not (folder / "node_modules/mysql2").exists():
        made(["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"], folder)
    return ["node", folder / "session.js"]


DRIVERS = {"mariadb": mariadb_client, "mysql": mysql_client, "pymysql": pymysql, "mysqlclient": mysqlclient, "go": go_sql_driver,
           "connectorj": connector_j, "mysql2": mysql2, "rpc": grpc_go}
RPC_ONLY = {"rpc"}  # a plain server has no such door


@dataclass
class Place:
    """Where sessions go: a port, and the shards behind it as (server, database)."""
    port: int
    user: str
    sharded: bool
    shards: list
    rpc_port: int = 0


def run_session(driver, place):
    table = f"session_{driver}"
    environment = {**os.environ, "DRIVER_HOST": "127.0.0.1", "DRIVER_PORT": str(place.port), "DRIVER_USER": place.user,
                   "DRIVER_DATABASE": "drivers", "DRIVER_TABLE": table, "DRIVER_VSCHEMA": "1" if place.sharded else "0", "DRIVER_RPC_PORT": str(place.rpc_port)}
    words = DRIVERS[driver]()
    done = subprocess.run([str(word) for word in words], env=environment, capture_output=True, text=True, check=False, timeout=180)
    if done.returncode != 0:
        text = (done.stderr + done.stdout).strip()
        return "; ".join(text.split("\n")[:3])[:500] or f"exit code {done.returncode}"
    return look_at_shards(place, table)


def look_at_shards(place, table):
    """What is wrong with the rows as they lie on the servers; empty if nothing is."""
    found = [[row[0] for row in server.run([f"SELECT id FROM {table} ORDER BY id"], database)] for server, database in place.shards]
    if sorted(number for numbers in found for number in numbers) != LEFT:
        return f"the shards hold {found}"
    if len(place.shards) > 1 and sum(1 for numbers in found if numbers) < 2:
        return "all rows lie on one shard"
    return ""


def run_all(drivers, place):
    """One line for each driver; returns (failed, absent)."""
    failed, absent = [], []
    for driver in drivers:
        try:
            wrong = run_session(driver, place)
        except Absent as reason:
            absent.append(driver)
            print(f"driver {driver}: absent ({reason})", flush=True)
            continue
        if wrong:
            failed.append(driver)
        print(f"driver {driver}: " + (f"FAILED: {wrong}" if wrong else "passed"), flush=True)
    return failed, absent


def run_plain(drivers, folder, flavor):
    server = servers.Server("plain", flavor, folder / "plain", folder / "plain.log").start()
    try:
        server.run(["CREATE DATABASE drivers"])
        return run_all(drivers, Place(server.port, servers.APP_USER, False, [(server, "drivers")]))
    finally:
        server.stop()


def run_sharded(drivers, folder, flavor, count):
    pair = [servers.Server(f"server-{i}", flavor, folder / f"server-{i}", folder / f"server-{i}.log", number=i) for i in (1, 2)]
    vschema = {"sharded": True, "vindexes": {"hash": {"type": "hash"}}, "tables": {}}
    rpc_port = free_port()
    flags = ["--grpc_port", rpc_port, "--grpc_bind_address", "127.0.0.1", "--service_map", "grpc-vtgateservice",
             "--grpc-send-session-in-streaming"]
    described = [Keyspace("drivers", shard_names(count), vschema)]
    with chosen_cluster()(folder, described, pair, gate_flags=flags) as cluster:
        shards = [(shard.server, shard.database) for shard in cluster.of("drivers")]
        return run_all(drivers, Place(cluster.port, "root", True, shards, rpc_port))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--allow-absent", action="store_true")
    parser.add_argument("--shards", type=int, default=2)
    parser.add_argument("drivers", nargs="*")
    words = parser.parse_args()
    drivers = words.drivers or [name for name in DRIVERS if not (words.plain and name in RPC_ONLY)]
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sluice-drivers-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        try:
            flavor = servers.flavor(os.environ.get("BACKEND") or "mysql")
            failed, absent = run_plain(drivers, folder, flavor) if words.plain else run_sharded(drivers, folder, flavor, words.shards)
        except LabError as error:
            print(f"drivers: {error}", file=sys.stderr)
            return 1
    print(f"drivers: {len(drivers) - len(failed) - len(absent)} of {len(drivers)} passed")
    return 1 if failed or (absent and not words.allow_absent) else 0


if __name__ == "__main__":
    sys.exit(main())
