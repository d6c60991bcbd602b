// go-sql-driver/mysql: statements with arguments are prepared (binary protocol), those without go as text.
package main

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"github.com/go-sql-driver/mysql"
)

const text = "naïve – 漢字 – 😀"
const made = "2024-02-29 12:34:56.789012"

var table = os.Getenv("DRIVER_TABLE")
var insert = "INSERT INTO " + table + "(id, name, amount, price, made, body) VALUES (?, ?, ?, ?, ?, ?)"

type runner interface {
	Exec(query string, arguments ...any) (sql.Result, error)
}

func check(what string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}

func expect[T comparable](what string, got, want T) {
	if got != want {
		check(what, fmt.Errorf("got %v, want %v", got, want))
	}
}

func values(id int) []any {
	return []any{id, fmt.Sprintf("row %d", id), fmt.Sprintf("%.4f", float64(id)*1.25), float64(id) / 8, made, nil}
}

func do(where runner, query string, arguments ...any) int64 {
	done, err := where.Exec(query, arguments...)
	check(query, err)
	affected, err := done.RowsAffected()
	check(query, err)
	return affected
}

func one[T any](db *sql.DB, query string, arguments ...any) T {
	var value T
	check(query, db.QueryRow(query, arguments...).Scan(&value))
	return value
}

func count(db *sql.DB) int { return one[int](db, "SELECT COUNT(*) FROM "+table) }

func rows(db *sql.DB) {
	do(db, "CREATE TABLE "+table+"(id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(200) CHARACTER SET utf8mb4, "+
		"amount DECIMAL(20,4), price DOUBLE, made DATETIME(6), body LONGBLOB)")
	if os.Getenv("DRIVER_VSCHEMA") == "1" {
		do(db, "ALTER VSCHEMA ON "+table+" ADD VINDEX hash(id) USING hash")
	}
	for id := 1; id <= 16; id++ {
		expect("rows inserted", do(db, insert, values(id)...), 1)
	}
	var id int
	var name, amount, when string
	var price float64
	var body []byte
	err := db.QueryRow("SELECT id, name, amount, price, made, body FROM "+table+" WHERE id = ?", 7).Scan(&id, &name, &amount, &price, &when, &body)
	check("one row", err)
	expect("one row", fmt.Sprint(id, name, amount, price, when, body == nil), fmt.Sprint(7, "row 7", "8.7500", 0.875, made, true))
	expect("rows updated", do(db, "UPDATE "+table+" SET amount = amount + 1 WHERE id = ?", 3), 1)
	expect("the updated row", one[string](db, "SELECT amount FROM "+table+" WHERE id = 3"), "4.7500")
	expect("rows deleted", do(db, "DELETE FROM "+table+" WHERE id = ?", 16), 1)
	expect("rows after DELETE", count(db), 15)
	listed := ""
	found, err := db.Query("SELECT id FROM "+table+" WHERE id IN (?, ?, ?, ?) ORDER BY id", 1, 5, 9, 99)
	check("rows of IN", err)
	for found.Next() {
		check("rows of IN", found.Scan(&id))
		listed += fmt.Sprint(id, " ")
	}
	check("rows of IN", found.Err())
	expect("rows of IN", listed, "1 5 9 ")
	_, err = db.Exec(insert, values(1)...)
	var refused *mysql.MySQLError
	expect("the error of a duplicate key", errors.As(err, &refused) && refused.Number == 1062 && string(refused.SQLState[:]) == "23000", true)
}

func transactions(db *sql.DB) {
	for _, part := range []struct {
		ids []int
		end func(*sql.Tx) error
	}{{[]int{17, 18}, (*sql.Tx).Commit}, {[]int{19, 20}, (*sql.Tx).Rollback}} {
		tx, err := db.Begin()
		check("BEGIN", err)
		for _, id := range part.ids {
			do(tx, insert, values(id)...)
		}
		check("the end of a transaction", part.end(tx))
		expect("rows after a transaction", count(db), 17)
	}
	tx, err := db.Begin()
	check("BEGIN", err)
	do(tx, insert, values(21)...)
	do(tx, "SAVEPOINT a")
	do(tx, insert, values(22)...)
	do(tx, "ROLLBACK TO SAVEPOINT a")
	do(tx, insert, values(23)...)
	do(tx, "RELEASE SAVEPOINT a")
	check("COMMIT", tx.Commit())
	expect("rows after savepoints", count(db), 19)
}

func textsAndBlobs(db *sql.DB) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	blob := bytes.Repeat(all, 4096)
	for _, id := range []int{24, 25} {
		do(db, insert, id, text, nil, nil, nil, blob)
		var name string
		var body []byte
		check("the blob", db.QueryRow("SELECT name, body FROM "+table+" WHERE id = ?", id).Scan(&name, &body))
		expect("text of utf8mb4", name, text)
		expect("the blob is whole", bytes.Equal(body, blob), true)
	}
	expect("the blob by text", bytes.Equal(one[[]byte](db, "SELECT body FROM "+table+" WHERE id = 24"), blob), true)
	statement, err := db.Prepare("SELECT name FROM " + table + " WHERE id = ?")
	check("PREPARE", err)
	for id := 1; id <= 10; id++ {
		var name string
		check("a prepared statement", statement.QueryRow(id).Scan(&name))
		expect("a prepared statement", name, fmt.Sprintf("row %d", id))
	}
	check("CLOSE", statement.Close())
	expect("a text in WHERE", one[int](db, "SELECT id FROM "+table+" WHERE id = 24 AND name = ?", text), 24)
	expect("rows at the end", count(db), 21)
}

func main() {
	address := os.Getenv("DRIVER_HOST") + ":" + os.Getenv("DRIVER_PORT")
	source := os.Getenv("DRIVER_USER") + "@tcp(" + address + ")/" + os.Getenv("DRIVER_DATABASE") + "?charset=utf8mb4"
	db, err := sql.Open("mysql", source)
	check("open", err)
	rows(db)
	transactions(db)
	textsAndBlobs(db)
	check("close", db.Close())
}
