"""An etcd of several members on fixed ports: each can be stopped, killed, started again, with its data or without."""
import base64
import json
import os
import shutil
import signal
import urllib.error
import urllib.request
from pathlib import Path

from .process import LabError, Process, free_port, wait_until


def coded(text):
    """As etcd's JSON door has bytes."""
    return base64.b64encode(text.encode()).decode()


class Etcd:
    """`address` is what a program is given as the topology's server."""

    def __init__(self, folder, logs, members=1):
        self.folder = Path(folder)
        self.logs = Path(logs)
        self.ports = [(free_port(), free_port()) for _ in range(members)]  # of clients, of the other members
        self.members = [None] * members

    @property
    def address(self):
        return ",".join(f"127.0.0.1:{port}" for port, _ in self.ports)

    def start(self):
        if shutil.which("etcd") is None:
            raise LabError("there is no etcd; the Debian package is etcd-server")
        for index in range(len(self.members)):
            self.launch(index)
        self.await_ready()
        return self

    def launch(self, index):
        port, peer = self.ports[index]
        together = ",".join(f"member-{i}=http://127.0.0.1:{other}" for i, (_, other) in enumerate(self.ports))
        self.members[index] = Process(f"etcd-{index}", [
            "etcd", "--name", f"member-{index}", "--data-dir", self.folder / f"member-{index}",
            "--listen-client-urls", f"http://127.0.0.1:{port}", "--advertise-client-urls", f"http://127.0.0.1:{port}",
            "--listen-peer-urls", f"http://127.0.0.1:{peer}", "--initial-advertise-peer-urls", f"http://127.0.0.1:{peer}",
            "--initial-cluster", together], self.logs / f"etcd-{index}.log")

    def await_ready(self):
        for index, member in enumerate(self.members):
            wait_until("etcd", lambda at=index: self.leader(at) is not None, member)

    def ask(self, path, question, member=0):
        """The answer of a member's JSON door; None if it does not answer."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.ports[member][0]}{path}", json.dumps(question).encode())
        try:
            with urllib.request.urlopen(request, timeout=2) as answer:
                return json.load(answer)
        except (urllib.error.URLError, OSError, ValueError):
            return None

    def leader(self, asked=0):
        """The index of the member that leads, as the asked one sees it; None: there is none."""
        status = self.ask("/v3/maintenance/status", {}, asked)
        if status is None or status.get("leader", "0") == "0":
            return None
        known = self.ask("/v3/cluster/member/list", {}, asked) or {}
        for member in known.get("members", []):
            if member["ID"] == status["leader"] and "name" in member:
                return int(member["name"].rsplit("-", 1)[1])
        return None

    def put(self, key, value):
        if self.ask("/v3/kv/put", {"key": coded(key), "value": coded(value)}) is None:
            raise LabError("etcd did not take a key")

    def delete(self, key):
        if self.ask("/v3/kv/deleterange", {"key": coded(key)}) is None:
            raise LabError("etcd did not delete a key")

    def compact(self):
        """Forgets every revision but the last one."""
        header = self.ask("/v3/maintenance/status", {})["header"]
        if self.ask("/v3/kv/compaction", {"revision": header["revision"], "physical": True}) is None:
            raise LabError("etcd did not compact")

    def freeze(self):
        """Returns when they stand still: a signal that is sent has not yet stopped all threads."""
        for member in self.members:
            member.child.send_signal(signal.SIGSTOP)
            os.waitpid(member.child.pid, os.WUNTRACED)

    def thaw(self):
        for member in self.members:
            member.child.send_signal(signal.SIGCONT)

    def kill(self):
        for member in self.members:
            member.kill()

    def restart_empty(self):
        """As if its disks had been lost."""
        self.kill()
        for index in range(len(self.members)):
            shutil.rmtree(self.folder / f"member-{index}")
        self.start()

    def stop(self):
        for member in self.members:
            if member and member.alive():
                member.child.send_signal(signal.SIGCONT)
                member.stop()
