# Duplicate keys.
! INSERT INTO customer(id, name) VALUES ({{1}}, {{'again'}})
! INSERT INTO customer(id, name) VALUES (1, 'again'), (3000, 'new')
! INSERT INTO corder(id, customer_id) VALUES (1, 1)
! INSERT INTO corder(id, customer_id, placed) VALUES (900, 1, '2024-01-01 00:00:00')
! INSERT INTO line VALUES (7, 7, 1, 'x', 1)
! INSERT INTO tag VALUES ({{'HELLO'}}, {{1}})
! INSERT INTO code VALUES ({{'A'}}, {{1}})
! INSERT INTO meter VALUES (18446744073709551615, 0)
! INSERT INTO place VALUES (65, 1, 'again')
! INSERT INTO country VALUES ('CH', 'again')
! INSERT INTO {flat}.product(sku) VALUES ('SKU-1')
! INSERT INTO {flat}.stock VALUES ('SKU-1', 1, 0)
! UPDATE corder SET id = 2 WHERE customer_id = 1 AND id = 1
! UPDATE {flat}.product SET sku = 'SKU-2' WHERE sku = 'SKU-1'
# NULL where it may not be.
! INSERT INTO customer(id, name) VALUES (3001, NULL)
! INSERT INTO customer(id) VALUES (3001)
! INSERT INTO customer(id, name, points) VALUES ({{3001}}, {{'x'}}, {{NULL}})
! UPDATE customer SET name = NULL WHERE id = 1
! UPDATE customer SET points = NULL
! INSERT INTO {flat}.stock(sku) VALUES ('SKU-1')
! INSERT INTO {flat}.product(sku) VALUES (NULL)
# Too long, out of range, not of the type.
! INSERT INTO lonely(id, b) VALUES ({{90}}, {{'more than ten'}})
! INSERT INTO lonely(id, a) VALUES (90, 2147483648)
! INSERT INTO lonely(id, a) VALUES (90, 'x')
! INSERT INTO lonely(id, c) VALUES (90, 100000)
! UPDATE lonely SET b = 'more than ten' WHERE id = 3
! UPDATE lonely SET a = 99999999999
! UPDATE lonely SET c = 'number' WHERE id IN (3, 4)
! INSERT INTO customer(id, name, born) VALUES (3002, 'x', '2023-02-30')
! INSERT INTO corder(customer_id, qty) VALUES (1, -1)
! UPDATE corder SET qty = qty - 70000 WHERE customer_id = 1
! INSERT INTO country VALUES ('CHE', 'x')
! INSERT INTO tag VALUES ('a word that is longer than thirty characters', 1)
! SELECT id FROM customer WHERE points = 9223372036854775807 + 1
! SELECT 9223372036854775807 + points FROM customer WHERE id = 1
! SELECT CAST(18446744073709551615 AS UNSIGNED) + id FROM customer WHERE id = 1
# Division in strict mode.
! INSERT INTO lonely(id, a) VALUES (91, 1 / 0)
! UPDATE lonely SET a = a / 0 WHERE id = 3
! UPDATE lonely SET a = 1 % 0
# Names that do not exist.
! SELECT nothing FROM customer WHERE id = 1
! SELECT nothing FROM customer
! SELECT id FROM customer WHERE nothing = {{5}}
! SELECT id FROM customer WHERE id = 1 AND nothing = 5
! SELECT id FROM customer ORDER BY nothing
! SELECT id FROM customer WHERE id = 1 ORDER BY nothing
! SELECT id FROM customer WHERE id = 1 LIMIT 1, nothing
! SELECT id FROM customer LIMIT 1 + 1
! SELECT points, COUNT(*) FROM customer GROUP BY nothing
! SELECT c.nothing FROM customer c WHERE c.id = 1
! SELECT x.id FROM customer c WHERE c.id = 1
! SELECT id FROM customer c JOIN corder o ON o.customer_id = c.id WHERE c.id = 1
! SELECT COUNT(nothing) FROM customer
! UPDATE customer SET nothing = 1 WHERE id = 1
! UPDATE customer SET points = nothing
! DELETE FROM customer WHERE nothing = 1
! INSERT INTO customer(id, nothing) VALUES (3003, 1)
! INSERT INTO lonely VALUES (1, 2)
! INSERT INTO lonely VALUES (92, 2, 'x', 1.0, 5)
! INSERT INTO lonely(id, a) VALUES (93, 1), (94)
! INSERT INTO lonely(id, id) VALUES (95, 1)
! SELECT * FROM absent
! SELECT * FROM absent WHERE id = {{1}}
! INSERT INTO absent VALUES (1)
! UPDATE absent SET a = 1
! DELETE FROM absent WHERE id = 1
! SELECT * FROM customer c JOIN absent a ON a.id = c.id
! SELECT * FROM {flat}.absent
! INSERT INTO {flat}.absent VALUES (1)
! SELECT nothing FROM {flat}.product
! SELECT * FROM absent_database.t
! USE absent_database
! SELECT no_such_function(1) FROM customer WHERE id = 1
! SELECT no_such_function(id) FROM customer
! SELECT @@no_such_variable
! SET no_such_variable = 1
! SET sql_mode = 'NO_SUCH_MODE'
! SET time_zone = 'no such zone'
! SHOW CREATE TABLE absent
! SHOW COLUMNS FROM absent
! ROLLBACK TO no_such_savepoint
! RELEASE SAVEPOINT no_such_savepoint
! DROP TABLE absent
# Syntax.
! SELEC 1
! SELECT
! SELECT FROM customer
! SELECT * FROM
! SELECT * FROM customer WHERE
! SELECT * FROM customer WHERE id =
! SELECT 'open
! SELECT (1
! INSERT INTO customer(id VALUES (1)
! INSERT INTO customer VALUES
! UPDATE customer SET
! UPDATE customer points = 1
! DELETE customer WHERE
! SELECT id FROM customer LIMIT x
! SELECT id FROM customer ORDER id
! SELECT id, FROM customer
! SELECT * FROM customer GROUP points
! BEGIN COMMIT
! SELECT 1; SELECT 2
# Rules of queries.
! SELECT sku, COUNT(*) FROM corder WHERE customer_id = 1 GROUP BY qty
! SELECT MAX(COUNT(*)) FROM customer WHERE id = 1
! SELECT id FROM customer WHERE COUNT(*) > 1
! SELECT 1, 2 UNION SELECT 1
! SELECT (SELECT id, name FROM customer WHERE id = 1) FROM customer WHERE id = 1
! SELECT COUNT(*, 1) FROM customer
! SELECT UPPER() FROM customer WHERE id = 1
# Check constraints and foreign keys.
! INSERT INTO customer(id, name, points) VALUES (3004, 'low', {{-2000}})
! UPDATE customer SET points = -1001 WHERE id = 1
! UPDATE customer SET points = -5000
! UPDATE customer SET points = -5000 WHERE id IN (1, 2, 3)
! INSERT INTO line VALUES (1, 777, 1, 'orphan', 1)
! DELETE FROM corder WHERE customer_id = 7
! UPDATE line SET order_id = 777 WHERE customer_id = 7
! INSERT INTO line(customer_id, order_id, n) VALUES (1, 1, 9), (2, 777, 9)
# All of this left nothing behind.
> SELECT * FROM customer ORDER BY id
> SELECT * FROM corder ORDER BY customer_id, id
> SELECT * FROM line ORDER BY customer_id, order_id, n
> SELECT * FROM lonely ORDER BY id
SELECT * FROM tag
SELECT * FROM country
SELECT * FROM {flat}.stock
