"""MySQL 9.7, which Debian 12 does not have: a root of Debian's unstable suite, built once and shared.

Its mysqld is run without chroot: by the root's own loader with the root's libraries, so sockets and data folders have
their ordinary paths and no rights are needed to run it. To build it takes root (or sudo) and about half a minute.
"""
import fcntl
import os
import shutil
import subprocess
from pathlib import Path

from .process import LabError

CACHE = Path(os.environ.get("SLUICE_CACHE", "/var/cache/sluice"))
ROOT = CACHE / "mysql-9.7"
PACKAGES = "mysql-server-core,mysql-client-core"


def program(name):
    """The words that run a program of the root, e.g. 'sbin/mysqld'."""
    return [ROOT / "lib64/ld-linux-x86-64.so.2", "--library-path", ROOT / "usr/lib/x86_64-linux-gnu", ROOT / "usr" / name]


def present():
    return (ROOT / "usr/sbin/mysqld").exists()


def ensure(say=print):
    """Builds the root if it is absent; processes that come at the same time wait for the first."""
    if present():
        return
    as_root = [] if os.getuid() == 0 else ["sudo"]
    if as_root and shutil.which("sudo") is None:
        raise LabError(f"MySQL 9.7 has to be installed under {CACHE}: run as root, or install sudo.")
    subprocess.run([*as_root, "mkdir", "-p", CACHE], check=True)
    subprocess.run([*as_root, "chmod", "755", CACHE], check=True)
    lock_file = Path("/tmp") / f"sluice-mysql-root-{os.getuid()}.lock"
    with open(lock_file, "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if present():
            return
        say("installing MySQL 9.7 (a root of Debian's unstable suite, about half a minute) ...")
        build(as_root)


def build(as_root):
    half = Path(f"{ROOT}.half-{os.getpid()}")
    command = [*as_root, "env", *proxies(), "debootstrap", "--variant=minbase", f"--include={PACKAGES}", "sid", half, mirror()]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        subprocess.run([*as_root, "rm", "-rf", half], check=False)
        raise LabError("debootstrap of MySQL 9.7 failed: " + " / ".join(done.stdout.strip().split("\n")[-2:]))
    subprocess.run([*as_root, "rm", "-rf", half / "var/cache/apt/archives", half / "var/lib/apt/lists"], check=False)
    subprocess.run([*as_root, "mv", "-T", half, ROOT], check=True)


def mirror():
    """Where apt gets Debian's main suite from, by apt's own configuration."""
    form = "$(REPO_URI) $(ORIGIN) $(SUITE)"
    listing = subprocess.run(["apt-get", "indextargets", "--format", form, "Created-By: Packages"],
                             capture_output=True, text=True, check=False).stdout
    for line in listing.split("\n"):
        words = line.split()
        if len(words) == 3 and words[1] == "Debian" and not words[2].endswith(("-updates", "-security", "-backports")):
            return words[0].rstrip("/")
    raise LabError("apt names no mirror of Debian's main suite, which MySQL 9.7 is installed from")


def proxies():
    """apt's proxy, for debootstrap, which does not read apt's configuration."""
    words = []
    for scheme in ("http", "https"):
        known = subprocess.run(["apt-config", "shell", "P", f"Acquire::{scheme}::Proxy"], capture_output=True, text=True, check=False)
        value = known.stdout.strip().removeprefix("P=").strip("'")
        if value and value != "DIRECT":
            words.append(f"{scheme}_proxy={value}")
    return words
