"""The session over a DB-API 2 connection; pymysql_session.py and mysqlclient_session.py give the connection."""
import datetime
import decimal
import os

TABLE = os.environ["DRIVER_TABLE"]
BLOB = bytes(range(256)) * 4096
TEXT = "naïve – 漢字 – 😀"
MADE = datetime.datetime(2024, 2, 29, 12, 34, 56, 789012)
INSERT = f"INSERT INTO {TABLE}(id, name, amount, price, made, body) VALUES (%s, %s, %s, %s, %s, %s)"


def options():
    return {"host": os.environ["DRIVER_HOST"], "port": int(os.environ["DRIVER_PORT"]), "user": os.environ["DRIVER_USER"],
            "database": os.environ["DRIVER_DATABASE"], "charset": "utf8mb4"}


def expect(got, want, what):
    if got != want:
        raise SystemExit(f"{what}: got {str(got)[:200]!r}, want {str(want)[:200]!r}")


def values(number):
    return (number, f"row {number}", decimal.Decimal(number) * decimal.Decimal("1.25"), number / 8, MADE, None)


class Session:
    def __init__(self, connection, duplicate_error):
        self.connection = connection
        self.duplicate_error = duplicate_error

    def do(self, statement, arguments=None):
        """Runs a statement; returns (rows, affected)."""
        cursor = self.connection.cursor()
        cursor.execute(statement, arguments)
        rows = list(cursor.fetchall()) if cursor.description else []
        affected = cursor.rowcount
        cursor.close()
        return rows, affected

    def count(self):
        return self.do(f"SELECT COUNT(*) FROM {TABLE}")[0][0][0]

    def make_table(self):
        self.do(f"CREATE TABLE {TABLE}(id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(200) CHARACTER SET utf8mb4, "
                "amount DECIMAL(20,4), price DOUBLE, made DATETIME(6), body LONGBLOB)")
        if os.environ.get("DRIVER_VSCHEMA") == "1":
            self.do(f"ALTER VSCHEMA ON {TABLE} ADD VINDEX hash(id) USING hash")

    def rows(self):
        self.connection.autocommit(True)
        for number in range(1, 17):
            expect(self.do(INSERT, values(number))[1], 1, "rows inserted")
        expect(self.do(f"SELECT id, name, amount, price, made, body FROM {TABLE} WHERE id = %s", (7,))[0], [values(7)], "one row")
        expect(self.do(f"UPDATE {TABLE} SET amount = amount + 1 WHERE id = %s", (3,))[1], 1, "rows updated")
        expect(self.do(f"SELECT amount FROM {TABLE} WHERE id = 3")[0], [(decimal.Decimal("4.75"),)], "the updated row")
        expect(self.do(f"DELETE FROM {TABLE} WHERE id = 16")[1], 1, "rows deleted")
        expect(self.count(), 15, "rows after DELETE")
        numbers = [row[0] for row in self.do(f"SELECT id FROM {TABLE} WHERE id IN (1, 5, 9, 99) ORDER BY id")[0]]
        expect(numbers, [1, 5, 9], "rows of IN")
        try:
            self.do(INSERT, values(1))
        except self.duplicate_error as error:
            expect(error.args[0], 1062, "the error of a duplicate key")
        else:
            raise SystemExit("a duplicate key was accepted")

    def transactions(self):
        self.connection.autocommit(False)
        for numbers, end, left in (((17, 18), self.connection.commit, 17), ((19, 20), self.connection.rollback, 17)):
            for number in numbers:
                self.do(INSERT, values(number))
            end()
            expect(self.count(), left, "rows after a transaction")
        self.connection.rollback()
        self.do(INSERT, values(21))
        self.do("SAVEPOINT a")
        self.do(INSERT, values(22))
        self.do("ROLLBACK TO SAVEPOINT a")
        self.do(INSERT, values(23))
        self.do("RELEASE SAVEPOINT a")
        self.connection.commit()
        self.connection.autocommit(True)
        expect(self.count(), 19, "rows after savepoints")

    def texts_and_blobs(self):
        for number in (24, 25):
            self.do(INSERT, (number, TEXT, None, None, None, BLOB))
            name, body = self.do(f"SELECT name, body FROM {TABLE} WHERE id = %s", (number,))[0][0]
            expect(name, TEXT, "text of utf8mb4")
            expect(body, BLOB, "the blob")
        expect(self.do(f"SELECT id FROM {TABLE} WHERE id = 24 AND name = %s", (TEXT,))[0], [(24,)], "a text in WHERE")
        expect(self.count(), 21, "rows at the end")

    def run(self):
        self.make_table()
        self.rows()
        self.transactions()
        self.texts_and_blobs()
        self.connection.close()
