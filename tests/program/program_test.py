"""What operators and tools see of the gate itself: words, exit codes, pages, files, signals."""
import gzip
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import pymysql  # noqa: E402

from lab.process import Process, accepts, free_port, wait_until  # noqa: E402

BIN = Path(os.environ.get("SLUICE_BIN", "build/release/bin"))
TYPES = "--tablet_types_to_wait=PRIMARY"
GLOG = r"^F\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ \w+\.cc:\d+\] "


def run(*words, environment=None):
    """The gate until it ends by itself."""
    return subprocess.run([str(BIN / "vtgate"), *[str(word) for word in words]], capture_output=True, text=True, timeout=120,
                          check=False, env={**os.environ, **(environment or {})})


class CommandLine(unittest.TestCase):
    def test_help_is_laid_out_as_cobra_does(self):
        done = run("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        parts = [done.stdout.find(part) for part in (
            "VTGate is a stateless proxy", "\n\n### Key Options\n\n* `--", "\n\nUsage:\n  vtgate [flags]\n\nExamples:\nvtgate \\\n\t--topo_",
            "\n\nFlags:\n      --allow-kill-statement", "\n  -h, --help ", "\n  -v, --version ", "\n\nFlags of Sluice:\n",
            "\n\nFlags of a straight gate (")]
        self.assertNotIn(-1, parts)
        self.assertEqual(parts, sorted(parts))
        self.assertRegex(done.stdout, r"\n      --config-path strings +\S.* \(default \[" + re.escape(os.getcwd()) + r"\]\)\n")
        self.assertEqual(run("-h").stdout, done.stdout)

    def test_version(self):
        done = run("--version")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"^vtgate version Version: 21\.0\.3 \(Git revision \S+ branch '\w+'\) built on \S+ by \S+ using "
                                      r"clang \S+ linux/amd64\n$")
        self.assertEqual(run("-v").stdout, done.stdout)

    def test_wrong_command_lines_end_with_1(self):
        for words, text in (
                (["--nope"], "unknown flag: --nope"),
                (["-port", "1"], "unknown shorthand flag: 'p' in -port"),
                (["extra"], 'unknown command "extra" for "vtgate"'),
                (["--port"], "flag needs an argument: --port"),
                (["--port=x"], 'invalid argument "x" for "--port" flag: strconv.ParseInt: parsing "x": invalid syntax'),
                ([], 'required flag(s) "tablet_types_to_wait" not set')):
            done = run(*words)
            self.assertEqual((done.returncode, done.stdout), (1, ""), words)
            self.assertTrue(done.stderr.startswith(f"Error: {text}\nUsage:\n  vtgate [flags]\n"), done.stderr[:200])
            self.assertRegex(done.stderr.rstrip("\n").split("\n")[-1], GLOG + re.escape(text) + "$")

    def test_wrong_values_end_with_1_or_with_2_and_a_stack(self):
        for words, status, text in (
                (["--transaction_mode=both"], 1, "Invalid option: both"),
                (["--mysql_server_port=1", "--mysql_auth_server_impl=ldap"], 1,
                 "--mysql_auth_server_impl=ldap is not supported; use static or none"),
                (["--srv_topo_cache_refresh=2s"], 2, "srv_topo_cache_refresh must be less than or equal to srv_topo_cache_ttl"),
                (["--buffer_size=0"], 2, "Invalid buffer configuration: --buffer_size must be >= 1 (specified value: 0)"),
                (["--config-name=none", "--config-file-not-found-handling=exit"], 2, "Failed to read in config: "),
                (["--cell=x"], 1, "topo_global_server_address must be configured"),
                (["--topo_global_server_address=x", "--topo_global_root=/r", "--topo_implementation=etcd3", "--tablet_protocol=mysql"], 1,
                 "Failed to open topo server (etcd3,x,/r): no such topology implementation etcd3")):
            done = run(TYPES, "--tablet_protocol=mysql", "--logtostderr", *words)
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertRegex(done.stderr, re.compile(GLOG + re.escape(text), re.M))
            self.assertEqual("stack:\n" in done.stderr, status == 2, done.stderr)

    def test_notices(self):
        done = run(TYPES, "--logtostderr", "--healthcheck-dial-concurrency=3", "--warn_sharded_only", "--tablet_protocol=mysql")
        self.assertTrue(done.stderr.startswith("Flag --healthcheck-dial-concurrency has been deprecated, "), done.stderr)
        self.assertRegex(done.stderr, r"\nW.*\] --warn_sharded_only has no effect: ")


class Gate:
    """A gate over one shard whose server does not exist."""

    def __init__(self, folder, *flags):
        self.folder = Path(folder)
        self.web, self.mysql = free_port(), free_port()
        topology = ["--topo_implementation", "embedded", "--topo_global_server_address", self.folder / "topo.sqlite",
                    "--topo_global_root", "/vitess/global"]
        cluster = {"cells": {"zone1": {"root": "/vitess/zone1"}}, "keyspaces": {"ks": {"shards": ["-"], "vschema": {}}},
                   "tablets": [{"alias": "zone1-0000000100", "keyspace": "ks", "shard": "-", "type": "PRIMARY", "hostname": "127.0.0.1",
                                "mysql_hostname": "127.0.0.1", "mysql_port": free_port()}]}
        (self.folder / "cluster.json").write_text(json.dumps(cluster), encoding="utf-8")
        words = [BIN / "topoctl", *topology, "load", self.folder / "cluster.json"]
        subprocess.run([str(word) for word in words], check=True, capture_output=True)
        self.pid_file = self.folder / "vtgate.pid"
        self.process = Process("vtgate", [
            BIN / "vtgate", "--tablet_protocol=mysql", *topology, "--cell=zone1", "--cells_to_watch=zone1", TYPES,
            "--gateway_initial_tablet_timeout=100ms", "--schema_change_signal=false", "--logtostderr", "--loops=2",
            "--mysql_server_port", self.mysql, "--mysql_server_bind_address=127.0.0.1", "--port", self.web, "--bind-address=127.0.0.1",
            "--pid_file", self.pid_file, *flags], self.folder / "vtgate.out", folder=folder)
        wait_until("vtgate", lambda: accepts(self.web), self.process)

    def page(self, path, posted=None):
        """(status, text)"""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.web}{path}", data=posted, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def connect(self, user="app", password=""):
        return pymysql.connect(host="127.0.0.1", port=self.mysql, user=user, password=password, autocommit=None)

    def may_log_in(self, user, password):
        try:
            self.connect(user, password).close()
        except pymysql.err.OperationalError:
            return False
        return True

    def log(self):
        return (self.folder / "vtgate.out").read_text(encoding="utf-8")


class Life(unittest.TestCase):
    def start(self, *flags):
        folder = tempfile.TemporaryDirectory(prefix="sluice_program_")
        self.addCleanup(folder.cleanup)
        gate = Gate(folder.name, *flags)
        self.addCleanup(gate.process.stop)
        return gate

    def test_pages_and_end(self):
        gate = self.start("--mysql_auth_server_impl=none")
        self.assertEqual(gate.page("/debug/health"), (200, "ok"))
        self.assertEqual(gate.page("/debug/liveness"), (200, ""))
        self.assertEqual(gate.page("/debug/ready"), (503, "starting: no tablet answers yet\n"))
        self.assertEqual(gate.pid_file.read_text(encoding="utf-8"), f"{gate.process.pid}\n")
        self.assertIn("file: none\n", gate.page("/debug/config")[1])
        self.assertEqual(gate.process.stop(), 0)
        self.assertFalse(gate.pid_file.exists())
        self.assertIn("] Entering lameduck mode for at least 50ms\n", gate.log())

    def test_metrics_are_v21s(self):
        gate = self.start("--mysql_auth_server_impl=none")
        with gate.connect() as client, client.cursor() as cursor:
            for text in ("begin", "commit", "set @a = 1", "select * from nowhere.t", "select * from ks.t"):
                try:
                    cursor.execute(text)
                except pymysql.err.Error:
                    pass
            variables, text = json.loads(gate.page("/debug/vars")[1]), gate.page("/metrics")[1]
        types = dict(re.findall(r"^# TYPE (\S+) (\w+)$", text, re.M))
        labels = {}
        for name, pairs in re.findall(r"^(\w+?)(?:_bucket|_sum|_count(?=\{))?(?:\{(.*)\})? \S+$", text, re.M):
            labels.setdefault(name, set()).add(frozenset(re.findall(r'(\w+)="', pairs)) - {"le"})
        wanted = (Path(__file__).parent / "metrics_v21.txt").read_text(encoding="utf-8").splitlines()
        for line in wanted[1:]:
            variable, name, *rest = line.split()
            self.assertIn(variable, variables)
            if name == "-":
                continue
            self.assertEqual(types.get(name), rest[0], line)
            names = frozenset(rest[1].split(",")) if len(rest) > 1 else frozenset()
            self.assertLessEqual(labels.get(name, set()), {names}, line)
        own = {name for name in variables if not name.startswith(("Sluice", "process_"))}
        self.assertEqual(own - {line.split()[0] for line in wanted[1:]}, set())
        self.assertEqual(variables["QueriesProcessed"], {"Begin": 1, "Commit": 1, "Set": 1, "Unsharded": 1})
        self.assertEqual(variables["VtgateApiErrorCounts"], {"Execute..primary.NOT_FOUND": 1, "Execute..primary.UNAVAILABLE": 1})
        self.assertEqual(variables["MysqlServerConnCountPerUser"], {"app": 1})
        self.assertEqual(variables["MysqlServerConnCountByTLSVer"], {"None": 1})
        bounds = re.findall(r'^vtgate_api_bucket\{.*le="(\S+)"\} ', text, re.M)
        self.assertEqual(bounds, "0.0005 0.001 0.005 0.01 0.05 0.1 0.5 1 5 10 +Inf".split())
        self.assertEqual(list(variables["VtgateApi"]["Histograms"]["Execute..primary"]),
                         [*(str(number) for number in (500000, 1000000, 5000000, 10000000, 50000000, 100000000, 500000000, 1000000000,
                                                       5000000000, 10000000000)), "inf", "Count", "Time"])

    def test_pages_have_v21s_forms(self):
        gate = self.start("--mysql_auth_server_impl=none", "--pprof-http")
        with gate.connect("<script>alert(1)</script>") as client, client.cursor() as cursor:
            for text in ("set @a = 1", "select '<script>alert(1)</script>' from ks.`<b>`"):
                try:
                    cursor.execute(text)
                except pymysql.err.Error:
                    pass
            for path in ("/debug/status", "/debug/queryz", "/debug/scatter_stats", "/debug/querylogz?timeout=0", "/debug/env", "/debug/pprof/"):
                status, text = gate.page(path)
                self.assertEqual((status, text[:15]), (200, "<!DOCTYPE html>"), path)
                self.assertNotIn("<script", text, path)
                self.assertNotIn("<b>`", text, path)
        self.assertIn("<h1>Status for vtgate</h1>", gate.page("/healthz")[1])  # by way of a redirect
        listed = json.loads(gate.page("/debug/gateway")[1])
        self.assertEqual([(each["Cell"], each["Target"]) for each in listed],
                         [("zone1", {"keyspace": "ks", "shard": "-", "tablet_type": 1})])
        self.assertEqual(listed[0]["TabletsStats"][0]["Tablet"]["alias"], {"cell": "zone1", "uid": 100})
        self.assertEqual(list(listed[0]["TabletsStats"][0]),
                         ["Tablet", "Target", "Serving", "PrimaryTermStartTime", "Stats", "LastError"])
        self.assertEqual(json.loads(gate.page("/api/health-check/cell/zone1")[1]), listed)
        self.assertEqual(gate.page("/api/health-check/keyspace/other"), (200, "[]"))
        self.assertEqual(gate.page("/api/health-check/x")[0], 500)
        plans = json.loads(gate.page("/debug/query_plans")[1])
        for plan in plans.values():
            self.assertLessEqual(set(plan), {"QueryType", "Original", "Instructions", "ExecCount", "ExecTime", "ShardQueries", "RowsAffected",
                                             "RowsReturned", "Errors", "TablesUsed"})
        self.assertEqual([plan["Errors"] for plan in plans.values()], [1])
        with urllib.request.urlopen(f"http://127.0.0.1:{gate.web}/debug/pprof/profile?seconds=1", timeout=30) as answer:
            self.assertIn(b"nanoseconds", gzip.decompress(answer.read()))

    def test_query_log(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "queries"
            gate = self.start("--mysql_auth_server_impl=none", f"--log_queries_to_file={file}", "--querylog-format=json",
                              "--querylog-filter-tag=told")
            follower = http.client.HTTPConnection("127.0.0.1", gate.web, timeout=30)
            follower.request("GET", "/debug/querylog?full")
            stream = follower.getresponse()
            with gate.connect() as client, client.cursor() as cursor:
                for text in ("set @untold = 1", "set @told = 'x'"):
                    try:
                        cursor.execute(text.replace("untold", "silent"))
                    except pymysql.err.Error:
                        pass
            line = json.loads(stream.readline())
            follower.close()
            self.assertEqual(list(line), [
                "Method", "RemoteAddr", "Username", "ImmediateCaller", "Effective Caller", "Start", "End", "TotalTime", "PlanTime",
                "ExecuteTime", "CommitTime", "StmtType", "SQL", "BindVars", "ShardQueries", "RowsAffected", "Error", "TabletType",
                "SessionUUID", "Cached Plan", "TablesUsed", "ActiveKeyspace", "MirrorSourceExecuteTime", "MirrorTargetExecuteTime",
                "MirrorTargetError"])
            self.assertEqual((line["Method"], line["Username"], line["StmtType"], line["SQL"]),
                             ("Execute", "app", "SET", "set @told = 'x'"))
            wait_until("the file", lambda: file.read_text(encoding="utf-8").count("\n") == 1, gate.process)
            self.assertEqual(json.loads(file.read_text(encoding="utf-8"))["SQL"], "set @told = 'x'")
            # A file that was moved away is begun anew.
            file.rename(Path(folder) / "old")
            with gate.connect() as client, client.cursor() as cursor:
                cursor.execute("set @told = 2")
            wait_until("the new file", lambda: file.exists() and "@told = 2" in file.read_text(encoding="utf-8"), gate.process)

    def test_security_policy(self):
        gate = self.start("--mysql_auth_server_impl=none", "--security_policy=read-only")
        self.assertEqual(gate.page("/debug/health"), (200, "ok"))
        self.assertEqual(gate.page("/debug/env"), (403, "Access denied: not allowed: read-only security_policy enforced\n"))

    def test_configuration_is_followed_and_written_back(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "vtconfig.yaml"
            file.write_text("discovery:\n  low_replication_lag: 5s\n", encoding="utf-8")
            gate = self.start("--mysql_auth_server_impl=none", f"--config-path={folder}")
            lag = lambda: json.loads(gate.page("/debug/env?format=json")[1])["discovery_low_replication_lag"]  # noqa: E731
            self.assertEqual(lag(), "5s")
            file.write_text("discovery:\n  low_replication_lag: 6s\n", encoding="utf-8")
            wait_until("the new value", lambda: lag() == "6s", gate.process)
            status, text = gate.page("/debug/env", b"varname=discovery_low_replication_lag&value=7s")
            self.assertEqual(status, 200)
            self.assertIn("Setting discovery_low_replication_lag to: 7s", text)
            self.assertEqual(lag(), "7s")
            wait_until("the written value", lambda: "7s" in file.read_text(encoding="utf-8"), gate.process)
            self.assertIn("from run time, dynamic", gate.page("/debug/config")[1])

    def test_users_are_reloaded(self):
        def users(folder, name):
            folder.mkdir(exist_ok=True)
            (folder / "users.json").write_text(json.dumps({name: [{"Password": "secret"}]}), encoding="utf-8")

        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            users(folder / "..one", "one")
            (folder / "..data").symlink_to("..one")
            (folder / "users.json").symlink_to("..data/users.json")
            gate = self.start(f"--mysql_auth_server_static_file={folder / 'users.json'}")
            self.assertTrue(gate.may_log_in("one", "secret"))
            self.assertFalse(gate.may_log_in("one", "wrong"))
            # A mounted secret: its folder is replaced by the move of a symlink.
            users(folder / "..two", "two")
            (folder / "..tmp").symlink_to("..two")
            (folder / "..tmp").rename(folder / "..data")
            wait_until("user two", lambda: gate.may_log_in("two", "secret"), gate.process)
            self.assertFalse(gate.may_log_in("one", "secret"))
            # A broken file: the users stay, and the log says so.
            (folder / "..two" / "users.json").write_text("{", encoding="utf-8")
            gate.process.child.send_signal(signal.SIGHUP)
            wait_until("the complaint", lambda: "] the old users stay: " in gate.log(), gate.process)
            self.assertTrue(gate.may_log_in("two", "secret"))

    def test_transactions_end_before_the_gate(self):
        gate = self.start("--mysql_auth_server_impl=none", "--onterm_timeout=60s")
        busy, idle = gate.connect(), gate.connect()
        busy.query("begin")
        gate.process.child.terminate()
        wait_until("the end of listening", lambda: not accepts(gate.mysql), gate.process)
        wait_until("draining", lambda: gate.page("/debug/ready") == (503, "draining: the process ends\n"), gate.process)
        self.assertEqual(gate.page("/debug/health"), (200, "ok"))
        with self.assertRaises(pymysql.err.OperationalError) as refused:
            idle.query("begin")
        self.assertEqual(refused.exception.args[0], 1053)
        busy.query("set @a = 1")
        busy.query("commit")
        self.assertEqual(gate.process.child.wait(30), 0)

    def test_clients_may_stay_until_they_leave(self):
        gate = self.start("--mysql_auth_server_impl=none", "--onterm_timeout=60s", "--mysql-server-drain-onterm")
        client = gate.connect()
        gate.process.child.terminate()
        wait_until("the end of listening", lambda: not accepts(gate.mysql), gate.process)
        client.ping(reconnect=False)
        client.query("begin")
        client.query("rollback")
        self.assertTrue(gate.process.alive())
        client.close()
        self.assertEqual(gate.process.child.wait(30), 0)

    def test_patience_ends_with_onterm_timeout(self):
        gate = self.start("--mysql_auth_server_impl=none", "--onterm_timeout=300ms")
        busy = gate.connect()
        busy.query("begin")
        gate.process.child.terminate()
        self.assertEqual(gate.process.child.wait(30), 0)
        self.assertIn("] OnTermSync hooks timed out\n", gate.log())
        with self.assertRaises(pymysql.err.Error):
            busy.query("commit")

    def test_a_taken_port_ends_the_start(self):
        gate = self.start("--mysql_auth_server_impl=none")
        with tempfile.TemporaryDirectory() as folder:
            second = subprocess.run(
                [str(BIN / "vtgate"), "--tablet_protocol=mysql", "--topo_implementation=embedded",
                 f"--topo_global_server_address={gate.folder / 'topo.sqlite'}", "--topo_global_root=/vitess/global", "--cell=zone1",
                 "--cells_to_watch=zone1", TYPES, "--gateway_initial_tablet_timeout=100ms", "--schema_change_signal=false",
                 f"--mysql_server_port={gate.mysql}", "--mysql_server_bind_address=127.0.0.1", "--mysql_auth_server_impl=none",
                 "--bind-address=127.0.0.1", f"--log_dir={folder}"], capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(second.returncode, 1, second.stderr)
            self.assertIn("address already in use", second.stderr)
            self.assertIn("address already in use", (Path(folder) / "vtgate.ERROR").read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main(verbosity=1)
