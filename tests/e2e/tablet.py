"""A vttablet as a process: its record, its health, a server that goes and comes back, its end. What it answers to gates
is tested in src/tabletserver/server_test.cc."""
import contextlib
import json
import os
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from frame import CheckError, eventually, expect
from lab import servers
from lab.cluster import CELL, Cluster, Keyspace
from lab.process import LabError, Process, accepts, free_port, wait_until

KEYSPACE = "tablet"


class Place:
    """One server, a topology in a file, and one tablet over them."""

    def __init__(self, folder):
        self.folder = folder
        flavor = servers.flavor(os.environ.get("BACKEND") or "mysql")
        self.server = servers.Server("server", flavor, folder / "server", folder / "server.log")
        self.cluster = Cluster(folder, [Keyspace(KEYSPACE, ["-"], {})], [self.server])
        self.web_port, self.rpc_port = free_port(), free_port()
        self.tablet = None

    def words(self, *more):
        return [self.cluster.program("vttablet"), *self.cluster.topology_flags, "--tablet-path", f"{CELL}-100",
                "--init_keyspace", KEYSPACE, "--init_shard", "-", "--init_tablet_type", "replica", "--tablet_hostname", "127.0.0.1",
                "--db_host", "127.0.0.1", "--db_port", self.server.port, "--db_app_user", servers.APP_USER,
                "--port", self.web_port, "--grpc_port", self.rpc_port, "--health_check_interval", "1s",
                "--service_map", "grpc-queryservice,grpc-tabletmanager", "--log_dir", self.folder, *more]

    def start(self):
        self.server.start()
        self.cluster.create_databases()
        self.cluster.load_topology()
        self.tablet = Process("vttablet", self.words(), self.folder / "vttablet.out")
        wait_until("vttablet", lambda: accepts(self.web_port) and self.page("/healthz")[0] == 200, self.tablet, 30)
        return self

    def stop(self):
        if self.tablet and self.tablet.alive:
            self.tablet.stop()
        self.server.stop()

    def page(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.web_port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def variables(self):
        return json.loads(self.page("/debug/vars")[1])

    def record(self):
        words = [self.cluster.program("topoctl"), *self.cluster.topology_flags, "dump"]
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True)
        return json.loads(done.stdout)[f"/{CELL}/tablets/{CELL}-0000000100/Tablet"]


@contextlib.contextmanager
def one_tablet():
    with tempfile.TemporaryDirectory(prefix="sluice-e2e-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        where = Place(folder)
        try:
            yield where.start()
        finally:
            where.stop()


def check_record(where):
    record = where.record()
    expect("type", record["type"], "PRIMARY")
    expect("ports", record["port_map"], {"grpc": where.rpc_port, "vt": where.web_port})
    expect("hostname", record["hostname"], "127.0.0.1")
    expect("state", where.variables()["TabletStateName"], "SERVING")


def check_server_that_goes_and_comes_back(where):
    where.server.stop()
    eventually("not healthy without its server", lambda: where.page("/healthz")[0] == 500, seconds=15)
    expect("state", where.variables()["TabletStateName"], "NOT_CONNECTED")
    expect("the process lives", where.page("/debug/health")[0], 200)
    where.server.start()
    eventually("healthy with its server", lambda: where.page("/healthz")[0] == 200, seconds=15)


def check_end(where):
    where.tablet.child.terminate()
    expect("exit status", where.tablet.child.wait(30), 0)
    expect("ports of a tablet that has ended", where.record().get("port_map", {}), {})


def check_refusals(where):
    broken = where.folder / "rules.json"
    broken.write_text('[{"Action": "MAYBE"}]')
    for flag, want in (("--twopc_enable", "two-phase commit is not supported"), ("--no_such_flag", "unknown flag"),
                       (f"--filecustomrules={broken}", "invalid Action MAYBE"), ("--grpc_ca=ca.pem", "needs both --grpc_cert and --grpc_key")):
        words = [str(word) for word in where.words(flag)]
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=30)
        expect(f"exit status of {flag}", done.returncode, 1)
        if want not in done.stderr:
            raise CheckError(f"{flag}: {done.stderr[-300:]}")


def run():
    """All checks on one tablet, in their order; whether they passed."""
    with one_tablet() as where:
        for check in (check_record, check_server_that_goes_and_comes_back, check_end, check_refusals):
            name = check.__name__.removeprefix("check_")
            try:
                check(where)
            except (CheckError, LabError, OSError) as error:
                print(f"e2e tablet.{name}: FAILED: {error}", flush=True)
                return False
            print(f"e2e tablet.{name}: passed", flush=True)
    return True
