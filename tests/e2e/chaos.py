"""Processes of every kind are killed at random under load, and started again as an init system would: every error is clear, everything comes
back alone, and the data is what a model says. E2E_SECONDS: how long (60); CHAOS_SEED: which kills."""
import os
import random
import re
import threading
import time

import pymysql

from frame import CheckError, ask, eventually, expect, run_in_order
from lab.controlled import alias
from lab.process import LabError
from reparents import compare_rows, follows, goes_on, launch, load_of, managed, restart, told

SECONDS = float(os.environ.get("E2E_SECONDS", "60"))
RESTART_AFTER = 1.0  # seconds, as an init system waits


class Part:
    """What can be killed: how to find its process and how to start it."""

    def __init__(self, name, process, start):
        self.name, self.process, self.start = name, process, start


def start_server(where, server):
    """Without waiting for it: it may be killed before it answers. What Vitess's tablets must see of it is told when it does."""
    if "vttablet" in where.v21:
        restart(where, server)
    else:
        launch(server)


def parts_of(where):
    made = [Part("vtgate", lambda: where.gate, where.launch_gate)]
    for tablet in where.all_tablets:
        made.append(Part(f"vttablet {alias(tablet)}", lambda uid=tablet.uid: where.tablets[uid], lambda it=tablet: where.launch_tablet(it)))
        made.append(Part(f"mysqld of {alias(tablet)}", lambda it=tablet: it.server.process, lambda it=tablet: start_server(where, it.server)))
    for index in range(len(where.etcd.members)):
        made.append(Part(f"etcd {index}", lambda at=index: where.etcd.members[at], lambda at=index: where.etcd.launch(at)))
    return made


class Supervisor(threading.Thread):
    """Starts again what has ended."""

    def __init__(self, parts):
        super().__init__(daemon=True)
        self.parts, self.ending, self.starts, self.trouble = parts, threading.Event(), {}, []

    def run(self):
        dead = {}
        while not self.ending.wait(0.05):
            now = time.monotonic()
            for part in self.parts:
                if part.process().alive():
                    dead.pop(part.name, None)
                elif now - dead.setdefault(part.name, now) >= RESTART_AFTER:
                    self.restart(part)

    def restart(self, part):
        self.starts[part.name] = self.starts.get(part.name, 0) + 1
        try:
            part.start()
        except (LabError, CheckError, OSError) as error:
            self.trouble.append(f"{part.name}: {error}")

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.join(60)


def kill_at_random(parts, chance, seconds, say):
    """Returns how often each kind was killed."""
    counts = {}
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(chance.uniform(0.5, 6.0))
        part = chance.choice(parts)
        if part.process().alive():
            say(part.name)
            part.process().child.kill()
            kind = part.name.split(" ")[0]
            counts[kind] = counts.get(kind, 0) + 1
    return counts


# What may be heard: that the gate is lost, or which shard's tablet failed, and how. (number, words)
CLEAR = [(number, re.compile(words)) for number, words in (
    (1053, "^Server shutdown in progress"),
    (1317, "^the end of a transaction took too long"),
    (2003, "^Can't connect to MySQL server"),
    (2006, "^MySQL server has gone away"),
    (2013, "^Lost connection to MySQL server"),
    (None, r"^target: \S+\.primary: .+"),
)]


def unclear(kinds):
    return {kind: count for kind, count in kinds.items() if not any(number in (None, kind[0]) and words.search(kind[1]) for number, words in CLEAR)}


def whole(where):
    """Whether every server answers, every tablet serves, and every replica follows."""
    if not all(server.process.alive() and server.answers() for server in where.servers):
        return False
    try:
        with where.connect() as connection:
            states = [row[4] for row in ask(connection, "SHOW VITESS_TABLETS")]
    except (pymysql.err.MySQLError, OSError):
        return False
    try:
        return len(states) == len(where.all_tablets) and set(states) == {"SERVING"} and all(
            follows(tablet) for tablet in where.others)
    except (pymysql.err.MySQLError, OSError):
        return False


def check_kills(where):
    seed = int(os.environ.get("CHAOS_SEED") or time.time())
    print(f"e2e chaos: seed {seed}, {SECONDS:.0f} s", flush=True)
    parts = parts_of(where)
    started = time.monotonic()

    def say(name):
        print(f"e2e chaos: {time.monotonic() - started:7.2f} s: kill {name}", flush=True)

    load, counts, back = load_of(where, seed), {}, None
    # What the supervisor has started ends with its thread, so it stays to the end.
    with Supervisor(parts) as supervisor:
        try:
            with load:
                counts = kill_at_random(parts, random.Random(seed), SECONDS, say)
                ended = time.monotonic()
                eventually("everything is back", lambda: whole(where), 90)
                back = round(time.monotonic() - ended, 1)
                goes_on(load)
        finally:
            told("kills at random", load, seed=seed, seconds=SECONDS, kills=counts, **{"whole again after, s": back})
        expect("trouble of the supervisor", supervisor.trouble, [])
        compare_rows(where, load)
    expect("errors that are not clear", unclear(load.kinds()), {})


def run():
    return run_in_order("chaos", lambda: managed(per_shard=2, etcd_members=3), [check_kills])
