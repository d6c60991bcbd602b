"""The comparison's own rules: what it must see, and what it must let pass. No server is needed."""
import sys
import unittest
from dataclasses import replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import random  # noqa: E402

import client  # noqa: E402
import generated  # noqa: E402
import suite  # noqa: E402
import worlds  # noqa: E402
from compare import differences, warning_differences, without_tablet  # noqa: E402

COLUMN = client.Column("db", "t", "t", "a", "a", 63, 11, client.LONG, 1, 0)
ROWS = client.Outcome(columns=[COLUMN], rows=[(b"1",), (b"2",)])
OK = client.Outcome(affected=2, insert_id=7, info="Records: 2")
ERROR = client.Outcome(error=(1062, "23000", "Duplicate entry"))


class Comparison(unittest.TestCase):
    def test_equal_outcomes(self):
        for outcome in (ROWS, OK, ERROR):
            self.assertEqual(differences(outcome, replace(outcome)), [])
        self.assertEqual(differences(ROWS, replace(ROWS, rows=[(b"2",), (b"1",)])), [])
        self.assertEqual(differences(ROWS, replace(ROWS, rows=[(b"8",), (b"9",)]), "count"), [])
        self.assertEqual(differences(ROWS, replace(ROWS, columns=[replace(COLUMN, length=99)])), [])
        syntax = client.Outcome(error=(1064, "42000", "near x"))
        self.assertEqual(differences(syntax, client.Outcome(error=(1064, "42000", "other words"))), [])

    def test_every_difference_is_seen(self):
        for plain, gate, order in [
                (ROWS, replace(ROWS, rows=[(b"2",), (b"1",)]), "total"), (ROWS, replace(ROWS, rows=[(b"1",), (None,)]), "bag"),
                (ROWS, replace(ROWS, rows=[(b"1",)]), "count"), (ROWS, replace(ROWS, rows=[(b"1",), (b"1",)]), "bag"),
                (ROWS, replace(ROWS, status=1), "bag"), (ROWS, OK, "bag"),
                (ROWS, ERROR, "bag"), (ERROR, OK, "bag"), (OK, replace(OK, affected=1), "bag"), (OK, replace(OK, insert_id=0), "bag"),
                (OK, replace(OK, info=""), "bag"), (ERROR, replace(ERROR, error=(1586, "23000", "Duplicate entry")), "bag"),
                (ERROR, replace(ERROR, error=(1062, "HY000", "Duplicate entry")), "bag"),
                (ERROR, replace(ERROR, error=(1062, "23000", "duplicate entry")), "bag")]:
            self.assertNotEqual(differences(plain, gate, order), [], (plain, gate, order))
        for field, value in (("name", "b"), ("org_name", "b"), ("table", "u"), ("org_table", "u"), ("schema", "vt_db"), ("charset", 255),
                             ("kind", client.LONGLONG), ("flags", 33), ("decimals", 2)):
            self.assertNotEqual(differences(ROWS, replace(ROWS, columns=[replace(COLUMN, **{field: value})])), [], field)


    def test_warnings(self):
        def told(*rows):
            return client.Outcome(columns=[COLUMN] * 3, rows=list(rows))
        truncated, later = [(b"Warning", b"1265", b"Data truncated for column 'a' at row %d" % row) for row in (1, 2)]
        self.assertEqual(warning_differences(told(truncated), told(later, (b"Warning", b"1287", b"'VALUES' is deprecated"))), [])
        self.assertNotEqual(warning_differences(told(truncated), told(truncated, later)), [])
        self.assertNotEqual(warning_differences(told(truncated), told()), [])


class Packets(unittest.TestCase):
    def test_parameters(self):
        for value, kind, sign, raw in [
                (None, client.NULL, 0, b""), (-1, client.LONGLONG, 0, b"\xff" * 8), ((1 << 64) - 1, client.LONGLONG, 128, b"\xff" * 8),
                ("é", client.VAR_STRING, 0, b"\2\xc3\xa9"), (b"\0", client.BLOB, 0, b"\1\0"),
                (client.Moment("2024-02-29 23:59:58.000001"), client.DATETIME, 0, b"\x0b\xe8\x07\x02\x1d\x17\x3b\x3a\1\0\0\0"),
                (client.Moment("-25:00:01"), client.TIME, 0, b"\x0c\1\1\0\0\0\1\0\1\0\0\0\0")]:
            self.assertEqual(client.parameter(value), (kind, sign, raw), value)

    def test_binary_row(self):
        columns = [COLUMN, replace(COLUMN, kind=client.DATE), replace(COLUMN, kind=client.VAR_STRING), COLUMN]
        body = b"\0" + bytes([1 << 5]) + b"\5\0\0\0" + b"\4\xe8\7\2\x1d" + b"\1x"
        self.assertEqual(client.binary_row(body, columns), (b"\5\0\0\0", b"\xe8\7\2\x1d", b"x", None))
        self.assertRaises(ValueError, client.binary_row, body + b"!", columns)
        self.assertRaises(ValueError, client.binary_row, body[:-1], columns)

    def test_lengths(self):
        for number in (0, 250, 251, 65535, 65536, 1 << 24, 1 << 40):
            self.assertEqual(client.Packet(client.lenenc(number)).lenenc(), number)


class Tablets(unittest.TestCase):
    def test_what_a_tablet_adds_to_a_text(self):
        said = "Duplicate entry '1' for key 't.PRIMARY'"
        added = '(errno 1062) (sqlstate 23000) (CallerID: u): Sql: "insert into t(id) values (:a)", BindVars: {a: "type:INT64"}'
        at = "target: ks.-80.primary: vttablet: "
        for text in (f"{at}rpc error: code = AlreadyExists desc = {said} {added}", f"{at}{said} {added}",
                     f"{at}{said} {added}\n{at.replace('-80', '80-')}rpc error: code = Code(17) desc = {said} {added}"):
            self.assertEqual(without_tablet(client.Outcome(error=(1062, "23000", text))).error, (1062, "23000", said))
        for text in ("VT12001: unsupported: x", f"{at}rpc error: code = Aborted desc = transaction 5: not found", f"{at}a (errno 1) (sqlstate HY000)\n{at}b (errno 1) (sqlstate HY000)"):
            self.assertEqual(without_tablet(client.Outcome(error=(1, "HY000", text))).error[2], text)


class Statements(unittest.TestCase):
    def test_the_suite_is_as_large_as_promised(self):
        statements = suite.statements()
        writes = [one for one in statements if one.text.startswith(("INSERT", "UPDATE", "DELETE", "REPLACE"))]
        self.assertGreaterEqual(len(statements), 600)
        self.assertGreaterEqual(len(writes), 0.45 * len(statements))
        self.assertGreaterEqual(sum(one.must_fail for one in statements), 100)

    def test_parameters_of_a_statement(self):
        statement = suite.Statement("SELECT {{'it''s'}}, {{5}}, {{x'00ff'}}, {{NULL}}, {{1.5}}, {{D'10:00:00'}} FROM t")
        self.assertEqual(statement.plain_text(), "SELECT 'it''s', 5, x'00ff', NULL, 1.5, '10:00:00' FROM t")
        self.assertEqual(statement.prepared(), ("SELECT ?, ?, ?, ?, ?, ? FROM t", ["it's", 5, b"\0\xff", None, 1.5, client.Moment("10:00:00")]))

    def test_a_seed_gives_the_same_statements(self):
        streams = []
        for _ in range(2):
            chance = random.Random("5/0")
            generator = generated.Generator(chance, worlds.World(chance))
            streams.append([generator.next().text for _ in range(200)])
        self.assertEqual(*streams)
        self.assertGreater(len(set(streams[0])), 150)


if __name__ == "__main__":
    unittest.main()
