"""vtctld and vtctldclient as processes: the records of a cluster on etcd, and tablets of our own that they ask. How primaries are
changed is tested with scripted tablets in src/vtctl/planned_test.cc and emergency_test.cc."""
import contextlib
import json
import os
import re
import subprocess
import tempfile
import urllib.request
from pathlib import Path

import tablet as tablet_suite
from frame import CheckError, expect
from lab.cluster import PROJECT
from lab.etcd import Etcd
from lab.process import LabError, Process, accepts, free_port, wait_until


class Plane:
    """One vtctld over a topology that others have made."""

    def __init__(self, folder, topology_flags):
        self.folder = folder
        self.binaries = Path(os.environ.get("SLUICE_BIN", PROJECT / "build/release/bin"))
        self.topology_flags = [str(word) for word in topology_flags]
        self.web_port, self.rpc_port = free_port(), free_port()
        self.vtctld = None

    def start(self, *more):
        words = [self.binaries / "vtctld", *self.topology_flags, "--port", self.web_port, "--grpc_port", self.rpc_port,
                 "--service_map", "grpc-vtctl,grpc-vtctld", "--log_dir", self.folder, *more]
        self.vtctld = Process("vtctld", words, self.folder / "vtctld.out")
        wait_until("vtctld", lambda: accepts(self.rpc_port), self.vtctld, 30)
        return self

    def stop(self):
        if self.vtctld and self.vtctld.alive:
            self.vtctld.stop()

    def ask(self, *words, server=None):
        """Exit status, output and errors of one command."""
        server = server or f"127.0.0.1:{self.rpc_port}"
        flags = self.topology_flags if server == "internal" else []
        done = subprocess.run([str(word) for word in (self.binaries / "vtctldclient", "--server", server, *flags, *words)],
                              capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, done.stdout, done.stderr

    def say(self, *words, server=None):
        """The output of a command that must succeed."""
        status, out, errors = self.ask(*words, server=server)
        if status != 0:
            raise CheckError(f"vtctldclient {' '.join(words)}: {errors.strip()[-300:]}")
        return out

    def refused(self, want, *words):
        status, _, errors = self.ask(*words)
        expect(f"exit status of {words[0]}", status, 1)
        if want not in errors:
            raise CheckError(f"{words[0]}: {errors.strip()[-300:]} instead of {want}")

    def page(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.web_port}{path}", timeout=10) as answer:
            return answer.read().decode()


@contextlib.contextmanager
def plane_on_etcd():
    with tempfile.TemporaryDirectory(prefix="sluice-e2e-") as name:
        folder = Path(name)
        node = Etcd(folder / "etcd", folder)
        plane = Plane(folder, ["--topo_implementation", "etcd2", "--topo_global_server_address", node.address, "--topo_global_root",
                               "/vitess/global"])
        try:
            node.start()
            plane.say("AddCellInfo", "--root", "/vitess/zone1", "--server-address", node.address, "zone1", server="internal")
            yield plane.start(), node
        finally:
            plane.stop()
            node.stop()


def check_first_steps(plane):
    """The documentation's first commands, before a tablet is there."""
    expect("cells", plane.say("GetCellInfoNames"), "zone1\n")
    out = plane.say("CreateKeyspace", "--sidecar-db-name=_vt", "--durability-policy=semi_sync", "commerce")
    if '"durability_policy": "semi_sync"' not in out:
        raise CheckError(out)
    plane.say("CreateShard", "commerce/0")
    if '"primary_alias": null' not in plane.say("GetShard", "commerce/0"):
        raise CheckError("a new shard has a primary")
    plane.say("RebuildKeyspaceGraph", "commerce")
    expect("served", json.loads(plane.say("GetSrvKeyspaceNames")), {"zone1": {"names": ["commerce"]}})
    plane.refused("node", "GetKeyspace", "nowhere")
    plane.refused("MoveTables is not supported", "MoveTables", "--workflow", "w", "create")


def check_absent_works(plane):
    """What a cluster without backups and workflows has to tell, and what the old interface answers."""
    expect("workflows", json.loads(plane.say("GetWorkflows", "commerce")), {"workflows": []})
    plane.refused("no registered implementation of BackupStorage", "GetBackups", "commerce/0")
    plane.refused("Backup is not supported", "Backup", "zone1-100")
    plane.refused("unknown command: Frobnicate", "Frobnicate")


def check_old_interface(plane):
    """Command lines that vtctld reads itself."""
    expect("cells", plane.say("LegacyVtctlCommand", "--", "GetCellInfoNames"), "zone1\n")
    expect("in words of today", plane.say("LegacyVtctlCommand", "--", "VtctldCommand", "GetCellInfoNames"), "zone1\n")
    expect("tablets", plane.say("LegacyVtctlCommand", "--", "ListShardTablets", "commerce/0"), "")
    if "Available Commands:" not in plane.say("LegacyVtctlCommand", "--", "help"):
        raise CheckError("no help")
    plane.refused("unknown command: frobnicate", "LegacyVtctlCommand", "--", "Frobnicate")
    plane.refused("no command was specified", "LegacyVtctlCommand")
    plane.refused("node doesn't exist", "LegacyVtctlCommand", "--", "GetKeyspace", "nowhere")


def check_vschema(plane):
    text = json.dumps({"sharded": True, "vindexes": {"hash": {"type": "hash"}}})
    plane.say("ApplyVSchema", "--vschema", text, "commerce")
    plane.say("ApplyVSchema", "--sql", "alter vschema on t add vindex hash(id)", "commerce")
    expect("columns", json.loads(plane.say("GetVSchema", "commerce"))["tables"]["t"]["column_vindexes"][0]["columns"], ["id"])
    served = json.loads(plane.say("GetSrvVSchema", "zone1"))
    expect("served", sorted(served["keyspaces"]["commerce"]["tables"]), ["t"])


def check_locks(plane, node):
    """Who holds a lock is seen by all, and others wait for it."""
    plane.stop()
    plane.start("--lock-timeout", "500ms")
    key = "/vitess/global/keyspaces/commerce/locks/1"
    node.put(key, "{}")
    plane.refused("is held by another process", "RebuildKeyspaceGraph", "commerce")
    node.delete(key)
    plane.say("RebuildKeyspaceGraph", "commerce")


def check_page(plane):
    page = plane.page("/app")
    for want in ("Keyspace commerce", "Shard commerce/0", "zone1"):
        if want not in page:
            raise CheckError(f"the page lacks {want}")


def check_end(plane):
    plane.say("DeleteKeyspace", "--recursive", "commerce")
    expect("keyspaces", plane.say("GetKeyspaces"), "null\n")
    plane.vtctld.child.terminate()
    expect("exit status", plane.vtctld.child.wait(30), 0)


def check_tablet():
    """A vttablet of ours, as the control plane sees it."""
    with tablet_suite.one_tablet() as where:
        plane = Plane(where.folder, where.cluster.topology_flags).start()
        try:
            line = plane.say("GetTablets")
            pattern = r"zone1-0000000100 tablet - primary 127\.0\.0\.1:\d+ 127\.0\.0\.1:\d+ \[.*\] \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n"
            if not re.fullmatch(pattern, line):
                raise CheckError(line)
            for words in (["PingTablet"], ["RefreshState"], ["RunHealthCheck"], ["ReloadSchema"]):
                plane.say(*words, "zone1-100")
            plane.say("RefreshStateByShard", "tablet/-")
            plane.refused("as it is a primary", "DeleteTablets", "zone1-100")
            if "answers" not in plane.page("/app"):
                raise CheckError("the page does not tell that the tablet answers")
        finally:
            plane.stop()


def passed(name, check, *arguments):
    try:
        check(*arguments)
    except (CheckError, LabError, OSError, subprocess.SubprocessError, KeyError) as error:
        print(f"e2e vtctl.{name}: FAILED: {error}", flush=True)
        return False
    print(f"e2e vtctl.{name}: passed", flush=True)
    return True


def run():
    """All checks on one vtctld, in their order, then a tablet; whether they passed."""
    with plane_on_etcd() as (plane, node):
        for check in (check_first_steps, check_absent_works, check_old_interface, check_vschema, check_locks, check_page, check_end):
            needed = (plane, node) if check is check_locks else (plane,)
            if not passed(check.__name__.removeprefix("check_"), check, *needed):
                return False
    return passed("tablet", check_tablet)
