"""Prepared statements and raw results over PyMySQL's connection, which itself speaks only the text protocol."""
import struct

import pymysql

COM_STMT_PREPARE, COM_STMT_EXECUTE, COM_STMT_CLOSE = 0x16, 0x17, 0x19
LONGLONG, VAR_STRING = 8, 253


class Prepared:
    """One prepared statement; execute() gives rows of raw column bytes (integers of 8 bytes as numbers)."""

    def __init__(self, connection, text):
        self.connection = connection
        connection._execute_command(COM_STMT_PREPARE, text)
        answer = connection._read_packet().get_all_data()
        self.number, columns, self.parameters = struct.unpack("<IHH", answer[1:9])
        for count in (self.parameters, columns):
            if count:
                self.skip(count + 1)  # definitions, EOF

    def skip(self, packets):
        for _ in range(packets):
            self.connection._read_packet()

    def execute(self, *values, with_types=True):
        body = struct.pack("<IBI", self.number, 0, 1)
        if self.parameters:
            nulls = bytearray((self.parameters + 7) // 8)
            for at, value in enumerate(values):
                nulls[at // 8] |= (value is None) << (at % 8)
            body += bytes(nulls) + bytes([with_types])
            if with_types:
                body += b"".join(struct.pack("<H", LONGLONG if isinstance(value, int) else VAR_STRING) for value in values)
            body += b"".join(packed(value) for value in values if value is not None)
        self.connection._execute_command(COM_STMT_EXECUTE, body)
        return self.read()

    def read(self):
        first = self.connection._read_packet()
        if first.is_ok_packet():
            return []
        columns = [self.connection._read_packet(pymysql.protocol.FieldDescriptorPacket) for _ in range(first.read_length_encoded_integer())]
        self.skip(1)
        rows = []
        while not (packet := self.connection._read_packet()).is_eof_packet():
            rows.append(unpacked(packet.get_all_data(), columns))
        return rows

    def close(self):
        self.connection._execute_command(COM_STMT_CLOSE, struct.pack("<I", self.number))


def packed(value):
    if isinstance(value, int):
        return struct.pack("<q", value)
    data = value.encode() if isinstance(value, str) else value
    return pymysql.connections._lenenc_int(len(data)) + data


def unpacked(row, columns):
    nulls, at, found = row[1:1 + (len(columns) + 9) // 8], 1 + (len(columns) + 9) // 8, []
    for index, column in enumerate(columns):
        if nulls[(index + 2) // 8] >> ((index + 2) % 8) & 1:
            found.append(None)
        elif column.type_code == LONGLONG:
            found.append(struct.unpack_from("<q", row, at)[0])
            at += 8
        else:
            reader = pymysql.protocol.MysqlPacket(row[at:], "utf8mb4")
            found.append(reader.read_length_coded_string())
            at += reader._position
    return tuple(found)
