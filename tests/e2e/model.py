"""Clients that write rows and know what must be there afterwards, whatever happens to the servers.

Each row belongs to one client. A row whose last write was not acknowledged may have the old value or the new one: it is not written any
more, so that a write that arrives late changes nothing that is known.
"""
import random
import re
import threading
import time

import pymysql

from frame import CheckError, ask

TABLE = "counter"  # of frame.py
ABSENT = None
NUMBERS = re.compile(r"\d+")
ROWS_OF_A_CLIENT = 1_000_000  # ids do not meet
LIVE_ROWS = 64  # what a client writes to at a time


class Client(threading.Thread):
    """Inserts, updates, deletes, transactions over rows, and reads that must see what was written."""

    def __init__(self, load, number):
        super().__init__(daemon=True)
        self.load, self.number = load, number
        self.random = random.Random(f"{load.seed}/{number}")
        self.known = {}  # of the rows in use: the value, or ABSENT
        self.open = {}  # of the rows that are left alone: what they may have
        self.next_id = number * ROWS_OF_A_CLIENT
        self.next_value = 1
        self.connection = None
        self.acknowledged, self.reads, self.wrong = 0, 0, []
        self.last = time.monotonic()
        self.longest = (0.0, 0.0)  # seconds between two answers, and when the second came

    def run(self):
        while not self.load.ending.is_set():
            try:
                if self.connection is None:
                    self.connection = self.load.connect()
                self.step()
            except (pymysql.err.MySQLError, OSError) as error:
                self.failed(error)
            else:
                self.answered()

    def answered(self):
        now = time.monotonic()
        self.longest = max(self.longest, (now - self.last, now))
        self.last = now

    def failed(self, error):
        self.load.failed(self.number, error)
        if self.connection:
            self.roll_back()
        time.sleep(0.02)

    def roll_back(self):
        """On the same connection, if there is one still."""
        try:
            ask(self.connection, "ROLLBACK")
        except (pymysql.err.MySQLError, OSError):
            if self.connection.open:
                self.connection.close()
            self.connection = None

    def step(self):
        kind = self.random.random()
        if kind < 0.4:
            self.write(self.some_row(), self.value())
        elif kind < 0.5:
            self.write(self.some_row(), ABSENT)
        elif kind < 0.7:
            self.transaction({self.some_row(): self.value() for _ in range(self.random.randint(2, 4))})
        else:
            self.read(self.some_row())

    def value(self):
        self.next_value += 1
        return self.next_value

    def some_row(self):
        if len(self.known) < LIVE_ROWS:
            self.known[self.next_id] = ABSENT
            self.next_id += 1
        return self.random.choice(list(self.known))

    @staticmethod
    def statement(row, value):
        if value is ABSENT:
            return f"DELETE FROM {TABLE} WHERE id = {row}"
        return f"INSERT INTO {TABLE}(id, n) VALUES ({row}, {value}) ON DUPLICATE KEY UPDATE n = {value}"

    def write(self, row, value):
        self.finish({row: value}, self.statement(row, value))

    def transaction(self, values):
        ask(self.connection, "BEGIN")
        for row, value in values.items():
            ask(self.connection, self.statement(row, value))
        self.finish(values, "COMMIT")

    def finish(self, values, statement):
        """The statement that decides whether the values are there."""
        try:
            ask(self.connection, statement)
        except (pymysql.err.MySQLError, OSError):
            for row, value in values.items():
                self.open[row] = {self.known.pop(row), value}
            raise
        self.known.update(values)
        self.acknowledged += 1

    def read(self, row):
        found = ask(self.connection, f"SELECT n FROM {TABLE} WHERE id = {row}")
        value = found[0][0] if found else ABSENT
        if value != self.known[row]:
            self.wrong.append(f"row {row} was read as {value}, it must be {self.known[row]}")
        self.reads += 1



class ModelLoad:
    """`connect` makes a connection; `first` is the number of the first client, whose rows nobody else has. Used as a context; `check(rows)` compares with what the shards have afterwards."""

    def __init__(self, connect, clients=8, seed=1, first=1):
        self.connect, self.seed = connect, seed
        self.ending = threading.Event()
        self.errors = []  # (time, client, error)
        self.clients = [Client(self, first + number) for number in range(clients)]

    def failed(self, client, error):
        self.errors.append((time.monotonic(), client, kind_of(error)))

    def __enter__(self):
        for client in self.clients:
            client.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        for client in self.clients:
            client.join(90)

    @property
    def acknowledged(self):
        return sum(client.acknowledged for client in self.clients)

    @property
    def longest_stall(self):
        """Seconds that a client waited for an answer that was no error."""
        return max(client.longest for client in self.clients)[0]

    def kinds(self):
        """How often each error came, without the numbers in its text."""
        counts = {}
        for _, _, kind in self.errors:
            counts[kind] = counts.get(kind, 0) + 1
        return counts

    def wrong_reads(self):
        return [text for client in self.clients for text in client.wrong]

    def check(self, rows):
        """`rows` maps ids to values: all rows that there are, or more."""
        lost = []
        for client in self.clients:
            must = {row: {value} for row, value in client.known.items()} | client.open
            for row, values in must.items():
                if rows.get(row, ABSENT) not in values:
                    lost.append(f"row {row} is {rows.get(row, ABSENT)}, it must be one of {values}")
        numbers = {client.number for client in self.clients}
        known = {row for client in self.clients for row in [*client.known, *client.open]}
        lost += [f"row {row} is {value}, nobody wrote it" for row, value in rows.items() if row // ROWS_OF_A_CLIENT in numbers and row not in known]
        if lost or self.wrong_reads():
            raise CheckError(f"seed {self.seed}: {len(lost)} rows are wrong, first: {lost[:3]}; wrong reads: {self.wrong_reads()[:3]}")


def kind_of(error):
    """(number, text) without what differs from one to the next."""
    number = error.args[0] if error.args else 0
    text = " ".join(str(part) for part in error.args[1:]) or type(error).__name__
    return number, NUMBERS.sub("#", text)[:300]
