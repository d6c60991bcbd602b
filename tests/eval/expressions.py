"""Seeded expressions: every operator and function over values of every type, nested a little."""
import random

NUMBERS = ["0", "1", "-1", "7", "255", "-128", "9223372036854775807", "-9223372036854775808", "18446744073709551615", "1.5", "-2.25", "0.000001",
           "123456789.123456789", "1e0", "1.5e3", "-7e-3", "1e15", "true", "false"]
TEXTS = ["''", "'a'", "'abc'", "'ABC'", "'12'", "' 7 '", "'-3.5'", "'1abc'", "'2024-02-29'", "'2024-02-29 10:11:12.5'", "'10:11:12'", "'Müller'", "'日本'", "'%a_'",
         "'a,b,c'", "'1e2'", "_latin1'abc'", "_binary'abc'", "'{\"a\": 1}'", "'[1, 2, 3]'"]
MOMENTS = ["date'2024-02-29'", "date'1999-12-31'", "time'10:11:12'", "time'-01:02:03.5'", "timestamp'2024-02-29 10:11:12'", "timestamp'2000-01-01 00:00:00.123456'"]
OTHERS = ["NULL", "0x41", "x'616263'", "b'101'", "cast('{\"a\": [1, true, \"x\"]}' as json)", "cast('3' as json)", "cast(5 as unsigned)", "cast('ab' as binary)"]
JSONS = ["'{\"a\": 1, \"b\": [1, 2]}'", "'[1, \"x\", null]'", "cast('{\"a\": {\"b\": 2}}' as json)", "'5'", "NULL"]
PATHS = ["'$'", "'$.a'", "'$[0]'", "'$.b[1]'", "'$[last]'", "'$.zz'"]
UNITS = ["microsecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year", "day_hour", "minute_second", "year_month", "second_microsecond"]
SIMPLE_UNITS = UNITS[:9]
BINARY = ["+", "-", "*", "/", "div", "%", "=", "<=>", "<", "<=", ">", ">=", "<>", "and", "or", "xor", "&", "|", "^", "<<", ">>", "like"]
# name: the kinds of its arguments. a any, n number, s text, d date or time, t small count, j document, p path, v any scalar; "?" before what may be absent.
FUNCTIONS = {
    "abs": "a", "acos": "a", "asin": "a", "atan": "a?a", "atan2": "aa", "ceil": "a", "cos": "a", "cot": "n", "crc32": "a", "degrees": "a", "exp": "t", "floor": "a", "ln": "a", "log": "a?a",
    "log10": "a", "log2": "a", "mod": "aa", "pow": "tt", "radians": "a", "round": "a?t", "sign": "a", "sin": "a", "sqrt": "a", "tan": "a", "truncate": "at", "bit_count": "a", "conv": "att",
    "format": "nt", "hex": "a", "unhex": "s", "bin": "n", "oct": "n", "ascii": "a", "ord": "s", "length": "a", "char_length": "a", "bit_length": "a", "concat": "aa?a", "concat_ws": "sa?a",
    "left": "at", "right": "at", "substring": "at?t", "substring_index": "sst", "lpad": "sts", "rpad": "sts", "repeat": "st", "replace": "sss", "insert": "stts", "reverse": "a", "space": "t",
    "ltrim": "a", "rtrim": "a", "trim": "a", "upper": "a", "lower": "a", "quote": "a", "soundex": "s", "instr": "ss", "locate": "ss?t", "find_in_set": "ss", "make_set": "tss", "export_set": "tss",
    "field": "aa?a", "elt": "taa", "strcmp": "ss", "to_base64": "a", "from_base64": "s", "if": "aaa", "ifnull": "aa", "nullif": "aa", "coalesce": "aa?a", "greatest": "aa", "least": "aa", "isnull": "a", "interval": "nnn",
    "year": "d", "month": "d", "day": "d", "hour": "d", "minute": "d", "second": "d", "microsecond": "d", "quarter": "d", "week": "d?t", "weekday": "d", "weekofyear": "d", "yearweek": "d", "dayofweek": "d", "dayofyear": "d",
    "dayname": "d", "monthname": "d", "last_day": "d", "to_days": "d", "to_seconds": "d", "from_days": "n", "date": "d", "time": "d", "timestamp": "d", "datediff": "dd", "timediff": "dd", "addtime": "dd", "subtime": "dd",
    "sec_to_time": "n", "time_to_sec": "d", "maketime": "ttt", "makedate": "tt", "unix_timestamp": "d", "from_unixtime": "t", "sha2": "st", "inet_aton": "s", "inet_ntoa": "n", "inet6_aton": "s", "is_ipv4": "s", "is_ipv6": "s", "is_uuid": "s",
    "json_array": "vv", "json_extract": "jp", "json_contains": "jj", "json_length": "j?p", "json_keys": "j", "json_type": "j", "json_valid": "a", "json_depth": "j", "json_set": "jpv", "json_insert": "jpv", "json_replace": "jpv",
    "json_remove": "jp", "json_merge_patch": "jj", "json_merge_preserve": "jj", "json_quote": "s", "json_unquote": "s", "json_overlaps": "jj", "json_array_append": "jpv", "json_pretty": "j", "json_storage_size": "j",
    "regexp_like": "ss", "regexp_instr": "ss", "regexp_substr": "ss", "regexp_replace": "sss",
}
CASTS = ["signed", "unsigned", "char", "char(2)", "binary", "binary(4)", "decimal(10,2)", "decimal(5)", "double", "float", "date", "datetime", "datetime(3)", "time", "time(2)", "year", "json"]


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def one(self):
        """The name under which its differences are counted, and the text."""
        pick = self.random.random()
        if pick < 0.3:
            operator = self.random.choice(BINARY)
            return operator, f"{self.value('a', 1)} {operator} {self.value('a', 1)}"
        if pick < 0.4:
            target = self.random.choice(CASTS)
            return f"cast as {target}", f"cast({self.value('a', 1)} as {target})"
        if pick < 0.46:
            return self.special()
        name = self.random.choice(sorted(FUNCTIONS))
        return name, f"{name}({', '.join(self.arguments(FUNCTIONS[name]))})"

    def special(self):
        value = lambda: self.value("a", 1)
        unit = self.random.choice(UNITS)
        date = self.value("d", 0)
        return self.random.choice([
            ("date_add", f"date_add({date}, interval {self.value('t', 0)} {unit})"), ("date_sub", f"date_sub({date}, interval {self.value('t', 0)} {unit})"),
            ("extract", f"extract({unit} from {date})"), ("timestampdiff", f"timestampdiff({self.random.choice(SIMPLE_UNITS)}, {date}, {self.value('d', 0)})"),
            ("in", f"{value()} in ({value()}, {value()})"), ("between", f"{value()} between {value()} and {value()}"), ("case", f"case {value()} when {value()} then {value()} else {value()} end"),
            ("case when", f"case when {value()} then {value()} else {value()} end"), ("is true", f"{value()} is true"), ("is null", f"{value()} is null"), ("not", f"not {value()}"), ("unary minus", f"-{value()}"), ("~", f"~{value()}"),
            ("date_format", f"date_format({date}, '%Y-%m-%d %H:%i:%s.%f %a %b %j %U %v')")])

    def arguments(self, kinds):
        out, optional = [], False
        for kind in kinds:
            if kind == "?":
                optional = True
                continue
            if optional and self.random.random() < 0.5:
                break
            out.append(self.value(kind, 1))
        return out

    def value(self, kind, depth):
        choose = self.random.choice
        if kind == "a":
            if depth > 0 and self.random.random() < 0.12:
                return f"({self.one()[1]})" if self.random.random() < 0.3 else f"({self.value('a', 0)} {choose(BINARY)} {self.value('a', 0)})"
            return choose(self.random.choices([NUMBERS, TEXTS, MOMENTS, OTHERS], [4, 4, 2, 2])[0])
        if kind == "n":
            return choose(NUMBERS + ["'12'", "NULL"])
        if kind == "s":
            return choose(TEXTS + ["NULL", "12", "1.5"])
        if kind == "d":
            return choose(MOMENTS * 2 + ["'2024-02-29'", "'2024-02-29 10:11:12.5'", "'10:11:12'", "20240229", "20240229101112", "NULL", "'abc'", "'2024-02-30'", "0"])
        if kind == "t":
            return choose(["0", "1", "2", "3", "-1", "10", "16", "'2'", "1.5", "NULL"])
        if kind == "j":
            return choose(JSONS)
        if kind == "p":
            return choose(PATHS)
        return choose(NUMBERS + ["'x'", "NULL", "date'2024-02-29'", "true"])
