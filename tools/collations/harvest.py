"""Asks a running MySQL for all that the collation room knows: weights, case, mappings, contractions; see README.md.

The answers are kept in one pickled dict (what pack.py reads). All questions are put over whole tables of characters, so
that a run takes minutes.
"""
import argparse
import itertools
import pickle
from pathlib import Path

import pymysql

from contractions import contractions

BASES = {"0900_as_cs": "utf8mb4_0900_as_cs", "0900_ai_ci": "utf8mb4_0900_ai_ci", "ci": "utf8mb4_unicode_ci"}
EIGHT_BIT = ("armscii8 ascii cp1250 cp1251 cp1256 cp1257 cp850 cp852 cp866 dec8 geostd8 greek hebrew hp8 keybcs2 koi8r koi8u "
             "latin1 latin2 latin5 latin7 macce macroman swe7 tis620").split()
MULTIBYTE = "big5 cp932 eucjpms euckr gb2312 gbk sjis ujis gb18030".split()
INSERT_ROWS = 20000


class Server:
    def __init__(self, socket):
        self.cursor = pymysql.connect(unix_socket=socket, user="root", charset="utf8mb4", autocommit=True).cursor()
        self.rows("CREATE DATABASE IF NOT EXISTS harvest")
        self.rows("USE harvest")
        self.rows("SET SESSION group_concat_max_len = 1000000000")

    def rows(self, sql):
        self.cursor.execute(sql)
        return self.cursor.fetchall()

    def insert(self, table, rows):
        rows = iter(rows)
        while block := list(itertools.islice(rows, INSERT_ROWS)):
            self.rows(f"INSERT INTO {table} VALUES {','.join(block)}")


def make_tables(server):
    """unicode: every code point; bytes: every string of bytes that might be one character of some character set."""
    server.rows("DROP TABLE IF EXISTS points, strings")
    server.rows("CREATE TABLE points (n INT UNSIGNED PRIMARY KEY, c VARCHAR(2) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin)")
    points = (n for n in range(0x110000) if not 0xD800 <= n < 0xE000)
    server.insert("points", (f"({n}, _utf8mb4 x'{chr(n).encode().hex()}')" for n in points))
    server.rows("CREATE TABLE strings (b VARBINARY(4) PRIMARY KEY)")
    server.insert("strings", (f"(x'{b.hex()}')" for b in byte_strings()))


def byte_strings():
    yield from (bytes([a]) for a in range(256))
    yield from (bytes([a, b]) for a in range(0x80, 256) for b in range(256))
    yield from (bytes([0x8F, a, b]) for a in range(0x80, 256) for b in range(0x80, 256))
    digits, letters = range(0x30, 0x3A), range(0x81, 0xFF)
    yield from (bytes(four) for four in itertools.product(letters, digits, letters, digits))


def base_of(name):
    for ending, base in BASES.items():
        if name.endswith(ending) and ("0900" in ending or "0900" not in name):
            return base
    return None


def collations(server):
    return server.rows("SELECT collation_name, character_set_name, id, pad_attribute FROM information_schema.collations")


def unicode_weights(server):
    """{collation: {code point: hex}}; of tailored collations only what differs from their base."""
    weights = {}
    names = [row[0] for row in server.rows("SELECT collation_name FROM information_schema.collations WHERE character_set_name = 'utf8mb4'")]
    for name in names:
        base = base_of(name)
        where = "" if base in (None, name) or "general" in name or "_520_" in name else \
            f"WHERE WEIGHT_STRING(c COLLATE {name}) <> WEIGHT_STRING(c COLLATE {base})"
        if name.endswith("_bin"):
            continue
        weights[name] = dict(server.rows(f"SELECT n, HEX(WEIGHT_STRING(c COLLATE {name})) FROM points {where}"))
        print(name, len(weights[name]), flush=True)
    return weights


def unicode_cases(server):
    """{collation: {code point: (upper, lower)}} of the code points that have a case. The server's room for the answer is as long as
    the text, and it stops where that is full: characters that become shorter stand in front (dotless i, the Kelvin sign)."""
    found = {}
    names = [row[0] for row in server.rows("SELECT collation_name FROM information_schema.collations WHERE character_set_name = 'utf8mb4'")]
    for name in names:
        upper, lower = (f"SUBSTRING({function}(CONCAT(_utf8mb4 x'{before.encode().hex()}', c) COLLATE {name}), {len(before) + 1})"
                        for function, before in (("UPPER", "\u0131\u0131"), ("LOWER", "\u212a")))
        rows = server.rows(f"SELECT n, HEX({upper}), HEX({lower}) FROM points WHERE CAST({upper} AS BINARY) <> CAST(c AS BINARY) "
                           f"OR CAST({lower} AS BINARY) <> CAST(c AS BINARY)")
        found[name] = {n: (bytes.fromhex(u).decode(), bytes.fromhex(w).decode()) for n, u, w in rows}
        print("case", name, len(rows), flush=True)
    return found


def odd_weights(server):
    """Weights of the collations of utf8mb3 whose like utf8mb4 lacks: {collation: {code point: hex}}."""
    found = {}
    for name in ("utf8mb3_tolower_ci", "utf8mb3_general_mysql500_ci"):
        found[name] = dict(server.rows(f"SELECT n, HEX(WEIGHT_STRING(CONVERT(c USING utf8mb3) COLLATE {name})) FROM points WHERE n < 65536"))
    return found


def charset_maps(server):
    """{charset: (characters, from_unicode)}: bytes -> code point or None, code point -> bytes."""
    maps = {}
    for name in EIGHT_BIT + MULTIBYTE:
        one = f"CONVERT(b USING {name})"
        width = "LENGTH(b) = 1" if name in EIGHT_BIT else "LENGTH(b) < 4" if name != "gb18030" else "TRUE"
        rows = server.rows(f"SELECT b, HEX(CONVERT({one} USING utf32)) FROM strings WHERE {width} AND CHAR_LENGTH({one}) = 1")
        characters = {b: None if code in ("", "0000003F") and b != b"?" else int(code, 16) for b, code in rows}
        rows = server.rows(f"SELECT n, CAST(CONVERT(c USING {name}) AS BINARY) FROM points WHERE CAST(CONVERT(c USING {name}) AS BINARY) <> '?' OR n = 63")
        maps[name] = (characters, dict(rows))
        print(name, len(characters), len(rows), flush=True)
    return maps


def native_weights(server):
    """{collation: {bytes: (weight, upper, lower)}} of the character sets that are not Unicode's."""
    found = {}
    names = server.rows("SELECT collation_name, character_set_name FROM information_schema.collations")
    for name, charset in names:
        if charset not in EIGHT_BIT + MULTIBYTE:
            continue
        one = f"CONVERT(b USING {charset}) COLLATE {name}"
        width = "LENGTH(b) = 1" if charset in EIGHT_BIT else "LENGTH(b) < 4" if charset != "gb18030" else "TRUE"
        rows = server.rows(f"SELECT b, WEIGHT_STRING({one}), CAST(UPPER({one}) AS BINARY), CAST(LOWER({one}) AS BINARY) FROM strings "
                           f"WHERE {width} AND CHAR_LENGTH({one}) = 1")
        found[name] = {b: (w, u, l) for b, w, u, l in rows}
        print(name, len(rows), flush=True)
    return found


def several_passes(server):
    """{collation: weights of one byte and of two, and which byte stands for each in a search}"""
    found = {}
    server.rows("CREATE TEMPORARY TABLE bytes_of_one SELECT b FROM strings WHERE LENGTH(b) = 1")
    server.rows("CREATE TEMPORARY TABLE bytes_of_two SELECT a.b AS b, s.b AS after FROM strings s JOIN bytes_of_one a WHERE LENGTH(s.b) = 1")
    for name in ("latin2_czech_cs", "cp1250_czech_cs", "tis620_thai_ci"):
        charset = name.split("_")[0]
        weigh, text = (f"CONVERT({{}} USING {charset}) COLLATE {name}", "WEIGHT_STRING({})")
        one = dict(server.rows(f"SELECT b, {text.format(weigh.format('b'))} FROM bytes_of_one"))
        two = dict(server.rows(f"SELECT CONCAT(b, after), {text.format(weigh.format('CONCAT(b, after)'))} FROM bytes_of_two"))
        searched = dict(server.rows(f"SELECT b, MIN(after) FROM bytes_of_two WHERE INSTR({weigh.format('b')}, {weigh.format('after')}) GROUP BY b"))
        found[name] = {"one": one, "two": two, "searched": [searched[bytes([b])] for b in range(256)]}
        print("passes", name, len(two), flush=True)
    return found


PARTS = (collations, unicode_weights, odd_weights, unicode_cases, charset_maps, native_weights, several_passes, contractions)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--socket", required=True)
    options.add_argument("--out", required=True, help="folder of the answers, one file per part; parts that are there are kept")
    options.add_argument("--keep-tables", dest="fresh", action="store_false", help="the tables of characters are there from an earlier run")
    chosen = options.parse_args()
    server = Server(chosen.socket)
    if chosen.fresh:
        make_tables(server)
    for part in PARTS:
        path = Path(chosen.out) / f"{part.__name__}.pickle"
        if not path.exists():
            path.write_bytes(pickle.dumps(part(server)))


if __name__ == "__main__":
    main()
