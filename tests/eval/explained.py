"""Why MySQL 9.7 and eval_answer differ where they still do: kinds, each of which is a rule over the expression and both answers. Those of grave differences (value, NULL, error, type) come first."""
import collections
import decimal
import re

from eval.mysql import GRAVE

class Seen:
    """One difference; the warnings as counters."""

    def __init__(self, name, part, expression, theirs, mine):
        self.name, self.part, self.theirs, self.mine = name, part, theirs, mine
        self.expression, _, self.table = expression.partition(" from row")
        self.all, self.mine_all = collections.Counter(theirs.get("warnings", ())), collections.Counter(mine.get("warnings", ()))
        self.more, self.less = self.all - self.mine_all, self.mine_all - self.all

    def has(self, pattern):
        return re.search(pattern, self.expression) is not None

    def only_more(self, *numbers):
        return self.part == "warnings" and bool(self.more) and not self.less and (not numbers or set(self.more) <= set(numbers))

    def only_less(self, *numbers):
        return self.part == "warnings" and bool(self.less) and not self.more and (not numbers or set(self.less) <= set(numbers))

    def reordered(self):
        return self.part == "warnings" and not self.more and not self.less

    def exchanged(self, *numbers):
        return self.part == "warnings" and bool(self.more) and bool(self.less) and set(self.more) | set(self.less) <= set(numbers)

    def equal_numbers(self):
        """Whether both values are the same number."""
        try:
            return decimal.Decimal(bytes.fromhex(self.theirs["hex"]).decode()) == decimal.Decimal(bytes.fromhex(self.mine["hex"]).decode())
        except (KeyError, TypeError, UnicodeDecodeError, decimal.InvalidOperation):
            return False

    def list(self):
        """What is sought by IN and the items; for a row its parts, too."""
        at = re.search(r" (not )?in \(", self.expression)
        return [before(self.expression[:at.start()]), *split(self.expression[at.end():])] if at else []

    def beside(self, one, other):
        """Whether one operand of IN or of a comparison fits `one` and another one fits `other`."""
        operands = self.list() or compared(self.expression)
        return any(re.search(one, operand) and any(k != i and re.search(other, rest) for k, rest in enumerate(operands)) for i, operand in enumerate(operands))


def split(text):
    """The operands at the front of `text` between commas, until a bracket closes that it has not opened."""
    out, depth, quoted, start = [], 0, False, 0
    for i, c in enumerate(text):
        if c == "'":
            quoted = not quoted
        elif not quoted and c == "(":
            depth += 1
        elif not quoted and c == ")":
            depth -= 1
            if depth < 0:
                return [*out, text[start:i].strip()]
        elif not quoted and c == "," and depth == 0:
            out.append(text[start:i].strip())
            start = i + 1
    return [*out, text[start:].strip()]


def before(text):
    """The operand at the end of `text`, back to a bracket that is open there."""
    depth, quoted = 0, False
    for i in range(len(text) - 1, -1, -1):
        c = text[i]
        if c == "'":
            quoted = not quoted
        elif not quoted and c in "()":
            depth += 1 if c == ")" else -1
            if depth < 0:
                return text[i + 1:].strip()
    return text.strip()


def compared(text):
    at = re.search(r" (<=>|<=|>=|<>|<|=|>) ", text)
    return [before(text[:at.start()]), split(text[at.end():])[0]] if at else []


MOMENT = r"^(moment6?|stamp|day_|time_|time3|date'|timestamp'|time')"
TIME = r"^(time_|time3|time')"
DOCUMENT = r"^doc$|as json\)$"
TEXT = r"^(_latin1|_binary|x)?'|^(chars|text_|latin|general|lob|bytes|var_bytes|enum_|set_|tiny_text|0x41|concat\(.*|cast\('ab' as binary\))$"
COMPUTED = r"^\("
ANY = r""
IN = r" in \((?!\()"
ROW = r"(^|\()\(.*, .*\) (=|in) \("
BETWEEN = " between "
COLUMN_TEXTS = r"\b(chars|text_|latin|general|lob|bytes|var_bytes|enum_|set_|tiny_text|doc)\b"
NUMBERS = r"^-?[0-9]|^(tiny|tiny_u|small|medium|whole|whole_z|big|big_u|exact|single|real_|fixed|bits|year_|true|false)$"
CHOICE = r"(\bif\(|case )"
# As KINDS, of what differs in value, NULL, error or type.
GRAVE_KINDS = [
    ("BIT from IF and CASE", "IF and CASE with the type DECIMAL give the bytes of a BIT as the decimal's text in MySQL, which no client can read as a number (beside + it is the number there, too); Sluice gives the number",
     lambda d: d.part == "value" and d.theirs.get("type") == "DECIMAL" and d.has(CHOICE) and d.has(r"\bbits\b")),
    ("zeros in front from IF and CASE", "IF and CASE that give a number give a ZEROFILL or YEAR column with the zeros in front of it in MySQL: the same number",
     lambda d: d.part == "value" and d.has(CHOICE) and d.has(r"\b(whole_z|year_)\b") and d.equal_numbers()),
    ("a BIT in digits", "COALESCE, IFNULL, GREATEST and LEAST of BIT columns alone give the number in digits in MySQL, though the type is BIT, of which clients take the bits; Sluice gives the bits",
     lambda d: d.part == "value" and d.theirs.get("type") == "BIT" and d.has(r"(coalesce|ifnull|greatest|least)\(")),
    ("a double's text in JSON", "a double in the statement that UPPER, LOWER, LEFT, RIGHT, SUBSTR or REPEAT made a text is bytes for JSON in MySQL, so no JSON, through IF and its kin, too; there Sluice gives a text",
     lambda d: d.part in ("value", "error") and d.has("json") and d.has(CHOICE[:-1] + r"|coalesce\(|ifnull\()") and d.has(r"(upper|ucase|lower|lcase|left|right|substr|substring|mid|repeat)\([0-9.-]*e")),
    ("which of two errors", "where two things are refused MySQL may tell the one, Sluice the other", lambda d: d.part == "error" and "error" in d.theirs and "error" in d.mine),
    ("a quotient of 0 in JSON", "0 divided by something is 0 as JSON in MySQL, without the digits behind the point that it is shown with; the same number", lambda d: d.part == "value" and d.has(" / ") and d.has("json") and d.equal_numbers()),
    ("CHAR or BINARY beside a TIME", "GREATEST and LEAST of CHAR, BINARY or BIT, another type and TIME together are CHAR or BINARY in MySQL, VARCHAR or VARBINARY in Sluice; the same text",
     lambda d: d.part == "type" and d.has(r"(greatest|least)\(") and "VAR" + d.theirs.get("type", "") == d.mine.get("type")),
]
# Title, why, rule. In order: the first that fits counts. Each was found by asking MySQL (SHOW WARNINGS) about examples.
KINDS = [
    ("order beside what is computed", "the same warnings in another order: MySQL makes a number of a text before it computes the operand beside it, Sluice when it has both",
     lambda d: d.reordered() and (d.beside(TEXT, COMPUTED) or d.has(BETWEEN) and d.has(r"\(|/"))),
    ("order in rows", "the same warnings in another order: of a row MySQL makes numbers of the texts part by part before it computes what stands beside them", lambda d: d.reordered() and d.has(ROW)),
    ("minus of an unsigned operand", "-(...) of constants or columns with an unsigned result (bits, DIV): MySQL computes the operand for the sign's sake, and again for the value, with all its warnings",
     lambda d: d.only_more() and d.has(r"-\(.* ([&|^]|<<|>>|div) ") and d.all == d.mine_all + d.mine_all),
    ("documents among bounds", "BETWEEN with a document: beside numbers MySQL reads the document's text as a number (1292), Sluice the document (3156)", lambda d: d.has(BETWEEN) and d.has("doc|as json") and d.exchanged(1292, 3156)),
    ("bounds not needed", "BETWEEN: MySQL makes a number or moment of a text bound, or of what stands before it, although the other bound has decided or is NULL", lambda d: d.has(BETWEEN) and d.only_more(1292, 4095) and d.has("'|0x41|" + COLUMN_TEXTS)),
    ("bounds of two kinds of moments", "BETWEEN beside a TIME and a date: MySQL stores constants in the column, or reads what is sought only once, and does not read it again as the other kind",
     lambda d: d.has(BETWEEN) and d.only_less(1292, 4095) and d.has(r"moment|stamp|day_|date'|timestamp'") and d.has(r"time_|time3|time'|curtime")),
    ("texts in a list with moments", "IN of a TIME, date or moment beside a text, document or number: MySQL reads each text as a moment, also for the kinds of items that do not need it",
     lambda d: d.has(IN) and d.beside(MOMENT, TEXT + "|" + DOCUMENT + "|" + COMPUTED) and d.only_more(1292, 4095, 4096, 3156)),
    ("lists with NULL", "IN where NULL is sought or an item is NULL: MySQL reads the constants of the list, and computes what is sought, all the same",
     lambda d: d.has(IN) and d.only_more(1292, 1365, 1366, 3156, 1411) and d.theirs.get("hex") is None),
    ("lists of integers and texts", "IN of a computed integer beside a text: MySQL reads the list once before, and computes what is sought for each kind of items", lambda d: d.has(IN) and d.beside(COMPUTED, ANY) and d.only_more(1292, 1365, 1366, 3156, 1411)),
    ("texts in lists with NULL", "IN of a text beside numbers of which one is NULL or computed: MySQL makes a number of the text once, Sluice for each item", lambda d: d.has(IN) and d.only_less(1292) and d.beside(TEXT, COMPUTED + "|" + NUMBERS)),
    ("times beside computed numbers", "IN of a TIME beside what is computed: MySQL computes a constant item of the list once, Sluice once for each comparison", lambda d: d.has(IN) and d.only_less(1292, 3156) and d.beside(TIME, COMPUTED)),
    ("computed parts of rows", "rows with a computed constant or column's value: MySQL computes the part once when it prepares the statement and again for the row, with all its warnings",
     lambda d: d.has(ROW) and d.only_more() and d.has(r"\(.*\(.* .*\)")  and set(d.more) <= set(d.mine_all)),
    ("texts of rows", "rows with a text beside a number, date or NULL: MySQL reads the text although another part has decided or its own other side is NULL", lambda d: d.has(ROW) and d.only_more(1292, 1365, 3156) and d.has("'|" + COLUMN_TEXTS)),
    ("rows decided early", "rows whose first part differs: MySQL does not read the texts and documents of the parts behind it, Sluice tells of them", lambda d: d.has(ROW) and d.only_less(1292, 1365, 3156)),
    ("WHEN NULL", "CASE of what is computed WHEN NULL: MySQL does not compute the operand", lambda d: d.only_less(1292, 1365, 3156) and d.has(r"case .* when NULL")),
    ("'1e2' beside a TIME column", "a TIME column beside '1e2': MySQL stores the text in the column without a warning", lambda d: d.only_less(1292) and d.has("'1e2'") and d.has("time_|time3")),
    ("constants beside NULL columns", "a column that is NULL beside a text or number: MySQL reads it all the same when it prepares the statement or the row, with its warning",
     lambda d: d.only_more(1292, 4095, 3156) and d.table == "3" and bool(compared(d.expression)) and (d.beside(MOMENT, TEXT) or d.beside("^[a-z]+_?[a-z0-9]*$", TEXT + "|" + COMPUTED))),
    ("moments beside what is computed", "a date, moment or TIME column beside a computed constant: MySQL computes it once fewer, since it does not read it again after it could not be stored in the column",
     lambda d: d.only_less(1292, 1365, 3156) and bool(compared(d.expression)) and d.beside(r"^(moment6?|stamp|day_|time_|time3)$", COMPUTED) and set(d.less) <= set(d.all)),
    ("extremes of an unsigned operand", "LEAST and GREATEST of an unsigned constant (bits) and a signed or other number: MySQL computes it once more when it prepares the statement",
     lambda d: d.only_more(1292) and d.has(r"(least|greatest)\(.*\(.* ([&|^]|<<|>>) ")),
    ("BIGINT beside a document", "a BIGINT column beside a constant document: MySQL tries to store it in the column as an integer (3156) before it compares doubles (3156)", lambda d: d.only_more(3156) and d.beside("^big(_u)?$", DOCUMENT)),
    ("<=> computes once", "<=> of what is computed beside another kind: MySQL computes the operand once, Sluice once more", lambda d: d.only_less() and d.has("<=>") and d.beside(COMPUTED, ANY) and set(d.less) <= set(d.all)),
    ("<=> computes twice", "<=> of an integer and a NULL of a division: MySQL computes the operand once more, for its value and for whether it is NULL",
     lambda d: d.only_more() and d.has("<=>") and d.beside(COMPUTED, ANY) and set(d.more) <= set(d.mine_all)),
    ("COLLATION of AND, OR, XOR", "COLLATION, COERCIBILITY and CHARSET of a document as a condition: MySQL tells of it (3986) when it prepares the argument, Sluice asks for its type only", lambda d: d.only_more(3986) and d.has(r"(collation|coercibility|charset)\(")),
    ("COLLATION as a number", "what COLLATION and CHARSET give, as a DECIMAL: MySQL numbers the warning 1366, as where it stores a value, Sluice 1292", lambda d: d.more == {1366: 1} and d.less == {1292: 1} and d.has(r"(collation|charset)\(")),
    ("shifted bytes as a DECIMAL", "bytes that << or >> gave, as a DECIMAL: MySQL numbers the warning 1292, as of a text, Sluice 1366, as of bytes", lambda d: set(d.more) == {1292} and set(d.less) == {1366} and d.has("<<|>>")),
    ("bytes beside a DECIMAL column", "a DECIMAL column beside bytes or the text of a function: MySQL stores them in the column (1366), Sluice makes a number of them (1292)", lambda d: set(d.more) == {1366} and set(d.less) == {1292} and d.has("exact")),
    ("SHA2 of no length", "SHA2 with a constant length that is none warns (1583) when the statement is prepared, whether it is computed or not", lambda d: d.only_more(1583) and d.has(r"sha2\(")),
    ("18446744073709551615 as a text", "18446744073709551615 as a text, made an integer: MySQL tells of the cast to a negative number (1105)", lambda d: d.only_more(1105) and d.has("18446744073709551615")),
    ("bytes to ASCII", "CONVERT of bytes that are no ASCII: MySQL tells of it (1300) and gives them as they are", lambda d: d.only_more(1300) and d.has(r"convert\(.* using ascii")),
    ("extremes with moments", "LEAST and GREATEST with a date or moment: MySQL computes a constant beside it once, Sluice once more as a moment", lambda d: d.only_less(1292) and d.has(r"(least|greatest)\(.*(date'|timestamp'|stamp|moment|day_)")),
    ("length of NULLIF", "NULLIF of a constant beside an integer or YEAR column: MySQL has stored the constant in the column, and gives the length so made", lambda d: d.part == "length" and d.has(r"nullif\(.*, (tiny|tiny_u|small|medium|whole|whole_z|big|big_u|year_)\)")),
    ("length of LEAST of documents", "LEAST and GREATEST of documents alone: the length is 4294967295 in MySQL, in Sluice the largest multiple of four", lambda d: d.part == "length" and d.has(r"(least|greatest)\(") and d.has("doc|json")),
    ("length of REPLACE in latin1", "REPLACE in a text of latin1 with a number: the length is the text's times the number's in MySQL, as if each character were replaced", lambda d: d.part == "length" and d.has(r"replace\((latin|_latin1'abc'), .*, (12|1\.5)\)")),
    ("flags of a BIT", "a BIT that NULLIF, IF, CASE or GREATEST gives is without the flag BINARY in MySQL", lambda d: d.part == "flags" and d.has(r"((nullif|if|greatest|least)\(|case ).*bits")),
]


def kind_of(name, part, expression, theirs, mine):
    """The title of the kind to which a difference belongs; None: it is unexplained."""
    seen = Seen(name, part, expression, theirs, mine)
    kinds = GRAVE_KINDS if part in GRAVE else KINDS
    return next((title for title, _, fits in kinds if fits(seen)), None)
