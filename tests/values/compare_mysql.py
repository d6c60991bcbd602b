"""What do values become: the same random questions to MySQL 9.7 and to src/values (by the program values_answers).

    python3 -B tests/values/compare_mysql.py [--short] [--count 100000] [--seed 1] [--only FAMILY] [--show 40] [--socket PATH]

Values, NULLs, errors (number and text) and warnings (numbers) are compared; differences are listed, and their number by
question. With a difference the exit code is 1; without MySQL it is 77.
"""
import argparse
import collections
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import pymysql

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from lab import servers  # noqa: E402
from lab.process import LabError  # noqa: E402
from questions import FAMILIES, questions  # noqa: E402

SHORT = 3000
# Said of a whole statement or by a sql_mode, not of a value: deprecations of sql_mode's bits.
UNCOUNTED = {3135, 3090}
TEXT_OF_ERROR = range(3100, 3200)  # JSON's, which say a position


def ours(program, asked):
    lines = "".join("\t".join([each.name, *(argument.encode().hex() for argument in each.arguments)]) + "\n" for each in asked)
    done = subprocess.run([program], input=lines.encode(), capture_output=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{program} failed: {done.stderr.decode(errors='replace')[-2000:]}")
    return [read(line) for line in done.stdout.decode().splitlines()]


def read(line):
    kind, words = line[0], line[1:].split(" ")
    if kind == "E":
        number = int(words[0])
        return ("error", number, bytes.fromhex(words[1]).decode(errors="replace") if number in TEXT_OF_ERROR else "")
    value = bytes.fromhex(words[0]).decode("latin-1") if kind == "V" else None
    return ("value", value, tuple(sorted(int(word) for word in words[1:])))


class Judge:
    """One connection to MySQL."""

    def __init__(self, connection):
        self.connection = connection
        self.mode = None

    def answer(self, question):
        with self.connection.cursor() as cursor:
            if question.mode != self.mode:
                cursor.execute("SET sql_mode = %s", (question.mode,))
                self.mode = question.mode
            try:
                # Letters behind % in patterns are not the driver's.
                cursor.execute("SELECT " + question.sql, question.values or None)
            except pymysql.err.Error as error:
                number = error.args[0]
                return ("error", number, error.args[1] if number in TEXT_OF_ERROR else "")
            value = cursor.fetchone()[0]
            if isinstance(value, str):
                value = value.encode().decode("latin-1")
            elif isinstance(value, bytes):
                value = value.decode("latin-1")
            warnings = ()
            if cursor._result.warning_count:  # the driver has no other word for it
                cursor.execute("SHOW WARNINGS")
                warnings = tuple(sorted(int(row[1]) for row in cursor.fetchall() if int(row[1]) not in UNCOUNTED))
        return ("value", value, warnings)


def same(one, other, question):
    if one == other:
        return True
    # The text of a JSON function's operand is warned of more than once where it is written twice.
    return question.name == "json_compare" and one[:2] == other[:2]


def compare(judge, program, asked, show):
    differing = collections.Counter()
    counts = collections.Counter(each.name for each in asked)
    for question, answer in zip(asked, ours(program, asked), strict=True):
        theirs = judge.answer(question)
        if same(answer, theirs, question):
            continue
        differing[question.name] += 1
        if differing.total() <= show:
            print(f"{question.sql} {question.values} [{question.mode}]\n    MySQL {theirs}\n    ours  {answer}")
    for name in sorted(counts):
        print(f"{name}: {counts[name]} questions, {differing[name]} differ")
    print(f"{len(asked)} questions, {differing.total()} answers differ")
    return differing.total()


def connected(socket, place):
    """A connection, and the server to stop afterwards."""
    options = {"charset": "utf8mb4", "autocommit": True, "conv": {}, "init_command": "set time_zone = '+00:00'"}
    if socket:
        return pymysql.connect(unix_socket=socket, user="root", **options), None
    server = servers.Server("mysql", servers.flavor("mysql"), Path(place) / "server", Path(place) / "log")
    server.start()
    return pymysql.connect(unix_socket=str(server.socket), user="root", **options), server


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--program", default=str(Path(os.environ.get("SLUICE_BIN", "build/dev/bin")) / "values_answers"))
    parser.add_argument("--short", action="store_true", help=f"{SHORT} questions")
    parser.add_argument("--count", type=int, default=100000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", choices=["", *(family.__name__ for family in FAMILIES)])
    parser.add_argument("--show", type=int, default=40)
    parser.add_argument("--socket", default="", help="of a running MySQL; else one is started")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    print(f"seed {options.seed}")
    asked = questions(chance, SHORT if options.short else options.count, options.only)
    with tempfile.TemporaryDirectory(prefix="sluice-values-") as place:
        os.chmod(place, 0o755)
        server = None
        try:
            connection, server = connected(options.socket, place)
            with connection:
                return 1 if compare(Judge(connection), options.program, asked, options.show) else 0
        except LabError as error:
            print(f"no MySQL: {error}")
            return 77
        finally:
            if server:
                server.stop()


if __name__ == "__main__":
    sys.exit(main())
