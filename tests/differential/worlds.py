"""A seeded world: tables of random columns under sharded, reference and unsharded names, and the values that fit them.

Values of a case-insensitive text column have one spelling for each class of equal texts, because which of several equal texts a
GROUP BY or MIN shows is undefined; predicates use the other spellings. Doubles are multiples of 1/4, so that sums are exact in any order.
"""
from dataclasses import dataclass, field

WORDS = ["alpha", "Beta", "gämma", "délta", "", "😀", "日本", "zz top"]
SPELLINGS = ["ALPHA", "beta", "GAMMA", "Delta", "", "zz TOP", "none"]
BINARIES = ["a", "A", "é", "É", "", "e"]  # utf8mb4_bin ignores spaces at the end
BYTES = [*BINARIES, "a "]
KEYS = 40  # shard keys are 1..KEYS


@dataclass(frozen=True)
class Type:
    """`values` are literals. `sums`: it can be added up. `probes`: more literals for predicates."""
    ddl: str
    values: tuple
    sums: bool = False
    groups: bool = True
    text: bool = False
    probes: tuple = ()


def quoted(words):
    return tuple(f"'{word}'" for word in words)


TYPES = [
    Type("INT", ("-7", "0", "3", "12", "2000000"), sums=True),
    Type("TINYINT UNSIGNED", ("0", "1", "200", "255"), sums=True),
    Type("BIGINT", ("-9000000000000000000", "-1", "0", "5", "4000000000000000000"), sums=True),
    Type("BIGINT UNSIGNED", ("0", "1", "18446744073709551615", "9223372036854775808"), sums=True),
    Type("DECIMAL(12,3)", quoted(("-0.001", "0.000", "12.500", "999999999.999")), sums=True),
    Type("DOUBLE", ("-0.25", "0.0", "1.5", "1024.75"), sums=True),
    Type("VARCHAR(20)", quoted(WORDS), text=True, probes=quoted(SPELLINGS)),
    Type("VARCHAR(20) COLLATE utf8mb4_bin", quoted(BINARIES), text=True, probes=("'a '", "'é '")),
    Type("VARBINARY(20)", quoted(BYTES), text=True),
    Type("DATE", quoted(("1999-12-31", "2024-02-29", "2000-01-01"))),
    Type("DATETIME(6)", quoted(("2024-02-29 23:59:59.999999", "2000-01-01 00:00:00", "2024-02-29 23:59:59.000001"))),
    Type("TIME", quoted(("-10:00:00", "00:00:01", "100:00:00"))),
    Type("ENUM('red','green','blue')", quoted(("red", "green", "blue")), groups=False),
]


@dataclass
class Table:
    name: str
    keys: list  # the primary key: the shard key first
    columns: dict = field(default_factory=dict)
    last: int = 0  # the highest second key that was used

    def ddl(self):
        inner = ", ".join([f"{key} BIGINT NOT NULL" for key in self.keys] + [f"{name} {kind.ddl}" for name, kind in self.columns.items()])
        return f"CREATE TABLE {self.name}({inner}, PRIMARY KEY ({', '.join(self.keys)}))"

    def of(self, wanted):
        """Names of columns whose type passes."""
        return [name for name, kind in self.columns.items() if wanted(kind)]


class World:
    """What place.Run wants of a module of tables, and the tables as the generator sees them."""

    FIRST_ID, SEQUENCES, FLAT = 1, [], ["flat1"]
    VINDEXES = {"hash": {"type": "hash"}, "region": {"type": "region_experimental", "params": {"region_bytes": "1"}}}

    def __init__(self, chance):
        self.hashed = [self.table(chance, f"g{i}", ["k", "n"]) for i in (1, 2, 3)]
        self.placed = self.table(chance, "p1", ["r", "n"])
        self.shared = self.table(chance, "ref1", ["n"])
        self.flat = self.table(chance, "flat1", ["k", "n"])
        self.everything = [*self.hashed, self.placed, self.shared, self.flat]
        by_hash = {"column_vindexes": [{"column": "k", "name": "hash"}]}
        self.SHARDED = {**{table.name: by_hash for table in self.hashed}, "ref1": {"type": "reference"},
                        "p1": {"column_vindexes": [{"columns": ["r", "n"], "name": "region"}]}}
        self.SHARDED_SCHEMA = [table.ddl() for table in self.everything if table is not self.flat]
        self.FLAT_SCHEMA = [self.flat.ddl()]

    @staticmethod
    def table(chance, name, keys):
        kinds = chance.sample(TYPES, chance.randint(4, 7))
        if not any(kind.sums for kind in kinds):
            kinds.append(TYPES[0])
        return Table(name, keys, {f"c{i}": kind for i, kind in enumerate(kinds, 1)})

    def named(self, table):
        return f"{{flat}}.{table.name}" if table is self.flat else table.name
