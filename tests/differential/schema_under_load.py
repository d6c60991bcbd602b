"""Columns, tables and vindexes change while clients work: no answer may come from a plan that is older than the change.

A change has a generation: `begun` counts up before it, `done` after it. An answer that was asked for after `done` reached n and came before
`begun` reached m must fit one of the generations n..m; an error is allowed only if a change was under way.
"""
import random
import threading
import time
import types

from client import ServerError
from place import Run, sides

ROWS = 16
SHARDS = 2


def table(name, *columns):
    return f"CREATE TABLE {name}({', '.join(columns)})"


TABLES = types.SimpleNamespace(
    FIRST_ID=1, SEQUENCES=[], FLAT=["idle"], FLAT_SCHEMA=[table("idle", "id INT PRIMARY KEY")], VINDEXES={"hash": {"type": "hash"}},
    SHARDED={"wide": {"column_vindexes": [{"column": "id", "name": "hash"}]}, "turn": {"column_vindexes": [{"column": "id", "name": "hash"}]}},
    SHARDED_SCHEMA=[table("wide", "id BIGINT NOT NULL PRIMARY KEY", "a INT NOT NULL"),
                    table("turn", "id BIGINT NOT NULL", "twin BIGINT NOT NULL", "PRIMARY KEY (id)")])


class Change:
    """The generations of one table."""

    def __init__(self):
        self.begun = self.done = 0

    def __enter__(self):
        self.begun += 1

    def __exit__(self, *_):
        self.done += 1


class Story:
    """What the changer and the readers share."""

    def __init__(self, where, run, with_gate):
        self.where, self.run, self.with_gate = where, run, with_gate
        self.wide, self.turn = Change(), Change()
        self.made = {}  # number of a made table: its key column, once its rows are there
        self.stop, self.wrong, self.answers, self.allowed = threading.Event(), [], 0, 0

    def client(self):
        return self.where.gate(self.run)

    def must(self, client, *statements):
        for statement in statements:
            outcome = client.query(statement)
            if outcome.error:
                raise ServerError(f"{statement}: {outcome.error}")
        return outcome

    def shard_by(self, client, name, column, old=None):
        if not self.with_gate:
            return
        if old:
            self.must(client, f"ALTER VSCHEMA ON {name} DROP VINDEX hash")
        self.must(client, f"ALTER VSCHEMA ON {name} ADD VINDEX hash({column}) USING hash")

    def fill(self, client, name, columns):
        for number in range(1, ROWS + 1):
            self.must(client, f"INSERT INTO {name}({columns}) VALUES ({number}, {number + 100})")


def changes(story, seconds):
    """What the one changer does, in turns, until the time is up; returns the number of rounds."""
    client, end, rounds = story.client(), time.monotonic() + seconds, 0
    while time.monotonic() < end and not story.wrong:
        rounds += 1
        with story.wide:
            story.must(client, f"ALTER TABLE wide ADD COLUMN c{rounds} INT NOT NULL DEFAULT {rounds}")
        turned(story, client, *(("id", "twin") if rounds % 2 else ("twin", "id")))
        made(story, client, rounds)
    client.close()
    return rounds


def turned(story, client, old, new):
    """The table's rows are taken away, its vindex goes to the other column, the rows come back and lie elsewhere."""
    with story.turn:
        story.must(client, "DELETE FROM turn")
        story.shard_by(client, "turn", new, old)
        story.fill(client, "turn", "id, twin")


def made(story, client, number):
    """A new table, now and then under the name of an older one and sharded by another column."""
    number, column = number % 3, ["id", "twin"][number // 3 % 2]
    before = story.made.pop(number, None)
    if before:
        story.must(client, f"DROP TABLE made{number}")
    story.must(client, table(f"made{number}", "id BIGINT NOT NULL PRIMARY KEY", "twin BIGINT NOT NULL"))
    story.shard_by(client, f"made{number}", column, before)
    story.fill(client, f"made{number}", "id, twin")
    story.made[number] = column


def widths(story, client, chance):
    """SELECT * sees every column of the generation, each with its default."""
    low = story.wide.done
    one = chance.random() < 0.5
    outcome = client.query(f"SELECT * FROM wide WHERE id = {chance.randint(1, ROWS)}" if one else f"SELECT * FROM wide WHERE id <= {ROWS} ORDER BY id")
    if outcome.error:
        return outcome.error, low != story.wide.begun
    width = {len(outcome.columns)} | {len(row) for row in outcome.rows}
    numbers = [tuple(int(value) for value in row) for row in outcome.rows]
    right = (len(width) == 1 and low <= min(width) - 2 <= story.wide.begun and len(outcome.rows) == (1 if one else ROWS) and
             all(row == (row[0], row[0] + 100, *range(1, len(row) - 1)) for row in numbers))
    return None if right else f"SELECT * between {low} and {story.wide.begun} columns more: {numbers[:2]}", False


def bare_insert(story, client, chance):
    """INSERT without a list of columns, which the gate has to know."""
    low, number = story.wide.done, chance.randint(10**6, 10**9)
    outcome = client.query(f"INSERT INTO wide VALUES ({', '.join([str(number), '0', *map(str, range(1, low + 1))])})")
    if outcome.error:
        return outcome.error, low != story.wide.begun
    gone = client.query(f"DELETE FROM wide WHERE id = {number}")
    right = outcome.affected == 1 and (gone.affected == 1 or gone.error)
    return None if right else f"a row inserted by {low} columns was not found again: {gone}", False


def turn_rows(story, client, chance):
    """Each row is found by either column, whichever the vindex is on."""
    low, number = story.turn.done, chance.randint(1, ROWS)
    quiet = low == story.turn.begun
    by = chance.choice([f"id = {number}", f"twin = {number + 100}", f"id = {number} AND twin = {number + 100}"])
    outcome = client.query(f"SELECT id, twin FROM turn WHERE {by}")
    if not quiet or low != story.turn.begun:
        return None, True
    if outcome.error:
        return outcome.error, False
    return None if outcome.rows == [(b"%d" % number, b"%d" % (number + 100))] else f"turn WHERE {by}: {outcome.rows}", False


def made_rows(story, client, chance):
    """Made tables: a row by its key, and the count over all shards."""
    known = dict(story.made)
    if not known:
        story.stop.wait(0.01)
        return None, True
    number, row = chance.choice(list(known)), chance.randint(1, ROWS)
    outcome = client.query(f"SELECT twin FROM made{number} WHERE {known[number]} = {row if known[number] == 'id' else row + 100}")
    count = client.query(f"SELECT COUNT(*) FROM made{number}")
    if story.made.get(number) != known[number]:
        return None, True
    if outcome.error or count.error:
        return f"made{number}: {outcome.error or count.error}", False
    right = outcome.rows == [(b"%d" % (row + 100),)] and count.rows == [(b"%d" % ROWS,)]
    return None if right else f"made{number} by {known[number]}: {outcome.rows} {count.rows}", False


def prepared_widths(story):
    """One statement prepared before all changes: each execution sees the table as it is."""
    client = story.client()
    number, _, _ = client.prepare("SELECT * FROM wide WHERE id = ?")
    chance = random.Random(9)
    while not story.stop.is_set():
        low, wanted = story.wide.done, chance.randint(1, ROWS)
        outcome = client.execute(number, [wanted])
        high = story.wide.begun
        if outcome.error and low == high:
            story.wrong.append(f"prepared: {outcome.error}")
        elif not outcome.error and not (len(outcome.rows) == 1 and low <= len(outcome.rows[0]) - 2 <= high):
            story.wrong.append(f"prepared, {low} to {high} columns more: {len(outcome.columns)} columns, {outcome.rows}")
        story.answers += 1
    client.close()


def reader(story, ask, seed):
    client, chance = story.client(), random.Random(seed)
    while not story.stop.is_set():
        wrong, allowed = ask(story, client, chance)
        story.answers += 1
        story.allowed += bool(allowed)
        if wrong and not allowed:
            story.wrong.append(f"{ask.__name__}: {wrong}")
            story.stop.wait(0.1)
    client.close()


def guarded(story, work, *arguments):
    try:
        work(story, *arguments)
    except Exception as error:  # noqa: BLE001 - a reader that dies is a finding, whatever it died of
        story.wrong.append(f"{work.__name__}: {type(error).__name__}: {error}")


def run(flavor, with_gate, seconds):
    """True if every answer was right."""
    run_ = Run(f"load{SHARDS}", SHARDS, False, TABLES)
    with sides([run_], flavor, with_gate) as where:
        story = Story(where, run_, with_gate)
        with story.client() as client:
            story.fill(client, "wide", "id, a")
            story.fill(client, "turn", "id, twin")
        threads = [threading.Thread(target=guarded, args=(story, reader, ask, seed), daemon=True)
                   for seed, ask in enumerate([widths, widths, bare_insert, turn_rows, turn_rows, made_rows, made_rows])]
        threads.append(threading.Thread(target=guarded, args=(story, prepared_widths), daemon=True))
        for thread in threads:
            thread.start()
        rounds = 0
        try:
            rounds = changes(story, seconds)
        except (ServerError, OSError) as error:
            story.wrong.append(f"the change itself: {error}")
        story.stop.set()
        for thread in threads:
            thread.join(30)
    for wrong in story.wrong[:10]:
        print(f"schema under load: {str(wrong)[:500]}")
    print(f"schema under load: {rounds} rounds of changes, {story.answers} answers, {story.allowed} during a change, {len(story.wrong)} wrong", flush=True)
    return not story.wrong and rounds > 1
