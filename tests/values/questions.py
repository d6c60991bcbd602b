"""Random questions about values: a name that the program values_answers knows, its arguments, and the same in SQL.

In the SQL each %s is an argument as a string literal; a question's `mode` is the sql_mode that it is asked under.
"""
import json
from dataclasses import dataclass

STRICT = "NO_ZERO_IN_DATE,NO_ZERO_DATE"
UNITS = ("year quarter month week day hour minute second microsecond year_month day_hour day_minute day_second hour_minute hour_second "
         "minute_second day_microsecond hour_microsecond minute_microsecond second_microsecond").split()
SINGLE_UNITS = UNITS[:9]
FORMAT_LETTERS = "aBbcDdefHhIijklMmprSsTUuVvWwXxYy%z"
PARSE_LETTERS = "aBbcDdefHhIijklMmprSsTUuVvWwXxYy%.@#"
WORDS = ["Monday", "tue", "Feb", "march", "AM", "pm", "2024", "24", "1", "02", "29", "12", "59", "th", "abc", "100", "366", "0", "53", "5", "123456"]
KEYS = ["a", "b", "aa", "c d", "", "é", "1", "$x", "_y"]


@dataclass(frozen=True)
class Question:
    name: str
    arguments: tuple
    sql: str
    values: tuple
    mode: str = ""


def date_text(chance):
    """A text that is nearly a date, time or moment."""
    year = chance.choice(["2024", "1999", "0000", "24", "70", "69", "9999", "0001", "1", "10000", "020"])
    month = chance.choice(["01", "02", "12", "2", "00", "13", "6"])
    day = chance.choice(["01", "28", "29", "30", "31", "00", "32", "5"])
    mark = chance.choice(["-"] * 6 + ["/", ".", "", "^", "--", ":"])
    text = mark.join([year, month, day])
    if chance.random() < 0.6:
        text += chance.choice([" "] * 5 + ["T", "  ", "\t", "", "-", ":"]) + clock_text(chance)
    if chance.random() < 0.08:
        text += chance.choice(["+02:00", "-11:30", "+14:00", "-00:00", "+15:00", "Z", " +01:00"])
    return mutated(chance, text)


def clock_text(chance):
    mark = chance.choice([":"] * 6 + ["", ".", "-", "::"])
    hour = chance.choice(["00", "10", "23", "24", "9", "838", "839", "100", "7"])
    parts = [hour, chance.choice(["00", "59", "60", "5"]), chance.choice(["00", "59", "60", "7"])]
    text = mark.join(parts[:chance.choice([1, 2, 3, 3, 3])])
    if chance.random() < 0.4:
        text += "." + "".join(chance.choice("0123456789") for _ in range(chance.randrange(9)))
    if chance.random() < 0.1:
        text = chance.choice(["1 ", "34 ", "35 ", "-", "-1 ", "0 "]) + text
    return text


def mutated(chance, text):
    if chance.random() < 0.15 and text:
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(["", " ", "x", "0", "9", ".", "-", "e1", "\n", "T"]) + text[at + chance.randrange(2):]
    if chance.random() < 0.05:
        text = chance.choice(["  ", "", "\t"]) + text + chance.choice([" ", "x", "-", ""])
    return text


def temporal(chance):
    mode = chance.choice(["", STRICT])
    rules = "strict" if mode else ""
    kind = chance.choice(["date", "time", "datetime"])
    text = date_text(chance) if kind != "time" or chance.random() < 0.4 else mutated(chance, clock_text(chance))
    if kind == "date":
        return Question("date", (text, rules), "CAST(%s AS DATE)", (text,), mode)
    digits = chance.choice([0, 0, 1, 3, 6])
    return Question(kind, (text, rules, str(digits)), f"CAST(%s AS {kind.upper()}({digits}))", (text,), mode)


def temporal_number(chance):
    mode = chance.choice(["", STRICT])
    kind = chance.choice(["date", "time", "datetime"])
    number = chance.choice([
        lambda: str(chance.randrange(0, 10000000)), lambda: str(chance.randrange(10 ** chance.randrange(1, 16))),
        lambda: chance.choice(["", "20", "19"]) + f"{chance.randrange(100):02}{chance.randrange(14):02}{chance.randrange(33):02}",
        lambda: f"2024{chance.randrange(1, 13):02}{chance.randrange(1, 29):02}{chance.randrange(25):02}{chance.randrange(61):02}{chance.randrange(61):02}",
        lambda: f"{chance.randrange(839)}{chance.randrange(61):02}{chance.randrange(61):02}",
        lambda: str(-chance.randrange(9000000))])()
    number = number.lstrip("0") or "0"
    if number.startswith("-") and number[1:] == "0":
        number = "0"
    form = chance.random()
    if form < 0.3:
        number += "." + "".join(chance.choice("0159") for _ in range(chance.randrange(1, 9)))
    elif form < 0.45:
        number += chance.choice([".5e0", "e0", ".25e0"])
    rules = "strict" if mode else ""
    if kind == "date":
        return Question("date_number", (number, rules), f"CAST({number} AS DATE)", (), mode)
    digits = chance.choice([0, 1, 3, 6])
    return Question(kind + "_number", (number, rules, str(digits)), f"CAST({number} AS {kind.upper()}({digits}))", (), mode)


def moment(chance):
    """A valid one."""
    year = chance.choice([2024, 2023, 2000, 1900, 1, 9999, 1970, chance.randrange(1, 10000)])
    text = f"{year:04}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
    if chance.random() < 0.2:
        text = chance.choice(["2024-02-29", "2023-12-31", "2024-01-31", "9999-12-31", "0001-01-01", "2020-12-31"])
    micros = chance.choice([0, 0, 1, 999999, chance.randrange(1000000)])
    return text + f" {chance.randrange(24):02}:{chance.randrange(60):02}:{chance.randrange(60):02}.{micros:06}"


def formatted(chance):
    pattern = "".join(chance.choice(["%", "%", "%", ""]) + chance.choice(FORMAT_LETTERS) for _ in range(chance.randrange(1, 6)))
    if chance.random() < 0.3:
        time = f"{chance.choice(['', '-'])}{chance.randrange(839):02}:{chance.randrange(60):02}:{chance.randrange(59):02}.25"
        return Question("time_format", (time, pattern), "TIME_FORMAT(CAST(%s AS TIME(6)), %s)", (time, pattern))
    text = moment(chance)
    if chance.random() < 0.15:
        text = chance.choice(["2024-00-00", "2024-02-00", "0000-00-00", "2024-00-10", "0000-01-01"]) + " 10:11:12.000000"
    return Question("date_format", (text, pattern), "DATE_FORMAT(%s, %s)", (text, pattern))


def by_pattern(chance):
    mode = chance.choice(["", STRICT])
    letters = [chance.choice(PARSE_LETTERS) for _ in range(chance.randrange(1, 5))]
    mark = chance.choice(["-", " ", "", ":"])
    pattern = mark.join("%" + letter for letter in letters)
    if chance.random() < 0.5:
        pattern = chance.choice(["%Y-%m-%d", "%d.%m.%Y", "%H:%i:%s", "%Y-%m-%d %H:%i:%s.%f", "%X %V %W", "%x-%v-%a", "%Y %j", "%h:%i %p", "%r", "%M %D %y"])
    samples = {"Y": "2024", "m": "02", "d": "29", "H": "10", "i": "11", "s": "12", "f": "123", "X": "2024", "V": "10", "W": "Monday", "x": "2023",
               "v": "52", "a": "Sun", "j": "60", "h": "11", "p": "PM", "r": "10:11:12 PM", "M": "february", "D": "29th", "y": "24", "b": "feb", "c": "2",
               "e": "9", "T": "10:11:12", "w": "0", "U": "8", "u": "9", "k": "7", "l": "12", "S": "59", "I": "01", ".": "..", "@": "ab", "#": "12"}
    text, at = "", 0
    while at < len(pattern):
        if pattern[at] == "%" and at + 1 < len(pattern):
            letter = pattern[at + 1]
            text += samples.get(letter, letter) if chance.random() < 0.85 else chance.choice(WORDS)
            at += 2
        else:
            text += pattern[at]
            at += 1
    text = mutated(chance, text)
    return Question("str_to_date", (text, pattern, "strict" if mode else ""), "STR_TO_DATE(%s, %s)", (text, pattern), mode)


def added(chance):
    unit = chance.choice(UNITS)
    amount = str(chance.choice([0, 1, 3, 7, 12, 100, 1000, 86400, 3652424, 10 ** 9, 10 ** 12, 2 ** 63 - 1]))
    if "_" in unit:
        parts = [str(chance.choice([0, 1, 5, 30, 100, 999999])) for _ in range(chance.randrange(1, 6))]
        amount = chance.choice([":", " ", ".", "-"]).join(parts)
    elif unit == "second":
        # A text becomes a DECIMAL first, with warnings of its own where it is out of range.
        amount = str(chance.randrange(10 ** chance.randrange(1, 14))) + chance.choice(["", "." + str(chance.randrange(10 ** 7))])
    amount = chance.choice(["", "", "-"]) + amount
    text = moment(chance)
    return Question("date_add", (text, unit, amount), f"CAST(DATE_ADD(CAST(%s AS DATETIME(6)), INTERVAL %s {unit}) AS DATETIME(6))", (text, amount))


def counted(chance):
    unit, one, other = chance.choice(SINGLE_UNITS), moment(chance), moment(chance)
    if chance.random() < 0.3:
        other = one[:8] + f"{chance.randrange(1, 29):02}" + other[10:]
    return Question("timestampdiff", (unit, one, other), f"TIMESTAMPDIFF({unit}, %s, %s)", (one, other))


def extracted(chance):
    unit = chance.choice(UNITS)
    if chance.random() < 0.3 and unit in ("hour", "minute", "second", "microsecond", "hour_minute", "hour_second", "minute_second",
                                          "hour_microsecond", "minute_microsecond", "second_microsecond"):
        time = f"{chance.choice(['', '-'])}{chance.randrange(838):02}:{chance.randrange(60):02}:{chance.randrange(60):02}.25"
        return Question("extract_time", (unit, time), f"EXTRACT({unit} FROM CAST(%s AS TIME(6)))", (time,))
    text = moment(chance)
    return Question("extract", (unit, text), f"EXTRACT({unit} FROM CAST(%s AS DATETIME(6)))", (text,))


def number_text(chance):
    digits = "".join(chance.choice("0123456789") for _ in range(chance.choice([1, 2, 5, 15, 17, 19, 20, 25])))
    text = chance.choice(["", "", "-", "+"]) + digits
    if chance.random() < 0.5:
        text = text[:len(text) - chance.randrange(len(digits) + 1)] + "." + "".join(chance.choice("0123456789") for _ in range(chance.choice([0, 1, 3, 20])))
    if chance.random() < 0.4:
        text += chance.choice("eE") + chance.choice(["", "-", "+"]) + str(chance.choice([0, 1, 5, 15, 22, 100, 300, 308, 310, 400]))
    return mutated(chance, text)


def number(chance):
    kind = chance.choice(["signed", "double", "float", "round", "round_integer"])
    text = number_text(chance)
    if kind == "signed":
        return Question("signed", (text,), "CAST(%s AS SIGNED)", (text,))
    if kind == "double":
        return Question("double", (text,), "CAST(%s AS DOUBLE)", (text,))
    plain = f"{chance.choice(['', '-'])}{chance.randrange(10 ** chance.randrange(1, 18))}.{chance.randrange(10 ** chance.randrange(1, 18))}e{chance.randrange(-30, 15)}"
    way = chance.choice(["round", "truncate"])
    digits = chance.randrange(-20, 25)
    if kind == "float":
        return Question("float", (plain,), f"CAST({plain} AS FLOAT)", ())
    if kind == "round":
        return Question("round", (plain, str(digits), way), f"{way.upper()}({plain}, {digits})", ())
    whole = str(chance.choice([chance.randrange(-10 ** 6, 10 ** 6), chance.randrange(-2 ** 63 + 1, 2 ** 63), 2 ** 63 - 1, 5, 15, 25]))
    return Question("round_integer", (whole, str(digits), way), f"{way.upper()}({whole}, {digits})", ())


def document(chance, depth=0):
    kind = chance.randrange(9 if depth < 3 else 6)
    if kind == 0:
        return chance.choice(["null", "true", "false"])
    if kind == 1:
        return str(chance.choice([0, 1, 2, -1, 127, 32768, 70000, -32769, 2 ** 31, 2 ** 32, 2 ** 53 + 1, 2 ** 63, 2 ** 64 - 1, 2 ** 64, -2 ** 63]))
    if kind == 2:
        return chance.choice(["1.0", "0.5", "1e3", "-2.5e-7", "1e100", "1E+2", "2.0", "0.1", "9007199254740993.0", "1e15", "123456789012345678.0", "1e-16"])
    if kind in (3, 4, 5):
        return json.dumps(chance.choice(["", "a", "b", "abc", "é", "\"", "\\", "\n\x01", "x" * 130, "\U0001f600", "/"]), ensure_ascii=chance.random() < 0.5)
    if kind in (6, 7):
        return "[" + ", ".join(document(chance, depth + 1) for _ in range(chance.randrange(4))) + "]"
    return "{" + ", ".join(f"{json.dumps(chance.choice(KEYS))}: {document(chance, depth + 1)}" for _ in range(chance.randrange(4))) + "}"


def broken_document(chance):
    text = document(chance)
    for _ in range(chance.randrange(3)):
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(["", ",", "]", "}", "\"", "\\", "\\u12", "e", ".", "-", "0", " ", "nul", ":", "\\ud83d"]) + text[at + chance.randrange(2):]
    return text


def path(chance, simple=False):
    text = "$"
    for _ in range(chance.randrange(4)):
        if simple or chance.random() < 0.75:
            text += chance.choice([".a", ".b", ".aa", '."c d"', "[0]", "[1]", "[last]", "[last-1]", "[5]", '.""', ".é"])
        else:
            text += chance.choice([".*", "[*]", "**.a", "**[0]", "[0 to 1]", "[1 to last]", "[last-1 to last]", "[last-5 to 0]", "**[*]", "**.*"])
    if not simple and chance.random() < 0.15:
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice([" ", "*", ".", "[", "]", "\"", "1", "to", "last", "$", "-"]) + text[at + chance.randrange(2):]
    return text


def near(chance, text):
    """A document, or a part of it, to compare with."""
    if chance.random() < 0.5:
        return document(chance)
    value = json.loads(text)
    while isinstance(value, (list, dict)) and value and chance.random() < 0.6:
        value = chance.choice(list(value.values()) if isinstance(value, dict) else value)
    return json.dumps(value)


def of_json(chance):
    name = chance.choice(["json", "json", "json_pretty", "json_type", "json_depth", "json_length", "json_storage_size", "json_keys", "json_quote",
                          "json_unquote"])
    if name in ("json_quote", "json_unquote"):
        text = chance.choice([document(chance), broken_document(chance), "\"" + broken_document(chance) + "\""])
        return Question(name, (text,), f"{name.upper()}(%s)", (text,))
    text = broken_document(chance) if chance.random() < 0.4 else document(chance)
    if name == "json":
        return Question(name, (text,), "CAST(%s AS JSON)", (text,))
    return Question(name, (text,), f"{name.upper()}(%s)", (text,))


def of_json_path(chance):
    text = document(chance)
    name = chance.choice(["json_extract", "json_extract", "json_search", "json_set", "json_insert", "json_replace", "json_array_append",
                          "json_array_insert", "json_remove"])
    if name == "json_extract":
        paths = tuple(path(chance) for _ in range(chance.choice([1, 1, 2])))
        return Question(name, (text, *paths), f"JSON_EXTRACT(%s{', %s' * len(paths)})", (text, *paths))
    if name == "json_search":
        how, wanted, where = chance.choice(["one", "all"]), chance.choice(["a", "abc", "b", "é"]), path(chance)
        return Question(name, (text, how, wanted, where), "JSON_SEARCH(%s, %s, %s, NULL, %s)", (text, how, wanted, where))
    place = path(chance, simple=chance.random() < 0.9)
    if name == "json_remove":
        return Question(name, (text, place), "JSON_REMOVE(%s, %s)", (text, place))
    value = document(chance, 2)
    return Question(name, (text, place, value), f"{name.upper()}(%s, %s, CAST(%s AS JSON))", (text, place, value))


def of_two_documents(chance):
    text = document(chance)
    other = near(chance, text)
    name = chance.choice(["json_contains", "json_overlaps", "member_of", "json_merge_patch", "json_merge_preserve", "json_compare", "json_compare"])
    if name == "member_of":
        return Question(name, (text, other), "CAST(%s AS JSON) MEMBER OF (%s)", (text, other))
    if name == "json_compare":
        less = "(CAST(%s AS JSON) > CAST(%s AS JSON)) - (CAST(%s AS JSON) < CAST(%s AS JSON))"
        return Question(name, (text, other), less, (text, other, text, other))
    return Question(name, (text, other), f"{name.upper()}(%s, %s)", (text, other))


FAMILIES = (temporal, temporal, temporal_number, formatted, by_pattern, added, counted, extracted, number, number, of_json, of_json, of_json_path,
            of_json_path, of_two_documents, of_two_documents)


def questions(chance, count, wanted=""):
    families = [family for family in FAMILIES if wanted in ("", family.__name__)]
    return [chance.choice(families)(chance) for _ in range(count)]
