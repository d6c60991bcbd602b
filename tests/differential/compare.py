"""What is equal and what is not: two outcomes of one statement.

Everything a client can see is compared: rows, column definitions (names, types, character sets, flags, decimals), affected rows,
insert id, warnings, the text behind OK, the transaction's status, and an error's number, state and text. Left out, each for a reason:

- a column's display length: a server computes it from the expression's parts, and nobody can rebuild it for a merged value;
- the text of 1064: it keeps v21's words on purpose (docs/differences.md);
- the order of rows without a total ORDER BY, and of warnings: several servers made them;
- the status bits that tell of the server's own work (indexes used, slow query): only IN_TRANS and AUTOCOMMIT are compared.
"""
from client import TYPE_NAMES, shown

SYNTAX_ERROR = 1064
REFUSED = "VT12001"
STATUS_BITS = 1 | 2  # IN_TRANS, AUTOCOMMIT
COLUMN_FIELDS = ("name", "org_name", "table", "org_table", "schema", "charset", "flags", "decimals")


def is_refused(outcome):
    return outcome.error is not None and REFUSED in outcome.error[2]


def differences(plain, gate, order="bag", binary=False):
    """A list of (what, plain's, gate's), empty when a client could not tell the two apart. `order`: bag, total or count."""
    if plain.error or gate.error:
        return error_differences(plain.error, gate.error, plain, gate)
    found = []
    if (plain.columns is None) != (gate.columns is None):
        return [("kind of answer", "rows" if plain.columns else "OK", "rows" if gate.columns else "OK")]
    if plain.columns is None:
        found += unequal("affected rows", plain.affected, gate.affected)
        found += unequal("insert id", plain.insert_id, gate.insert_id)
        found += unequal("text behind OK", plain.info, gate.info)
    else:
        found += column_differences(plain.columns, gate.columns) or row_differences(plain, gate, order, binary)
    found += unequal("warnings' count", plain.warnings, gate.warnings)
    found += unequal("status", plain.status & STATUS_BITS, gate.status & STATUS_BITS)
    return found + unequal("prepared (parameters, columns)", plain.parameters, gate.parameters)


def unequal(what, plain, gate):
    return [] if plain == gate else [(what, plain, gate)]


def error_differences(plain, gate, plain_outcome, gate_outcome):
    if plain is None or gate is None:
        return [("error", plain or f"none: {summary(plain_outcome)}", gate or f"none: {summary(gate_outcome)}")]
    found = unequal("error number", plain[0], gate[0]) + unequal("error state", plain[1], gate[1])
    if plain[0] != SYNTAX_ERROR or found:
        found += unequal("error text", plain[2], gate[2])
    return found


def summary(outcome):
    return f"{outcome.affected} affected" if outcome.columns is None else f"{len(outcome.rows)} rows"


def column_differences(plain, gate):
    found = unequal("number of columns", len(plain), len(gate))
    for ours, theirs in zip(plain, gate):
        if ours.kind != theirs.kind:
            found.append((f"type of {ours.name}", TYPE_NAMES.get(ours.kind), TYPE_NAMES.get(theirs.kind)))
        for name in COLUMN_FIELDS:
            left, right = getattr(ours, name), getattr(theirs, name)
            if left != right:
                shown_flags = (ours.flag_names(), theirs.flag_names()) if name == "flags" else (left, right)
                found.append((f"{name} of column {ours.name}", *shown_flags))
    return found


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


def warning_differences(plain, gate):
    """SHOW WARNINGS of both, as bags."""
    ours, theirs = (as_bag(outcome.rows) for outcome in (plain, gate))
    return unequal("SHOW WARNINGS", ours, theirs)


def report(title, statement, found):
    lines = [f"DIFFERENT {title}: {statement}"]
    for what, plain, gate in found:
        lines += [f"    {what}", f"        plain: {str(plain)[:600]}", f"        gate:  {str(gate)[:600]}"]
    return "\n".join(lines)
