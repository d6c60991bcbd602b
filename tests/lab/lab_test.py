"""The lab's own rules, without starting a database server."""
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lab import cluster, example, managed, process, servers  # noqa: E402

NO_SERVER = servers.Flavor("mysql", "none", ("/bin/false",))


def two_servers():
    return [servers.Server(f"s{i}", NO_SERVER, Path(f"/tmp/s{i}"), Path(f"/tmp/s{i}.log"), port=17100 + i) for i in (1, 2)]


class Clusters(unittest.TestCase):
    def test_shard_names(self):
        for count, names in ((1, ["-"]), (2, ["-80", "80-"]), (4, ["-40", "40-80", "80-c0", "c0-"])):
            self.assertEqual(cluster.shard_names(count), names)
        self.assertRaises(process.LabError, cluster.shard_names, 3)

    def test_databases_carry_the_shard_where_a_server_is_shared(self):
        for shards, names in ((1, ["vt_customer"]), (2, ["vt_customer", "vt_customer"]),
                              (4, ["vt_customer_-40", "vt_customer_40-80", "vt_customer_80-c0", "vt_customer_c0-"])):
            made = cluster.Cluster("/tmp/c", example.keyspaces(shards), two_servers(), port=1, web_port=2)
            self.assertEqual([shard.database for shard in made.of("customer")], names)

    def test_description(self):
        made = cluster.Cluster("/tmp/c", example.keyspaces(2), two_servers(), port=1, web_port=2, tablets_by_socket=True)
        description = made.description()
        self.assertEqual(sorted(description["keyspaces"]), ["commerce", "customer", "sbtest"])
        self.assertEqual(len({tablet["alias"] for tablet in description["tablets"]}), 5)
        self.assertEqual(description["tablets"][2], {
            "alias": "zone1-0000000102", "keyspace": "customer", "shard": "80-", "type": "PRIMARY", "hostname": "127.0.0.1",
            "mysql_hostname": "127.0.0.1", "mysql_port": 17102, "db_name_override": "vt_customer", "tags": {"mysql_socket": "/tmp/s2/mysql.sock"}})


class Managed(unittest.TestCase):
    def test_mysqld_is_found_by_its_root(self):
        plain = servers.Flavor("mariadb", "none", ("/usr/sbin/mariadbd",))
        self.assertEqual(managed.mysql_root(plain, Path("/nowhere")), Path("/usr"))
        with tempfile.TemporaryDirectory() as folder:
            wrapped = servers.Flavor("mysql", "none", ("/bin/echo", "mysqld"), Path("/base"), Path("/base/plugin"))
            root = managed.mysql_root(wrapped, Path(folder))
            said = subprocess.run([root / "bin/mysqld", "--defaults-file=x", "--basedir=y"], capture_output=True, text=True, check=True).stdout
        self.assertEqual(said, "mysqld --defaults-file=x --basedir=y --basedir=/base --plugin-dir=/base/plugin\n")

    def test_ports_are_the_documentations(self):
        made = managed.LocalCluster("/tmp/c", NO_SERVER, managed.Ports())
        tablet = managed.Tablet(made, "commerce", "0", 102)
        self.assertEqual((tablet.mysql_port, tablet.web_port, tablet.rpc_port), (17102, 15102, 16102))
        self.assertEqual((tablet.alias, tablet.database), ("zone1-0000000102", "vt_commerce"))
        self.assertEqual(made.etcd.address, "127.0.0.1:2379")
        anywhere = managed.Ports.anywhere()
        self.assertEqual(len(set(anywhere.named().values())), 7)
        self.assertRaises(process.LabError, managed.Place, "/tmp/" + "c" * 90, NO_SERVER)


class Processes(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.log = Path(folder.name, "part.log")

    def test_a_part_that_ends_early_is_told_with_its_last_words(self):
        part = process.Process("part", ["sh", "-c", "echo some Error here; exit 3"], self.log)
        with self.assertRaisesRegex(process.LabError, r"part ended while it started \(exit code 3\).*some Error here"):
            process.wait_until("part", lambda: False, part)

    def test_a_part_ends_with_its_killed_parent(self):
        lines = ["import sys, time", f"sys.path.insert(0, {str(Path(__file__).resolve().parent.parent)!r})", "from lab.process import Process",
                 f"part = Process('sleep', ['sleep', '600'], {str(self.log)!r})", "print(part.pid, flush=True)", "time.sleep(600)"]
        with subprocess.Popen([sys.executable, "-B", "-c", "\n".join(lines)], stdout=subprocess.PIPE, text=True) as parent:
            pid = int(parent.stdout.readline())
            parent.kill()
        process.wait_until("the end of the part", lambda: ended(pid), seconds=10)

    def test_stop_and_ports(self):
        part = process.Process("part", ["sleep", "600"], self.log)
        self.assertEqual(part.stop(), -signal.SIGTERM)
        self.assertEqual(len({process.free_port() for _ in range(50)}), 50)


def ended(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z" or not os.path.exists(f"/proc/{pid}/exe")


if __name__ == "__main__":
    unittest.main()
