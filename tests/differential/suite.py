"""The statements of the fixed suite: those of cases/*.sql, and for each column type what can be done with it.

A line of a case file is one statement. `{db}` and `{flat}` are the two keyspaces. `{{5}}` is a literal that becomes a parameter where
statements are prepared, `{{D'...'}}` one of a temporal type. In front may stand: `>` its ORDER BY is total, `#` plus SELECT: only the number of rows is determined,
`!` it must fail, `%` prepared through tablets it is known to differ (a tablet gets literals for parameters), `~` the gate's answer is known to differ (docs/differences.md); that it still does is checked. Other lines that begin with `#` are comments.
"""
import re
from dataclasses import dataclass, replace
from pathlib import Path

import tables
from client import Moment

CASES = Path(__file__).resolve().parent / "cases"
PARAMETER = re.compile(r"\{\{(.*?)\}\}")
NUMBERS = {"`do`", "i8", "u8", "i16", "u16", "i24", "u24", "i32", "u32", "i64", "u64", "de", "dh", "fl", "do", "ye"}
UNEQUAL_TO_THEMSELVES = {"js"}  # JSON is compared with text as JSON, so a predicate finds nothing
CONVERTED_APART = {"vcl"}  # a server tells a parameter that it cannot convert from such a literal
ROWS_OF_A_KIND = 5


@dataclass(frozen=True)
class Statement:
    text: str
    order: str = "bag"
    must_fail: bool = False
    known: bool = False  # differs by intention
    known_prepared: bool = False  # the same, prepared and through tablets

    def plain_text(self):
        return PARAMETER.sub(lambda match: match.group(1).removeprefix("D"), self.text)

    def prepared(self):
        """The text with question marks, and the values."""
        return PARAMETER.sub("?", self.text), [value(word) for word in PARAMETER.findall(self.text)]


def value(word):
    """A literal of a case file as a parameter."""
    if word == "NULL":
        return None
    if word.startswith("'"):
        return word[1:-1].replace("''", "'")
    if word.startswith("D'"):
        return Moment(word[2:-1])
    if word.startswith("x'"):
        return bytes.fromhex(word[2:-1])
    if word.startswith("b'"):
        bits = int(word[2:-1], 2)
        return bits.to_bytes(max(1, (bits.bit_length() + 7) // 8), "big")
    return float(word) if re.search(r"[.e]", word) else int(word)


def parsed(line):
    if line.startswith("% "):
        return replace(parsed(line[2:]), known_prepared=True)
    if line.startswith("> "):
        return Statement(line[2:], "total")
    if line.startswith("! "):
        return Statement(line[2:], must_fail=True)
    if line.startswith("# SELECT "):
        return Statement(line[2:], "count")
    if line.startswith("~ "):
        return Statement(line[2:], known=True)
    return None if line.startswith("#") or not line else Statement(line)


def from_file(path):
    return [statement for line in path.read_text(encoding="utf-8").split("\n") if (statement := parsed(line))]


def of_kind(number, column, values, bad, grouped):
    """Writes and reads of one column of `kinds`, in rows of its own; two are equal and one is NULL."""
    first, second, third = values
    low = 10 * number
    within = f"id BETWEEN {low} AND {low + 9}"
    yield f"INSERT INTO kinds(id, {column}) VALUES ({low}, {{{{{first}}}}}), ({low + 1}, {second}), ({low + 2}, {first}), ({low + 3}, NULL)"
    yield f"INSERT INTO kinds(id, {column}) VALUES ({{{{{low + 4}}}}}, {{{{{second}}}}})"
    if bad:
        mark = "% !" if column in CONVERTED_APART else "!"
        yield f"{mark} INSERT INTO kinds(id, {column}) VALUES ({low + 5}, {{{{{bad}}}}})"
        yield f"! UPDATE kinds SET {column} = {bad} WHERE id = {low}"
    yield f"UPDATE kinds SET {column} = {{{{{third}}}}} WHERE id = {low + 4}"
    yield f"UPDATE kinds SET {column} = {second} WHERE id IN ({low + 1}, {low + 3}, {low + 9})"
    yield f"UPDATE kinds SET {column} = NULL WHERE {column} IS NOT NULL AND id > {low + 2} AND id < {low + 4}"
    yield f"DELETE FROM kinds WHERE id > {{{{{low + 6}}}}} AND {within}"
    yield f"> SELECT id, {column} FROM kinds WHERE {within} ORDER BY id"
    yield f"SELECT {column} FROM kinds WHERE id = {{{{{low}}}}}"
    if column not in UNEQUAL_TO_THEMSELVES:
        # A parameter of bytes is compared with BIT by another rule than a literal.
        probe = second if second.startswith("b'") else f"{{{{{second}}}}}"
        yield f"SELECT id FROM kinds WHERE {column} = {probe} AND {within}"
    if grouped:
        yield f"> SELECT {column}, id FROM kinds WHERE {within} ORDER BY {column} DESC, id"
        yield f"SELECT {column}, COUNT(*) FROM kinds WHERE {within} GROUP BY {column}"
        functions = f"SUM({column}), AVG({column}), " if column in NUMBERS else ""
        yield f"SELECT {functions}MIN({column}), MAX({column}), COUNT({column}) FROM kinds WHERE {within}"
    else:
        yield f"SELECT {column}, COUNT(*) FROM kinds WHERE id = {low} GROUP BY {column}"


def of_kinds():
    for number, (column, _, *values, bad, grouped) in enumerate(tables.KINDS, 1):
        yield from map(parsed, of_kind(number, f"`{column}`" if column == "do" else column, values, bad, grouped))


def statements():
    files = sorted(CASES.glob("*.sql"))
    return from_file(files[0]) + list(of_kinds()) + [statement for path in files[1:] for statement in from_file(path)]
