"""The pages that people look at, in a headless Chromium: they render, tell of every tablet, and take no text for HTML."""
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import cluster
from frame import KEYSPACE, CheckError, ask, expect

HOSTILE = "<b id=injected onclick=x>"
PAGES = ("/debug/status", "/debug/queryz", "/debug/scatter_stats", "/debug/querylogz?timeout=0&limit=10")


def rendered(port, path):
    """The page's document as the browser has it after its scripts have run."""
    program = shutil.which("chromium")
    if program is None:
        raise CheckError("there is no chromium; `tools/setup.sh drivers` installs the package chromium")
    with tempfile.TemporaryDirectory(prefix="sluice-chromium-") as profile:
        words = [program, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}", "--virtual-time-budget=3000",
                 "--dump-dom", f"http://127.0.0.1:{port}{path}"]
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode != 0 or "<body" not in done.stdout:
        raise CheckError(f"chromium could not show {path}: {done.stderr[-300:]}")
    return done.stdout


@cluster.in_cluster
def check_status(where):
    """One look: every keyspace, shard and tablet."""
    document = rendered(where.web_port, "/debug/status")
    for shard in [*where.shards, *where.replicas]:
        for text in (f"zone1-{shard.uid:010d}", shard.keyspace.name, shard.name):
            if text not in document:
                raise CheckError(f"the status page does not show {text}")
    expect("tablets that do not serve", document.count("not serving"), 0)


@cluster.in_cluster
def check_injection(where):
    """Text of queries, of tablets' and keyspaces' records is text."""
    record = where.description()
    record["tablets"] = [{**where.tablet(where.shards[0]), "alias": "zone1-0000000900", "hostname": HOSTILE, "mysql_hostname": HOSTILE,
                          "type": "REPLICA", "shard": where.shards[0].name}]
    record["keyspaces"] = {name: {**described, "vschema": None} for name, described in record["keyspaces"].items()}
    for described in record["keyspaces"].values():
        del described["vschema"]
    path = Path(where.folder) / "hostile.json"
    path.write_text(json.dumps(record), encoding="utf-8")
    words = [where.program("topoctl"), *where.topology_flags, "load", path]
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    expect(f"topoctl ({done.stderr.strip()})", done.returncode, 0)
    where.gate.stop()
    where.launch_gate()
    where.await_gate()
    with where.connect(KEYSPACE) as connection:
        ask(connection, f"SELECT n AS `{HOSTILE}`, '{HOSTILE}' FROM thing WHERE id > 5 LIMIT 1")
    for page in PAGES:
        document = rendered(where.web_port, page)
        expect(f"elements of ours in {page}", 'id="injected"' in document, False)
    document = rendered(where.web_port, "/debug/status")
    expect("the hostile host is shown as text", "&lt;b id=injected" in document, True)
