#!/bin/bash
# The session of a command-line client: session.sh CLIENT-WORDS... (mariadb, or MySQL's mysql).
set -euo pipefail
client=("$@" --host="$DRIVER_HOST" --port="$DRIVER_PORT" --user="$DRIVER_USER" --default-character-set=utf8mb4
    --max-allowed-packet=64M --batch --raw --skip-column-names)
table=$DRIVER_TABLE
text='naïve – 漢字 – 😀'

sql() { "${client[@]}" "$DRIVER_DATABASE"; }
expect() { # expect WHAT WANT GOT
    if [[ $2 != "$3" ]]; then
        echo "$1: got '$3', want '$2'" >&2
        exit 1
    fi
}
count() { sql <<<"SELECT COUNT(*) FROM $table"; }
insert() { echo "INSERT INTO $table(id, name, amount, price, made) VALUES ($1, 'row $1', $1 * 1.25, $1 / 8, '2024-02-29 12:34:56.789012');"; }

sql <<<"CREATE TABLE $table(id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(200) CHARACTER SET utf8mb4,
    amount DECIMAL(20,4), price DOUBLE, made DATETIME(6), body LONGBLOB)"
[[ ${DRIVER_VSCHEMA:-} != 1 ]] || sql <<<"ALTER VSCHEMA ON $table ADD VINDEX hash(id) USING hash"

for number in {1..16}; do insert "$number"; done | sql
expect "one row" $'7\trow 7\t8.7500\t0.875\t2024-02-29 12:34:56.789012\tNULL' \
    "$(sql <<<"SELECT id, name, amount, price, made, body FROM $table WHERE id = 7")"
sql <<<"UPDATE $table SET amount = amount + 1 WHERE id = 3; DELETE FROM $table WHERE id = 16"
expect "the updated row" 4.7500 "$(sql <<<"SELECT amount FROM $table WHERE id = 3")"
expect "rows after DELETE" 15 "$(count)"
expect "rows of IN" "1 5 9" "$(sql <<<"SELECT id FROM $table WHERE id IN (1, 5, 9, 99) ORDER BY id" | paste -sd' ')"
if complaint=$(insert 1 | sql 2>&1); then expect "the duplicate key" "an error" "none"; fi
[[ $complaint == *"ERROR 1062 (23000)"* ]] || expect "the error of a duplicate key" "ERROR 1062 (23000)" "$complaint"

{ echo "BEGIN;"; insert 17; insert 18; echo "COMMIT;"; } | sql
{ echo "BEGIN;"; insert 19; insert 20; echo "ROLLBACK;"; } | sql
expect "rows after transactions" 17 "$(count)"
{
    echo "BEGIN;"; insert 21; echo "SAVEPOINT a;"; insert 22; echo "ROLLBACK TO SAVEPOINT a;"; insert 23
    echo "RELEASE SAVEPOINT a; COMMIT;"
} | sql
expect "rows after savepoints" 19 "$(count)"

all_bytes=$(for i in {0..255}; do printf '%02x' "$i"; done)
blob=$(for _ in {1..4096}; do printf '%s' "$all_bytes"; done)
want=$(printf '%s' "$blob" | tr a-f A-F | basenc --base16 --decode | sha256sum)
for number in 24 25; do
    echo "INSERT INTO $table(id, name, body) VALUES ($number, '$text', x'$blob')" | sql
    expect "the blob" "$want" "$(sql <<<"SELECT body FROM $table WHERE id = $number" | head -c 1048576 | sha256sum)"
    expect "text of utf8mb4" "$text" "$(sql <<<"SELECT name FROM $table WHERE id = $number")"
done
expect "a text in WHERE" 24 "$(sql <<<"SELECT id FROM $table WHERE id = 24 AND name = '$text'")"
expect "rows at the end" 21 "$(count)"
