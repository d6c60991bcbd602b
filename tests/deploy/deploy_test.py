"""The files of deploy/ against the gate of SLUICE_BIN: nothing in them may name what the programs do not know."""
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parent.parent.parent
DEPLOY = PROJECT / "deploy"
sys.path.insert(0, str(DEPLOY))

import pages  # noqa: E402

BIN = Path(os.environ.get("SLUICE_BIN", PROJECT / "build/release/bin"))
GATE = BIN / "vtgate"

# What the Vitess operator starts a gate with; addresses and file names are the cluster's.
OPERATORS_FLAGS = """
    buffer_max_failover_duration buffer_min_time_between_failovers buffer_size cell cells_to_watch enable_buffer grpc_max_message_size
    grpc_port logtostderr mysql_auth_server_impl mysql_auth_server_static_file mysql_auth_static_reload_interval mysql_server_port port
    service_map tablet_types_to_wait topo_global_root topo_global_server_address topo_implementation""".split()


def accepted(words):
    """What the gate says of a command line that is asked for its version only."""
    done = subprocess.run([GATE, *words, "--version"], capture_output=True, text=True, check=False)
    return done.stderr.strip() if done.returncode else ""


def manifests():
    return {part["kind"]: part for part in yaml.safe_load_all((DEPLOY / "kubernetes/vtgate.yaml").read_text(encoding="utf-8"))}


class Kubernetes(unittest.TestCase):
    def setUp(self):
        self.pod = manifests()["Deployment"]["spec"]["template"]
        self.gate = self.pod["spec"]["containers"][0]

    def test_the_command_line_is_the_operators(self):
        names = [word.removeprefix("--").split("=")[0] for word in self.gate["args"]]
        self.assertEqual(names, OPERATORS_FLAGS)
        self.assertEqual(self.gate["command"], ["/vt/bin/vtgate"])
        self.assertEqual(accepted(self.gate["args"]), "")
        self.assertIn("unknown flag", accepted([*self.gate["args"], "--nope=1"]))

    def test_ports_probes_and_limits(self):
        flags = dict(word.removeprefix("--").split("=", 1) for word in self.gate["args"])
        ports = {port["name"]: str(port["containerPort"]) for port in self.gate["ports"]}
        self.assertEqual(ports, {"web": flags["port"], "grpc": flags["grpc_port"], "mysql": flags["mysql_server_port"]})
        self.assertEqual(self.gate["readinessProbe"]["httpGet"], {"path": "/debug/health", "port": "web"})
        self.assertEqual(self.gate["livenessProbe"]["httpGet"], {"path": "/debug/status", "port": "web"})
        self.assertEqual(self.gate["resources"]["limits"]["memory"], "256Mi")
        service = {port["name"]: str(port["port"]) for port in manifests()["Service"]["spec"]["ports"]}
        self.assertEqual(service, ports)

    def test_labels_and_secret_belong_together(self):
        parts = manifests()
        labels = self.pod["metadata"]["labels"]
        self.assertEqual(parts["Deployment"]["spec"]["selector"]["matchLabels"], labels)
        self.assertEqual(parts["Service"]["spec"]["selector"], labels)
        self.assertEqual(parts["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"], labels)
        mounted, = self.gate["volumeMounts"]
        volume, = self.pod["spec"]["volumes"]
        self.assertEqual((volume["name"], volume["secret"]["secretName"]), (mounted["name"], parts["Secret"]["metadata"]["name"]))
        users, = parts["Secret"]["stringData"].items()
        self.assertIn(f"--mysql_auth_server_static_file={mounted['mountPath']}/{users[0]}", self.gate["args"])
        self.assertEqual(list(json.loads(users[1])), ["user"])


class Systemd(unittest.TestCase):
    def test_the_unit_starts_the_gate_with_flags_that_it_knows(self):
        text = (DEPLOY / "systemd/vtgate.env").read_text(encoding="utf-8").replace("\\\n", "")
        setting, = [line for line in text.split("\n") if line and not line.startswith("#")]
        words = shlex.split(shlex.split(setting)[0].removeprefix("VTGATE_FLAGS="))
        self.assertGreater(len(words), 5)
        self.assertEqual(accepted(words), "")
        unit = (DEPLOY / "systemd/vtgate.service").read_text(encoding="utf-8")
        self.assertIn("ExecStart=/usr/bin/vtgate $VTGATE_FLAGS\n", unit)


class Image(unittest.TestCase):
    def test_it_has_the_libraries_that_the_programs_are_linked_to(self):
        text = (DEPLOY / "docker/Dockerfile").read_text(encoding="utf-8")
        final = text[text.index("FROM debian:bookworm-slim"):]
        listed = set(re.findall(r"^ {8}([\w.+-]+) \\$", final, re.M))
        linked = subprocess.run(["ldd", GATE], capture_output=True, text=True, check=True).stdout
        needed = set()
        for path in re.findall(r"=> (/\S+)", linked):
            # Debian 12 merges /lib into /usr/lib; dpkg knows files by either name.
            for name in (path, str(Path("/usr") / path.lstrip("/"))):
                owner = subprocess.run(["dpkg", "-S", name], capture_output=True, text=True, check=False).stdout
                needed |= {line.split(":")[0] for line in owner.split("\n") if line}
        self.assertIn("libprotobuf32", needed)
        self.assertEqual(needed - listed - {"libc6", "libgcc-s1"}, set())


class Pages(unittest.TestCase):
    def setUp(self):
        self.page = pages.help_of(GATE)
        self.flags = [flag for flags in self.page.groups.values() for flag in flags]

    def test_every_flag_is_in_the_man_page(self):
        page = pages.man("vtgate", "1", self.page)
        self.assertGreater(len(self.flags), 223)
        for flag in self.flags:
            self.assertIn("\\-\\-" + pages.escaped(flag.name) + "\\fR", page)
        self.assertNotIn(str(PROJECT), page)

    def completed(self, *words):
        with tempfile.NamedTemporaryFile("w", suffix=".bash") as script:
            script.write(pages.completion("vtgate", self.page))
            script.flush()
            line = " ".join(shlex.quote(word) for word in ("vtgate", *words))
            command = (f"source {script.name}; compopt() {{ :; }}; COMP_WORDS=({line}); COMP_CWORD={len(words)}; "
                       "_sluice_vtgate; printf '%s\\n' \"${COMPREPLY[@]}\"")
            return subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, cwd=DEPLOY).stdout.split()

    def test_completion_knows_flags_and_files(self):
        self.assertEqual(self.completed("--mysql_server_so"), ["--mysql_server_socket_path"])
        self.assertEqual(self.completed("--logtostderr", "--mysql_server_ssl_ce"), ["--mysql_server_ssl_cert"])
        self.assertEqual(self.completed("--mysql_server_ssl_cert", "READ"), ["README.md"])
        self.assertEqual(self.completed("--cell", "z"), [])


class Numbers(unittest.TestCase):
    """A metric that a dashboard or an alert names is one of the gate's: its list is the one that `program` compares."""

    def test_queries_name_known_metrics(self):
        dashboard = json.loads((DEPLOY / "grafana/vtgate.json").read_text(encoding="utf-8"))
        rules = yaml.safe_load((DEPLOY / "prometheus/vtgate.rules.yml").read_text(encoding="utf-8"))
        queries = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
        queries += [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
        named = {name for query in queries for name in re.findall(r"\b((?:vtgate|process)_\w+)", query)}
        self.assertGreater(len(named), 15)
        known = known_metrics()
        self.assertEqual({name for name in named if name not in known}, set())


def known_metrics():
    """From the list that the gate's own output is compared with; process_* are in that output, too."""
    known = {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds", "process_max_fds"}
    for line in (PROJECT / "tests/program/metrics_v21.txt").read_text(encoding="utf-8").split("\n"):
        words = line.split()
        if len(words) < 3 or line.startswith("#"):
            continue
        name, kind = words[1], words[2]
        known |= {f"{name}_bucket", f"{name}_sum", f"{name}_count"} if kind == "histogram" else {name}
    return known


if __name__ == "__main__":
    unittest.main()
