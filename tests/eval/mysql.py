"""What MySQL says of an expression, in the form in which eval_answer (answer.cc) says it, and where the two differ."""
import contextlib
import json
import re
import subprocess
import tempfile
from pathlib import Path

import pymysql

from lab import servers

ALIASES = ("CHAR", "INTERVAL")  # of TINY and ENUM
KINDS = {value: name for name, value in vars(pymysql.constants.FIELD_TYPE).items() if name.isupper() and name not in ALIASES}
INTEGERS = {"TINY": "INT8", "SHORT": "INT16", "INT24": "INT24", "LONG": "INT32", "LONGLONG": "INT64"}
TYPES = {"DOUBLE": "FLOAT64", "FLOAT": "FLOAT32", "NEWDECIMAL": "DECIMAL", "VAR_STRING": "VARCHAR", "STRING": "CHAR", "DATE": "DATE", "TIME": "TIME", "DATETIME": "DATETIME", "TIMESTAMP": "TIMESTAMP",
         "JSON": "JSON", "GEOMETRY": "GEOMETRY", "NULL": "NULL_TYPE", "BLOB": "TEXT", "LONG_BLOB": "TEXT", "MEDIUM_BLOB": "TEXT", "TINY_BLOB": "TEXT", "YEAR": "YEAR", "BIT": "BIT", "ENUM": "ENUM", "SET": "SET"}
BINARY = {"VARCHAR": "VARBINARY", "CHAR": "BINARY", "TEXT": "BLOB"}
BINARY_COLLATION = 63
NOT_NULL, UNSIGNED, ZEROFILL, BINARY_FLAG, ENUM, SET = 1, 32, 64, 128, 256, 2048
COMPARED_FLAGS = UNSIGNED | BINARY_FLAG
PARTS = ("type", "decimals", "nullable", "collation", "length", "flags", "warnings")
GRAVE = ("null", "value", "error", "type")


def type_name(field):
    name = KINDS.get(field.type_code, "")
    if field.flags & ENUM:
        return "ENUM"
    if field.flags & SET:
        return "SET"
    if name in INTEGERS:
        return INTEGERS[name].replace("INT", "UINT") if field.flags & UNSIGNED else INTEGERS[name]
    name = TYPES.get(name, str(field.type_code))
    return BINARY.get(name, name) if field.charsetnr == BINARY_COLLATION else name


class Server:
    """A MySQL 9.7 under the settings of answer.cc; results are not converted, so that their collations and lengths are the expressions'."""

    def __init__(self, connect):
        self.connection = connect(charset="utf8mb4", conv={}, use_unicode=False)
        self.cursor = self.connection.cursor()
        for statement in ("create database if not exists ks", "use ks", "set names utf8mb4 collate utf8mb4_0900_ai_ci", "set time_zone = '+00:00', timestamp = 1709212455.123456",
                          "set character_set_results = NULL"):
            self.cursor.execute(statement)
        self.cursor.execute("select id, collation_name from information_schema.collations")
        self.collations = {int(number): name.decode() for number, name in self.cursor.fetchall()}

    def answer(self, expression, table=""):
        try:
            self.cursor.execute(("select " + expression + (" from " + table if table else "")).encode())
            result = self.cursor._result
            value = self.cursor.fetchall()[0][0]
            field = result.fields[0]
            warnings = []
            if result.warning_count:
                self.cursor.execute("show warnings")
                warnings = [int(row[1]) for row in self.cursor.fetchall()]
        except pymysql.MySQLError as error:
            return {"error": error.args[0], "text": str(error.args[1])}
        return {"hex": None if value is None else bytes(value).hex(), "type": type_name(field), "decimals": field.scale, "nullable": not field.flags & NOT_NULL,
                "collation": self.collations.get(field.charsetnr, "?"), "length": field.length, "flags": field.flags & COMPARED_FLAGS, "warnings": warnings}

    def columns(self, table):
        """A table's only row, as eval_answer wants to be told of it."""
        self.cursor.execute(f"select * from {table}")
        fields, row = self.cursor._result.fields, self.cursor.fetchall()[0]
        self.cursor.execute(f"select column_name, column_type from information_schema.columns where table_schema = database() and table_name = '{table}'")
        types = {name.decode(): text.decode() for name, text in self.cursor.fetchall()}
        columns = []
        for field, value in zip(fields, row):
            name = field.name if isinstance(field.name, str) else field.name.decode()
            columns.append({"name": name, "type": type_name(field), "collation": self.collations.get(field.charsetnr, "binary"), "length": field.length, "decimals": field.scale,
                            "nullable": not field.flags & NOT_NULL, "unsigned": bool(field.flags & UNSIGNED), "zerofill": bool(field.flags & ZEROFILL),
                            "members": re.findall(r"'([^']*)'", types[name]), "hex": None if value is None else bytes(value).hex()})
        return columns


@contextlib.contextmanager
def connected(socket, made=Server):
    """The MySQL 9.7 at `socket`, or one that is started for the time if there is no `socket`."""
    with tempfile.TemporaryDirectory(prefix="eval-") as folder:
        Path(folder).chmod(0o755)
        started = None if socket else servers.Server(name="mysql", flavor=servers.flavor("mysql"), folder=Path(folder) / "m", log=Path(folder) / "log").start()
        try:
            yield made(lambda **more: pymysql.connect(unix_socket=socket or str(started.socket), user="root", autocommit=True, **more))
        finally:
            if started:
                started.stop()


class Ours:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, errors="replace")

    def ask(self, question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def use(self, columns):
        """The columns and their values for what is asked from now on."""
        answer = self.ask({"columns": columns})
        assert answer == {}, answer

    def answer(self, expression):
        answer = self.ask(expression)
        if "hex" in answer:
            answer["warnings"] = [number for number, _ in answer["warnings"]]
            answer["nullable"] = not answer["flags"] & NOT_NULL
            answer["flags"] &= COMPARED_FLAGS
        return answer


def difference(theirs, ours):
    """What differs most gravely; None: nothing."""
    if "tuple" in ours:
        return None if "error" in theirs else "value"
    if "error" in ours and ours["error"] == 1235:
        return "refused"
    if "error" in theirs or "error" in ours:
        return None if theirs.get("error") == ours.get("error") else "error"
    if (theirs["hex"] is None) != (ours["hex"] is None):
        return "null"
    if theirs["hex"] != ours["hex"]:
        return "value"
    return next((part for part in PARTS if theirs[part] != ours[part]), None)


def brief(answer):
    if "error" in answer:
        return f"{answer['error']} {answer['text']}"
    if "tuple" in answer:
        return "a tuple"
    value = "NULL" if answer["hex"] is None else bytes.fromhex(answer["hex"])[:60].decode(errors="replace")
    flags = "unsigned " if answer["flags"] & UNSIGNED else ""
    return f"{value} {flags}{answer['type']}({answer['length']},{answer['decimals']}) {answer['collation']} {'null' if answer['nullable'] else 'not null'} {answer['warnings']}"
