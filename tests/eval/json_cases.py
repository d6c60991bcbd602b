"""Seeded questions about JSON schemas and JSON_TABLE, and about functions that take arguments of their own kind."""
import json
import random

from eval.spatial_cases import spatial_case, xml_case

KEYS = ["a", "b", "c"]
SCALARS = [None, True, False, 0, 1, -1, 2, 3, 7, 255, 300, 70000, 3000000000, 9223372036854775807, -9223372036854775808, 18446744073709551615, 1.5, 2.5, -0.25, 1e10, 1e300,
           "", "a", "abc", "abcdef", "12", " 12", "12 ", "1.5", "1e2", "x1", "2024-02-29", "2024-02-29 10:11:12.567", "10:11:12.5", "2024-13-01", "\u00e9", "M\u00fcller", "\u65e5\u672c", "\U0001f600", "true"]
TYPES = ["int", "tinyint", "smallint", "mediumint", "bigint", "bool", "decimal", "decimal(5,2)", "decimal(10,4)", "float", "double", "float(5,2)", "real", "char", "char(3)", "varchar(3)", "varchar(20)", "text",
         "tinytext", "longtext", "binary(3)", "varbinary(5)", "blob", "char(4) charset latin1", "varchar(9) charset ascii", "int unsigned", "tinyint unsigned", "bigint unsigned", "decimal(5,2) unsigned", "float unsigned", "int zerofill",
         "enum('a','abc','12')", "set('a','abc','12')", "enum('ABC') collate utf8mb4_bin", "set('1','x1') charset latin1", "varchar(9) collate utf8mb4_bin", "date", "datetime", "datetime(3)", "time", "time(2)", "timestamp", "year", "json", "bit(8)"]
PATHS = ["$", "$.a", "$.b", "$.c", "$.a.b", "$.*", "$[*]", "$[0]", "$[last]", "$.a[*]", "$.b[0]", "$.b[1 to last]", "$**.a"]
PATTERNS = ["^a", "b$", "[a-c]+", "^.$", "\\\\d+", "a|b", "(", "x{2}", "^[^b]*$"]
KINDS = ["null", "boolean", "object", "array", "string", "number", "integer"]
SERVER = "3e11fa47-71ca-11e1-9e33-c80aa942956"


def text(value):
    return "'" + json.dumps(value, ensure_ascii=False).replace("\\", "\\\\").replace("'", "\\'") + "'"


class Cases:
    def __init__(self, seed, only=""):
        self.random = random.Random(seed)
        self.kinds = [only] if only else ["schema", "schema", "table", "table", "other", "spatial", "spatial", "xml", "xml"]

    def one(self):
        """The name under which its differences are counted, whether it is a table, and the text."""
        kind = self.random.choice(self.kinds)
        if kind in ("spatial", "xml"):
            return (spatial_case if kind == "spatial" else xml_case)(self.random)
        if kind == "schema":
            return kind, False, f"json_schema_validation_report({text(self.schema(2))}, {text(self.document(3))})"
        if kind == "table":
            return kind, True, f"{text(self.document(4))}, '{self.random.choice(PATHS)}' {self.columns(2)}"
        return self.other()

    def document(self, depth):
        pick = self.random.random()
        if depth == 0 or pick < 0.3:
            return self.random.choice(SCALARS)
        if pick < 0.65:
            return {key: self.document(depth - 1) for key in KEYS if self.random.random() < 0.6}
        return [self.document(depth - 1) for _ in range(self.random.randrange(4))]

    # ---- JSON_TABLE

    def columns(self, depth):
        made = [self.column() for _ in range(self.random.randrange(1, 4))]
        if depth > 0:
            made += [f"nested path '{self.random.choice(PATHS)}' {self.columns(depth - 1)}" for _ in range(self.random.choice([0, 0, 1, 2]))]
        self.random.shuffle(made)
        return f"columns ({', '.join(made)})"

    def column(self):
        name, pick = f"c{self.random.randrange(1000000)}", self.random.random()
        if pick < 0.1:
            return f"{name} for ordinality"
        if pick < 0.2:
            return f"{name} {self.random.choice(['int', 'varchar(3)', 'decimal(5,2)', 'double'])} exists path '{self.random.choice(PATHS)}'"
        return f"{name} {self.random.choice(TYPES)} path '{self.random.choice(PATHS)}'{self.handler('empty')}{self.handler('error')}"

    def handler(self, when):
        pick = self.random.random()
        if pick < 0.7:
            return ""
        return f" null on {when}" if pick < 0.85 else f" error on {when}" if pick < 0.88 else f" default '{self.random.choice(['1', '2', 'null', '12.5'])}' on {when}"

    # ---- schemas

    def schema(self, depth):
        made = {}
        for _ in range(self.random.choice([0, 1, 1, 2, 3])):
            keyword = self.random.choice(sorted(self.keywords(depth)))
            made[keyword] = self.keywords(depth)[keyword]()
        return made

    def keywords(self, depth):
        choose, inner = self.random.choice, lambda: self.schema(depth - 1) if depth > 0 else {}
        several, named = lambda: [inner() for _ in range(choose([1, 2, 3]))], lambda: {key: inner() for key in KEYS if choose([0, 1])}
        count, number = lambda: choose([0, 1, 2, 3]), lambda: choose([0, 1, 2, 2.5, -1, 7, 18446744073709551615, 0.1, 3])
        return {
            "type": lambda: choose([choose(KINDS), choose(KINDS), [choose(KINDS), choose(KINDS)]]), "enum": lambda: [self.document(1) for _ in range(3)],
            "allOf": several, "anyOf": several, "oneOf": several, "not": inner, "minimum": number, "maximum": number, "exclusiveMinimum": lambda: choose([True, False]),
            "exclusiveMaximum": lambda: choose([True, False]), "multipleOf": number, "minLength": count, "maxLength": count, "pattern": lambda: choose(PATTERNS).replace("\\\\", "\\"),
            "items": lambda: choose([inner, several])(), "additionalItems": lambda: choose([True, False, inner()]), "minItems": count, "maxItems": count, "uniqueItems": lambda: choose([True, False]),
            "properties": named, "patternProperties": lambda: {choose(["^a", "b", "[ac]"]): inner()}, "additionalProperties": lambda: choose([True, False, inner()]),
            "required": lambda: [key for key in KEYS if choose([0, 1])], "minProperties": count, "maxProperties": count,
            "dependencies": lambda: {choose(KEYS): choose([[choose(KEYS)], inner()])},
        }

    # ---- the rest

    def other(self):
        choose = self.random.choice
        values = ["1", "2", "2.5", "-3", "NULL", "'2'", "'abc'", "'ABC'", "1e0", "date'2024-02-29'", "'2024-02-29'", "cast('2' as json)"]
        number = lambda: choose(["0", "1", "-1", "1023", "1024", "123456", "1e6", "-5e9", "1.5", "99999.996", "1e20", "1e30", "NULL", "'12'", "18446744073709551615", "60000000000000", "3.6e15", "8.64e16"])
        vector = lambda: "'[" + ",".join(choose(["1", "-2.5", "1e3", " 7 ", "+4", ".5", "5.", "1e-40", "3.4e38", "x", "", "1e39", "0x1"]) for _ in range(choose([0, 1, 2, 3]))) + choose(["]", "]", "]", "] ", ""]) + "'"
        gtids = lambda: "'" + ",".join(f"{SERVER}{choose('12')}:{choose(['', 'x:', 'tag_2:'])}{choose(['1', '1-5', '3-9:12', '7-4', '5-6:6-8:100'])}" for _ in range(choose([0, 1, 2, 3]))) + "'"
        return choose([
            lambda: ("quantified", False, f"{choose(values)} {choose(['=', '<>', '<', '<=', '>', '>='])} {choose(['any', 'some', 'all'])} ({', '.join(choose(values) for _ in range(choose([1, 2, 3])))})"),
            lambda: ("rand", False, f"rand({number()})"), lambda: ("format_bytes", False, f"format_bytes({number()})"), lambda: ("format_pico_time", False, f"format_pico_time({number()})"),
            lambda: ("get_format", False, f"get_format({choose(['date', 'time', 'datetime', 'timestamp'])}, {choose(['NULL', 1, 0.5] + [chr(39) + each + chr(39) for each in ('usa', 'EUR', 'Iso', 'jis', 'internal', 'x')])})"),
            lambda: ("to_vector", False, f"hex(to_vector({vector()}))"), lambda: ("from_vector", False, f"from_vector(to_vector({vector()}))"), lambda: ("vector_dim", False, f"vector_dim({choose(['to_vector(' + vector() + ')', 'x' + chr(39) + '00112233' + chr(39), '1.5', 'NULL', chr(39) + 'abcd' + chr(39)])})"),
            lambda: ("gtid_subset", False, f"gtid_subset({gtids()}, {gtids()})"), lambda: ("gtid_subtract", False, f"gtid_subtract({gtids()}, {gtids()})"),
            lambda: ("aes", False, f"hex(aes_encrypt('text', 'key', '', {choose([chr(39) + 'hkdf' + chr(39), chr(39) + 'pbkdf2_hmac' + chr(39)])}, {choose(['NULL', chr(39) + 'salt' + chr(39), 12])}, {choose([1000, 65535, 65536, 999, 'NULL', chr(39) + '2000' + chr(39), chr(39) + '1500x' + chr(39)])}))"),
            lambda: ("greatest", False, f"{choose(['greatest', 'least'])}(cast({text(self.document(1))} as json), {choose(['cast(' + text(self.document(1)) + ' as json)', chr(39) + 'b' + chr(39), '5', 'NULL'])})"),
        ])()
