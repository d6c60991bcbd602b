"""The recorded end-to-end statements (the corpora's plans_extra) through several gates, one after the other over the same tablets: each group with
its schema, its VSchema and rows of our own."""
import json
import os
import re
from pathlib import Path

import pymysql

from journey import answer, comparable

CORPORA = Path(os.environ.get("SLUICE_CORPORA", "/nowhere"))
SHARDED, UNSHARDED = "ks", "uks"
ROWS = 6  # in each table
# What is another answer each time; that of joins over information_schema too, as any shard may answer each side, and shards have
# databases of different names here.
MOMENTARY = re.compile(r"sleep\(|now\(|connection_id|uuid|kill |current_|last_insert_id\(\)|group_concat|sys_config|aggr_test_dates|"
                       r"information_schema.*(union|join)|tbl0\.(ename, min|comm, count)|\blimit \d+\) as|version_comment",
                       re.IGNORECASE | re.DOTALL)
# Which shard answers first, with which row, and the query.
ERROR_OF_A_SHARD = re.compile(r"target: \S+|Duplicate entry '[^']*'|Table '[^']*'| \(CallerID: .*", re.DOTALL)
GROUPS = ["gen4", "queries_aggregation", "queries_derived", "queries_dml", "queries_foundrows", "queries_informationschema", "queries_lookup_queries",
          "queries_misc", "queries_no_scatter", "queries_orderby", "queries_random", "queries_reference", "queries_subquery", "queries_tpch",
          "queries_union", "root", "schematracker", "sec_vind"]


def is_here():
    return (CORPORA / "plans_extra").exists()


def schemas(group):
    """The SQL of a group's tables by keyspace."""
    folder = CORPORA / "endtoend_schemas" / (group.replace("queries_", "queries/") if group != "root" else "")
    folder = folder / "sharded" if group == "schematracker" else folder
    found = {}
    for keyspace, names in ((SHARDED, ("schema.sql", "sschema.sql", "sharded_schema.sql")), (UNSHARDED, ("uschema.sql", "unsharded_schema.sql"))):
        texts = [(folder / name).read_text(encoding="utf-8") for name in names if (folder / name).exists()]
        if texts:
            found[keyspace] = [text for text in re.split(r";\s*(?:\n|$)", strip_comments(texts[0])) if text.strip()]
    return found


def strip_comments(text):
    return "\n".join(line for line in re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).split("\n") if not line.startswith("--"))


def vschemas(group):
    """The group's VSchemas by the names that its keyspaces have here."""
    keyspaces = json.loads((CORPORA / "plans_extra/vschemas" / f"{group}.json").read_text(encoding="utf-8"))["keyspaces"]
    return {here(name): json.loads(re.sub(r'"sks(?=[".])', f'"{SHARDED}', json.dumps(vschema))) for name, vschema in keyspaces.items()}


def here(keyspace):
    return SHARDED if keyspace == "sks" else keyspace


def statements(group):
    cases = json.loads((CORPORA / "plans_extra" / f"{group}.json").read_text(encoding="utf-8"))
    texts = [re.sub(r"\bsks\.", f"{SHARDED}.", case["query"]) for case in cases]
    return [text for text in texts if not MOMENTARY.search(text)]


def lookup_tables(keyspaces):
    """Tables that vindexes keep: nobody else writes them."""
    vindexes = [vindex for vschema in keyspaces.values() for vindex in vschema.get("vindexes", {}).values()]
    return {vindex["params"]["table"].split(".")[-1] for vindex in vindexes if "table" in vindex.get("params", {})}


class Group:
    """`where`: a cluster with keyspaces SHARDED (of two shards) and UNSHARDED, and a gate of Vitess's, `theirs`."""

    def __init__(self, where, name):
        self.where, self.name = where, name
        self.vschemas, self.schemas = vschemas(name), schemas(name)

    def prepare(self):
        """Empty tables on every shard, and the VSchemas."""
        for shard in self.where.shards:
            tables = [row[0] for row in shard.run("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()")]
            shard.run("SET foreign_key_checks = 0", *(f"DROP TABLE IF EXISTS `{table}`" for table in tables if table != "healthcheck"),
                      *self.schemas.get(shard.keyspace.name, []))
        self.where.change_vschemas({name: self.vschemas.get(name, {}) for name in (SHARDED, UNSHARDED)})

    def empty(self):
        for shard in self.where.shards:
            tables = [row[0] for row in shard.run("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()")]
            shard.run("SET foreign_key_checks = 0", *(f"TRUNCATE TABLE `{table}`" for table in tables))
            shard.run(*(text for text in self.schemas.get(shard.keyspace.name, []) if text.strip().lower().startswith("insert")), "DO 0")

    def columns(self, keyspace):
        """The names and types of columns by table."""
        shard = next(shard for shard in self.where.shards if shard.keyspace.name == keyspace)
        found = {}
        for table, column, kind, extra in shard.run(
                "SELECT table_name, column_name, data_type, extra FROM information_schema.columns WHERE table_schema = DATABASE() "
                "ORDER BY table_name, ordinal_position"):
            if "GENERATED" not in extra:
                found.setdefault(table, []).append((column, kind))
        return found

    def fill(self, connection):
        """Some rows in each table but the vindexes' own; those that a unique index refuses are left out."""
        for keyspace in self.vschemas:
            skipped = lookup_tables(self.vschemas)
            for table, columns in self.columns(keyspace).items():
                for number in range(0 if table in skipped or "seq" in table else ROWS):
                    values = ", ".join(made(kind, number) for _, kind in columns)
                    names = ", ".join(f"`{column}`" for column, _ in columns)
                    answer(connection, f"INSERT INTO `{keyspace}`.`{table}`({names}) VALUES ({values})")

    def answers(self, gate):
        """What a gate says to each statement, in order, from the same rows."""
        self.empty()
        with self.where.theirs.connect(SHARDED) as connection:
            self.fill(connection)
        with gate.connect(SHARDED) as connection:
            return [(text, settled(text, answer(connection, text))) for text in statements(self.name)]


def made(kind, number):
    if kind in ("varchar", "char", "text", "varbinary", "binary", "blob", "longtext", "mediumtext", "tinytext"):
        return f"'{'abcdef'[number]}'"
    if kind in ("date", "datetime", "timestamp"):
        return f"'2024-02-0{number + 1} 00:00:00'"
    if kind == "json":
        return f"'{{\"a\": {number}}}'"
    if kind in ("enum", "set", "bit", "time", "year") or kind.startswith(("geom", "point")):
        return "NULL"
    return str(100 + number)


def settled(text, given):
    """Rows in an order of ours, as equal ones come in any; of texts that a collation takes for one any may come. Errors without the query."""
    given = comparable(text, given)
    if failed(given):
        return given[0], ERROR_OF_A_SHARD.sub("", str(given[1]))
    if isinstance(given[2], int):
        return given
    return given[0], given[1], tuple(sorted((tuple(lowered(value) for value in row) for row in given[2]), key=repr))


def lowered(value):
    return value.lower() if isinstance(value, (str, bytes)) else value


def differences(first, second):
    """All of them."""
    return [(text, one, other) for (text, one), (_, other) in zip(first, second) if one != other]


def judged(first, second):
    """Two gates: what is told apart, and how much the first one refuses as unsupported. What the second one refuses may be answered; after a
    write that was refused rows differ."""
    found, refused = [], 0
    for text, one, other in differences(first, second):
        if failed(other) or same_but_for_names(text, one, other):
            continue
        if not failed(one) or "VT12001" not in one[1]:
            found.append((text, one, other))
            continue
        refused += 1
        if not text.lower().lstrip("( ").startswith(("select", "with")):
            break
    return found, refused


def same_but_for_names(text, one, other):
    """An expression without an alias has the name that MySQL gives it, its text; Vitess's gate prints it anew (docs/differences.md)."""
    if failed(one) or one[1:] != other[1:]:
        return False
    return all(name == theirs or name.lower() in text.lower() for name, theirs in zip(one[0], other[0]))


def shown(found):
    text, one, other = found
    return f"{text[:300]}: {str(one)[:400]}\n      / {str(other)[:400]}"


def failed(given):
    return len(given) != 3


def wait_for_tables(gates, tables):
    """Every gate knows the VSchema's tables."""
    for gate in gates:
        with gate.connect(SHARDED) as connection, connection.cursor() as cursor:
            try:
                cursor.execute("SHOW VSCHEMA TABLES")
            except pymysql.err.MySQLError:
                return False
            if not tables <= {row[0] for row in cursor.fetchall()}:
                return False
    return True
