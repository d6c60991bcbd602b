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
from eval.explained import GRAVE_KINDS, KINDS, kind_of  # noqa: E402
from eval.expressions import ROWS, Generator, tables  # noqa: E402
from eval.mysql import GRAVE, PARTS, Ours, brief, connected, difference  # noqa: E402
from lab import mysql_root  # noqa: E402

SKIPPED = 77
LIMIT, GRAVE_LIMIT = 0.001, 0.0001  # parts of the expressions that may differ without a reason, and gravely; docs/eval-differences.md lists both
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
        self.reasons, self.told = collections.defaultdict(collections.Counter), {}  # by function; an example of each kind

    def add(self, name, part, expression, theirs, mine):
        self.cases[name] += 1
        if part is None:
            return
        self.found[name][part] += 1
        known = self.examples.setdefault((name, part), [])
        known.append((expression, theirs, mine))
        known.sort(key=lambda example: len(example[0]))
        del known[20:]
        if part != "refused":
            title = kind_of(name, part, expression, theirs, mine)
            self.reasons[name][title] += 1
            if title not in self.told or len(expression) < len(self.told[title][0]):
                self.told[title] = (expression, theirs, mine)

    def count(self, parts):
        return sum(self.found[name][part] for name in self.found for part in parts)

    def because(self, title):
        return sum(counts[title] for counts in self.reasons.values())


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


def cell(text):
    return "".join(c if c.isprintable() else " " for c in text).replace("|", "\\|")


def share(part, total):
    return f"{part} ({100 * part / total:.3f} %)"


def functions(findings):
    yield from ["| function | cases | refused | NULL, value, error, type | other attributes | why | example: query, MySQL, Sluice |", "| --- | --- | --- | --- | --- | --- | --- |"]
    for name in sorted(findings.cases):
        parts, reasons = findings.found.get(name, {}), findings.reasons.get(name, {})
        gravely = sum(parts.get(part, 0) for part in GRAVE)
        other = sum(parts.values()) - gravely - parts.get("refused", 0)
        example = next((f"`{expression}`: {brief(theirs)}; {brief(mine)}" for part in (*GRAVE, *PARTS) for expression, theirs, mine in findings.examples.get((name, part), [])[:1]), "")
        why = [f"{title or 'unexplained'} {count}" for title, count in reasons.items()]
        yield f"| {cell(name)} | {findings.cases[name]} | {parts.get('refused', 0)} | {gravely} | {other} | {cell('; '.join(why))} | {cell(example)} |"


def kinds(findings, which):
    yield from ["| kind | cases | why | example | MySQL | Sluice |", "| --- | --- | --- | --- | --- | --- |"]
    for title, why in [(title, why) for title, why, _ in which]:
        if title in findings.told:
            expression, theirs, mine = findings.told[title]
            yield f"| {cell(title or 'unexplained')} | {findings.because(title)} | {cell(why)} | {cell(f'`{expression}`')} | {cell(brief(theirs))} | {cell(brief(mine))} |"


def table(findings, seed):
    total, grave, rest = sum(findings.cases.values()), findings.count(GRAVE), findings.count([part for part in PARTS if part not in GRAVE])
    lines = ["# Expressions: Sluice beside MySQL 9.7", "",
             f"Made by tests/eval/compare.py with seed {seed}: {total} expressions, half of them over columns. {share(grave, total)} differ in value, NULL, error or type, {share(rest, total)} in another "
             f"attribute or in warnings; {share(findings.because(None), total)} of them all without a reason. The kinds are below.", "",
             *functions(findings), "", "## Kinds of differences in value, NULL, error and type", "", *kinds(findings, GRAVE_KINDS), "", "## Kinds of other differences", "", *kinds(findings, KINDS + [(None, "", None)])]
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
    parts = collections.Counter()
    for counter in findings.found.values():
        parts.update(counter)
    unexplained = findings.because(None)
    print(f"eval beside MySQL: {count} expressions, {count - sum(parts.values())} equal, {dict(parts)}, {unexplained} unexplained")
    if options.table:
        Path(options.table).write_text(table(findings, options.seed), encoding="utf-8")
    return 0 if findings.count(GRAVE) <= GRAVE_LIMIT * count and unexplained <= LIMIT * count else 1


if __name__ == "__main__":
    sys.exit(main())
