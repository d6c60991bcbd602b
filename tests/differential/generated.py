"""A seeded stream of statements over a World, sent to both sides, with a histogram of the gate's plans."""
import json
import random
from collections import Counter

from compare import is_refused, report
from place import Run, sides
from suite import Statement
from worlds import KEYS, World

WORLD_SIZE = 2000
OPCODE_SHARE, REFUSED_SHARE = 0.02, 0.01
ENOUGH_PLANS = 1000
STOP_AFTER = 40
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


class Generator:
    """`next()` gives the next Statement; the same seed gives the same statements."""

    def __init__(self, chance, world):
        self.chance, self.world, self.pending = chance, world, []
        self.kinds = [
            (10, self.point), (8, self.some), (9, self.scatter), (8, self.join), (8, self.ordered), (10, self.totals), (10, self.groups),
            (8, self.distinct), (5, self.unsharded), (6, self.reference), (4, self.placed), (4, self.region), (4, self.nothing), (9, self.insert),
            (10, self.update), (4, self.delete), (3, self.replace), (3, self.upsert), (2, self.transaction)]

    def next(self):
        while not self.pending:
            made = self.chance.choices([kind for _, kind in self.kinds], [weight for weight, _ in self.kinds])[0]()
            self.pending = made if isinstance(made, list) else [made]
        return self.pending.pop(0)

    # ---- pieces ----

    def hashed(self):
        return self.chance.choice(self.world.hashed)

    def literal(self, text):
        """Sometimes as a parameter."""
        return f"{{{{{text}}}}}" if self.chance.random() < 0.5 else text

    def key(self):
        return self.literal(str(self.chance.randint(1, KEYS)))

    def value(self, kind):
        return "NULL" if self.chance.random() < 0.12 else self.literal(self.chance.choice(kind.values))

    def columns(self, table, prefix=""):
        if self.chance.random() < 0.25:
            return f"{prefix}*"
        names = self.chance.sample([*table.keys, *table.columns], self.chance.randint(1, 4))
        return ", ".join(prefix + name for name in names)

    def predicate(self, table, prefix="", depth=0):
        roll = self.chance.random()
        if depth < 2 and roll < 0.25:
            word = self.chance.choice(["AND", "OR"])
            return f"({self.predicate(table, prefix, depth + 1)} {word} {self.predicate(table, prefix, depth + 1)})"
        if roll < 0.3:
            return f"NOT {self.predicate(table, prefix, depth + 1)}" if depth < 2 else f"{prefix}n > 0"
        if roll < 0.4:
            return f"{prefix}n {self.chance.choice(['<', '>', '<=', '>=', '<>'])} {self.literal(str(self.chance.randint(0, table.last + 1)))}"
        name, kind = self.chance.choice(list(table.columns.items()))
        values = [self.literal(self.chance.choice(kind.values + kind.probes)) for _ in range(3)]
        forms = [f"= {values[0]}", f"<> {values[0]}", "IS NULL", "IS NOT NULL", f"IN ({', '.join(values)})", f"<=> {values[1]}"]
        if kind.groups:
            forms += [f"> {values[0]}", f"<= {values[1]}", f"BETWEEN {values[0]} AND {values[1]}"]
        if kind.text:
            forms += ["LIKE '%a%'", "NOT LIKE 'a%'"]
        return f"{prefix}{name} {self.chance.choice(forms)}"

    def where(self, table, prefix="", word="WHERE", likely=0.7):
        return f" {word} {self.predicate(table, prefix)}" if self.chance.random() < likely else ""

    def total_order(self, table, prefix=""):
        names = [name for name in self.chance.sample(list(table.columns), 2) if table.columns[name].groups][:self.chance.randint(0, 2)]
        return ", ".join(f"{prefix}{name}{self.chance.choice(['', ' DESC', ' ASC'])}" for name in [*names, *table.keys])

    def limit(self):
        forms = ["", "", f" LIMIT {self.chance.randint(0, 12)}", f" LIMIT {self.literal('5')} OFFSET {self.literal(str(self.chance.randint(0, 30)))}"]
        return self.chance.choice(forms)

    def aggregates(self, table, prefix=""):
        forms = ["COUNT(*)", f"COUNT({prefix}{self.chance.choice(list(table.columns))})"]
        forms += [f"{word}({prefix}{name})" for name in table.of(lambda kind: kind.sums) for word in ("SUM", "AVG")]
        forms += [f"{word}({prefix}{name})" for name in table.of(lambda kind: kind.groups) for word in ("MIN", "MAX")]
        return self.chance.sample(forms, self.chance.randint(1, min(4, len(forms))))

    # ---- reads ----

    def point(self):
        table = self.hashed()
        more = self.where(table, word="AND", likely=0.4)
        if self.chance.random() < 0.25:
            return Statement(f"SELECT {', '.join(self.aggregates(table))} FROM {table.name} WHERE k = {self.key()}{more}")
        if self.chance.random() < 0.25:
            return Statement(f"SELECT {self.columns(table)} FROM {table.name} WHERE k = {self.key()}{more} "
                             f"ORDER BY {self.total_order(table)}{self.limit()}", "total")
        return Statement(f"SELECT {self.columns(table)} FROM {table.name} WHERE k = {self.key()}{more}")

    def some(self):
        table = self.hashed()
        keys = ", ".join(self.key() for _ in range(self.chance.randint(2, 6)))
        text = f"SELECT {self.columns(table)} FROM {table.name} WHERE k IN ({keys}){self.where(table, word='AND', likely=0.3)}"
        if self.chance.random() < 0.3:
            return Statement(f"{text} ORDER BY {self.total_order(table)}{self.limit()}", "total")
        return Statement(text)

    def scatter(self):
        table = self.hashed()
        return Statement(f"SELECT {self.columns(table)} FROM {table.name}{self.where(table)}")

    def join(self):
        one, two = self.chance.sample(self.world.hashed, 2)
        word = self.chance.choice(["JOIN", "JOIN", "LEFT JOIN"])
        text = f"FROM {one.name} a {word} {two.name} b ON a.k = b.k AND a.n < b.n"
        where = f" WHERE a.k = {self.key()}" if self.chance.random() < 0.3 else f" WHERE {self.predicate(one, 'a.')}"
        roll = self.chance.random()
        if roll < 0.2:
            return Statement(f"SELECT {', '.join(self.aggregates(two, 'b.'))} {text}{where}")
        if roll < 0.5:
            return Statement(f"SELECT a.k, a.n, b.n AS m, {self.columns(two, 'b.')} {text}{where} ORDER BY a.k, a.n, b.n{self.limit()}", "total")
        return Statement(f"SELECT {self.columns(one, 'a.')}, b.n AS m {text}{where}")

    def ordered(self):
        table = self.hashed()
        return Statement(f"SELECT {self.columns(table)} FROM {table.name}{self.where(table)} ORDER BY {self.total_order(table)}{self.limit()}", "total")

    def totals(self):
        table = self.hashed()
        return Statement(f"SELECT {', '.join(self.aggregates(table))} FROM {table.name}{self.where(table)}")

    def groups(self):
        table = self.hashed()
        able = [*table.of(lambda kind: kind.groups), "k"]
        names = self.chance.sample(able, min(len(able), self.chance.randint(1, 2)))
        by = ", ".join(names)
        text = f"SELECT {by}, {', '.join(self.aggregates(table))} FROM {table.name}{self.where(table)} GROUP BY {by}"
        return Statement(f"{text} ORDER BY {by}{self.limit()}", "total") if self.chance.random() < 0.4 else Statement(text)

    def distinct(self):
        table = self.hashed()
        able = [*table.of(lambda kind: kind.groups), "k"]
        names = ", ".join(self.chance.sample(able, min(len(able), self.chance.randint(1, 2))))
        if self.chance.random() < 0.3:
            return Statement(f"SELECT COUNT(DISTINCT {names.split(',')[0]}) FROM {table.name}{self.where(table)}")
        text = f"SELECT DISTINCT {names} FROM {table.name}{self.where(table)}"
        return Statement(f"{text} ORDER BY {names}{self.limit()}", "total") if self.chance.random() < 0.4 else Statement(text)

    def unsharded(self):
        table = self.world.flat
        name = self.world.named(table)
        return self.chance.choice([
            lambda: Statement(f"SELECT {self.columns(table)} FROM {name}{self.where(table)}"),
            lambda: Statement(f"SELECT {self.columns(table)} FROM {name} ORDER BY {self.total_order(table)}{self.limit()}", "total"),
            lambda: Statement(f"SELECT {', '.join(self.aggregates(table))} FROM {name}{self.where(table)}")])()

    def reference(self):
        table, other = self.world.shared, self.hashed()
        if self.chance.random() < 0.3:
            return Statement(f"SELECT a.k, b.n, {self.columns(table, 'b.')} FROM {other.name} a JOIN ref1 b ON b.n = a.n WHERE a.k = {self.key()}")
        return Statement(f"SELECT {self.columns(table)} FROM ref1{self.where(table)}")

    def placed(self):
        table = self.world.placed
        pairs = ", ".join(f"({self.chance.randint(0, 255)}, {self.chance.randint(1, table.last + 1)})" for _ in range(3))
        return Statement(f"SELECT {self.columns(table)} FROM p1 WHERE (r, n) IN ({pairs})")

    def region(self):
        table = self.world.placed
        return Statement(f"SELECT {self.columns(table)} FROM p1 WHERE r = {self.literal(str(self.chance.randint(0, 255)))}{self.where(table, word='AND', likely=0.4)}")

    def nothing(self):
        table = self.hashed()
        form = self.chance.choice(["k = NULL", "k IN (NULL)", "k IN (NULL, NULL)"])
        return Statement(f"SELECT {self.columns(table)} FROM {table.name} WHERE {form}")

    # ---- writes ----

    def row(self, table):
        table.last += 1
        first = [self.literal(str(self.chance.randint(0, 255)))] if table.keys[0] == "r" else [self.key()] if len(table.keys) == 2 else []
        return "(" + ", ".join([*first, self.literal(str(table.last)), *(self.value(kind) for kind in table.columns.values())]) + ")"

    def into(self, table, word="INSERT", rows=None):
        names = ", ".join([*table.keys, *table.columns])
        rows = rows or [self.row(table) for _ in range(self.chance.choice([1, 1, 2, 5]))]
        return f"{word} INTO {self.world.named(table)}({names}) VALUES {', '.join(rows)}"

    def insert(self):
        table = self.chance.choice([*self.world.hashed, *self.world.hashed, *self.world.everything])
        if self.chance.random() < 0.1:  # a duplicate key, only one: which of several is told is not determined
            row = self.row(table)
            return [Statement(self.into(table, rows=[row])), Statement(self.into(table, rows=[row]))]
        return Statement(self.into(table, self.chance.choice(["INSERT", "INSERT", "INSERT IGNORE"])))

    def changed(self, table):
        names = self.chance.sample(list(table.columns), self.chance.randint(1, 2))
        return ", ".join(f"{name} = {self.value(table.columns[name])}" for name in names)

    def narrowed(self, table):
        """Which rows a write changes: one shard's, some shards', all shards'."""
        more = self.where(table, word="AND", likely=0.5)
        if len(table.keys) == 1:
            return f" WHERE n = {self.literal(str(self.chance.randint(1, table.last + 1)))}"
        first, low, high = (table.keys[0], 0, 255) if table.keys[0] == "r" else ("k", 1, KEYS)
        numbers = [self.literal(str(self.chance.randint(low, high))) for _ in range(3)]
        return self.chance.choice([f" WHERE {first} = {numbers[0]}{more}", f" WHERE {first} IN ({', '.join(numbers)}){more}",
                                   f" WHERE n > {max(0, table.last - 5)}{more}", f" WHERE n = {self.chance.randint(1, table.last + 1)}"])

    def update(self):
        table = self.chance.choice([*self.world.hashed, *self.world.hashed, *self.world.everything])
        return Statement(f"UPDATE {self.world.named(table)} SET {self.changed(table)}{self.narrowed(table)}")

    def delete(self):
        table = self.chance.choice([*self.world.hashed, *self.world.hashed, *self.world.everything])
        return Statement(f"DELETE FROM {self.world.named(table)}{self.narrowed(table)}")

    def replace(self):
        return Statement(self.into(self.hashed(), "REPLACE"))

    def upsert(self):
        table = self.hashed()
        name = self.chance.choice(list(table.columns))
        return Statement(f"{self.into(table)} ON DUPLICATE KEY UPDATE {name} = VALUES({name})")

    def transaction(self):
        inside = [self.chance.choice([self.update, self.delete, self.replace, self.scatter, self.totals])() for _ in range(self.chance.randint(1, 5))]
        return [Statement("BEGIN"), *inside, Statement(self.chance.choice(["COMMIT", "ROLLBACK"]))]

    # ---- upkeep ----

    def filling(self):
        return [Statement(self.into(table, rows=[self.row(table) for _ in range(count)]))
                for table in self.world.everything for count in ((6,) * 5 if table in self.world.hashed else (4,) * 3)]

    def look(self):
        return [Statement(f"SELECT * FROM {self.world.named(table)} ORDER BY {', '.join(table.keys)}", "total") for table in self.world.everything]

    def trim(self, keep=60):
        return [Statement(f"DELETE FROM {self.world.named(table)} WHERE n <= {table.last - keep}") for table in self.world.everything
                if table.last > keep]

    def empty(self):
        return [Statement(f"DELETE FROM {self.world.named(table)}") for table in self.world.everything]


class Walk:
    """One world walked through: `different`, `refused`, and the plans of what was sent."""

    def __init__(self, pair, generator, title, with_gate):
        self.pair, self.generator, self.title, self.with_gate = pair, generator, title, with_gate
        self.sent, self.different, self.refused, self.failed, self.planned, self.plans = 0, 0, 0, 0, 0, Counter()

    def send(self, statement):
        plain, gate, found = self.pair.compared(statement)
        self.failed += plain.error is not None
        if is_refused(gate):
            self.refused += 1
            print(f"REFUSED {self.title}: {statement.text}: {gate.error[2]}")
        elif found and not unplanned(found):
            self.different += 1
            print(report(f"{self.title} {self.sent}", statement.text, found), flush=True)
        else:
            return
        if statement.text.startswith(WRITES):  # both sides start anew, so that one fault is told once
            for again in [Statement("ROLLBACK"), *self.generator.empty(), *self.generator.filling()]:
                self.pair.compared(again)
            self.generator.pending = []

    def walk(self, count, sample):
        for statement in self.generator.filling():
            self.send(statement)
        while self.sent < count and self.different < STOP_AFTER:
            statement = self.generator.next()
            if self.with_gate and self.sent % sample == 0:
                self.look_at_plan(statement)
            self.send(statement)
            self.sent += 1
            if self.sent % 250 == 0 and not self.generator.pending:
                for check in [*self.generator.look(), *self.generator.trim()]:
                    self.send(check)

    def look_at_plan(self, statement):
        if not statement.text.startswith((*WRITES, "SELECT")):
            return
        outcome = self.pair.gate.query("VEXPLAIN PLAN " + self.pair.run.filled(statement.plain_text()))
        if outcome.error:
            self.plans["no plan"] += 1
            return
        self.planned += 1
        self.plans.update(set(opcodes(json.loads(outcome.rows[0][0]))))


def unplanned(found):
    """Only that a statement of random values failed, on both sides in the same way."""
    return all(what == "the case itself" for what, _, _ in found)


def opcodes(node):
    """Each operator of a plan, and each way to find shards: 'Route', 'EqualUnique'."""
    if isinstance(node, dict):
        if "OperatorType" in node:
            yield node["OperatorType"]
            if node["OperatorType"] in ("Route", "Update", "Delete", "Aggregate"):
                yield node.get("Variant", "")
        for inner in node.values():
            yield from opcodes(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from opcodes(inner)


def histogram(walks):
    """Prints the share of each operator; the rare ones."""
    planned = sum(walk.planned for walk in walks)
    plans = sum((walk.plans for walk in walks), Counter())
    print(f"plans of {planned} statements:")
    for name, count in plans.most_common():
        print(f"    {name:32} {count / max(planned, 1):6.1%}")
    if planned < ENOUGH_PLANS:  # a share of few says nothing
        return []
    return [name for name, count in plans.items() if name != "no plan" and count / planned < OPCODE_SHARE]


def run(make_pair, flavor, with_gate, options):
    """True if nothing differs, little is refused and no operator is rare."""
    seed = options.seed if options.seed is not None else random.randrange(1 << 32)
    shapes = [(shards, binary) for shards in options.shards for binary in options.binary]
    count = max(len(shapes), options.queries // WORLD_SIZE)
    print(f"differential generator: seed {seed}, {options.queries} queries in {count} worlds", flush=True)
    chances = [random.Random(f"{seed}/{number}") for number in range(count)]
    runs = [Run(f"gen{number}", *shapes[number % len(shapes)], World(chances[number])) for number in range(count)]
    walks = []
    with sides(runs, flavor, with_gate) as where:
        for one, chance in zip(runs, chances):
            pair = make_pair(where, one)
            walks.append(Walk(pair, Generator(chance, one.made), f"seed {seed} {one.name} shards={one.shards} {'prepared' if one.binary else 'text'}", with_gate))
            walks[-1].walk(options.queries // count, 1 if options.queries <= 2000 else 5)
            pair.close()
    rare = histogram(walks) if with_gate else []
    sent, different, refused, failed = (sum(getattr(walk, name) for walk in walks) for name in ("sent", "different", "refused", "failed"))
    print(f"differential generator: {sent} queries, {failed} errors of the plain server, {different} different, {refused} refused ({refused / max(sent, 1):.1%}), rare: {rare or 'none'}", flush=True)
    return not different and refused <= REFUSED_SHARE * sent and not rare and sent >= options.queries - count
