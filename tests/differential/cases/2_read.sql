# One shard by a unique vindex.
SELECT * FROM customer WHERE id = {{1}}
SELECT id, name, email FROM customer WHERE id = {{3}}
SELECT name FROM customer WHERE id = {{999999}}
SELECT c.name AS called, c.points + 1 AS more FROM customer c WHERE c.id = {{4}}
SELECT name, 'literal', 1, 1.5, NULL, 2e0, -7, x'41' FROM customer WHERE id = 2
SELECT id FROM customer WHERE id = {{1}} AND city = {{'Zürich'}}
SELECT id FROM customer WHERE id = '3'
SELECT id FROM customer WHERE id = NULL
SELECT id FROM customer WHERE id IS NULL
SELECT id FROM customer WHERE 5 = id
SELECT COUNT(*), MIN(qty), MAX(price), SUM(qty), AVG(price) FROM corder WHERE customer_id = {{1}}
SELECT sku, COUNT(*) FROM corder WHERE customer_id = 1 GROUP BY sku HAVING COUNT(*) > {{1}}
> SELECT * FROM corder WHERE customer_id = {{1}} ORDER BY placed DESC, id LIMIT {{2}}
> SELECT DISTINCT sku FROM corder WHERE customer_id = 1 ORDER BY sku
> SELECT id, qty * price AS total FROM corder WHERE customer_id = {{1}} ORDER BY total DESC, id
SELECT (SELECT MAX(price) FROM corder WHERE customer_id = 1) AS top FROM customer WHERE id = 1
SELECT name FROM customer WHERE id = {{1}} AND EXISTS (SELECT 1 FROM corder WHERE customer_id = {{1}})
SELECT CASE WHEN points > {{5}} THEN 'many' ELSE 'few' END AS how, COALESCE(email, city, 'none') FROM customer WHERE id = 2
SELECT UPPER(name), LENGTH(name), CHAR_LENGTH(name), CONCAT(name, '!'), HEX(name) FROM customer WHERE id = {{7}}
SELECT id FROM customer WHERE id = 1 FOR UPDATE
SELECT uses FROM tag WHERE word = {{'hello'}}
SELECT uses FROM tag WHERE word = {{'HELLO'}}
SELECT word FROM tag WHERE word = 'WORLD'
SELECT word, uses FROM tag WHERE word = {{'emoji 😀'}}
SELECT word, uses FROM tag WHERE word = 'strasse'
SELECT uses FROM code WHERE word = {{'É'}}
SELECT uses FROM code WHERE word = 'a '
SELECT uses FROM code WHERE word = ''
SELECT uses FROM code WHERE word = x'00ff'
SELECT v FROM meter WHERE id = {{18446744073709551615}}
SELECT v FROM meter WHERE id = 9223372036854775808
SELECT v FROM meter WHERE id = 12345678901234567890
SELECT name FROM place WHERE region = {{65}} AND id = {{2}}
# Lists.
SELECT id, name FROM customer WHERE id IN ({{1}}, {{2}}, {{3}}, {{4}})
> SELECT id, name, city FROM customer WHERE id IN (1, 2, 3, 5, 7, 11, 999) ORDER BY id
> SELECT id FROM customer WHERE id IN (12, 11, 10, 9) ORDER BY id DESC
SELECT id FROM customer WHERE id IN (NULL)
SELECT id FROM customer WHERE id IN (1, NULL, 3)
SELECT id FROM customer WHERE id IN (1, 1, 1)
SELECT COUNT(*), SUM(points) FROM customer WHERE id IN (1, 2, 3, 4, 5, 6)
SELECT name FROM customer WHERE id IN (3, 4) AND points = {{20}}
SELECT word, uses FROM code WHERE word IN ('a', 'A', 'é', 'nothing')
SELECT word FROM tag WHERE word IN ({{'hello'}}, {{'日本'}}, {{'absent'}})
SELECT v FROM meter WHERE id IN (1, 2, 18446744073709551615)
SELECT * FROM place WHERE (region, id) IN ((1, 1), (65, 2), (200, 3), (7, 7))
SELECT * FROM place WHERE region = 200 AND id IN (1, 2)
SELECT id, name FROM place WHERE region = {{200}}
> SELECT region, id FROM place WHERE region IN (1, 130) ORDER BY region, id
# All shards.
SELECT * FROM customer
SELECT id, email FROM customer WHERE points = {{20}}
SELECT id FROM customer WHERE city = 'zürich'
SELECT id FROM customer WHERE name = {{'eve'}}
SELECT id FROM customer WHERE email = {{'Élodie@example.com'}}
SELECT id FROM customer WHERE email IS NULL
SELECT id, name FROM customer WHERE name LIKE {{'%o%'}}
SELECT id FROM customer WHERE born BETWEEN '1985-01-01' AND '1990-12-31'
SELECT id FROM customer WHERE id > {{3}} AND id < {{9}}
SELECT id FROM customer WHERE id <> 1 AND NOT (points > 5 OR points IS NULL)
SELECT id FROM customer WHERE id = 1 OR points = 100
SELECT id, points * 2 + 1, points / 3, points % 4, -points FROM customer WHERE id < 100
SELECT id, born + INTERVAL 1 DAY, DATE_FORMAT(born, '%d.%m.%Y'), YEAR(born) FROM customer
SELECT name, 1 FROM customer WHERE 1 = 0
SELECT word FROM tag
SELECT * FROM code
SELECT * FROM meter
SELECT * FROM line
SELECT * FROM hollow
SELECT a, b, c FROM hollow WHERE a > {{5}}
SELECT * FROM lonely
SELECT customer.id FROM customer WHERE customer.points > 50
SELECT {db}.customer.id FROM {db}.customer WHERE {db}.customer.id < 4
SELECT id FROM corder WHERE placed = {{D'2024-01-03 12:00:00.000001'}}
SELECT id FROM corder WHERE placed > {{D'2024-01-02'}}
SELECT id FROM kinds WHERE ti = {{D'23:00:01'}} AND id > 0
% SELECT id, {{D'2024-02-29 01:02:03'}} AS moment FROM customer WHERE id = 1
# Order, limit, offset.
> SELECT id FROM customer ORDER BY id
> SELECT id, points FROM customer ORDER BY points DESC, id ASC
> SELECT id, ABS(points) FROM customer ORDER BY ABS(points) DESC, id
SELECT ABS(points), COUNT(*) FROM customer GROUP BY ABS(points)
SELECT MIN(ABS(points)), MAX(ABS(points)) FROM customer
> SELECT DISTINCT ABS(points) FROM customer ORDER BY 1
> SELECT id, name FROM customer ORDER BY name, id
> SELECT id, city FROM customer ORDER BY city DESC, id DESC
> SELECT id, email FROM customer ORDER BY email, id
> SELECT id, born FROM customer ORDER BY born, id
> SELECT id, rate FROM customer ORDER BY rate DESC, id
> SELECT id, score FROM customer ORDER BY score, id
> SELECT name FROM customer ORDER BY id LIMIT 3
> SELECT id FROM customer ORDER BY id LIMIT {{4}} OFFSET {{5}}
> SELECT id FROM customer ORDER BY id DESC LIMIT 2, 3
> SELECT id FROM customer ORDER BY id LIMIT 0
> SELECT id FROM customer ORDER BY id LIMIT 5 OFFSET 1000
> SELECT id AS number, name FROM customer ORDER BY number DESC LIMIT 5
> SELECT id, points FROM customer ORDER BY 2, 1 LIMIT 7
> SELECT customer_id, id, sku FROM corder ORDER BY sku, customer_id, id
> SELECT id, placed FROM corder ORDER BY placed DESC, id
> SELECT id FROM corder ORDER BY price, id DESC
> SELECT id, qty + 1 AS q FROM corder ORDER BY q, id
> SELECT id, v FROM meter ORDER BY id DESC
> SELECT word FROM code ORDER BY word
> SELECT region, id, name FROM place ORDER BY region DESC, id
> SELECT id FROM hollow ORDER BY a, id LIMIT 3
> SELECT id FROM lonely ORDER BY b, id LIMIT 3
# SELECT id FROM customer LIMIT 4
# SELECT * FROM corder LIMIT 2, 3
# SELECT id FROM customer WHERE points = 20 LIMIT 1
# Aggregates without groups.
SELECT COUNT(*) FROM customer
SELECT COUNT(email), COUNT(*), COUNT(1) FROM customer
SELECT SUM(points), MIN(points), MAX(points), AVG(points) FROM customer
SELECT SUM(rate), MIN(rate), MAX(rate), AVG(rate) FROM customer
SELECT AVG(points * 1.00000), AVG(rate * 1.0000000000) FROM customer
SELECT SUM(score), MIN(score), MAX(score), AVG(score) FROM customer
SELECT MIN(born), MAX(born), MIN(name), MAX(email) FROM customer WHERE id < 3
SELECT MIN(placed), MAX(placed), SUM(qty), AVG(qty) FROM corder
SELECT COUNT(*) AS n, MAX(id) AS top FROM customer WHERE city IS NOT NULL
SELECT COUNT(*), SUM(a), MIN(b), MAX(c), AVG(c) FROM hollow
SELECT COUNT(*), SUM(a), MIN(b), MAX(c), AVG(c) FROM lonely
SELECT SUM(id) FROM meter
SELECT MAX(id), MIN(id), AVG(v) FROM meter
SELECT COUNT(DISTINCT points) FROM customer
SELECT COUNT(DISTINCT city) FROM customer
SELECT SUM(DISTINCT points) FROM customer
SELECT COUNT(DISTINCT sku), COUNT(*) FROM corder
SELECT COUNT(*) FROM customer WHERE points > {{1000}}
SELECT MIN(word), MAX(word) FROM code
SELECT MIN(uses), MAX(uses), SUM(uses) FROM tag
SELECT COUNT(*) FROM corder WHERE qty > 1 AND sku LIKE 'SKU%'
# Groups.
SELECT points, COUNT(*) FROM customer GROUP BY points
> SELECT points, COUNT(*) AS n FROM customer GROUP BY points ORDER BY points
> SELECT points, COUNT(*) AS n FROM customer GROUP BY points ORDER BY n DESC, points
> SELECT customer_id, COUNT(*), SUM(price) FROM corder GROUP BY customer_id ORDER BY customer_id
SELECT sku, COUNT(*), SUM(qty), MIN(price), MAX(price), AVG(price) FROM corder GROUP BY sku
> SELECT sku, SUM(qty) FROM corder GROUP BY sku ORDER BY sku LIMIT 3
SELECT COUNT(*) FROM customer GROUP BY city
> SELECT born, COUNT(*) FROM customer GROUP BY born ORDER BY born DESC
SELECT rate, score, COUNT(*) FROM customer GROUP BY rate, score
SELECT customer_id, sku, COUNT(*) FROM corder GROUP BY customer_id, sku
SELECT uses, COUNT(*) FROM code GROUP BY uses
SELECT a, COUNT(*) FROM hollow GROUP BY a
SELECT a, MAX(b) FROM lonely GROUP BY a
> SELECT region, COUNT(*) AS n, MAX(id) FROM place GROUP BY region ORDER BY region
SELECT YEAR(placed) AS y, COUNT(*) FROM corder GROUP BY y
SELECT points, AVG(rate) FROM customer WHERE rate IS NOT NULL GROUP BY points
SELECT qty, COUNT(DISTINCT sku) FROM corder GROUP BY qty
# Distinct.
SELECT DISTINCT points FROM customer
> SELECT DISTINCT points FROM customer ORDER BY points DESC
SELECT DISTINCT points, rate FROM customer
SELECT DISTINCT sku FROM corder
> SELECT DISTINCT customer_id FROM corder ORDER BY customer_id LIMIT 3
SELECT DISTINCT a, b FROM hollow
SELECT DISTINCT email FROM customer
SELECT DISTINCT uses FROM tag
# Joins on the shard key.
SELECT c.name, o.id FROM customer c JOIN corder o ON o.customer_id = c.id WHERE c.id = {{1}}
SELECT c.name, o.id, o.sku FROM customer c JOIN corder o ON c.id = o.customer_id
SELECT c.id, o.id FROM customer c LEFT JOIN corder o ON o.customer_id = c.id
SELECT c.id, o.id FROM customer c LEFT JOIN corder o ON o.customer_id = c.id AND o.qty > {{2}}
> SELECT c.id, o.id AS order_id FROM customer c, corder o WHERE c.id = o.customer_id ORDER BY c.id, o.id
> SELECT c.id, o.id AS oid, l.n FROM customer c JOIN corder o ON o.customer_id = c.id JOIN line l ON l.customer_id = o.customer_id AND l.order_id = o.id ORDER BY c.id, o.id, l.n
SELECT o.sku, COUNT(*), SUM(l.amount) FROM corder o JOIN line l ON l.customer_id = o.customer_id AND l.order_id = o.id GROUP BY o.sku
SELECT COUNT(*) FROM customer c JOIN corder o ON o.customer_id = c.id WHERE o.price > {{1}}
SELECT c.name FROM customer c JOIN corder o ON o.customer_id = c.id WHERE c.id IN (1, 2, 3) AND o.qty IS NOT NULL
SELECT a.id, b.id FROM customer a JOIN customer b ON a.id = b.id WHERE a.points > 5
SELECT DISTINCT c.points FROM customer c JOIN corder o ON o.customer_id = c.id
SELECT c.* FROM customer c JOIN corder o ON o.customer_id = c.id WHERE o.sku = 'SKU-2'
SELECT o.*, l.what FROM corder o JOIN line l USING (customer_id) WHERE o.customer_id = 1 AND l.order_id = o.id
SELECT c.id FROM customer c WHERE EXISTS (SELECT 1 FROM corder o WHERE o.customer_id = c.id)
SELECT c.id FROM customer c WHERE c.id IN (SELECT o.customer_id FROM corder o WHERE o.customer_id = c.id)
SELECT m.a, c.name FROM lonely m JOIN customer c ON m.id = c.id
SELECT h.id, c.name FROM customer c LEFT JOIN hollow h ON h.id = c.id WHERE c.id < 5
SELECT p.id, p.called FROM (SELECT id, name AS called FROM customer WHERE points > 5) p WHERE p.id < 10
# Reference tables and the unsharded keyspace.
SELECT * FROM country
> SELECT code, name FROM country ORDER BY code
SELECT name FROM country WHERE code = {{'CH'}}
SELECT COUNT(*) FROM country
SELECT c.id, k.name FROM customer c JOIN country k ON k.code = 'CH' WHERE c.id = 1
SELECT c.id, k.code FROM customer c JOIN country k ON k.code = 'FR'
SELECT * FROM {flat}.product
> SELECT sku, price FROM {flat}.product ORDER BY price DESC, sku LIMIT 2
SELECT COUNT(*), SUM(price), AVG(price) FROM {flat}.product
SELECT p.sku, s.depot FROM {flat}.product p JOIN {flat}.stock s ON s.sku = p.sku WHERE s.amount > {{1}}
SELECT p.sku, (SELECT SUM(amount) FROM {flat}.stock s WHERE s.sku = p.sku) AS total FROM {flat}.product p
SELECT sku, RANK() OVER (ORDER BY price DESC) AS place FROM {flat}.product
SELECT description FROM {flat}.product WHERE sku = {{'SKU-4'}} UNION SELECT 'other'
# Without tables, and what the gate answers itself.
SELECT 1
% SELECT {{1}} + 1 AS two, 'é' AS e, NULL AS nothing, 1.50 AS d, 1 = 1
~ SELECT DATABASE(), SCHEMA()
~ SELECT @@autocommit
SELECT 'a' 'b'
% SELECT {{'text'}} AS t, {{NULL}} AS n
SELECT COUNT(*) FROM customer UNION ALL SELECT COUNT(*) FROM corder
SELECT id, name FROM customer UNION ALL SELECT qty, sku FROM corder
SELECT points, rate, score FROM customer WHERE city = {{'Made'}} UNION ALL SELECT price, qty, id FROM corder WHERE price > {{5}}
SELECT born, id FROM customer UNION ALL SELECT placed, price FROM corder
SELECT id, NULL AS n, 'text' AS t FROM customer WHERE points < {{50}} UNION ALL SELECT sku, qty, {{2.5}} FROM corder UNION ALL SELECT n, what, amount FROM line
SELECT name FROM customer WHERE id IN (1, 2, 3) UNION ALL SELECT sku FROM corder
SELECT id FROM customer WHERE id = 1 UNION SELECT customer_id FROM corder WHERE customer_id = 1
SELECT /* a comment */ 5 AS id -- and another
SELECT id FROM `customer` WHERE `id` = 1 # with a comment
select ID, Name from customer where ID = 1
SELECT id FROM customer WHERE id = 0x01
SELECT id, name FROM customer WHERE id = {{1}} OR id = {{2}}
SHOW TABLES
SHOW COLUMNS FROM customer
DESCRIBE lonely
SHOW CREATE TABLE hollow
SHOW WARNINGS
