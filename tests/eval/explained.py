"""Why MySQL 9.7 and eval_answer differ where they still do. Grave differences (value, NULL, error, type) are told by the function under which compare.py counts them; others by kinds, each of which
is a rule over the expression and both answers."""
import collections
import re

BITS = "IF and CASE give the bytes of a BIT as a decimal in MySQL, which no client can read; Sluice gives its number"
JSON_TEXTS = "a double literal that UPPER, LOWER, LEFT or REPEAT made a text is bytes for JSON in MySQL"
REASONS = {
    "if": BITS, "case": BITS + "; the weights of a number beside a text are refused by MySQL (3854)", "case when": BITS,
    "between": "a TIME column beside a date, or a number beside two moments among the bounds: MySQL takes each pair by which of them are constants; texts that no date is beside equal dates are refused (1525)",
    "in": "collations of columns beside bytes are not merged for the list; a TIME and bytes in a list of constants",
    "not in": "a NULL that is sought ends the comparison in Sluice before the items and their errors are computed; a document behind a column, bytes and a TIME in one list",
    "row in": "Sluice looks first whether a constant is a date (1525), MySQL computes the constants first (1690)",
    "nullif": "MySQL gives back the constant as the column of the comparison has stored it, a zero date or a signed number; Sluice gives the constant",
    "greatest": "a double that was computed of a date is read as a date by its digits in MySQL",
    "least": "GREATEST and LEAST of BIT columns alone give digits in MySQL, with the type BIT; Sluice gives the bits",
    "json_valid": JSON_TEXTS, ">": JSON_TEXTS + "; a computed YEAR beside a moment; the weights of a number beside a TIME",
    ">=": "MySQL compares what JSON_CONTAINS gives with a document as a number",
    "regexp_replace": "MySQL refuses bytes of a literal beside a column of bytes (3995) even where the text is NULL",
    "<<": "MySQL does not refuse (3995) a document's text beside bytes in REGEXP where it is a literal's",
    "|": "MySQL takes GREATEST of a TIME and unsigned numbers by their signed values; half seconds of SUBTIME's text are rounded without a carry",
    "~": "half seconds of DATE_SUB's text are rounded without a carry to the minute in MySQL",
    "upper": "MySQL gives nothing for the weights of a number as a text of the connection's character set; Sluice refuses them (3854)",
    "<>": "MySQL does not refuse (1525) a computed text that is no date beside one; constants and columns of TIME and text in one list",
    "mod": "LEAST of a text column and a constant moment, as a number, is the text's in MySQL",
}


class Seen:
    """One difference; the warnings as counters."""

    def __init__(self, name, part, expression, theirs, mine):
        self.name, self.part, self.expression, self.theirs, self.mine = name, part, expression, theirs, mine
        self.more = collections.Counter(theirs.get("warnings", ())) - collections.Counter(mine.get("warnings", ()))
        self.less = collections.Counter(mine.get("warnings", ())) - collections.Counter(theirs.get("warnings", ()))

    def has(self, pattern):
        return re.search(pattern, self.expression) is not None


MOMENT = r"(moment|moment6|stamp|day_|time_|time3|date'|timestamp'|time')"
# Title, why, rule. In order: the first that fits counts. Each was found by asking MySQL (SHOW WARNINGS) about examples.
KINDS = [
    ("order", "the same warnings in another order: MySQL makes a number of a text before it computes the other operand, Sluice when it has both", lambda d: d.part == "warnings" and not d.more and not d.less),
    ("rows", "rows: MySQL computes a constant of a row once more when it prepares the statement, makes a number of a part whose other side is NULL, and leaves out parts behind it",
     lambda d: d.part == "warnings" and (d.name.startswith("row ") or d.has(r"\(.*,.*\) (in|=) \("))),
    ("lists", "lists: MySQL reads constants beside columns, and what is sought, once for each kind of items and before any is compared (also if it is NULL), Sluice each when it is compared", lambda d: d.part == "warnings" and d.has(r" in \(")),
    ("BETWEEN", "BETWEEN over several kinds: MySQL reads a bound, or what is between them, also where the other one has decided, and as a date or time where one of them is", lambda d: d.part == "warnings" and d.has(" between ")),
    ("CASE", "CASE: a WHEN of another kind beside a date, time or bytes is read as a date by MySQL, with its warning; an operand beside WHEN NULL is not computed", lambda d: d.part == "warnings" and d.has(r"case .* when ")),
    ("twice", "an operand that is computed twice: unary minus, GREATEST, LEAST and NULLIF compute an unsigned or constant one when the statement is prepared", lambda d: d.part == "warnings" and d.has(r"^\(?-\(|least\(|greatest\(|nullif\(|-\(")),
    ("<=>", "<=>: MySQL computes a NULL operand once more, or not at all, by the kind of the other one", lambda d: d.part == "warnings" and d.has("<=>")),
    ("FIELD", "FIELD reads what is sought as a number even if all items are NULL", lambda d: d.part == "warnings" and d.has(r"field\(")),
    ("times", "a TIME column beside the text of a moment, a moment column beside the text of a time: MySQL reads the constant when it prepares the statement, whether a row needs it or not",
     lambda d: d.part == "warnings" and d.has(MOMENT) and d.has(r"<|=|>") and set(d.more) | set(d.less) <= {1292, 4095, 4096, 3156}),
    ("COLLATION", "COLLATION, COERCIBILITY and CHARSET: MySQL prepares the argument with its warnings, Sluice asks for its type only", lambda d: d.part == "warnings" and d.has(r"collation\(|coercibility\(|charset\(")),
    ("DECIMAL", "a DECIMAL of the text of a function: MySQL numbers the warning 1292 or 1366 by how the function keeps its text", lambda d: d.part == "warnings" and set(d.more) | set(d.less) <= {1292, 1366} and d.more.total() == d.less.total()),
    ("DIV", "DIV: what it divides by is not computed by MySQL if the dividend is NULL, but as an operand of another operator it may be", lambda d: d.part == "warnings" and d.has(" div ")),
    ("SHA2", "SHA2 with a constant length that is none warns when the statement is prepared", lambda d: d.part == "warnings" and d.has(r"sha2\(")),
    ("1105", "CAST of an unsigned number's text to an integer and back: MySQL counts 1105, too", lambda d: d.part == "warnings" and set(d.more) == {1105}),
    ("1300", "CONVERT of bytes that are no text warns (1300) in MySQL where they are replaced, too", lambda d: d.part == "warnings" and set(d.more) == {1300}),
    ("AND, OR", "AND, OR, XOR, NOT and IS of constants: MySQL computes them while it prepares the statement, and leaves out what does not matter", lambda d: d.part == "warnings" and d.has(r" (and|or|xor) |not |isnull|is (not )?(true|false|null)")),
    ("lengths", "lengths of texts made of documents, of numbers as latin1, and of constants that a column has stored", lambda d: d.part == "length" and d.name in ("nullif", "least", "greatest", "replace")),
    ("BIT", "a BIT that NULLIF or IF gives is signed in MySQL", lambda d: d.part == "flags" and d.name in ("nullif", "if")),
]


def kind_of(name, part, expression, theirs, mine):
    """The title of the kind to which a difference that is not grave belongs; None: it is unexplained."""
    seen = Seen(name, part, expression, theirs, mine)
    return next((title for title, _, fits in KINDS if fits(seen)), None)
