// mysql2 on node: execute() uses the binary protocol, query() the text protocol.
'use strict';
const assert = require('node:assert/strict');
const mysql = require('mysql2/promise');

const table = process.env.DRIVER_TABLE;
const blob = Buffer.concat(Array(4096).fill(Buffer.from(Array.from({length: 256}, (_, i) => i))));
const text = 'naïve – 漢字 – 😀';
const made = '2024-02-29 12:34:56.789012';
const insert = `INSERT INTO ${table}(id, name, amount, price, made, body) VALUES (?, ?, ?, ?, ?, ?)`;
const values = (id) => [id, `row ${id}`, (id * 1.25).toFixed(4), id / 8, made, null];

async function count(connection) {
    const [rows] = await connection.execute(`SELECT COUNT(*) AS n FROM ${table}`);
    return rows[0].n;
}

async function makeTable(connection) {
    await connection.query(`CREATE TABLE ${table}(id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(200) CHARACTER SET utf8mb4,
        amount DECIMAL(20,4), price DOUBLE, made DATETIME(6), body LONGBLOB)`);
    if (process.env.DRIVER_VSCHEMA === '1') {
        await connection.query(`ALTER VSCHEMA ON ${table} ADD VINDEX hash(id) USING hash`);
    }
}

async function rows(connection) {
    for (let id = 1; id <= 16; id++) {
        const [done] = id % 2 ? await connection.execute(insert, values(id)) : await connection.query(insert, values(id));
        assert.equal(done.affectedRows, 1);
    }
    for (const how of ['execute', 'query']) {
        const [found] = await connection[how](`SELECT id, name, amount, price, made, body FROM ${table} WHERE id = ?`, [7]);
        assert.deepEqual(Object.values(found[0]), values(7), how);
    }
    const [changed] = await connection.execute(`UPDATE ${table} SET amount = amount + 1 WHERE id = ?`, [3]);
    assert.equal(changed.affectedRows, 1);
    const [[updated]] = await connection.query(`SELECT amount FROM ${table} WHERE id = 3`);
    assert.equal(updated.amount, '4.7500');
    await connection.execute(`DELETE FROM ${table} WHERE id = ?`, [16]);
    assert.equal(await count(connection), 15);
    const [listed] = await connection.execute(`SELECT id FROM ${table} WHERE id IN (?, ?, ?, ?) ORDER BY id`, [1, 5, 9, 99]);
    assert.deepEqual(listed.map((row) => row.id), [1, 5, 9]);
    await assert.rejects(connection.execute(insert, values(1)), {errno: 1062, sqlState: '23000'});
}

async function transactions(connection) {
    for (const [ids, end] of [[[17, 18], 'commit'], [[19, 20], 'rollback']]) {
        await connection.beginTransaction();
        for (const id of ids) await connection.execute(insert, values(id));
        await connection[end]();
        assert.equal(await count(connection), 17);
    }
    await connection.beginTransaction();
    await connection.execute(insert, values(21));
    await connection.query('SAVEPOINT a');
    await connection.execute(insert, values(22));
    await connection.query('ROLLBACK TO SAVEPOINT a');
    await connection.execute(insert, values(23));
    await connection.query('RELEASE SAVEPOINT a');
    await connection.commit();
    assert.equal(await count(connection), 19);
}

async function textsAndBlobs(connection) {
    for (const [id, how] of [[24, 'execute'], [25, 'query']]) {
        await connection[how](insert, [id, text, null, null, null, blob]);
        const [[row]] = await connection[how](`SELECT name, body FROM ${table} WHERE id = ?`, [id]);
        assert.equal(row.name, text);
        assert.ok(row.body.equals(blob), 'the blob');
    }
    const statement = await connection.prepare(`SELECT name FROM ${table} WHERE id = ?`);
    for (let id = 1; id <= 10; id++) {
        const [[row]] = await statement.execute([id]);
        assert.equal(row.name, `row ${id}`);
    }
    await statement.close();
    const [found] = await connection.execute(`SELECT id FROM ${table} WHERE id = 24 AND name = ?`, [text]);
    assert.deepEqual(found.map((row) => row.id), [24]);
    assert.equal(await count(connection), 21);
}

async function main() {
    const connection = await mysql.createConnection({
        host: process.env.DRIVER_HOST, port: Number(process.env.DRIVER_PORT), user: process.env.DRIVER_USER,
        database: process.env.DRIVER_DATABASE, charset: 'utf8mb4', dateStrings: true,
    });
    await makeTable(connection);
    await rows(connection);
    await transactions(connection);
    await textsAndBlobs(connection);
    await connection.end();
}

main().catch((error) => {
    console.error(error.message);
    process.exit(1);
});
