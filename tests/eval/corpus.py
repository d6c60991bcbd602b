"""Whose answers to the recorded expressions (corpora/evalengine) do we give: v21's or MySQL 9.7's? Asks a server about each of them.

  corpus.py [--socket S] [--show N] [--cases FILE --kinds FILE] [--list FILE]

Where v21 answers otherwise than we, MySQL's answer must be ours. Such cases are of a kind: the function or operator (or the recorded group), the classes of its operands, v21's type, ours, and what differs.
src/eval/corpus_test.cc tells of which kind each case is, in the file that SLUICE_CASES names: --cases. --kinds writes the kinds of which all recorded cases are MySQL's as its table, --list
writes them into docs/differences.md. Where MySQL agreed about several classes of operands and about none did not, any will do, unless it is values that differ.
"""
import argparse
import collections
import contextlib
import gzip
import json
import os
import re
import sys
from pathlib import Path

import pymysql

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from eval.mysql import Ours, brief, connected  # noqa: E402
from lab import mysql_root  # noqa: E402

SKIPPED = 77
TEXT = re.compile(r"(char|varchar|text|enum|set|tinytext|mediumtext|longtext)", re.I)
NUMBER = re.compile(r"(tinyint|smallint|mediumint|int|bigint|decimal|float|double|year)", re.I)
MARK = "<!-- made by tests/eval/corpus.py -->"
ANY_AFTER = 3  # classes of operands that MySQL was asked about, and agreed


def hex_of(value):
    return None if value["type"] == "NULL_TYPE" else value.get("hex", value.get("value", "").encode().hex())


def expected(line):
    """What v21 recorded and we are measured by; None: it cannot compute it. As corpus_test.cc has it."""
    bound = line.get("bound")
    if bound is None:
        return None
    if "error" not in bound or (bound["stage"] == "evaluate" and not bound["error"]["text"].startswith("PANIC")):
        return bound
    literal = line.get("literal")
    return literal if literal and "error" not in literal else None


def relation(want, mine):
    """How our answer differs from v21's: not at all (None), 'error', 'null', 'value' or 'type'."""
    if "error" in want or "error" in mine:
        return None if ("error" in want) == ("error" in mine) else "error"
    if "tuple" in want or "tuple" in mine:
        return None if ("tuple" in want) == ("tuple" in mine) else "value"
    old = hex_of(want["value"])
    if (old is None) != (mine["hex"] is None):
        return "null"
    if old != mine["hex"]:
        return "value"
    field = want["field"]
    return None if field["type"] == mine["type"] and field["decimals"] in (0, mine["decimals"]) else "type"


def as_mysql(theirs, mine):
    if "error" in theirs or "error" in mine:
        return "error" in theirs and "error" in mine and mine["error"] != 1235
    return "tuple" not in mine and (theirs["hex"], theirs["type"], theirs["decimals"]) == (mine["hex"], mine["type"], mine["decimals"])


def name_of(line):
    called = re.match(r"([A-Za-z_0-9]+)\(", line["expr"])
    return called.group(1).lower() if called else line["group"]


def kind_of(line, want, mine, how):
    old = "error" if "error" in want else "tuple" if "tuple" in want else want["field"]["type"]
    own = "error" if "error" in mine else "tuple" if "tuple" in mine else mine["type"]
    return name_of(line), old, own, how


def read_cases(path):
    """(corpus, place): the kind that corpus_test.cc found: name, operands, v21's type, ours, what differs."""
    cases = {}
    for row in Path(path).read_text(encoding="utf-8").splitlines():
        corpus, place, *kind = row.split("\t")
        cases[corpus.rpartition("/")[2], int(place)] = tuple(kind)
    return cases


def literal_of(column):
    value, kind, collation = column.get("value"), column["column_type"], column.get("collation")
    if value is None or value["type"] == "NULL_TYPE":
        return "NULL"
    digits = value.get("hex", value.get("value", "").encode().hex())
    if kind.lower().startswith("json"):
        return f"convert(_utf8mb4 x'{digits}' using utf8mb4)"
    if NUMBER.match(kind):
        text = bytes.fromhex(digits).decode()
        return text + "e0" if text == "-0" else text
    return f"_{collation.split('_')[0]} x'{digits}'" if collation and TEXT.match(kind) else f"x'{digits}'" if not kind.startswith(("date", "time")) else f"'{bytes.fromhex(digits).decode()}'"


def make_table(server, columns):
    definitions = []
    for column in columns:
        collation = column.get("collation")
        text = f" character set {collation.split('_')[0]} collate {collation}" if collation and collation != "binary" and TEXT.match(column["column_type"]) else ""
        definitions.append(f"`{column['name']}` {column['column_type']}{text}{' null' if column['column_type'].startswith('timestamp') else ''}")
    for statement in ("set sql_mode = ''", "drop table if exists recorded", f"create table recorded ({', '.join(definitions)})", f"insert into recorded values ({', '.join(map(literal_of, columns))})",
                      "set sql_mode = default"):
        server.cursor.execute(statement.encode())
    made = server.columns("recorded")
    for column, recorded_one in zip(made, columns):
        if column["type"] == "FLOAT32" and column["hex"] is not None:  # sent with fewer digits than it has
            column["hex"] = recorded_one["value"]["value"].encode().hex()
    return made


def recorded(server, ours):
    """Every recorded expression: which corpus, its place there, the line, MySQL's answer, ours."""
    folder = Path(os.environ["SLUICE_CORPORA"]) / "evalengine"
    ours.use([])
    with gzip.open(folder / "constant_expressions.jsonl.gz", "rt", encoding="utf-8") as file:
        for place, line in enumerate(map(json.loads, file), 1):
            if "parse_error" not in line:
                yield "constant_expressions", place, line, server.answer(line["expr"]), ours.answer(line["expr"])
    last = None
    with open(folder / "with_columns.jsonl", encoding="utf-8") as file:
        for place, line in enumerate(map(json.loads, file), 1):
            if line["columns"] != last:
                last = line["columns"]
                ours.use(make_table(server, last))
            yield "with_columns", place, line, server.answer(line["expr"], "recorded"), ours.answer(line["expr"])


class Kind:
    """How often MySQL answers as we do (good) and otherwise (bad), by the operands' classes."""

    def __init__(self):
        self.good, self.bad, self.example = collections.Counter(), collections.Counter(), ""

    def add(self, operands, by_mysql, example):
        (self.good if by_mysql else self.bad)[operands] += 1
        if by_mysql and not (self.example and len(self.example) <= len(example)):
            self.example = example

    def operands(self, how):
        """What the table says of its operands; where values differ, always their classes."""
        if how != "value" and not self.bad and len(self.good) >= ANY_AFTER:
            return ["*"]
        return sorted(operands for operands in self.good if not self.bad[operands])


def install_hashes(server):
    """MD5 and SHA are in a component since 9.6; v21 has them built in."""
    with contextlib.suppress(pymysql.MySQLError):
        server.cursor.execute("install component 'file://component_classic_hashing'")


def judge(server, ours, show, cases):
    """Counts of verdicts, and the kinds by name, v21's type, ours, and what differs."""
    install_hashes(server)
    counts, kinds, shown = collections.Counter(), collections.defaultdict(Kind), collections.Counter()
    for corpus, place, line, theirs, mine in recorded(server, ours):
        want = expected(line)
        if want is None or ("field" not in want and "error" not in want and "tuple" not in want):
            continue
        how, by_mysql = relation(want, mine), as_mysql(theirs, mine)
        verdict = "v21's and MySQL's" if how is None and by_mysql else "v21's only" if how is None else "MySQL's only" if by_mysql else "neither"
        counts[corpus, verdict] += 1
        name, operands, *rest = cases.get((corpus, place)) or (*kind_of(line, want, mine, how)[:1], "", *kind_of(line, want, mine, how)[1:])
        if how is not None:
            kinds[name, *rest].add(operands, by_mysql, line["expr"])
        shown[verdict, line["group"]] += 1
        if not by_mysql and shown[verdict, line["group"]] <= show:
            print(f"{verdict} | {line['group']} | {line['expr']} | mysql {brief(theirs)} | ours {brief(mine)} | v21 {json.dumps(want, ensure_ascii=False)[:200]}")
    return counts, kinds


def write_kinds(path, kinds):
    lines = ["// Made by tests/eval/corpus.py from the answers of MySQL 9.7: kinds of recorded expressions that", "// it answers as Sluice does and v21 otherwise. Function, operator or group, classes of the",
             "// operands, v21's type, ours, what differs."]
    for (name, old, own, how), kind in sorted(kinds.items()):
        lines += [f'{{"{name}", "{operands}", "{old}", "{own}", "{how}"}},' for operands in kind.operands(how)]
    Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_list(path, kinds):
    merged = collections.defaultdict(lambda: [0, collections.Counter(), ""])
    for (name, old, own, how), kind in kinds.items():
        good = sum(kind.good.values())
        if kind.operands(how):
            entry = merged[how, old, own]
            entry[0] += good
            entry[1][name] += good
            entry[2] = min(filter(None, (entry[2], kind.example)), key=len)
    said = {"type": "the same value, another type", "null": "NULL where the other has a value", "value": "another value", "error": "an error where the other has a value"}
    lines = [MARK, "", "| what differs | v21 | MySQL 9.7 and Sluice | cases | where | for example |", "| --- | --- | --- | --- | --- | --- |"]
    for (how, old, own), (cases, names, example) in sorted(merged.items(), key=lambda item: (-item[1][0], item[0])):
        where = ", ".join(name.replace("|", "\\|") for name, _ in names.most_common(6)) + (" ..." if len(names) > 6 else "")
        lines.append(f"| {said[how]} | {old} | {own} | {cases} | {where} | `{example[:80]}` |".replace("||", "\\|\\|"))
    text = Path(path).read_text(encoding="utf-8")
    before, _, rest = text.partition(MARK)
    _, _, after = rest.partition(MARK)
    Path(path).write_text(before + "\n".join([*lines, "", MARK]) + after, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket", help="of a MySQL 9.7 that runs; without it one is started")
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument("--cases", help="which kind each case is of, written by the corpus test of eval")
    parser.add_argument("--kinds")
    parser.add_argument("--list")
    options = parser.parse_args()
    if "SLUICE_CORPORA" not in os.environ or not mysql_root.present():
        print("SKIPPED: there are no corpora, or no MySQL 9.7")
        return SKIPPED
    with connected(options.socket) as server:
        ours = Ours(Path(os.environ.get("SLUICE_BIN", "build/dev/bin")) / "eval_answer")
        counts, kinds = judge(server, ours, options.show, read_cases(options.cases) if options.cases else {})
    if options.kinds:
        write_kinds(options.kinds, kinds)
    if options.list:
        write_list(options.list, kinds)
    worst = 100.0
    for corpus in ("constant_expressions", "with_columns"):
        total, missed = sum(n for (name, _), n in counts.items() if name == corpus), counts[corpus, "neither"]
        worst = min(worst, 100 * (total - missed) / max(total, 1))
        print(f"evalengine/{corpus}: {total} expressions, {total - missed} answered as v21 or as MySQL 9.7:", {verdict: n for (name, verdict), n in counts.items() if name == corpus})
    return 0 if worst >= 99 else 1


if __name__ == "__main__":
    sys.exit(main())
