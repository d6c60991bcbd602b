"""Do we compute what MySQL 9.7 computes? Generated expressions go to a server and to eval_answer; value, type, collation, decimals
and warnings are compared, and what differs is counted by function.

  compare.py [--short] [--count N] [--seed S] [--port P] [--table FILE] [--show N]
"""
import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pymysql

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from eval.expressions import Generator  # noqa: E402
from lab import mysql_root, servers  # noqa: E402

SKIPPED = 77
KINDS = {value: name for name, value in vars(pymysql.constants.FIELD_TYPE).items() if name.isupper()}
TYPES = {"LONGLONG": "INT64", "DOUBLE": "FLOAT64", "FLOAT": "FLOAT32", "NEWDECIMAL": "DECIMAL", "VAR_STRING": "VARCHAR", "STRING": "CHAR", "DATE": "DATE", "TIME": "TIME",
         "DATETIME": "DATETIME", "JSON": "JSON", "NULL": "NULL_TYPE", "BLOB": "TEXT", "LONG_BLOB": "TEXT", "MEDIUM_BLOB": "TEXT", "TINY_BLOB": "TEXT", "YEAR": "YEAR"}
BINARY = {"VARCHAR": "VARBINARY", "CHAR": "BINARY", "TEXT": "BLOB"}
NOT_FIXED = 31


class Server:
    """What MySQL answers, as bytes and as v21 names types."""

    def __init__(self, connect):
        self.connection = connect(charset="utf8mb4", conv={}, use_unicode=False)
        self.cursor = self.connection.cursor()
        for statement in ("create database if not exists ks", "use ks", "set names utf8mb4 collate utf8mb4_0900_ai_ci", "set time_zone = '+00:00', timestamp = 1709212455.123456"):
            self.cursor.execute(statement)

    def answer(self, expression):
        try:
            self.cursor.execute(("select " + expression).encode())
            value = self.cursor.fetchall()[0][0]
            result = self.cursor._result
            field = result.fields[0]
            warnings = []
            if result.warning_count:
                self.cursor.execute("show warnings")
                warnings = [int(row[1]) for row in self.cursor.fetchall()]
        except pymysql.MySQLError as error:
            return {"error": error.args[0], "text": str(error.args[1])}
        name = TYPES.get(KINDS.get(field.type_code), str(field.type_code))
        if name == "INT64" and field.flags & 32:
            name = "UINT64"
        if field.charsetnr == 63:
            name = BINARY.get(name, name)
        return {"hex": None if value is None else bytes(value).hex(), "type": name, "decimals": field.scale, "nullable": not field.flags & 1, "length": field.length, "warnings": warnings}


class Ours:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, errors="replace")

    def answer(self, expression):
        self.process.stdin.write(json.dumps(expression) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "hex" in answer:
            answer["warnings"] = [number for number, _ in answer["warnings"]]
            answer["nullable"] = not answer["flags"] & 1
        return answer


def difference(theirs, ours):
    """What differs most gravely; None: nothing."""
    if "tuple" in ours:
        return None if "error" in theirs else "value"
    if "error" in ours and ours["error"] == 1235:
        return "refused"
    if "error" in theirs or "error" in ours:
        if theirs.get("error") == ours.get("error"):
            return None
        return "error"
    if (theirs["hex"] is None) != (ours["hex"] is None):
        return "null"
    if theirs["hex"] != ours["hex"]:
        return "value"
    for part in ("type", "decimals", "nullable", "length", "warnings"):
        if theirs[part] != ours[part]:
            return part
    return None


def run(server, ours, seed, count, show):
    generator = Generator(seed)
    cases, found = collections.Counter(), collections.defaultdict(collections.Counter)
    examples = {}
    for _ in range(count):
        name, expression = generator.one()
        theirs, mine = server.answer(expression), ours.answer(expression)
        cases[name] += 1
        kind = difference(theirs, mine)
        if kind is None:
            continue
        found[name][kind] += 1
        examples.setdefault((name, kind), []).append((expression, theirs, mine))
    if show:
        for (name, kind), list_of in sorted(examples.items()):
            for expression, theirs, mine in list_of[:show]:
                print(f"{name} | {kind} | {expression} | {brief(theirs)} | {brief(mine)}")
    return cases, found, examples


def brief(answer):
    if "error" in answer:
        return f"{answer['error']} {answer['text']}"
    if "tuple" in answer:
        return "a tuple"
    value = "NULL" if answer["hex"] is None else bytes.fromhex(answer["hex"]).decode(errors="replace")
    return f"{value} {answer['type']} {answer['decimals']} {'null' if answer['nullable'] else 'not null'} {answer['length']} {answer['warnings']}"


GRAVE = ("null", "value", "error", "type")


def table(cases, found, examples, seed):
    total, grave = sum(cases.values()), sum(found[name][kind] for name in found for kind in GRAVE)
    lines = ["# Expressions: Sluice beside MySQL 9.7", "",
             f"Made by tests/eval/compare.py with seed {seed}: {total} expressions, {grave} of which differ in value, NULL, error or type.", "",
             "| function | cases | refused | NULL, value, error, type | other attributes | example: query, MySQL, Sluice |", "| --- | --- | --- | --- | --- | --- |"]
    for name in sorted(cases):
        kinds = found.get(name, {})
        gravely = sum(kinds.get(kind, 0) for kind in GRAVE)
        rest = sum(kinds.values()) - gravely - kinds.get("refused", 0)
        example = ""
        for kind in (*GRAVE, "decimals", "nullable", "length", "warnings"):
            if (name, kind) in examples:
                expression, theirs, mine = examples[name, kind][0]
                example = f"`{expression}`: {brief(theirs)}; {brief(mine)}".replace("|", "\\|").replace("\n", " ")
                break
        lines.append(f"| {name.replace('|', chr(92) + '|')} | {cases[name]} | {kinds.get('refused', 0)} | {gravely} | {rest} | {example} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--socket", help="of a MySQL 9.7 that runs; without it one is started")
    parser.add_argument("--table", help="writes the table of differences")
    parser.add_argument("--show", type=int, default=0)
    options = parser.parse_args()
    if not mysql_root.present():
        print("SKIPPED: there is no MySQL 9.7 (tests/lab/mysql_root.py builds it)")
        return SKIPPED
    program = Path(os.environ.get("SLUICE_BIN", "build/dev/bin")) / "eval_answer"
    count = 2000 if options.short else options.count
    with tempfile.TemporaryDirectory(prefix="eval-") as folder:
        started = None
        if options.socket:
            connect = lambda **more: pymysql.connect(unix_socket=options.socket, user="root", autocommit=True, **more)
        else:
            Path(folder).chmod(0o755)
            started = servers.Server(name="mysql", flavor=servers.flavor("mysql"), folder=Path(folder) / "m", log=Path(folder) / "log").start()
            connect = lambda **more: pymysql.connect(unix_socket=str(started.socket), user="root", autocommit=True, **more)
        try:
            cases, found, examples = run(Server(connect), Ours(program), options.seed, count, options.show)
        finally:
            if started:
                started.stop()
    grave = sum(found[name][kind] for name in found for kind in GRAVE)
    kinds = collections.Counter()
    for counter in found.values():
        kinds.update(counter)
    print(f"eval beside MySQL: {count} expressions, {count - sum(kinds.values())} equal, {dict(kinds)}")
    if options.table:
        Path(options.table).write_text(table(cases, found, examples, options.seed), encoding="utf-8")
    return 0 if grave <= LIMIT * count else 1


LIMIT = 0.01  # part of the expressions that may differ gravely; what docs/eval-differences.md lists

if __name__ == "__main__":
    sys.exit(main())
