"""How packed tables are written: little numbers in little room (src/collation/detail/stream.h reads them)."""


class Stream:
    def __init__(self):
        self.out = bytearray()

    def byte(self, value):
        self.out.append(value)

    def number(self, value):
        """Seven bits a byte, the lowest first; the highest bit says that more follow."""
        while value >= 0x80:
            self.out.append(value & 0x7F | 0x80)
            value >>= 7
        self.out.append(value)

    def difference(self, value):
        """A number of either sign: its sign is the lowest bit."""
        self.number((-value - 1) * 2 + 1 if value < 0 else value * 2)

    def text(self, value):
        self.number(len(value))
        self.out += value if isinstance(value, bytes) else value.encode()
