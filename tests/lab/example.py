"""The keyspaces of `make run`: a shop (commerce, customer) and sysbench's tables."""
import pymysql

from .cluster import Keyspace, shard_names
from .process import LabError

SEQUENCE = "(id BIGINT NOT NULL PRIMARY KEY, next_id BIGINT, cache BIGINT) COMMENT 'vitess_sequence'"
SBTEST_TABLES = [f"sbtest{i}" for i in range(1, 11)]

ROWS = [
    "INSERT INTO commerce.product(sku, description, price) VALUES "
    "('SKU-1001', 'Monitor', 100), ('SKU-1002', 'Keyboard', 30), ('SKU-1003', 'Mouse', 15)",
    "INSERT INTO customer.customer(email) VALUES "
    "('alice@example.com'), ('bob@example.com'), ('charlie@example.com'), ('dan@example.com'), ('eve@example.com')",
    "INSERT INTO customer.corder(customer_id, sku, price) VALUES "
    "(1, 'SKU-1001', 100), (2, 'SKU-1002', 30), (3, 'SKU-1002', 30), (4, 'SKU-1001', 100), (5, 'SKU-1003', 15)",
]


def hashed(column, sequence_column=None, sequence=None):
    table = {"column_vindexes": [{"column": column, "name": "hash"}]}
    if sequence:
        table["auto_increment"] = {"column": sequence_column, "sequence": sequence}
    return table


def sharded(tables):
    return {"sharded": True, "vindexes": {"hash": {"type": "hash"}}, "tables": tables}


def sbtest(shards):
    """sysbench makes the tables itself, through the gate; run it with --auto_inc=off."""
    return Keyspace("sbtest", shard_names(shards), sharded({name: hashed("id") for name in SBTEST_TABLES}))


def keyspaces(shards):
    commerce = Keyspace(
        "commerce", ["0"],
        {"tables": {"product": {}, "customer_seq": {"type": "sequence"}, "corder_seq": {"type": "sequence"}}},
        ["CREATE TABLE IF NOT EXISTS product"
         "(sku VARCHAR(128) NOT NULL PRIMARY KEY, description VARCHAR(128), price BIGINT)"] +
        [f"CREATE TABLE IF NOT EXISTS {name}{SEQUENCE}" for name in ("customer_seq", "corder_seq")] +
        [f"INSERT IGNORE INTO {name}(id, next_id, cache) VALUES (0, 1, 1000)" for name in ("customer_seq", "corder_seq")])
    customer = Keyspace(
        "customer", shard_names(shards),
        sharded({"customer": hashed("customer_id", "customer_id", "customer_seq"),
                 "corder": hashed("customer_id", "order_id", "corder_seq")}),
        ["CREATE TABLE IF NOT EXISTS customer(customer_id BIGINT NOT NULL PRIMARY KEY, email VARCHAR(128))",
         "CREATE TABLE IF NOT EXISTS corder(order_id BIGINT NOT NULL PRIMARY KEY, customer_id BIGINT, sku VARCHAR(128), price BIGINT)"])
    return [commerce, customer, sbtest(shards)]


def fill(connection):
    """The few rows of the first start, through the gate, so that sequences and shards are as they should be."""
    statement = "SELECT COUNT(*) FROM commerce.product"
    with connection.cursor() as cursor:
        try:
            cursor.execute(statement)
            if cursor.fetchone()[0]:
                return
            for statement in ROWS:
                cursor.execute(statement)
        except pymysql.err.MySQLError as error:
            raise LabError(f"the gate refused `{statement}`: {error.args}") from error
