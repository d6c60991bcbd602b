"""The documentation's first journey as statements, and what SHOW tells of the cluster: by itself and beside another gate."""
import re

import pymysql

from frame import KEYSPACE, CheckError, expect

# (statement, rows of a read or affected rows of a write); each gate does all of it and undoes it.
ANSWERS = [
    ("USE commerce", 0),
    ("SHOW TABLES", (("customer_seq",), ("order_seq",), ("product",))),
    ("BEGIN", 0),
    ("INSERT INTO product(sku, description, price) VALUES ('SKU-1001', 'Monitor', 100)", 1),
    ("INSERT INTO product(sku, description, price) VALUES ('SKU-1002', 'Keyboard', 30), ('SKU-1003', 'Mouse', 15)", 2),
    ("SELECT * FROM product ORDER BY sku", ((b"SKU-1001", b"Monitor", 100), (b"SKU-1002", b"Keyboard", 30), (b"SKU-1003", b"Mouse", 15))),
    ("UPDATE product SET price = price + 1 WHERE price < 50", 2),
    ("SELECT SUM(price), COUNT(*), MAX(description) FROM product", ((147, 3, b"Mouse"),)),
    ("DELETE FROM product WHERE sku = 'SKU-1003'", 1),
    ("ROLLBACK", 0),
    ("SELECT * FROM product", ()),
    (f"USE {KEYSPACE}", 0),
    ("BEGIN", 0),
    ("INSERT INTO customer(customer_id, email) VALUES (1, 'alice@domain.com'), (2, 'bob@domain.com'), (3, 'charlie@domain.com'), "
     "(4, 'dan@domain.com'), (5, 'eve@domain.com')", 5),
    ("INSERT INTO corder(order_id, customer_id, sku, price) VALUES (1, 1, 'SKU-1001', 100), (2, 2, 'SKU-1002', 30), (3, 3, 'SKU-1002', 30), "
     "(4, 4, 'SKU-1002', 30), (5, 5, 'SKU-1002', 30)", 5),
    ("INSERT INTO customer(email) VALUES ('frank@domain.com')", 1),
    ("SELECT COUNT(*) FROM customer WHERE customer_id >= 1000", ((1,),)),
    ("SELECT customer_id, email FROM customer WHERE customer_id = 4", ((4, b"dan@domain.com"),)),
    ("SELECT customer_id, email FROM customer WHERE customer_id < 1000 ORDER BY customer_id",
     ((1, b"alice@domain.com"), (2, b"bob@domain.com"), (3, b"charlie@domain.com"), (4, b"dan@domain.com"), (5, b"eve@domain.com"))),
    ("SELECT c.email, o.price FROM customer c JOIN corder o ON o.customer_id = c.customer_id WHERE c.customer_id = 1", ((b"alice@domain.com", 100),)),
    ("SELECT c.customer_id, o.order_id FROM customer c JOIN corder o ON o.customer_id = c.customer_id ORDER BY o.order_id LIMIT 2", ((1, 1), (2, 2))),
    ("SELECT COUNT(*), SUM(price) FROM corder", ((5, 220),)),
    ("SELECT sku, COUNT(*) FROM corder GROUP BY sku ORDER BY sku", ((b"SKU-1001", 1), (b"SKU-1002", 4))),
    ("UPDATE customer SET email = 'x' WHERE customer_id IN (1, 4)", 2),
    ("DELETE FROM customer WHERE customer_id >= 1", 6),
    ("ROLLBACK", 0),
    ("SELECT COUNT(*) FROM customer", ((0,),)),
    (f"USE `{KEYSPACE}:-80`", 0),
    ("SELECT COUNT(*) FROM customer", ((0,),)),
    (f"USE `{KEYSPACE}@replica`", 0),
    ("SELECT n FROM thing WHERE id = 5", ((5,),)),
    ("USE nowhere", 1049),
    ("SELECT * FROM nothing", 1146),
]

TABLETS = [(keyspace, shard, kind) for keyspace, shard in (("commerce", "0"), (KEYSPACE, "-80"), (KEYSPACE, "80-")) for kind in ("PRIMARY", "REPLICA")]

SHOWS = [
    "SHOW VITESS_TABLETS", "SHOW VITESS_TABLETS LIKE '127%'", "SHOW VITESS_SHARDS", f"SHOW VITESS_SHARDS LIKE '{KEYSPACE}%'", "SHOW KEYSPACES",
    "SHOW VITESS_KEYSPACES", "SHOW DATABASES", "SHOW DATABASES LIKE 'com%'", "SHOW TABLES", "SHOW TABLES FROM commerce", "SHOW TABLES LIKE 'c%'",
    "SHOW FULL TABLES", "SHOW VSCHEMA TABLES", "SHOW VSCHEMA KEYSPACES", "SHOW VSCHEMA VINDEXES", f"SHOW VSCHEMA VINDEXES ON {KEYSPACE}.customer",
    "SHOW VITESS_REPLICATION_STATUS", f"SHOW VITESS_REPLICATION_STATUS LIKE '{KEYSPACE}%'", "SHOW VITESS_TARGET", "SHOW ENGINES", "SHOW PLUGINS",
    "SHOW CREATE TABLE customer", "SHOW COLUMNS FROM customer", "SHOW INDEX FROM customer", "SHOW COLLATION LIKE 'utf8mb4_0900_ai%'",
    "SHOW VARIABLES LIKE 'version'", "SHOW WARNINGS", "SHOW VITESS_METADATA VARIABLES", "SHOW CHARSET",
]


def answer(connection, statement):
    """(number of the error, its text), or (names of columns, rows, affected rows)."""
    with connection.cursor() as cursor:
        try:
            affected = cursor.execute(statement)
        except pymysql.err.MySQLError as error:
            return error.args
        columns = [column[0] for column in cursor.description or ()]
        kinds = [column[1] for column in cursor.description or ()]
        return columns, kinds, cursor.fetchall() if columns else affected


def outcome(given):
    return given[-1] if len(given) == 3 else given[0]


def check_answers(where):
    with where.connect() as connection:
        for statement, want in ANSWERS:
            given = answer(connection, statement)
            expect(statement if len(given) == 3 else f"{statement} ({given})", outcome(given), want)


def check_shows(where):
    """Columns and values, besides times."""
    with where.connect(KEYSPACE) as connection:
        columns, _, rows = answer(connection, "SHOW VITESS_TABLETS")
        expect("columns", columns, ["Cell", "Keyspace", "Shard", "TabletType", "State", "Alias", "Hostname", "PrimaryTermStartTime"])
        expect("tablets", [row[1:4] for row in rows], TABLETS)
        expect("states", {row[4] for row in rows}, {"SERVING"})
        expect("terms of primaries only", [bool(row[7]) for row in rows], [True, False] * 3)
        expect("shards", answer(connection, "SHOW VITESS_SHARDS")[2], (("commerce/0",), (f"{KEYSPACE}/-80",), (f"{KEYSPACE}/80-",)))
        columns, _, rows = answer(connection, "SHOW VITESS_REPLICATION_STATUS")
        expect("columns", columns, ["Keyspace", "Shard", "TabletType", "Alias", "Hostname", "ReplicationSource", "ReplicationHealth",
                                    "ReplicationLag", "ThrottlerStatus"])
        expect("replicas", [row[:3] for row in rows], [tablet for tablet in TABLETS if tablet[2] == "REPLICA"])
        for row in rows:
            expect("source", row[5], f"127.0.0.1:{where.servers[0].port}")
            expect("health", row[6], '{"EventStreamRunning":"Yes","EventApplierRunning":"Yes","LastError":""}')


# What differs on purpose (docs/differences.md): statement, and why.
KNOWN = {
    "SELECT * FROM nothing": "1146 instead of 1105",
    "SHOW TABLES LIKE 'c%'": "MySQL puts the pattern into the column's name",
    "SHOW PLUGINS": "NULL instead of the text NULL",
    "SHOW WARNINGS": "MySQL's type of Code",
    "SHOW VITESS_METADATA VARIABLES": "no rows instead of an error while there are none",
}


def compare(ours, theirs):
    """All differences, in one message. One gate after the other: they write the same rows."""
    mine, other = all_answers(ours), all_answers(theirs)
    found = [f"{statement}: ours {str(mine[statement])[:700]}, theirs {str(other[statement])[:700]}"
             for statement in mine if mine[statement] != other[statement] and statement not in KNOWN]
    if found:
        raise CheckError("\n  ".join([f"{len(found)} differences", *found]))


def all_answers(where):
    with where.connect() as first, where.connect(KEYSPACE) as second:
        answers = {statement: comparable(statement, answer(first, statement)) for statement, _ in ANSWERS}
        return answers | {statement: comparable(statement, answer(second, statement)) for statement in SHOWS}


def comparable(statement, given):
    """Without what may be otherwise from one moment to the next, the order of a map, and the case of names that are expressions."""
    if len(given) != 3:
        return given
    columns, kinds, rows = given
    if "REPLICATION_STATUS" in statement:
        rows = [(*row[:7], "lag", re.sub(r'"load":[-.\d]+', '"load":1', str(row[8]))) for row in rows]
    if statement.startswith(("SHOW KEYSPACES", "SHOW VITESS_KEYSPACES", "SHOW DATABASES", "SHOW VSCHEMA")):
        rows = sorted(rows)
    if statement.startswith("SELECT"):
        columns = [name.lower() for name in columns]
    return columns, kinds, rows if isinstance(rows, int) else tuple(rows)
