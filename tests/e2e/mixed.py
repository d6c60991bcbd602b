"""Clusters of our programs and Vitess 21's together (VITESS_BIN): each gate over each one's tablets gives the same answers. The recorded end-to-end
statements need SLUICE_CORPORA; sysbench runs E2E_SECONDS (5) of each load. The journey's statements and SHOW are compared by `cluster`."""
import json
import subprocess

import endtoend
import load
from frame import CheckError, cluster_options, eventually, only_gate
from lab import example
from lab.cluster import Keyspace, shard_names
from lab.replicated import PASSWORD, USER, ReplicatedCluster, v21_program


class MixedCluster(ReplicatedCluster):
    """Two gates over the same tablets: `theirs` is Vitess's."""

    def start_gate(self):
        super().start_gate()
        self.theirs = self.beside(v21_program("vtgate"), "vtgate-v21")

    def stop(self):
        if getattr(self, "theirs", None):
            self.theirs.gate.stop()
        super().stop()

    def change_vschemas(self, vschemas):
        """Writes the keyspaces' VSchemas, past the gates, and waits until both have them."""
        description = self.description()
        for name, vschema in vschemas.items():
            description["keyspaces"][name]["vschema"] = vschema
        description["tablets"] = []
        path = self.folder / "changed.json"
        path.write_text(json.dumps(description), encoding="utf-8")
        words = [self.program("topoctl"), *self.topology_flags, "--overwrite", "load", path]
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
        if done.returncode:
            raise CheckError(f"topoctl: {done.stderr.strip()}")
        tables = set(vschemas[endtoend.SHARDED].get("tables", {}))
        eventually("the VSchema in both gates", lambda: endtoend.wait_for_tables((self, self.theirs), tables), 20)
        self.reload_schemas()

    def reload_schemas(self):
        """Tablets look for tables when they are told."""
        for name in (endtoend.SHARDED, endtoend.UNSHARDED):
            words = [self.program("vtctldclient"), "--server", "internal", *self.topology_flags, "ReloadSchemaKeyspace", name]
            done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
            if done.returncode:
                raise CheckError(f"ReloadSchemaKeyspace: {done.stderr.strip()}")


class MixedCluster21(MixedCluster):
    vttablet = v21_program("vttablet")


def keyspaces(_):
    return [Keyspace(endtoend.SHARDED, shard_names(2), {"sharded": True, "vindexes": {"hash": {"type": "hash"}}, "tables": {}}),
            Keyspace(endtoend.UNSHARDED, ["0"], {"tables": {}}), example.sbtest(2)]


OURS = {"made_of": MixedCluster, "keyspaces": keyspaces}
V21 = {"made_of": MixedCluster21, "keyspaces": keyspaces}
ANSWERS = {}  # of a gate over tablets: what it said, by group


def on(options):
    return lambda check: only_gate(cluster_options(**options)(check))


def ask_both(where, tablets):
    for name in endtoend.GROUPS:
        group = endtoend.Group(where, name)
        group.prepare()
        for gate, connection in (("ours", where), ("v21", where.theirs)):
            ANSWERS.setdefault((gate, tablets), {})[name] = group.answers(connection)


def all_loads(where):
    """Each load of sysbench without an error."""
    for name in load.LOADS:
        for mode in ("disable", "auto"):
            load.sysbench(where, name, 1, "prepare", user=USER, password=PASSWORD)
            try:
                load.sysbench(where, name, 8, "run", mode, user=USER, password=PASSWORD)
            finally:
                load.sysbench(where, name, 1, "cleanup", user=USER, password=PASSWORD)


@on(OURS)
def check_loads_of_v21_gate(where):
    all_loads(where.theirs)


@on(V21)
def check_loads_over_v21_tablets(where):
    all_loads(where)


@on(OURS)
def check_statements_over_ours(where):
    """Asked here, compared below."""
    ask_both(where, "ours")


@on(V21)
def check_statements_over_v21(where):
    """A gate cannot tell whose tablets it has; and what Vitess's gate answers, ours answers too."""
    ask_both(where, "v21")
    found = []
    for name in ("v21", "ours"):
        found += differences(f"{name}'s gate over our tablets and over v21's", (name, "ours"), (name, "v21"))
    found += differences("our gate and v21's over v21's tablets", ("ours", "v21"), ("v21", "v21"), allowed=v21_is_wrong)
    if found:
        raise CheckError("\n  ".join([f"{len(found)} differences", *found]))


def differences(title, one, other, allowed=lambda *_: False):
    total, found = 0, []
    for group, answers in ANSWERS[one].items():
        total += len(answers)
        found += [f"{title}: {group}: {text}" for text in endtoend.differences(answers, ANSWERS[other][group], allowed)]
    print(f"e2e mixed: {title}: {total} statements, {len(found)} differ", flush=True)
    return found


def v21_is_wrong(_, ours, theirs):
    """What v21 refuses may be answered, and errors have MySQL's numbers and words (docs/differences.md)."""
    return endtoend.failed(theirs)


if v21_program("vtgate") is None or v21_program("vttablet") is None:
    for check in [name for name in globals() if name.startswith("check_")]:
        del globals()[check]
elif not endtoend.is_here():
    del check_statements_over_ours, check_statements_over_v21
