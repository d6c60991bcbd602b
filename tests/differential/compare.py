"""What is equal and what is not: two outcomes of one statement.

Everything a client can see is compared: rows, column definitions (names, types, character sets, flags, decimals), affected rows,
insert id, warnings, the text behind OK, the transaction's status, and an error's number, state and text. Left out, each for a reason:

- a column's display length: a server computes it from the expression's parts, and nobody can rebuild it for a merged value;
- the text of 1064 and of what the gate finds out itself (VT codes, unknown tables): v21's words, on purpose (docs/differences.md);
- the order of rows without a total ORDER BY, and of warnings: several servers made them;
- what tells whether the server used a temporary table: the BINARY flag of numbers and dates, the org_name of a column of no table, the
  decimals of texts, behind GROUP BY or DISTINCT the key flags, and with MariaDB, which sorts joins in such tables, these and AUTO_INCREMENT;
- warnings that a server gives when it parses a text (deprecated syntax), since each shard parses its own, and one of MIN and MAX of dates in
  a temporary table; the number of a row in a warning, which counts within a shard;
- through vttablets: warnings, which a tablet does not tell, and what it adds to an error's text (where, by what call, the statement);
- the status bits that tell of the server's own work (indexes used, slow query): only IN_TRANS and AUTOCOMMIT are compared.
"""
import re
from dataclasses import replace

from client import TYPE_NAMES, shown

SYNTAX_ERROR = 1064
WORDS_OF_21 = re.compile(r"VT\d{5}: |table \S+ not found$")
REFUSED = "VT12001"
STATUS_BITS = 1 | 2  # IN_TRANS, AUTOCOMMIT
BINARY_FLAG, AUTO_INCREMENT_FLAG, KEY_FLAGS = 128 | 0x8000, 512, 2 | 4 | 8 | 0x4000  # with NUM, which is a client's; PRI_KEY, UNIQUE_KEY, MULTIPLE_KEY, PART_KEY
PARSER_WARNINGS = {b"1287", b"1681"}
DATE_OF_GROUP = re.compile(rb"Incorrect (?:date|datetime) value: '0000-00-00[^']*' for column '(?:min|max)\(", re.IGNORECASE)
ROW_NUMBER = re.compile(rb"at row \d+")
WARNING_COUNT = re.compile(r"  Warnings: \d+")
TABLET_TEXT = re.compile(r"target: \S+: vttablet: (?:rpc error: code = [\w()]+ desc = )?(.*?) \(errno \d+\) \(sqlstate \w+\)", re.DOTALL)
TEXTS = {15, 16, 245, 247, 248, 249, 250, 251, 252, 253, 254}  # types whose BINARY flag means something
COLUMN_FIELDS = ("name", "org_name", "table", "org_table", "schema", "charset", "flags", "decimals")


def without_tablet(outcome):
    """An outcome that came through a vttablet, as the server gave it; several shards' texts that say the same are one."""
    if outcome.error:
        number, state, text = outcome.error
        said = TABLET_TEXT.findall(text)
        outcome.error = (number, state, said[0] if said and len(set(said)) == 1 else text)
    return outcome


def is_refused(outcome):
    return outcome.error is not None and REFUSED in outcome.error[2]


def differences(plain, gate, order="bag", binary=False, unsure_flags=0):
    """A list of (what, plain's, gate's), empty when a client could not tell the two apart. `order`: bag, total or count;
    `unsure_flags`: bits of columns' flags that depend on how the server worked."""
    if plain.error or gate.error:
        return error_differences(plain.error, gate.error, plain, gate)
    found = []
    if (plain.columns is None) != (gate.columns is None):
        return [("kind of answer", "rows" if plain.columns else "OK", "rows" if gate.columns else "OK")]
    if plain.columns is None:
        found += unequal("affected rows", plain.affected, gate.affected)
        found += unequal("insert id", plain.insert_id, gate.insert_id)
        found += unequal("text behind OK", counted(plain.info), counted(gate.info))
    else:
        found += column_differences(plain.columns, gate.columns, unsure_flags) or row_differences(plain, gate, order, binary)
    found += unequal("status", plain.status & STATUS_BITS, gate.status & STATUS_BITS)
    return found + unequal("prepared (parameters, columns)", plain.parameters, gate.parameters)


def unequal(what, plain, gate):
    return [] if plain == gate else [(what, plain, gate)]


def error_differences(plain, gate, plain_outcome, gate_outcome):
    if plain is None or gate is None:
        return [("error", plain or f"none: {summary(plain_outcome)}", gate or f"none: {summary(gate_outcome)}")]
    found = unequal("error number", plain[0], gate[0]) + unequal("error state", plain[1], gate[1])
    if found or not (plain[0] == SYNTAX_ERROR or WORDS_OF_21.match(gate[2])):
        found += unequal("error text", plain[2], gate[2])
    return found


def summary(outcome):
    return f"{outcome.affected} affected" if outcome.columns is None else f"{len(outcome.rows)} rows"


def column_differences(plain, gate, unsure_flags):
    found = unequal("number of columns", len(plain), len(gate))
    for ours, theirs in zip(*([told(column, unsure_flags) for column in side] for side in (plain, gate))):
        if ours.kind != theirs.kind:
            found.append((f"type of {ours.name}", TYPE_NAMES.get(ours.kind), TYPE_NAMES.get(theirs.kind)))
        for name in COLUMN_FIELDS:
            left, right = getattr(ours, name), getattr(theirs, name)
            if left != right:
                shown_flags = (ours.flag_names(), theirs.flag_names()) if name == "flags" else (left, right)
                found.append((f"{name} of column {ours.name}", *shown_flags))
    return found


def told(column, unsure_flags):
    """The column without what only tells how a server worked."""
    is_text = column.kind in TEXTS
    flags = column.flags & ~(0 if is_text else BINARY_FLAG) & ~unsure_flags
    named = column.org_table or column.org_name != column.name
    return replace(column, flags=flags, org_name=column.org_name if named else "", decimals=0 if is_text else column.decimals)


def row_differences(plain, gate, order, binary):
    if len(plain.rows) != len(gate.rows):
        return [("number of rows", rows_text(plain, binary), rows_text(gate, binary))]
    if order == "count":
        return []
    left, right = (plain.rows, gate.rows) if order == "total" else (as_bag(plain.rows), as_bag(gate.rows))
    for at, (ours, theirs) in enumerate(zip(left, right)):
        if ours != theirs:
            return [(f"row {at + 1} of {len(left)}", row_text(ours, plain, binary), row_text(theirs, gate, binary))]
    return []


def as_bag(rows):
    return sorted(rows, key=lambda row: tuple((value is not None, value or b"") for value in row))


def row_text(row, outcome, binary):
    return "(" + ", ".join(shown(value, column, binary) for value, column in zip(row, outcome.columns)) + ")"


def rows_text(outcome, binary, limit=6):
    rows = [row_text(row, outcome, binary) for row in outcome.rows[:limit]]
    return f"{len(outcome.rows)} rows: " + " ".join(rows) + (" ..." if len(outcome.rows) > limit else "")


def counted(text):
    """The text behind OK without the number of warnings, which are compared one by one."""
    return WARNING_COUNT.sub("", text)


def warning_differences(plain, gate):
    """SHOW WARNINGS of both, as bags."""
    return unequal("SHOW WARNINGS", warnings_told(plain), warnings_told(gate))


def warnings_told(outcome):
    told_ones = [tuple(ROW_NUMBER.sub(b"at row ?", cell) for cell in row) for row in outcome.rows
                 if row[1] not in PARSER_WARNINGS and not DATE_OF_GROUP.search(row[2])]
    return as_bag(told_ones)


def report(title, statement, found):
    lines = [f"DIFFERENT {title}: {statement}"]
    for what, plain, gate in found:
        lines += [f"    {what}", f"        plain: {str(plain)[:600]}", f"        gate:  {str(gate)[:600]}"]
    return "\n".join(lines)
