"""Do we compute what MySQL 9.7 computes? Generated expressions go to a server and to eval_answer; value, type, nullability, collation, length, decimals, flags and warnings
are compared, and what differs is counted by function.

  compare.py [--short] [--count N] [--seed S] [--socket S] [--table FILE] [--show N] [--differences FILE]
"""
import argparse
import collections
import json
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from eval.explained import OTHER, REASONS  # noqa: E402
from eval.expressions import ROWS, Generator, tables  # noqa: E402
from eval.mysql import GRAVE, PARTS, Ours, brief, connected, difference  # noqa: E402
from lab import mysql_root  # noqa: E402

SKIPPED = 77
LIMIT = 0.001  # part of the expressions that may differ gravely; what docs/eval-differences.md lists
COLUMN_SHARE = 0.3
BATCH = 500  # expressions over one table


def prepare(server):
    """Makes the tables; their columns as eval_answer takes them."""
    server.cursor.execute("set sql_mode = ''")
    for statement in tables():
        server.cursor.execute(statement.encode())
    server.cursor.execute("set sql_mode = default")
    return [server.columns(f"row{number}") for number in range(ROWS)]


class Findings:
    def __init__(self):
        self.cases, self.found, self.examples = collections.Counter(), collections.defaultdict(collections.Counter), {}

    def add(self, name, kind, expression, theirs, mine):
        self.cases[name] += 1
        if kind is None:
            return
        self.found[name][kind] += 1
        known = self.examples.setdefault((name, kind), [])
        known.append((expression, theirs, mine))
        known.sort(key=lambda example: len(example[0]))
        del known[20:]

    def count(self, kinds):
        return sum(self.found[name][kind] for name in self.found for kind in kinds)


def run(server, ours, seed, count, keep=None):
    findings = Findings()
    rows = prepare(server)
    plain, columned = Generator(seed), Generator(seed + 1, COLUMN_SHARE)
    for start in range(0, count, BATCH):
        number = start // BATCH
        over_columns = number % 2 == 1
        generator = columned if over_columns else plain
        table = f"row{number // 2 % ROWS}" if over_columns else ""
        ours.use(rows[number // 2 % ROWS] if over_columns else [])
        for _ in range(min(BATCH, count - start)):
            name, expression = generator.one()
            theirs, mine = server.answer(expression, table), ours.answer(expression)
            kind = difference(theirs, mine)
            findings.add(name, kind, expression + (f" from {table}" if table else ""), theirs, mine)
            if keep is not None and kind is not None:
                keep.write(json.dumps({"name": name, "kind": kind, "expression": expression, "table": table, "mysql": theirs, "ours": mine}) + "\n")
    return findings


def table(findings, seed):
    def cell(text):
        return "".join(c if c.isprintable() else " " for c in text).replace("|", "\\|")
    total, grave, rest = sum(findings.cases.values()), findings.count(GRAVE), findings.count([part for part in PARTS if part not in GRAVE])
    def why(name, gravely, other):
        return REASONS.get(name, "") if gravely else OTHER if other else ""
    lines = ["# Expressions: Sluice beside MySQL 9.7", "",
             f"Made by tests/eval/compare.py with seed {seed}: {total} expressions, half of them over columns. {grave} differ in value, NULL, error or type, {rest} in another attribute or in warnings.", "",
             "| function | cases | refused | NULL, value, error, type | other attributes | why | example: query, MySQL, Sluice |", "| --- | --- | --- | --- | --- | --- | --- |"]
    for name in sorted(findings.cases):
        kinds = findings.found.get(name, {})
        gravely = sum(kinds.get(kind, 0) for kind in GRAVE)
        other = sum(kinds.values()) - gravely - kinds.get("refused", 0)
        example = next((f"`{expression}`: {brief(theirs)}; {brief(mine)}" for kind in (*GRAVE, *PARTS) for expression, theirs, mine in findings.examples.get((name, kind), [])[:1]), "")
        lines.append(f"| {cell(name)} | {findings.cases[name]} | {kinds.get('refused', 0)} | {gravely} | {other} | {cell(why(name, gravely, other))} | {cell(example)} |")
    return "\n".join(lines) + "\n"


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--socket", help="of a MySQL 9.7 that runs; without it one is started")
    parser.add_argument("--table", help="writes the table of differences")
    parser.add_argument("--differences", help="writes every difference as a line of JSON")
    parser.add_argument("--show", type=int, default=0)
    return parser.parse_args()


def compared(options, count):
    """Runs over a server, which is started if none is named."""
    program = Path(os.environ.get("SLUICE_BIN", "build/dev/bin")) / "eval_answer"
    with connected(options.socket) as server:
        if not options.differences:
            return run(server, Ours(program), options.seed, count)
        with open(options.differences, "w", encoding="utf-8") as keep:
            return run(server, Ours(program), options.seed, count, keep)


def main():
    options = arguments()
    if not mysql_root.present():
        print("SKIPPED: there is no MySQL 9.7 (tests/lab/mysql_root.py builds it)")
        return SKIPPED
    count = 2000 if options.short else options.count
    findings = compared(options, count)
    for (name, kind), list_of in sorted(findings.examples.items()):
        for expression, theirs, mine in list_of[:options.show]:
            print(f"{name} | {kind} | {expression} | {brief(theirs)} | {brief(mine)}")
    kinds = collections.Counter()
    for counter in findings.found.values():
        kinds.update(counter)
    print(f"eval beside MySQL: {count} expressions, {count - sum(kinds.values())} equal, {dict(kinds)}")
    if options.table:
        Path(options.table).write_text(table(findings, options.seed), encoding="utf-8")
    return 0 if findings.count(GRAVE) <= LIMIT * count else 1


if __name__ == "__main__":
    sys.exit(main())
