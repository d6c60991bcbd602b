"""Seeded expressions: every operator and function over values and columns of every type, nested a little."""
import random

NUMBERS = ["0", "1", "-1", "7", "255", "-128", "9223372036854775807", "-9223372036854775808", "18446744073709551615", "1.5", "-2.25", "0.000001",
           "123456789.123456789", "1e0", "1.5e3", "-7e-3", "1e15", "true", "false"]
TEXTS = ["''", "'a'", "'abc'", "'ABC'", "'12'", "' 7 '", "'-3.5'", "'1abc'", "'2024-02-29'", "'2024-02-29 10:11:12.5'", "'10:11:12'", "'Müller'", "'日本'", "'%a_'",
         "'a,b,c'", "'1e2'", "_latin1'abc'", "_binary'abc'", "'{\"a\": 1}'", "'[1, 2, 3]'"]
MOMENTS = ["date'2024-02-29'", "date'1999-12-31'", "time'10:11:12'", "time'-01:02:03.5'", "timestamp'2024-02-29 10:11:12'", "timestamp'2000-01-01 00:00:00.123456'"]
OTHERS = ["NULL", "0x41", "x'616263'", "b'101'", "cast('{\"a\": [1, true, \"x\"]}' as json)", "cast('3' as json)", "cast(5 as unsigned)", "cast('ab' as binary)"]
JSONS = ["'{\"a\": 1, \"b\": [1, 2]}'", "'[1, \"x\", null]'", "cast('{\"a\": {\"b\": 2}}' as json)", "'5'", "NULL"]
PATHS = ["'$'", "'$.a'", "'$[0]'", "'$.b[1]'", "'$[last]'", "'$.zz'"]
UNITS = ["microsecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year", "day_hour", "day_minute", "day_second", "day_microsecond", "hour_minute", "hour_second",
         "hour_microsecond", "minute_second", "minute_microsecond", "second_microsecond", "year_month"]
SIMPLE_UNITS = UNITS[:9]
BINARY = ["+", "-", "*", "/", "div", "%", "=", "<=>", "<", "<=", ">", ">=", "<>", "and", "or", "xor", "&", "|", "^", "<<", ">>", "like", "regexp"]
ZONES = ["'UTC'", "'+00:00'", "'+02:00'", "'-13:59'", "'SYSTEM'", "'no such'", "NULL"]
PATTERNS = ["'%Y-%m-%d %H:%i:%s.%f'", "'%a %b %j %U %v'", "'%M %D %W %y %k %l %p %r %T %w %x %X'", "'%d/%m/%Y'", "'%%q%'", "''", "NULL"]
DATE_TEXTS = ["'2024-02-29 10:11:12.000005'", "'Thu Feb 29'", "'29/02/2024'", "'31/02/2024'", "'10:11'", "''", "NULL"]
UUIDS = ["'6ccd780c-baba-1026-9564-5b8c656024db'", "'6ccd780cbaba102695645b8c656024db'", "'{6ccd780c-baba-1026-9564-5b8c656024db}'", "NULL", "x'6ccd780cbaba102695645b8c656024db'"]
ADDRESSES = ["'127.0.0.1'", "'::1'", "'fe80::1:2'", "'::ffff:1.2.3.4'", "'1.2'", "'x'", "inet6_aton('::1.2.3.4')", "inet6_aton('1.2.3.4')", "x'00112233'", "NULL"]
# name: the kinds of its arguments. a any, n number, s text, d date or time, t small count, j document, p path, v any scalar, z zone, f pattern, u UUID, i address, q period, y text of a date,
# o one or all, c place or letters; "?" before what may be absent.
FUNCTIONS = {
    "abs": "a", "acos": "a", "asin": "a", "atan": "a?a", "atan2": "aa", "ceil": "a", "ceiling": "a", "cos": "a", "cot": "n", "crc32": "a", "degrees": "a", "exp": "t", "floor": "a", "ln": "a", "log": "a?a",
    "log10": "a", "log2": "a", "mod": "aa", "pi": "", "pow": "tt", "power": "tt", "radians": "a", "round": "a?t", "sign": "a", "sin": "a", "sqrt": "a", "tan": "a", "truncate": "at", "bit_count": "a", "conv": "att",
    "format": "nt", "hex": "a", "unhex": "s", "bin": "n", "oct": "n", "ascii": "a", "ord": "s", "length": "a", "octet_length": "a", "char_length": "a", "character_length": "a", "bit_length": "a",
    "concat": "aa?a", "concat_ws": "sa?a", "charset": "a", "collation": "a", "coercibility": "a", "lcase": "a", "ucase": "a", "mid": "att",
    "left": "at", "right": "at", "substr": "at?t", "substring": "at?t", "substring_index": "sst", "lpad": "sts", "rpad": "sts", "repeat": "st", "replace": "sss", "insert": "stts", "reverse": "a", "space": "t",
    "ltrim": "a", "rtrim": "a", "trim": "a", "upper": "a", "lower": "a", "quote": "a", "soundex": "s", "instr": "ss", "locate": "ss?t", "find_in_set": "ss", "make_set": "tss", "export_set": "tss?st",
    "field": "aa?a", "elt": "taa", "strcmp": "ss", "to_base64": "a", "from_base64": "s", "if": "aaa", "ifnull": "aa", "nullif": "aa", "coalesce": "aa?a", "greatest": "aa?a", "least": "aa", "isnull": "a", "interval": "nnn",
    "year": "d", "month": "d", "day": "d", "dayofmonth": "d", "hour": "d", "minute": "d", "second": "d", "microsecond": "d", "quarter": "d", "week": "d?t", "weekday": "d", "weekofyear": "d", "yearweek": "d?t", "dayofweek": "d", "dayofyear": "d",
    "dayname": "d", "monthname": "d", "last_day": "d", "to_days": "d", "to_seconds": "d", "from_days": "n", "date": "d", "time": "d", "timestamp": "d?d", "datediff": "dd", "timediff": "dd", "addtime": "dd", "subtime": "dd",
    "sec_to_time": "n", "time_to_sec": "d", "maketime": "ttt", "makedate": "tt", "unix_timestamp": "?d", "from_unixtime": "t?f", "convert_tz": "dzz", "date_format": "df", "time_format": "df", "str_to_date": "yf",
    "period_add": "qt", "period_diff": "qq", "now": "", "curdate": "", "current_date": "", "curtime": "", "current_time": "", "current_timestamp": "", "localtime": "", "localtimestamp": "", "utc_date": "", "utc_time": "", "utc_timestamp": "",
    "etag": "a?a", "sha2": "st", "aes_encrypt": "ss", "aes_decrypt": "ss", "compress": "s", "uncompress": "s", "uncompressed_length": "s",
    "inet_aton": "i", "inet_ntoa": "n", "inet6_aton": "i", "inet6_ntoa": "i", "is_ipv4": "i", "is_ipv6": "i", "is_ipv4_compat": "i", "is_ipv4_mapped": "i", "is_uuid": "u", "uuid_to_bin": "u?t", "bin_to_uuid": "u?t",
    "json_array": "vv", "json_object": "sv", "json_extract": "jp", "json_contains": "jj?p", "json_contains_path": "jop", "json_search": "jos", "json_length": "j?p", "json_keys": "j", "json_type": "j", "json_valid": "a", "json_depth": "j",
    "json_set": "jpv", "json_insert": "jpv", "json_replace": "jpv", "json_array_insert": "jpv", "json_remove": "jp", "json_merge_patch": "jj", "json_merge_preserve": "jj", "json_quote": "s", "json_unquote": "s", "json_overlaps": "jj",
    "json_array_append": "jpv", "json_pretty": "j", "json_storage_size": "j", "regexp_like": "ss?c", "regexp_instr": "ss?tt", "regexp_substr": "ss?tt", "regexp_replace": "sss?tt",
    "database": "", "schema": "", "row_count": "", "last_insert_id": "",
}
CASTS = ["signed", "unsigned", "char", "char(2)", "binary", "binary(4)", "decimal(10,2)", "decimal(5)", "double", "float", "date", "datetime", "datetime(3)", "time", "time(2)", "year", "json", "nchar", "char charset latin1"]
# The columns of the tables that compare.py makes, by the kinds that they serve.
COLUMNS = {"n": ["tiny", "tiny_u", "small", "medium", "whole", "whole_z", "big", "big_u", "exact", "single", "real_", "fixed", "bits", "year_"], "s": ["chars", "text_", "latin", "general", "lob", "bytes", "var_bytes", "enum_", "set_", "tiny_text"],
           "d": ["day_", "moment", "moment6", "stamp", "time_", "time3"], "j": ["doc"]}
DEFINITIONS = {
    "tiny": ("tinyint", ["-5", "127", "0"]), "tiny_u": ("tinyint unsigned not null", ["200", "0", "255"]), "small": ("smallint", ["-300", "32767", "1"]), "medium": ("mediumint", ["70000", "-1", "0"]),
    "whole": ("int", ["123456", "-2147483648", "0"]), "whole_z": ("int(6) zerofill", ["42", "1234567", "0"]), "big": ("bigint", ["9223372036854775807", "-7", "20240229"]), "big_u": ("bigint unsigned", ["18446744073709551615", "1", "0"]),
    "exact": ("decimal(20,5)", ["-12.34567", "99999999.99999", "0"]), "single": ("float", ["1.5", "-1e20", "0.1"]), "real_": ("double", ["2.5", "1e-10", "-1e300"]), "fixed": ("double(8,3)", ["3.125", "-0.5", "99999.999"]),
    "bits": ("bit(9)", ["b'101'", "b'111111111'", "b'0'"]), "year_": ("year", ["2024", "0", "1999"]),
    "chars": ("varchar(10)", ["'abc'", "'Müller'", "' 7 '"]), "text_": ("text", ["'2024-02-29'", "'12abc'", "''"]), "latin": ("varchar(8) character set latin1", ["'abc'", "'é'", "'10:11:12'"]),
    "general": ("char(5) character set utf8mb4 collate utf8mb4_general_ci not null", ["'ABC'", "'a%'", "'x'"]), "lob": ("blob", ["x'616263'", "'12'", "x'ff00'"]), "bytes": ("binary(4)", ["'ab'", "'1234'", "x'ff'"]),
    "var_bytes": ("varbinary(6)", ["'abc'", "''", "x'00ff'"]), "enum_": ("enum('abc','b','12')", ["'abc'", "'12'", "'b'"]), "set_": ("set('a','b','c')", ["'a,c'", "''", "'b'"]), "tiny_text": ("tinytext", ["'x'", "'-3.5'", "'[1]'"]),
    "day_": ("date", ["'2024-02-29'", "'1999-12-31'", "'0001-01-01'"]), "moment": ("datetime", ["'2024-02-29 10:11:12'", "'1000-01-01 00:00:00'", "'9999-12-31 23:59:59'"]),
    "moment6": ("datetime(6)", ["'2024-02-29 10:11:12.123456'", "'2000-01-01 00:00:00.000001'", "'2038-01-19 03:14:08.5'"]), "stamp": ("timestamp", ["'2024-02-29 10:11:12'", "'2000-01-01 00:00:01'", "'2037-01-01 00:00:00'"]),
    "time_": ("time", ["'10:11:12'", "'-838:59:59'", "'00:00:00'"]), "time3": ("time(3)", ["'-01:02:03.5'", "'100:00:00.001'", "'23:59:59.999'"]), "doc": ("json", ["'{\"a\": 1, \"b\": [1, 2]}'", "'\"x\"'", "'[1, 2.5, null]'"]),
}
ROWS = 4  # the last one has NULL wherever it may


def tables():
    """The statements that make the tables row0 .. row3 of one row each."""
    columns = ", ".join(f"{name} {definition}" for name, (definition, _) in DEFINITIONS.items())
    for number in range(ROWS):
        yield f"drop table if exists row{number}"
        yield f"create table row{number} ({columns})"
        values = ["NULL" if number == ROWS - 1 and "not null" not in definition else values[min(number, 2)] for definition, values in DEFINITIONS.values()]
        yield f"insert ignore into row{number} values ({', '.join(values)})"


class Generator:
    """`columns`: the share of operands that are columns."""

    def __init__(self, seed, columns=0.0):
        self.random = random.Random(seed)
        self.columns = columns

    def one(self):
        """The name under which its differences are counted, and the text."""
        pick = self.random.random()
        if pick < 0.24:
            operator = self.random.choice(BINARY)
            return operator, f"{self.value('a', 1)} {operator} {self.value('a', 1)}"
        if pick < 0.32:
            target = self.random.choice(CASTS)
            return f"cast as {target}", f"cast({self.value('a', 1)} as {target})"
        if pick < 0.42:
            return self.special()
        name = self.random.choice(NAMES)
        return name, f"{name}({', '.join(self.arguments(FUNCTIONS[name]))})"

    def special(self):
        value = lambda: self.value("a", 1)
        choose = self.random.choice
        unit = choose(UNITS)
        date = self.value("d", 0)
        return choose([
            lambda: ("date_add", f"date_add({date}, interval {self.value('t', 0)} {unit})"), lambda: ("date_sub", f"date_sub({date}, interval {self.value('t', 0)} {unit})"),
            lambda: ("extract", f"extract({unit} from {date})"), lambda: ("timestampdiff", f"timestampdiff({choose(SIMPLE_UNITS)}, {date}, {self.value('d', 0)})"),
            lambda: ("timestampadd", f"timestampadd({choose(SIMPLE_UNITS)}, {self.value('t', 0)}, {date})"), lambda: ("+ interval", f"{date} + interval {self.value('t', 0)} {unit}"),
            lambda: ("in", f"{value()} in ({value()}, {value()})"), lambda: ("not in", f"{value()} not in ({value()}, {value()}, {value()})"), lambda: ("row in", f"({value()}, {value()}) in (({value()}, {value()}))"),
            lambda: ("row =", f"({value()}, {value()}) = ({value()}, {value()})"), lambda: ("between", f"{value()} between {value()} and {value()}"), lambda: ("case", f"case {value()} when {value()} then {value()} else {value()} end"),
            lambda: ("case when", f"case when {value()} then {value()} else {value()} end"), lambda: ("is true", f"{value()} is true"), lambda: ("is not false", f"{value()} is not false"), lambda: ("is null", f"{value()} is null"),
            lambda: ("not", f"not {value()}"), lambda: ("unary minus", f"-{value()}"), lambda: ("~", f"~{value()}"), lambda: ("collate", f"concat({value()}) collate utf8mb4_bin = {value()}"),
            lambda: ("convert using", f"convert({value()} using {choose(['utf8mb4', 'latin1', 'binary', 'utf16', 'ascii'])})"), lambda: ("char", f"char({self.value('n', 0)}, 65{choose(['', ' using utf8mb4', ' using latin1'])})"),
            lambda: ("weight_string", f"weight_string({value()}{choose(['', ' as char(3)', ' as binary(3)'])})"), lambda: ("trim of", f"trim({choose(['leading', 'trailing', 'both'])} {self.value('s', 0)} from {self.value('s', 0)})"),
            lambda: ("member of", f"{self.value('v', 0)} member of ({self.value('j', 0)})"), lambda: ("json_value", f"json_value({self.value('j', 0)}, {choose(PATHS)}{choose(['', ' returning signed', ' returning date', ' returning decimal(5,2)'])})"),
            lambda: ("like escape", f"{self.value('s', 0)} like {self.value('s', 0)} escape '|'")])()

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
        if kind in "ansdjv" and self.columns > 0 and self.random.random() < self.columns:
            return choose(COLUMNS[kind if kind in COLUMNS else choose("nnssdj")])
        if kind == "a":
            if depth > 0 and self.random.random() < 0.12:
                return f"({self.one()[1]})" if self.random.random() < 0.3 else f"({self.value('a', 0)} {choose(BINARY)} {self.value('a', 0)})"
            return choose(self.random.choices([NUMBERS, TEXTS, MOMENTS, OTHERS], [4, 4, 2, 2])[0])
        return choose(VALUES[kind])


NAMES = sorted(FUNCTIONS)
VALUES = {
    "n": NUMBERS + ["'12'", "NULL"], "s": TEXTS + ["NULL", "12", "1.5"], "t": ["0", "1", "2", "3", "-1", "10", "16", "'2'", "1.5", "NULL"], "j": JSONS, "p": PATHS, "v": NUMBERS + ["'x'", "NULL", "date'2024-02-29'", "true"],
    "d": MOMENTS * 2 + ["'2024-02-29'", "'2024-02-29 10:11:12.5'", "'10:11:12'", "20240229", "20240229101112", "NULL", "'abc'", "'2024-02-30'", "0"], "z": ZONES, "f": PATTERNS, "u": UUIDS, "i": ADDRESSES,
    "q": ["202402", "9912", "0", "-1", "202413", "NULL", "'202401'"], "y": DATE_TEXTS, "o": ["'one'", "'all'", "'ALL'", "NULL"], "c": ["'c'", "'i'", "'mn'", "'x'", "NULL"],
}
