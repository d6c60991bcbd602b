# Changes on one shard, on some, on all; each followed by a look at what came of it.
UPDATE customer SET points = points + 1 WHERE id = {{1}}
UPDATE customer SET points = points WHERE id = {{1}}
UPDATE customer SET city = {{'Genève'}}, rate = {{'2.25'}} WHERE id = {{2}}
UPDATE customer SET name = 'nobody' WHERE id = 999
UPDATE customer SET points = points + 10 WHERE id IN (1, 2, 3, 4)
UPDATE customer SET score = 1.5 WHERE id IN ({{5}}, {{6}}, {{999}})
UPDATE customer SET points = 50 WHERE city = 'Made'
UPDATE customer SET points = points + 1
UPDATE customer SET email = NULL WHERE email = ''
UPDATE customer SET name = CONCAT(name, ' ✓') WHERE points > {{100}}
UPDATE customer SET born = born + INTERVAL 1 YEAR WHERE born IS NOT NULL
UPDATE customer SET points = -points WHERE points < 0
UPDATE customer c SET c.points = c.points + 2 WHERE c.id = 3
UPDATE customer SET born = {{D'1999-09-09'}} WHERE id = 6
UPDATE kinds SET ti3 = {{D'-25:00:01.5'}}, dt6 = {{D'2024-05-06 07:08:09.000010'}} WHERE id IN (10, 20, 30)
UPDATE corder SET qty = 1 WHERE customer_id = {{3}} AND qty IS NULL
UPDATE corder SET price = price * 2 WHERE customer_id = 1
UPDATE corder SET price = ROUND(price / 3, 2) WHERE sku = 'SKU-1'
UPDATE corder SET sku = {{'SKU-é'}} WHERE sku IS NULL
UPDATE line SET amount = COALESCE(amount, 0) + 1
UPDATE line SET what = {{'Stift'}} WHERE what = 'pen' AND customer_id = 1
UPDATE hollow SET a = 1
UPDATE hollow SET a = 1 WHERE id = 5
UPDATE lonely SET a = a + 1, b = 'more' WHERE a = 30
UPDATE tag SET uses = uses + 1 WHERE word = {{'wörld'}}
UPDATE tag SET uses = 0 WHERE word IN ('hello', '日本')
UPDATE code SET uses = NULL WHERE word = 'a'
UPDATE meter SET v = 10 WHERE id = {{9223372036854775808}}
UPDATE place SET name = 'moved' WHERE region = 1 AND id = 1
UPDATE place SET name = {{'all of 200'}} WHERE region = 200
UPDATE place SET name = 'tuple' WHERE (region, id) IN ((65, 1), (130, 1))
UPDATE country SET name = 'Suisse' WHERE code = 'CH'
UPDATE {flat}.product SET price = price + {{1}} WHERE sku = 'SKU-1'
UPDATE {flat}.stock SET amount = 1 WHERE amount IS NULL
UPDATE {flat}.product p JOIN {flat}.stock s ON s.sku = p.sku SET p.description = 'stocked' WHERE s.amount > 50
> SELECT * FROM customer ORDER BY id
> SELECT * FROM corder ORDER BY customer_id, id
> SELECT * FROM line ORDER BY customer_id, order_id, n
> SELECT * FROM place ORDER BY region, id
> SELECT * FROM {flat}.product ORDER BY sku
DELETE FROM customer WHERE id = {{12}}
DELETE FROM customer WHERE id = 12
DELETE FROM customer WHERE id IN (20, 21)
DELETE FROM line WHERE customer_id = 1 AND n = {{2}}
DELETE FROM line WHERE amount < {{3}}
DELETE FROM line WHERE what = 'paper'
DELETE FROM corder WHERE customer_id = 9
DELETE FROM corder WHERE customer_id IN (5, 6) AND qty > 100
DELETE FROM hollow
DELETE FROM hollow WHERE id = 1
DELETE FROM lonely WHERE id = 3
DELETE FROM tag WHERE word = 'Spaced Out'
DELETE FROM code WHERE word = {{'É'}}
DELETE FROM meter WHERE id = 2
DELETE FROM meter WHERE v IS NULL
DELETE FROM place WHERE region = 255
DELETE FROM country WHERE code = 'NO'
DELETE FROM {flat}.stock WHERE depot = {{3}}
DELETE FROM {flat}.product WHERE sku = 'SKU-4'
REPLACE INTO lonely VALUES (3, 1, 'again', 1.00)
REPLACE INTO lonely(id, a) VALUES ({{3}}, {{2}})
REPLACE INTO lonely(id, a) VALUES (3, 3), (4, 4), (5, 5)
REPLACE INTO {flat}.stock VALUES ('SKU-1', 1, 9)
INSERT INTO lonely(id, a) VALUES (3, 9) ON DUPLICATE KEY UPDATE a = a + 100
INSERT INTO lonely(id, a) VALUES ({{30}}, {{9}}) ON DUPLICATE KEY UPDATE a = {{5}}
INSERT INTO lonely(id, a) VALUES (3, 1), (31, 2), (4, 3) ON DUPLICATE KEY UPDATE a = VALUES(a)
INSERT INTO lonely(id, a) VALUES (3, 1) ON DUPLICATE KEY UPDATE a = 1
INSERT IGNORE INTO lonely(id, a) VALUES (3, 7)
INSERT IGNORE INTO lonely(id, a) VALUES (3, 7), (32, 7), (33, 7)
INSERT INTO {flat}.stock VALUES ('SKU-1', 1, 1) ON DUPLICATE KEY UPDATE amount = amount + 1
INSERT INTO tag VALUES ('Élan', 1), ('elan vital', 2)
INSERT INTO code VALUES ('trail  ', 1), ('trail', 2)
INSERT INTO hollow(id) VALUES ({{1}}), ({{2}}), ({{3}}), ({{4}}), ({{5}}), ({{6}}), ({{7}}), ({{8}})
INSERT INTO hollow() VALUES (9, 1, DEFAULT, 1.1)
INSERT INTO hollow(id, a) VALUES (10, 1 + 2 * 3), (11, -4), (12, NULL)
INSERT INTO hollow(id, a, b) VALUES (13, CHAR_LENGTH('日本'), UPPER('é'))
> SELECT * FROM hollow ORDER BY id
> SELECT * FROM lonely ORDER BY id
DELETE FROM hollow WHERE a IS NULL
DELETE FROM hollow WHERE id > 0 AND b IS NULL
SELECT * FROM hollow
# Generated ids and LAST_INSERT_ID.
INSERT INTO customer(name) VALUES ({{'made 9'}})
~ SELECT LAST_INSERT_ID() AS made
INSERT INTO customer(id, name) VALUES (100, 'given')
~ SELECT LAST_INSERT_ID() AS made
INSERT INTO corder(customer_id, sku) VALUES (LAST_INSERT_ID(), 'own')
INSERT INTO customer(name) VALUES ('made 10'), ('made 11'), ('made 12')
~ SELECT LAST_INSERT_ID() AS made
SELECT id, name FROM customer WHERE id = LAST_INSERT_ID()
UPDATE customer SET points = 77 WHERE id = LAST_INSERT_ID()
INSERT INTO {flat}.product(sku) VALUES ('SKU-5')
~ SELECT LAST_INSERT_ID() AS made
INSERT INTO {flat}.product(sku) VALUES ('SKU-6'), ('SKU-7')
SELECT id, name FROM customer WHERE id > 1000
# Transactions.
BEGIN
UPDATE customer SET points = 1 WHERE id = 1
UPDATE customer SET points = 2 WHERE id = 2
INSERT INTO lonely VALUES (40, 1, 'tx', NULL)
SELECT SUM(points) FROM customer
SELECT points FROM customer WHERE id = {{1}} FOR UPDATE
ROLLBACK
SELECT points FROM customer WHERE id = 1
SELECT * FROM lonely WHERE id = 40
START TRANSACTION
DELETE FROM customer WHERE id IN (7, 8)
INSERT INTO customer(id, name) VALUES (7, 'seven'), (8, 'eight')
COMMIT
SELECT name FROM customer WHERE id IN (7, 8)
BEGIN
UPDATE lonely SET a = 500 WHERE id = 3
SAVEPOINT one
UPDATE lonely SET a = 600 WHERE id = 4
ROLLBACK TO one
RELEASE SAVEPOINT one
COMMIT
> SELECT id, a FROM lonely ORDER BY id
SET autocommit = 0
UPDATE lonely SET a = 700 WHERE id = 5
ROLLBACK
UPDATE lonely SET a = 701 WHERE id = 5
SET autocommit = 1
SELECT a FROM lonely WHERE id = 5
COMMIT
ROLLBACK
START TRANSACTION READ ONLY
SELECT COUNT(*) FROM customer
! UPDATE customer SET points = 1 WHERE id = 1
COMMIT
BEGIN
INSERT INTO lonely(id) VALUES (60)
! INSERT INTO lonely(id) VALUES (3)
INSERT INTO lonely(id) VALUES (61)
COMMIT
SELECT id FROM lonely WHERE id >= 60
# Without strict mode: what fails elsewhere warns here.
SET sql_mode = ''
INSERT INTO lonely(id, a, b) VALUES (70, 'abc', 'much longer than ten')
SHOW WARNINGS
INSERT INTO lonely(id, a) VALUES (71, 99999999999)
INSERT INTO lonely(id, c) VALUES (72, 1.239)
UPDATE lonely SET a = '12x' WHERE id = 71
UPDATE lonely SET b = 'overlong text again' WHERE id IN (70, 71, 72)
INSERT INTO kinds(id, u8, da, en) VALUES (5000, 300, '2023-02-30', 'violet')
SHOW WARNINGS
SELECT id, u8, da, en FROM kinds WHERE id = 5000
SELECT 1 / 0
SELECT id, a / 0 FROM lonely WHERE id = 3
INSERT INTO lonely(id, a) VALUES (73, 1 / 0)
SELECT 'a' || 'b'
SET sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO'
SELECT id, a / 0 FROM lonely WHERE id IN (3, 4, 5)
SHOW WARNINGS
SET time_zone = '+05:30'
SELECT id, ts FROM kinds WHERE ts IS NOT NULL
SET time_zone = '+00:00'
SELECT id, ts FROM kinds WHERE ts IS NOT NULL
SET sql_select_limit = 2
# SELECT id FROM customer
SET sql_select_limit = DEFAULT
SET foreign_key_checks = 0
INSERT INTO line VALUES (1, 888, 1, 'orphan', 1)
DELETE FROM line WHERE order_id = 888
SET foreign_key_checks = 1
SET @mine = 5
~ SELECT @mine AS mine
SELECT id FROM customer WHERE id = @mine
