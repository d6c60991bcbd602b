"""Which statements does MySQL 9.7 read, and which do we? Differences are listed; people mend or explain them.

    python3 -B tests/parser/compare_mysql.py --accept build/release/bin/sql_accept [--generated 50000] [--show 40]

Statements come from the recorded corpora (SLUICE_CORPORA, if there are any), from a grammar of MySQL's (mysql.grammar), and
from a generator that drops, doubles and swaps the words of both. MySQL is asked by PREPARE, which reads the whole text and
then looks for tables: only 1064 (and 1149) mean that it could not be read. Statements of Vitess alone and bind variables
by name are left out.
"""
import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pymysql

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from lab import servers  # noqa: E402
from statement_generator import Generator  # noqa: E402

UNREADABLE = {1064, 1149}
LOST = {0, 2006, 2013}  # the connection
# Said while the text is still being read, so that nobody knows what MySQL thinks of its rest: empty texts, variables of stored
# programs, unknown character sets, collations and variables, derived tables without a name, variables in views, numbers out
# of range, arguments of native functions, formats of EXPLAIN, LIMIT before UNION, a table named twice, SQL_CALC_FOUND_ROWS in a subquery.
UNDECIDED = {1065, 1066, 1115, 1193, 1221, 1234, 1238, 1248, 1273, 1327, 1351, 1367, 1582, 1583, 1791}
VITESS = re.compile(r"vschema|vitess|vexplain|vstream|^\s*stream\b|\bnext\b.*\bvalues?\b|keyspaces|vindex|\brevert\b|gtid_executed", re.I)
NAMED_VARIABLE = re.compile(r"::?[a-zA-Z_]\w*|\binto outfile s3\b", re.I)
WORD = re.compile(r"\s+|[\w$@.]+|'[^']*'|\"[^\"]*\"|`[^`]*`|.", re.S)


def corpus_statements(folder):
    for name in ("normalize", "normalize_mysqltest"):
        with open(folder / "sqlparser" / f"{name}.jsonl", encoding="utf-8") as rows:
            for row in rows:
                yield json.loads(row)["query"]
    for trace in sorted((folder / "sqlparser" / "traces").iterdir()):
        yield from trace.read_text(encoding="utf-8", errors="replace").splitlines()


def from_grammar(count, chance):
    generator = Generator(chance)
    for _ in range(count):
        yield generator.statement()


def is_asked(text):
    return text.strip() and not VITESS.search(text) and not NAMED_VARIABLE.search(text) and len(text) < 20000


def generated(statements, count, chance):
    """Statements that are nearly right: a word dropped, doubled, swapped with its neighbour, or taken from another."""
    for _ in range(count):
        words = WORD.findall(chance.choice(statements))
        at = chance.randrange(len(words))
        way = chance.randrange(4)
        if way == 0:
            del words[at]
        elif way == 1:
            words.insert(at, words[at])
        elif way == 2:
            other = chance.randrange(len(words))
            words[at], words[other] = words[other], words[at]
        else:
            words[at] = chance.choice(WORD.findall(chance.choice(statements)))
        yield "".join(words)


def ours(program, statements):
    text = b"".join(b"%d\n%s" % (len(one), one) for one in (each.encode() for each in statements))
    done = subprocess.run([program], input=text, capture_output=True, check=True)
    return done.stdout.decode(errors="replace").split("\n")[:-1]


class Judge:
    """A MySQL that says whether it can read a text; started again when a text has ended it."""

    def __init__(self, server):
        self.server = server
        self.connection = server.start().connect("mysql")

    def refusal(self, text):
        """None if MySQL can read the text, else its words; "" if that cannot be told."""
        with self.connection.cursor() as cursor:
            try:
                cursor.execute("PREPARE probe FROM %s", (text,))
            except pymysql.err.Error as error:
                number = error.args[0]
                if number in LOST:
                    print(f"MySQL ended: {text!r}")
                    self.server.kill()
                    self.connection = self.server.start().connect("mysql")
                    return ""
                if number in UNREADABLE:
                    return error.args[1]
                if number in UNDECIDED:
                    return ""
        return None


def compare(judge, program, statements, show):
    wider, narrower = [], []
    for text, answer in zip(statements, ours(program, statements)):
        refusal = judge.refusal(text)
        if answer == "yes" and refusal:
            wider.append((text, refusal))
        elif answer != "yes" and refusal is None:
            narrower.append((text, answer))
    print(f"{len(statements)} statements: {len(narrower)} that only MySQL reads, {len(wider)} that only we read")
    for title, found in (("only MySQL", narrower), ("only we", wider)):
        for text, words in found[:show]:
            print(f"{title}: {text[:300]!r}\n    {words[:160]}")
    return narrower


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--accept", required=True, help="the program sql_accept")
    parser.add_argument("--generated", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=40)
    options = parser.parse_args()
    folder = os.environ.get("SLUICE_CORPORA")
    recorded = corpus_statements(Path(folder)) if folder else []
    statements = list(dict.fromkeys(filter(is_asked, recorded)))
    chance = random.Random(options.seed)
    print(f"seed {options.seed}")
    grown = list(filter(is_asked, from_grammar(options.generated // 2, chance)))
    mutated = generated(grown + statements, options.generated - len(grown), chance) if options.generated else []
    with tempfile.TemporaryDirectory(prefix="sluice-parser-") as place:
        os.chmod(place, 0o755)
        server = servers.Server("mysql", servers.flavor("mysql"), Path(place) / "server", Path(place) / "log")
        try:
            judge = Judge(server)
            narrower = []
            for title, made in (("recorded", statements), ("from the grammar", grown), ("mutated", list(filter(is_asked, mutated)))):
                print(f"-- {title}")
                narrower += compare(judge, options.accept, made, options.show)
        finally:
            server.stop()
    return 1 if narrower else 0


if __name__ == "__main__":
    sys.exit(main())
