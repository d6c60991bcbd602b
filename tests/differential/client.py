"""A small MySQL client that hides nothing: both protocols, every field of every packet, values as raw bytes.

Logins: mysql_native_password; caching_sha2_password fast, and full by unix socket (in clear) or by the server's RSA key.
"""
import base64
import hashlib
import os
import re
import socket
import struct
from dataclasses import dataclass, field

QUIT, INIT_DB, QUERY, PING, PREPARE, EXECUTE, CLOSE, RESET = 0x01, 0x02, 0x03, 0x0E, 0x16, 0x17, 0x19, 0x1F
LONG_PASSWORD, FOUND_ROWS, LONG_FLAG, CONNECT_WITH_DB = 1, 2, 4, 8
PROTOCOL_41, TRANSACTIONS, SECURE = 0x200, 0x2000, 0x8000
MULTI_RESULTS, PS_MULTI_RESULTS, PLUGIN_AUTH, DEPRECATE_EOF = 0x20000, 0x40000, 0x80000, 0x1000000
MORE_RESULTS = 8
FULL_PACKET = (1 << 24) - 1

TINY, SHORT, LONG, FLOAT, DOUBLE, NULL, TIMESTAMP, LONGLONG, INT24, DATE, TIME, DATETIME, YEAR = range(1, 14)
BLOB, VAR_STRING = 252, 253
FIXED = {TINY: "b", SHORT: "h", YEAR: "h", LONG: "i", INT24: "i", LONGLONG: "q", FLOAT: "f", DOUBLE: "d"}
TEMPORAL = {TIMESTAMP, DATE, TIME, DATETIME}
TYPE_NAMES = {0: "DECIMAL", TINY: "TINY", SHORT: "SHORT", LONG: "LONG", FLOAT: "FLOAT", DOUBLE: "DOUBLE", NULL: "NULL",
              TIMESTAMP: "TIMESTAMP", LONGLONG: "LONGLONG", INT24: "INT24", DATE: "DATE", TIME: "TIME", DATETIME: "DATETIME",
              YEAR: "YEAR", 15: "VARCHAR", 16: "BIT", 245: "JSON", 246: "NEWDECIMAL", 247: "ENUM", 248: "SET", 249: "TINY_BLOB",
              250: "MEDIUM_BLOB", 251: "LONG_BLOB", 252: "BLOB", 253: "VAR_STRING", 254: "STRING", 255: "GEOMETRY"}
FLAG_NAMES = ["NOT_NULL", "PRI_KEY", "UNIQUE_KEY", "MULTIPLE_KEY", "BLOB", "UNSIGNED", "ZEROFILL", "BINARY", "ENUM",
              "AUTO_INCREMENT", "TIMESTAMP", "SET", "NO_DEFAULT", "ON_UPDATE_NOW", "PART_KEY", "NUM"]


@dataclass(frozen=True)
class Column:
    schema: str
    table: str
    org_table: str
    name: str
    org_name: str
    charset: int
    length: int
    kind: int
    flags: int
    decimals: int

    def flag_names(self):
        return [name for bit, name in enumerate(FLAG_NAMES) if self.flags >> bit & 1]


@dataclass
class Outcome:
    """What one statement gave: an error, an OK, or a result (columns is not None)."""
    error: tuple = None  # number, state, text
    columns: list = None
    rows: list = field(default_factory=list)
    affected: int = 0
    insert_id: int = 0
    warnings: int = 0
    info: str = ""
    status: int = 0
    parameters: int = None  # of the prepared statement


class ServerError(Exception):
    """An ERR packet: args are number, state, text."""


class Packet:
    """Reads fields one after another."""

    def __init__(self, body):
        self.body, self.at = body, 0

    def left(self):
        return len(self.body) - self.at

    def take(self, count):
        if count > self.left():
            raise ValueError(f"a packet ends {count - self.left()} bytes early: {self.body[:60]!r}")
        self.at += count
        return self.body[self.at - count:self.at]

    def number(self, size):
        return int.from_bytes(self.take(size), "little")

    def lenenc(self):
        first = self.number(1)
        if first < 251:
            return first
        if first == 251:
            return None
        return self.number({252: 2, 253: 3, 254: 8}[first])

    def text(self):
        count = self.lenenc()
        return None if count is None else self.take(count)

    def word(self):
        return self.text().decode("utf8", "backslashreplace")

    def until_zero(self):
        end = self.body.index(0, self.at)
        self.at, start = end + 1, self.at
        return self.body[start:end]


def lenenc(value):
    if value < 251:
        return bytes([value])
    size, mark = (2, 252) if value < 1 << 16 else (3, 253) if value < 1 << 24 else (8, 254)
    return bytes([mark]) + value.to_bytes(size, "little")


class Client:
    """One connection. `query` and `execute` never raise on a server's error: it is part of the outcome."""

    def __init__(self, port=0, unix_socket="", user="root", password="", database="", charset=255, flags=0, deprecate_eof=True,
                 timeout=60):
        if unix_socket:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(timeout)
            self.socket.connect(str(unix_socket))
        else:
            self.socket = socket.create_connection(("127.0.0.1", port), timeout)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.unix = bool(unix_socket)
        self.stream = self.socket.makefile("rb")
        self.sequence = 0
        self.status = 0
        self.login(user, password, database, charset, flags, deprecate_eof)

    # ---- packets ----

    def read(self):
        whole = b""
        while True:
            head = self.stream.read(4)
            if len(head) < 4:
                raise ConnectionError("the server closed the connection")
            size = int.from_bytes(head[:3], "little")
            if head[3] != self.sequence:
                raise ConnectionError(f"packet number {head[3]}, expected {self.sequence}")
            self.sequence = (self.sequence + 1) & 255
            part = self.stream.read(size)
            if len(part) < size:
                raise ConnectionError("the server closed the connection in a packet")
            whole += part
            if size < FULL_PACKET:
                return whole

    def write(self, body):
        at = 0
        while True:
            part = body[at:at + FULL_PACKET]
            self.socket.sendall(len(part).to_bytes(3, "little") + bytes([self.sequence]) + part)
            self.sequence = (self.sequence + 1) & 255
            at += len(part)
            if len(part) < FULL_PACKET:
                return

    def command(self, code, body=b""):
        self.sequence = 0
        self.write(bytes([code]) + body)

    def answer(self):
        """The next packet, an ERR as an exception."""
        body = self.read()
        if body[0] == 255:
            raise ServerError(*err(body))
        return body

    # ---- login ----

    def login(self, user, password, database, charset, flags, deprecate_eof):
        hello = Packet(self.answer())
        hello.take(1)
        self.version = hello.until_zero().decode()
        self.thread = hello.number(4)
        salt = hello.take(8)
        hello.take(1)
        server = hello.number(2)
        hello.take(3)
        server |= hello.number(2) << 16
        salt_size = hello.number(1)
        hello.take(10)
        salt += hello.take(max(13, salt_size - 8))[:12]
        plugin = hello.until_zero().decode() if server & PLUGIN_AUTH else "mysql_native_password"
        wanted = (LONG_PASSWORD | LONG_FLAG | PROTOCOL_41 | TRANSACTIONS | SECURE | MULTI_RESULTS | PS_MULTI_RESULTS | PLUGIN_AUTH |
                  (CONNECT_WITH_DB if database else 0) | (DEPRECATE_EOF if deprecate_eof else 0) | flags)
        self.capabilities = wanted & server
        proof = scramble(plugin, password, salt)
        body = struct.pack("<IIB23x", self.capabilities, 1 << 24, min(charset, 255)) + user.encode() + b"\0" + bytes([len(proof)]) + proof
        body += (database.encode() + b"\0" if database else b"") + plugin.encode() + b"\0"
        self.write(body)
        self.prove(plugin, password, salt)

    def prove(self, plugin, password, salt):
        while True:
            packet = Packet(self.answer())
            first = packet.take(1)
            if first == b"\0":
                self.ok(packet)
                return
            if first == b"\xfe":
                plugin = packet.until_zero().decode()
                salt = packet.take(20)
                self.write(scramble(plugin, password, salt))
            elif first == b"\x01" and packet.left() == 1 and packet.body[1:] == b"\x04":
                self.write(password.encode() + b"\0" if self.unix else self.sealed(password, salt))

    def sealed(self, password, salt):
        self.write(b"\x02")
        pem = self.answer()[1:]
        clear = bytes(c ^ salt[i % len(salt)] for i, c in enumerate(password.encode() + b"\0"))
        return rsa_oaep(pem, clear)

    # ---- answers ----

    def ok(self, packet):
        outcome = Outcome(affected=packet.lenenc(), insert_id=packet.lenenc())
        outcome.status, outcome.warnings = packet.number(2), packet.number(2)
        outcome.info = packet.take(packet.left()).decode("utf8", "backslashreplace")
        self.status = outcome.status
        return outcome

    def column(self):
        packet = Packet(self.answer())
        packet.text()
        words = [packet.word() for _ in range(5)]
        packet.lenenc()
        return Column(*words, *struct.unpack("<HIBHB", packet.take(10)))

    def skip_eof(self):
        if not self.capabilities & DEPRECATE_EOF:
            self.answer()

    def columns(self, count):
        found = [self.column() for _ in range(count)]
        if count:
            self.skip_eof()
        return found

    def result(self, row_reader):
        try:
            packet = Packet(self.answer())
            if packet.body[0] == 0:
                packet.take(1)
                outcome = self.ok(packet)
            else:
                outcome = self.rows(self.columns(packet.lenenc()), row_reader)
            while self.status & MORE_RESULTS:
                self.status = self.result(row_reader).status
            return outcome
        except ServerError as error:
            return Outcome(error=error.args)

    def rows(self, columns, row_reader):
        rows = []
        while True:
            body = self.answer()
            if body[0] == 254 and len(body) < FULL_PACKET:
                packet = Packet(body[1:])
                if self.capabilities & DEPRECATE_EOF:
                    outcome = self.ok(packet)
                else:
                    outcome = Outcome(warnings=packet.number(2), status=packet.number(2))
                    self.status = outcome.status
                outcome.columns, outcome.rows = columns, rows
                return outcome
            rows.append(row_reader(body, columns))

    # ---- commands ----

    def query(self, text):
        self.command(QUERY, text if isinstance(text, bytes) else text.encode())
        return self.result(text_row)

    def prepare(self, text):
        """(id, parameters, columns); a ServerError is raised."""
        self.command(PREPARE, text.encode())
        packet = Packet(self.answer())
        packet.take(1)
        number, columns, parameters = packet.number(4), packet.number(2), packet.number(2)
        self.columns(parameters)
        return number, parameters, self.columns(columns)

    def execute(self, number, values):
        body = struct.pack("<IBI", number, 0, 1)
        if values:
            nulls = bytearray((len(values) + 7) // 8)
            for at, value in enumerate(values):
                nulls[at // 8] |= (value is None) << (at % 8)
            packed = [parameter(value) for value in values]
            body += bytes(nulls) + b"\1" + b"".join(struct.pack("<BB", kind, sign) for kind, sign, _ in packed)
            body += b"".join(text for _, _, text in packed)
        self.command(EXECUTE, body)
        return self.result(binary_row)

    def prepared(self, text, values=()):
        """Prepare, execute, close."""
        try:
            number, parameters, columns = self.prepare(text)
        except ServerError as error:
            return Outcome(error=error.args)
        outcome = self.execute(number, values)
        outcome.parameters = parameters, len(columns)
        self.command(CLOSE, struct.pack("<I", number))
        return outcome

    def close(self):
        try:
            self.command(QUIT)
        except OSError:
            pass
        self.stream.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def err(body):
    number = int.from_bytes(body[1:3], "little")
    state, text = (body[4:9], body[9:]) if body[3:4] == b"#" else (b"", body[3:])
    return number, state.decode(), text.decode("utf8", "backslashreplace")


def text_row(body, columns):
    packet = Packet(body)
    row = tuple(packet.text() for _ in columns)
    if packet.left():
        raise ValueError(f"{packet.left()} bytes behind a row of {len(columns)} columns")
    return row


def binary_row(body, columns):
    packet = Packet(body)
    packet.take(1)
    nulls = packet.take((len(columns) + 9) // 8)
    row = tuple(None if nulls[(i + 2) // 8] >> (i + 2) % 8 & 1 else binary_value(packet, column) for i, column in enumerate(columns))
    if packet.left():
        raise ValueError(f"{packet.left()} bytes behind a row of {len(columns)} columns")
    return row


def binary_value(packet, column):
    if column.kind in FIXED:
        return packet.take(struct.calcsize(FIXED[column.kind]))
    if column.kind in TEMPORAL:
        return packet.take(packet.number(1))
    return packet.text()


def shown(value, column, binary):
    """A value for a person."""
    if value is None:
        return "NULL"
    if binary and column.kind in FIXED:
        form = FIXED[column.kind]
        return str(struct.unpack("<" + (form.upper() if column.flags & 32 and form not in "fd" else form), value)[0])
    if binary and column.kind in TEMPORAL:
        return "t:" + value.hex()
    return repr(value.decode("utf8", "backslashreplace"))


@dataclass(frozen=True)
class Moment:
    """A parameter of a temporal type, from MySQL's text for it; with a day it is a DATETIME, else a TIME."""
    text: str


def parameter(value):
    """(type, 128 if unsigned, bytes) of a parameter; bytes are sent as BLOB, str as VAR_STRING."""
    if value is None:
        return NULL, 0, b""
    if isinstance(value, int):
        return (LONGLONG, 128, struct.pack("<Q", value)) if value >= 1 << 63 else (LONGLONG, 0, struct.pack("<q", value))
    if isinstance(value, float):
        return DOUBLE, 0, struct.pack("<d", value)
    if isinstance(value, Moment):
        return moment(value.text)
    raw = value.encode() if isinstance(value, str) else value
    return (VAR_STRING if isinstance(value, str) else BLOB), 0, lenenc(len(raw)) + raw


def moment(text):
    micros = int((text.split(".") + ["0"])[1].ljust(6, "0"))
    numbers = [int(n) for n in re.findall(r"\d+", text.split(".")[0])]
    if "-" not in text[1:]:
        hours, minutes, seconds = numbers
        days, hours = divmod(hours, 24)
        return TIME, 0, struct.pack("<BBIBBBI", 12, text[0] == "-", days, hours, minutes, seconds, micros)
    year, month, day, hour, minute, second = (numbers + [0, 0, 0])[:6]
    return DATETIME, 0, struct.pack("<BHBBBBBI", 11, year, month, day, hour, minute, second, micros)


def scramble(plugin, password, salt):
    if not password:
        return b"" if plugin != "mysql_clear_password" else b"\0"
    raw = password.encode()
    if plugin == "mysql_native_password":
        once = hashlib.sha1(raw).digest()
        return xor(once, hashlib.sha1(salt + hashlib.sha1(once).digest()).digest())
    if plugin == "caching_sha2_password":
        once = hashlib.sha256(raw).digest()
        return xor(once, hashlib.sha256(hashlib.sha256(once).digest() + salt).digest())
    raise ValueError(f"no login by {plugin}")


def xor(left, right):
    return bytes(a ^ b for a, b in zip(left, right))


def rsa_oaep(pem, clear):
    """RFC 8017 section 7.1.1 with SHA-1 and no label."""
    der = base64.b64decode(b"".join(line for line in pem.split(b"\n") if line and not line.startswith(b"-")))
    modulus, exponent = rsa_numbers(der)
    size, digest = (modulus.bit_length() + 7) // 8, 20
    block = hashlib.sha1(b"").digest() + bytes(size - len(clear) - 2 * digest - 2) + b"\1" + clear
    seed = os.urandom(digest)
    block = xor(block, mask(seed, len(block)))
    seed = xor(seed, mask(block, digest))
    return pow(int.from_bytes(b"\0" + seed + block, "big"), exponent, modulus).to_bytes(size, "big")


def mask(seed, size):
    return b"".join(hashlib.sha1(seed + i.to_bytes(4, "big")).digest() for i in range((size + 19) // 20))[:size]


def rsa_numbers(der):
    """The two integers of a SubjectPublicKeyInfo (RFC 5280, RFC 8017 appendix A.1.1)."""
    _, outer, _ = tagged(der, 0)
    _, _, after = tagged(outer, 0)
    _, bits, _ = tagged(outer, after)
    _, key, _ = tagged(bits[1:], 0)
    _, modulus, after = tagged(key, 0)
    _, exponent, _ = tagged(key, after)
    return int.from_bytes(modulus, "big"), int.from_bytes(exponent, "big")


def tagged(der, at):
    """(tag, content, where the next element starts) of the element at `at`."""
    tag, size, at = der[at], der[at + 1], at + 2
    if size & 128:
        count = size & 127
        size, at = int.from_bytes(der[at:at + count], "big"), at + count
    return tag, der[at:at + size], at + size
