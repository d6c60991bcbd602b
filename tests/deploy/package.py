"""The .deb in a Debian root of its own: it installs, its gate runs as its own user, and it is removed without a trace.

Needs root (debootstrap, chroot) and a release build; part of `make e2e`.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.request
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(PROJECT / "tests"))

import pymysql  # noqa: E402

from lab import mysql_root  # noqa: E402
from lab.process import Process, free_port, wait_until  # noqa: E402

BUILD = PROJECT / "build/release"
# What apt and dpkg keep of any package, and caches of libraries.
KEPT = ("var/lib/apt", "var/lib/dpkg", "var/cache", "var/log", "etc/ld.so.cache", "etc/passwd-", "etc/shadow-", "etc/group-", "etc/gshadow-",
        "etc/subuid-", "etc/subgid-", "etc/apt", "tmp", "proc", "sys", "dev", "run", "usr/share/doc", "etc/.pwd.lock")


def chroot(root, *words):
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8", "HOME": "/tmp"}
    done = subprocess.run(["chroot", root, *words], capture_output=True, text=True, check=False, env={**environment, **proxy_words()})
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(words)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def proxy_words():
    return dict(word.split("=", 1) for word in mysql_root.proxies())


def files_of(root):
    found = set()
    for folder, folders, names in os.walk(root):
        inside = os.path.relpath(folder, root)
        folders[:] = [name for name in folders if not os.path.normpath(os.path.join(inside, name)).startswith(KEPT)]
        found |= {os.path.normpath(os.path.join(inside, name)) for name in [*names, *folders]}
    return {name for name in found if not name.startswith(KEPT)}


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if os.getuid() != 0:
            raise unittest.SkipTest("a Debian root takes root's rights")
        subprocess.run([PROJECT / "tools/build.sh", "release", "package_files"], check=True, capture_output=True)
        subprocess.run(["cpack", "-G", "DEB"], cwd=BUILD, check=True, capture_output=True)
        cls.deb = max(BUILD.glob("sluice_*.deb"), key=lambda path: path.stat().st_mtime)
        cls.root = Path(tempfile.mkdtemp(prefix="sluice-deb-"))
        cls.root.chmod(0o755)
        subprocess.run(["env", *mysql_root.proxies(), "debootstrap", "--variant=minbase", "bookworm", cls.root, mysql_root.mirror()],
                       check=True, capture_output=True)
        chroot(cls.root, "apt-get", "install", "--yes", "--no-install-recommends", *libraries(cls.deb))
        shutil.copy(cls.deb, cls.root / "tmp/sluice.deb")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.root, ignore_errors=True)

    def run_gate(self):
        """The installed gate as its own user, over an empty cluster in one file."""
        port, web = free_port(), free_port()
        topology = ["--topo_implementation=embedded", "--topo_global_server_address=/var/lib/sluice/topo.sqlite",
                    "--topo_global_root=/vitess/global"]
        folder = self.root / "var/lib/sluice"
        folder.mkdir()
        (folder / "cluster.json").write_text(json.dumps({"cells": {"zone1": {"root": "/vitess/zone1"}}, "keyspaces": {}, "tablets": []}), encoding="utf-8")
        chroot(self.root, "chown", "-R", "vitess:vitess", "/var/lib/sluice")
        as_user = ["chroot", "--userspec=vitess:vitess", self.root]
        subprocess.run([*as_user, "/usr/bin/topoctl", *topology, "load", "/var/lib/sluice/cluster.json"], check=True, capture_output=True)
        gate = Process("vtgate", [*as_user, "/usr/bin/vtgate", "--tablet_protocol=mysql", *topology, "--cell=zone1", "--cells_to_watch=zone1",
                                  "--tablet_types_to_wait=PRIMARY", f"--port={web}", f"--mysql_server_port={port}", "--logtostderr",
                                  "--mysql_server_bind_address=127.0.0.1", "--mysql_auth_server_impl=none"], self.root / "tmp/gate.log")
        try:
            wait_until("vtgate", lambda: answers(port), gate, 60)
            with urllib.request.urlopen(f"http://127.0.0.1:{web}/debug/health", timeout=5) as page:
                self.assertEqual(page.status, 200)
        finally:
            status = gate.stop()
        self.assertEqual(status, 0)

    def test_it_installs_runs_and_leaves(self):
        before = files_of(self.root)
        chroot(self.root, "dpkg", "--install", "/tmp/sluice.deb")
        installed = files_of(self.root) - before
        for wanted in ("usr/bin/vtgate", "usr/bin/vttablet", "usr/bin/vtctld", "usr/bin/mysqlctl", "usr/bin/mysqlctld", "usr/bin/vtctldclient", "usr/bin/topoctl", "etc/sluice/vtgate.env",
                       "usr/lib/systemd/system/vtgate.service", "usr/lib/systemd/system/vttablet@.service",
                       "usr/share/bash-completion/completions/vtgate", "usr/share/man/man1/vttablet.1.gz"):
            self.assertIn(wanted, installed)
        self.assertIn("vtgate version Version: 21.0.3", chroot(self.root, "vtgate", "--version"))
        self.assertIn("vitess", chroot(self.root, "getent", "passwd", "vitess"))
        sizes = sum((self.root / name).stat().st_size for name in installed if (self.root / name).is_file())
        self.assertLess(sizes, 80 << 20)
        self.run_gate()
        chroot(self.root, "dpkg", "--purge", "sluice")
        self.assertEqual(files_of(self.root), before)
        self.assertNotIn("vitess", (self.root / "etc/passwd").read_text(encoding="utf-8"))


def answers(port):
    try:
        pymysql.connect(host="127.0.0.1", port=port, user="root").close()
    except (pymysql.err.MySQLError, OSError):
        return False
    return True


def libraries(deb):
    """Names of the packages that it depends on."""
    fields = subprocess.run(["dpkg-deb", "--field", deb, "Depends"], capture_output=True, text=True, check=True).stdout
    return [word.split()[0] for word in fields.split(",")]


if __name__ == "__main__":
    unittest.main()
