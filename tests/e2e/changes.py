"""Tables and the VSchema change while clients work: no plan outlives what it was made for."""
import threading

import pymysql

from frame import CheckError, ask, eventually, expect, only_gate

ROUNDS = 10


class Reader(threading.Thread):
    """A client that repeats a statement and keeps every answer that `right` does not allow."""

    def __init__(self, where, statement, right):
        super().__init__(daemon=True)
        self.where, self.statement, self.right = where, statement, right
        self.stop, self.wrong, self.answers = threading.Event(), [], 0

    def run(self):
        with self.where.connect("e2e") as connection:
            while not self.stop.is_set():
                try:
                    answer = ask(connection, self.statement)
                except pymysql.err.MySQLError as error:
                    answer = error
                if not self.right(answer):
                    self.wrong.append(answer)
                self.answers += 1


def under_load(where, statement, right, work, count=8):
    readers = [Reader(where, statement, right) for _ in range(count)]
    for reader in readers:
        reader.start()
    try:
        eventually("the load runs", lambda: all(reader.answers for reader in readers), 10)
        work()
    finally:
        for reader in readers:
            reader.stop.set()
        for reader in readers:
            reader.join(10)
    wrong = [answer for reader in readers for answer in reader.wrong]
    if wrong:
        raise CheckError(f"{len(wrong)} of {sum(reader.answers for reader in readers)} answers were wrong, the first: {wrong[0]!r}")


def check_columns(where):
    """A column comes and goes under `SELECT *`; a statement after the DDL sees the table as it is."""
    with where.connect("e2e") as admin:
        ask(admin, "CREATE TABLE growing(id BIGINT NOT NULL PRIMARY KEY, a INT)")
        if not where.plain:
            ask(admin, "ALTER VSCHEMA ON growing ADD VINDEX hash(id) USING hash")
        for number in range(1, 9):
            ask(admin, f"INSERT INTO growing(id, a) VALUES ({number}, {number})")

        def work():
            for _ in range(ROUNDS):
                ask(admin, "ALTER TABLE growing ADD COLUMN b INT NOT NULL DEFAULT 7")
                expect("after ADD COLUMN", ask(admin, "SELECT * FROM growing WHERE id = 3"), ((3, 3, 7),))
                ask(admin, "ALTER TABLE growing DROP COLUMN b")
                expect("after DROP COLUMN", ask(admin, "SELECT * FROM growing WHERE id = 3"), ((3, 3),))

        # While shards change one after the other, an error is allowed; a mixture of rows is not.
        def right(answer):
            return isinstance(answer, Exception) or (len({len(row) for row in answer}) == 1 and len(answer) == 8)

        under_load(where, "SELECT * FROM growing ORDER BY id", right, work)


@only_gate
def check_vschema(where):
    """A table is sharded by one column, then by another, under reads by both: always the right rows."""
    with where.connect("e2e") as admin:
        ask(admin, "CREATE TABLE moving(id BIGINT NOT NULL, twin BIGINT NOT NULL, PRIMARY KEY (id))")
        ask(admin, "ALTER VSCHEMA ON moving ADD VINDEX hash(id) USING hash")
        for number in range(1, 33):
            ask(admin, f"INSERT INTO moving(id, twin) VALUES ({number}, {number})")

        def work():  # both columns hold the same number, so either vindex finds the row
            for _ in range(ROUNDS):
                ask(admin, "ALTER VSCHEMA ON moving DROP VINDEX hash")
                ask(admin, "ALTER VSCHEMA ON moving ADD VINDEX hash(twin) USING hash")
                expect("by the other column", ask(admin, "SELECT id FROM moving WHERE twin = 5"), ((5,),))
                ask(admin, "ALTER VSCHEMA ON moving DROP VINDEX hash")
                ask(admin, "ALTER VSCHEMA ON moving ADD VINDEX hash(id) USING hash")
                expect("by the first column", ask(admin, "SELECT twin FROM moving WHERE id = 5"), ((5,),))

        # Between DROP and ADD the table has no vindex and may be refused.
        under_load(where, "SELECT id FROM moving WHERE id = 9 AND twin = 9", lambda a: isinstance(a, Exception) or a == ((9,),), work)
