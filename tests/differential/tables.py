"""The tables of the fixed suite: sharded by five kinds of vindexes, a reference table, an empty one, and an unsharded keyspace."""

FIRST_ID = 1000  # the first number of sequences and of AUTO_INCREMENT


def by(vindex, *columns, sequence=None):
    column = {"column": columns[0]} if len(columns) == 1 else {"columns": list(columns)}
    table = {"column_vindexes": [{**column, "name": vindex}]}
    return {**table, "auto_increment": ("id", sequence)} if sequence else table


VINDEXES = {
    "hash": {"type": "hash"}, "loose": {"type": "unicode_loose_md5"}, "bytes": {"type": "xxhash"},
    "reverse": {"type": "reverse_bits"}, "region": {"type": "region_experimental", "params": {"region_bytes": "1"}},
}
SHARDED = {
    "customer": by("hash", "id", sequence="customer_seq"), "corder": by("hash", "customer_id", sequence="corder_seq"),
    "line": by("hash", "customer_id"), "kinds": by("hash", "id"), "hollow": by("hash", "id"), "lonely": by("hash", "id"),
    "tag": by("loose", "word"), "code": by("bytes", "word"), "meter": by("reverse", "id"), "place": by("region", "region", "id"),
    "country": {"type": "reference"},
}
SEQUENCES = ["customer_seq", "corder_seq"]
FLAT = ["product", "stock"]

# Column, type, three good values, a bad one (or None), and whether the gate can group by it.
KINDS = [
    ("i8", "TINYINT", "-128", "127", "0", "128", True),
    ("u8", "TINYINT UNSIGNED", "0", "255", "7", "-1", True),
    ("i16", "SMALLINT", "-32768", "32767", "12", "40000", True),
    ("u16", "SMALLINT UNSIGNED", "65535", "1", "0", "65536", True),
    ("i24", "MEDIUMINT", "-8388608", "8388607", "1", "8388608", True),
    ("u24", "MEDIUMINT UNSIGNED", "16777215", "3", "4", "16777216", True),
    ("i32", "INT", "-2147483648", "2147483647", "5", "2147483648", True),
    ("u32", "INT UNSIGNED", "4294967295", "6", "0", "4294967296", True),
    ("i64", "BIGINT", "-9223372036854775808", "9223372036854775807", "-1", "9223372036854775808", True),
    ("u64", "BIGINT UNSIGNED", "18446744073709551615", "9223372036854775808", "1", "-5", True),
    ("de", "DECIMAL(20,4)", "'-1234567890123456.7891'", "'0.0001'", "'99.9900'", "'12345678901234567'", True),
    ("dh", "DECIMAL(38,0) UNSIGNED", "'99999999999999999999999999999999999999'", "'1'", "'0'", "'-1'", True),
    ("fl", "FLOAT", "0.25", "-1.5", "1024", "1e39", True),
    ("do", "DOUBLE", "1e300", "-0.125", "3.5", "'x'", True),
    ("b1", "BIT(1)", "b'1'", "b'0'", "b'1'", "b'11'", True),
    ("b17", "BIT(17)", "b'10000000000000001'", "b'101'", "b'0'", "b'111111111111111111'", True),
    ("ch", "CHAR(10)", "'é'", "'zebra'", "'tail  '", "'longer than ten'", True),
    ("vc", "VARCHAR(20)", "'😀 smile'", "'Ångström'", "'tail '", "'more than the twenty characters'", True),
    ("vcb", "VARCHAR(20) COLLATE utf8mb4_bin", "'É'", "'é'", "'e '", "'more than the twenty characters'", True),
    ("vcl", "VARCHAR(20) CHARACTER SET latin1", "'café'", "'zoo'", "''", "'日本'", True),
    ("ttx", "TINYTEXT", "'tiny'", "''", "'é'", None, True),
    ("tx", "TEXT", "'some text'", "'Other'", "'日本語'", None, True),
    ("ltx", "LONGTEXT", "'long'", "'longer'", "'x'", None, True),
    ("bi", "BINARY(4)", "x'00010203'", "x'ff'", "'ab'", "'abcde'", True),
    ("vb", "VARBINARY(20)", "x'00ff00'", "''", "'É '", "'more than the twenty bytes'", True),
    ("tb", "TINYBLOB", "x'80'", "x'00'", "'t'", None, True),
    ("bl", "BLOB", "x'0a0d001a27225c'", "'blob'", "''", None, True),
    ("lb", "LONGBLOB", "'large'", "x'fe'", "x'ff'", None, True),
    ("en", "ENUM('red','green','blüe')", "'red'", "'blüe'", "'green'", "'black'", False),
    ("se", "SET('a','b','c')", "'a,c'", "'b'", "''", "'d'", False),
    ("da", "DATE", "'2024-02-29'", "'1000-01-01'", "'9999-12-31'", "'2023-02-29'", True),
    ("ti", "TIME", "'-838:59:59'", "'23:00:01'", "'00:00:00'", "'839:00:00'", True),
    ("ti3", "TIME(3)", "'01:02:03.456'", "'-00:00:00.001'", "'100:00:00.5'", "'noon'", True),
    ("dt", "DATETIME", "'2024-02-29 23:59:59'", "'1970-01-01 00:00:00'", "'2001-09-09 01:46:40'", "'2024-13-01 00:00:00'", True),
    ("dt6", "DATETIME(6)", "'2024-02-29 23:59:59.999999'", "'2024-02-29 23:59:59.000001'", "'1000-01-01 00:00:00'", "'today'", True),
    ("ts", "TIMESTAMP NULL", "'2038-01-19 03:14:07'", "'1970-01-02 00:00:00'", "'2020-06-01 12:00:00'", "'1960-01-01 00:00:00'", True),
    ("ts3", "TIMESTAMP(3) NULL", "'2020-06-01 12:00:00.125'", "'2020-06-01 12:00:00.124'", "'1999-12-31 23:59:59.999'", "'x'", True),
    ("ye", "YEAR", "2024", "1901", "2155", "1900", True),
    ("js", "JSON", """'{"a": [1, 2.5, "é"], "b": null}'""", "'[]'", """'"text"'""", "'{'", False),
]

SHARDED_SCHEMA = [
    "CREATE TABLE customer(id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL, email VARBINARY(60), "
    "city VARCHAR(30), born DATE, points INT NOT NULL DEFAULT 0, rate DECIMAL(8,2), score DOUBLE, "
    f"CONSTRAINT points_low CHECK (points >= -1000), KEY city(city)) AUTO_INCREMENT={FIRST_ID}",
    "CREATE TABLE corder(id BIGINT NOT NULL AUTO_INCREMENT, customer_id BIGINT NOT NULL, sku VARCHAR(20) COLLATE utf8mb4_bin, "
    "qty SMALLINT UNSIGNED, price DECIMAL(10,2), placed DATETIME(6), PRIMARY KEY (customer_id, id), KEY id(id), "
    f"UNIQUE KEY once(customer_id, placed)) AUTO_INCREMENT={FIRST_ID}",
    "CREATE TABLE line(customer_id BIGINT NOT NULL, order_id BIGINT NOT NULL, n INT NOT NULL, what VARCHAR(30), amount INT, "
    "PRIMARY KEY (customer_id, order_id, n), "
    "CONSTRAINT of_order FOREIGN KEY (customer_id, order_id) REFERENCES corder(customer_id, id))",
    "CREATE TABLE hollow(id BIGINT NOT NULL PRIMARY KEY, a INT, b VARCHAR(10), c DECIMAL(6,2))",
    "CREATE TABLE lonely(id BIGINT NOT NULL PRIMARY KEY, a INT, b VARCHAR(10), c DECIMAL(6,2))",
    "CREATE TABLE tag(word VARCHAR(30) NOT NULL PRIMARY KEY, uses INT)",
    "CREATE TABLE code(word VARBINARY(30) NOT NULL PRIMARY KEY, uses INT)",
    "CREATE TABLE meter(id BIGINT UNSIGNED NOT NULL PRIMARY KEY, v INT)",
    "CREATE TABLE place(region INT NOT NULL, id BIGINT NOT NULL, name VARCHAR(20), PRIMARY KEY (region, id))",
    "CREATE TABLE country(code CHAR(2) NOT NULL PRIMARY KEY, name VARCHAR(30))",
    "CREATE TABLE kinds(id BIGINT NOT NULL PRIMARY KEY, " + ", ".join(f"`{kind[0]}` {kind[1]}" for kind in KINDS) + ")",
]
FLAT_SCHEMA = [
    "CREATE TABLE product(id INT NOT NULL AUTO_INCREMENT, sku VARCHAR(20) NOT NULL, description VARCHAR(60), price DECIMAL(10,2), "
    "PRIMARY KEY (sku), UNIQUE KEY (id))",
    "CREATE TABLE stock(sku VARCHAR(20) NOT NULL, depot INT NOT NULL, amount INT UNSIGNED, PRIMARY KEY (sku, depot))",
]
