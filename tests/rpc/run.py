"""Runs our gRPC peer against those of other implementations, both ways: run.py [--allow-absent] [grpcpp] [go].

Each pair runs in clear, compressed, and under TLS with certificates on both sides. SLUICE_BIN is the folder of
sluice_peer and grpcpp_peer; the Go peer is built here. A peer that cannot be had fails the run, unless --allow-absent is given.
"""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
BIN = Path(os.environ.get("SLUICE_BIN", PROJECT / "build/release/bin"))
GO_PEER = PROJECT / "build/rpc/go_peer"

# What each pair is run under. grpc++ has no snappy, and cannot pass codes above 16.
SETTINGS = {
    "grpcpp": {"clear": {"PEER_CODES": "16"}, "gzip": {"PEER_CODES": "16", "PEER_COMPRESSION": "gzip"},
               "tls": {"PEER_CODES": "16", "PEER_TLS": ""}},
    "go": {"clear": {}, "gzip": {"PEER_COMPRESSION": "gzip"}, "snappy": {"PEER_COMPRESSION": "snappy"},
           "tls": {"PEER_TLS": ""}},
}


def make_certificates(folder):
    """A CA, and a server's and a client's certificate by it."""
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *key, "-days", "2", "-subj", "/CN=test CA", "-keyout", "ca.key", "-out", "ca.pem")
    Path(folder, "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n", encoding="ascii")
    for name in ("server", "client"):
        openssl("req", "-new", *key, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                "-extfile", "names", "-out", f"{name}.pem")


def build_go():
    """None, or why the Go peer cannot be had here."""
    if shutil.which("go") is None:
        return "there is no go"
    GO_PEER.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["go", "build", "-o", GO_PEER, "."], cwd=HERE / "go", capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else (done.stderr or done.stdout).strip().split("\n")[-1]


def run_pair(server, client, environment):
    """Starts the server, runs the client's checks; None, or what was wrong."""
    whole = {**os.environ, **environment}
    with subprocess.Popen([server, "server"], env=whole, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as serving:
        try:
            line = serving.stdout.readline().split()
            if len(line) != 2 or line[0] != "port":
                return "the server does not start"
            done = subprocess.run([client, "client", line[1]], env=whole, capture_output=True, text=True, timeout=120, check=False)
            if done.returncode != 0:
                return (done.stderr or f"exit code {done.returncode}").strip()
        except subprocess.TimeoutExpired:
            return "the client does not end"
        finally:
            serving.stdin.close()
            try:
                code = serving.wait(timeout=30)
            except subprocess.TimeoutExpired:
                serving.kill()
                code = "none, it was killed"
    return None if code == 0 else f"the server ended with {code}"


def main():
    peers = [word for word in sys.argv[1:] if word != "--allow-absent"] or ["grpcpp", "go"]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="sluice-rpc-") as folder:
        make_certificates(folder)
        for peer in peers:
            absent = build_go() if peer == "go" else None
            if absent:
                print(f"rpc: {peer} is absent ({absent})", flush=True)
                failed += "--allow-absent" not in sys.argv
                continue
            theirs = GO_PEER if peer == "go" else BIN / f"{peer}_peer"
            ours = BIN / "sluice_peer"
            for setting, values in SETTINGS[peer].items():
                environment = {name: value or folder for name, value in values.items()}
                for title, server, client in (("calls", theirs, ours), ("is called by", ours, theirs)):
                    wrong = run_pair(server, client, environment)
                    failed += wrong is not None
                    print(f"rpc: sluice {title} {peer}, {setting}: {wrong or 'ok'}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
