"""Our character sets and collations beside a MySQL's: compare.py [--short] [--seed N] [--texts N] [name ...].

Random texts for every collation: letters of its language, contractions, marks, ignorable characters, spaces at the end, all of
Unicode. Both are asked for WEIGHT_STRING, the order of two, LIKE, INSTR, UPPER, LOWER, CHAR_LENGTH and CONVERT. README.md says what
is let pass. The exit code is 1 if anything differs, 77 if there is no server.
"""
import argparse
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import texts  # noqa: E402
from lab import mysql_root, servers  # noqa: E402
from lab.process import LabError  # noqa: E402

BLOCK = 2000
SHOWN = 12
ASKED = {
    "weight": "HEX(WEIGHT_STRING({a}))",
    "upper": "HEX(UPPER({a}))",
    "lower": "HEX(LOWER({a}))",
    "length": "CHAR_LENGTH({a})",
    "compare": "CASE WHEN {a} < {b} THEN -1 WHEN {a} > {b} THEN 1 ELSE 0 END",
    "like": "{a} LIKE {b}",
    "instr": "INSTR({a}, {b})",
}
FEW = ["latin2_czech_cs", "cp1250_czech_cs", "tis620_thai_ci", "latin1_swedish_ci", "latin1_german2_ci", "utf8mb4_general_ci", "utf8mb4_unicode_ci", "utf8mb4_0900_ai_ci", "utf8mb4_0900_as_cs",
       "utf8mb4_hu_0900_ai_ci", "utf8mb4_ja_0900_as_cs_ks", "utf8mb4_zh_0900_as_cs", "utf8mb4_bin", "gbk_chinese_ci", "utf16_czech_ci",
       "sjis_japanese_ci", "gb18030_chinese_ci", "binary"]


def binary_folder():
    return Path(os.environ.get("SLUICE_BIN", HERE.parent.parent / "build/release/bin"))


def ours(questions):
    done = subprocess.run([binary_folder() / "collation_answers"], input="".join(line + "\n" for line in questions),
                          capture_output=True, text=True, check=True)
    return done.stdout.split("\n")[:-1]


def theirs(cursor, words, charset, collation, pairs):
    """[answers of a pair] by one statement; a text that the server takes for broken is a mistake of texts.py."""
    rows = ",".join(f"ROW({n}, x'{a.hex()}', x'{b.hex()}')" for n, (a, b) in enumerate(pairs))
    one, two = ("column_1", "column_2")
    if charset != "binary":
        one, two = (f"CONVERT({column} USING {charset}) COLLATE {collation}" for column in (one, two))
    asked = ", ".join(ASKED[word].format(a=one, b=two) for word in words)
    cursor.execute(f"SELECT column_0, {asked} FROM (VALUES {rows}) t ORDER BY column_0")
    return [["" if value is None else str(value) for value in row[1:]] for row in cursor.fetchall()]


def hexed(text):
    return text.hex() or "-"


class Score:
    def __init__(self):
        self.asked, self.differing = Counter(), Counter()

    def judge(self, word, name, pair, found, wanted):
        self.asked[word] += 1
        if found == wanted:
            return
        self.differing[word] += 1
        if self.differing[word] <= SHOWN:
            print(f"  {word} {name} {' '.join(hexed(text) for text in pair)}: ours {found}, MySQL's {wanted}")

    def line(self):
        total, differing = sum(self.asked.values()), sum(self.differing.values())
        return f"collation: {total} answers, {differing} differ" + (f" ({dict(self.differing)})" if differing else "")


def compare_collation(cursor, score, chance, charset, name, count):
    caseless = charset == "binary" or name in texts.STRAY_CASE
    words = [word for word in ASKED if not (caseless and word in ("upper", "lower"))]
    pairs = [texts.pair(chance, charset) for _ in range(count)]
    for start in range(0, len(pairs), BLOCK):
        block = pairs[start:start + BLOCK]
        found = iter(ours([f"{word} {name} {hexed(a)} {hexed(b)}" for a, b in block for word in words]))
        for pair, wanted in zip(block, theirs(cursor, words, charset, name, block)):
            for word, answer in zip(words, wanted):
                score.judge(word, name, pair, next(found), answer)


def compare_conversions(cursor, score, chance, charset, count):
    """To utf8mb4 and from it."""
    for source, target in ((charset, "utf8mb4"), ("utf8mb4", charset), (charset, "utf16"), (charset, "gbk")):
        chosen = [texts.text(chance, source, basic=target == "tis620") for _ in range(count)]
        found = ours([f"convert {source}/{target} {hexed(text)}" for text in chosen])
        rows = ",".join(f"ROW({n}, x'{text.hex()}')" for n, text in enumerate(chosen))
        cursor.execute(f"SELECT column_0, HEX(CONVERT(CONVERT(column_1 USING {source}) USING {target})) FROM (VALUES {rows}) t ORDER BY 1")
        for text, answer, (_, wanted) in zip(chosen, found, cursor.fetchall()):
            score.judge("convert", f"{source}/{target}", (text,), answer, wanted or "")


def run(server, chosen):
    chance = random.Random(chosen.seed)
    score = Score()
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT collation_name, character_set_name FROM information_schema.collations ORDER BY id")
        known = cursor.fetchall()
        names = chosen.names or (FEW if chosen.short else [name for name, _ in known])
        for name, charset in known:
            if name in names:
                compare_collation(cursor, score, chance, charset, name, chosen.texts)
        for charset in sorted({charset for name, charset in known if name in names} - {"utf8mb4", "binary"}):
            compare_conversions(cursor, score, chance, charset, chosen.texts)
    print(score.line())
    return 1 if score.differing else 0


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--short", action="store_true", help="a few collations, and no server is installed for it")
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--texts", type=int, default=0, help="pairs for each collation")
    options.add_argument("names", nargs="*")
    chosen = options.parse_args()
    chosen.texts = chosen.texts or (300 if chosen.short else 2000)
    if chosen.short and not mysql_root.present() and servers.own_mysql() is None:
        print("collation: absent (there is no MySQL)")
        return 77
    print(f"collation: seed {chosen.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="sluice-collation-") as folder:
        os.chmod(folder, 0o755)
        server = servers.Server("mysql", servers.flavor("mysql"), Path(folder) / "mysql", Path(folder) / "mysql.log")
        try:
            server.start()
            return run(server, chosen)
        except LabError as error:
            print(f"collation: {error}")
            return 1
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
