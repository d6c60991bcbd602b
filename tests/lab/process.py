"""A started part: its process, log, end; free ports; waiting by asking."""
import ctypes
import os
import pwd
import random
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)
FIRST_PORT, LAST_PORT = 20000, 29999  # below Linux's ephemeral ports, so that no client's own port is in the way


class LabError(Exception):
    """One sentence for a person; the lab ends cleanly after it."""


class Process:
    """A child that gets SIGTERM when its parent ends, even when the parent is killed. `group`: a control group's folder."""

    def __init__(self, name, argv, log, user=None, environment=None, folder=None, group=None):
        self.name = name
        self.log = Path(log)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        parent = os.getpid()

        def die_with_parent():
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

        drop = account(user) if user and os.getuid() == 0 else {}
        if group:  # before anything is allocated: a shell enters it and becomes the program
            argv = ["sh", "-c", 'echo $$ > "$0" && exec "$@"', Path(group) / "cgroup.procs", *argv]
        with open(self.log, "ab") as out:
            self.log_start = out.tell()
            # The drop of rights comes before die_with_parent: a change of user clears the signal.
            self.child = subprocess.Popen(
                [str(word) for word in argv], stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=folder,
                start_new_session=True, preexec_fn=die_with_parent, env={**os.environ, **(environment or {})}, **drop)

    @property
    def pid(self):
        return self.child.pid

    def alive(self):
        return self.child.poll() is None

    def last_words(self, lines=3):
        """The end of what this run wrote to its log."""
        with open(self.log, "rb") as file:
            file.seek(self.log_start)
            text = file.read().decode(errors="replace").strip().split("\n")
        telling = [line for line in text if "rror" in line or "ERR" in line] or text
        return " / ".join(telling[-lines:])

    def stop(self, seconds=30):
        """SIGTERM, and SIGKILL if that is not enough. Returns the exit code."""
        if self.alive():
            self.child.terminate()
            try:
                self.child.wait(seconds)
            except subprocess.TimeoutExpired:
                self.child.kill()
        return self.child.wait()

    def kill(self):
        if self.alive():
            self.child.kill()
        return self.child.wait()


def account(name):
    entry = pwd.getpwnam(name)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def ensure_account(name):
    """A system account for servers that must not run as root."""
    try:
        pwd.getpwnam(name)
    except KeyError:
        subprocess.run(["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", name], check=True)


def port_is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(taken=set()):  # noqa: B006 - one set for the whole process, on purpose
    """A port that nobody uses and that this process has not been given before."""
    for _ in range(1000):
        port = random.randint(FIRST_PORT, LAST_PORT)
        if port not in taken and port_is_free(port):
            taken.add(port)
            return port
    raise LabError("no free port between 20000 and 29999")


def wait_until(what, ready, process=None, seconds=60):
    """Asks `ready()` until it is true; says which part failed and its last words otherwise."""
    end = time.monotonic() + seconds
    while not ready():
        if process is not None and not process.alive():
            raise LabError(f"{process.name} ended while it started (exit code {process.child.returncode}); "
                           f"{process.log} says: {process.last_words()}")
        if time.monotonic() > end:
            raise LabError(f"{what} was not ready in {seconds} s" + (f"; see {process.log}" if process else ""))
        time.sleep(0.02)


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def page_status(port, path):
    """The HTTP status of a page of this machine; 0 if nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except (urllib.error.URLError, OSError):
        return 0
