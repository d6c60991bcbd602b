"""JSON schemas, JSON_TABLE and their like beside MySQL 9.7: made by json_cases.py, compared as compare.py does.

  compare_json.py [--short] [--count N] [--seed S] [--socket PATH] [--show N]
"""
import argparse
import collections
import json
import os
import re
import sys
from pathlib import Path

import pymysql

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from eval.compare import SKIPPED  # noqa: E402
from eval.json_cases import Cases  # noqa: E402
from eval.mysql import PARTS, Ours, Server, brief, connected, difference, type_name  # noqa: E402
from lab import mysql_root  # noqa: E402

OF_SYNTAX = {1287, 1681}  # deprecations, which are the parser's


class TableServer(Server):
    def table(self, text):
        try:
            self.cursor.execute(f"select * from json_table({text}) t".encode())
            rows = [[None if cell is None else bytes(cell).hex() for cell in row] for row in self.cursor.fetchall()]
            result = self.cursor._result
            fields = [self.field(each) for each in result.fields]
            warnings = []
            if result.warning_count:
                self.cursor.execute("show warnings")
                warnings = [int(row[1]) for row in self.cursor.fetchall() if int(row[1]) not in OF_SYNTAX]
        except pymysql.MySQLError as error:
            return {"error": error.args[0], "text": str(error.args[1])}
        return {"rows": rows, "fields": fields, "warnings": warnings}

    @staticmethod
    def field(field):
        name = type_name(field)
        return {"type": name, "length": 0x3fffffff if name == "JSON" else field.length, "decimals": field.scale}


def table_difference(theirs, ours):
    if "error" in theirs or "error" in ours:
        return None if theirs.get("error") == ours.get("error") else "refused" if ours.get("error") == 1235 else "error"
    for part in ("rows", "fields", "warnings"):
        if theirs[part] != ours[part]:
            return part
    return None


def asked_of_mysql(name, expression):
    """MySQL knows ANY and ALL of queries only, whose columns have one type: here they are a row of comparisons."""
    found = re.match(r"(.*) (\S+) (any|some|all) \((.*)\)$", expression) if name == "quantified" else None
    if not found:
        return expression
    left, operator, word, items = found.groups()
    return (" and " if word == "all" else " or ").join(f"({left} {operator} {item})" for item in items.split(", "))


def run(server, ours, tables, options, count):
    cases, found = collections.Counter(), collections.defaultdict(collections.Counter)
    made = Cases(options.seed, options.only)
    for _ in range(count):
        name, is_table, text = made.one()
        cases[name] += 1
        if is_table:
            theirs, mine = server.table(text), tables.answer(text)
            kind = table_difference(theirs, mine)
        else:
            theirs, mine = server.answer(asked_of_mysql(name, text)), ours.answer(text)
            kind = difference(theirs, mine)
        if kind is None:
            continue
        found[name][kind] += 1
        if found[name][kind] <= options.show:
            said = (json.dumps(theirs), json.dumps(mine)) if is_table else (brief(theirs), brief(mine))
            print(f"{name} | {kind} | {text} |\n    {said[0]}\n    {said[1]}")
    for name in sorted(cases):
        print(f"{name}: {cases[name]} questions, {dict(found[name])}")
    return found


ATTRIBUTES = (*PARTS, "fields", "refused")  # what is refused by name is not wrong
LIMIT = 0.005  # part of the questions whose values, NULLs or errors may differ


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--socket", help="of a MySQL 9.7 that runs; without it one is started")
    parser.add_argument("--show", type=int, default=3)
    parser.add_argument("--only", default="", choices=["", "schema", "table", "other", "spatial", "xml"])
    options = parser.parse_args()
    if not mysql_root.present():
        print("SKIPPED: there is no MySQL 9.7 (tests/lab/mysql_root.py builds it)")
        return SKIPPED
    programs = Path(os.environ.get("SLUICE_BIN", "build/dev/bin"))
    count = 1500 if options.short else options.count
    with connected(options.socket, TableServer) as server:
        found = run(server, Ours(programs / "eval_answer"), Ours(programs / "eval_table_answer"), options, count)
    grave = sum(number for kinds in found.values() for kind, number in kinds.items() if kind not in ATTRIBUTES)
    print(f"eval JSON beside MySQL: {count} questions, {grave} differ gravely, {sum(sum(kinds.values()) for kinds in found.values())} in all")
    return 0 if grave <= LIMIT * count else 1


if __name__ == "__main__":
    sys.exit(main())
