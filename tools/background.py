"""What the scripts behind `make run`, `make up` and `make cluster` share: ends by signals, watching parts, running behind the shell."""
import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from lab.process import LabError


class Ended(BaseException):
    """Ctrl-C or SIGTERM."""


def say(text):
    print(text, flush=True)


def end_on_signals():
    def end(*_):
        raise Ended

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)


@contextlib.contextmanager
def stopping(stop):
    """Calls `stop` at the end, which no signal interrupts; a signal ends the block without an error."""
    try:
        yield
    except Ended:
        say("\nstopping ...")
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        stop()


def watch(parts):
    """Until a signal comes or a part ends by itself."""
    while True:
        for part in parts:
            if not part.alive():
                raise LabError(f"{part.name} ended by itself (exit code {part.child.returncode}); {part.log} says: {part.last_words()}")
        time.sleep(0.5)


@dataclass
class Background:
    """`script run` behind the shell; `ready` is what it prints when it has started. `ups` and `downs` are the make targets that start and
    end it."""
    script: Path
    pid_file: Path
    log: Path
    ready: str
    ups: str
    downs: str

    def pid(self):
        """The process that start() left behind, or None."""
        try:
            pid = int(self.pid_file.read_text(encoding="utf-8"))
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if f"tools/{self.script.name}".encode() in words else None

    def start(self):
        """Shows what it says until it is ready; ends this process if it ends."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "wb") as out:
            child = subprocess.Popen([sys.executable, "-B", "-u", self.script, "run"], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                     start_new_session=True, env=os.environ)
        self.pid_file.write_text(str(child.pid), encoding="utf-8")
        shown = 0
        while True:
            ended = child.poll() is not None
            text = self.log.read_text(encoding="utf-8")
            sys.stdout.write(text[shown:])
            sys.stdout.flush()
            shown = len(text)
            if ended:
                self.pid_file.unlink(missing_ok=True)
                sys.exit(1)
            if self.ready in text:
                return
            time.sleep(0.1)

    def up(self, prepare):
        """Starts it, unless it runs; `prepare()` does first what needs the shell."""
        if self.pid():
            raise LabError(f"it runs already; `{self.downs}` stops it.")
        prepare()
        self.start()

    def stop(self):
        pid = self.pid()
        if pid is None:
            say(f"nothing runs that `{self.ups}` started.")
            return
        os.kill(pid, signal.SIGTERM)
        say("stopping ...")
        while self.pid() == pid:
            time.sleep(0.1)
        self.pid_file.unlink(missing_ok=True)
        say("stopped.")


def main(commands):
    """Runs the one of `commands` that the command line names: by name, the make target, for errors, and the function."""
    target, command = commands[sys.argv[1]]
    try:
        command()
    except Ended:
        say("\nstopped.")
    except (LabError, OSError) as error:
        print(f"\n{target}: {error}", file=sys.stderr)
        sys.exit(1)
