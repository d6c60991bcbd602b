"""Many busy connections from one process: busy.py PORT USER PASSWORD DATABASE CONNECTIONS SECONDS STATEMENT sends the statement on all
connections before it reads the first answer, again and again, and prints {"answers": n, "lost": n, "errors": {"number text": count}}."""
import collections
import json
import resource
import sys
import time

import pymysql
from pymysql.constants import COMMAND


def open_all(port, user, password, database, count):
    return [pymysql.connect(host="127.0.0.1", port=port, user=user, password=password, database=database, autocommit=None,
                            cursorclass=pymysql.cursors.SSCursor) for _ in range(count)]


def round_of(connections, statement, told):
    """One statement on every connection; returns those that live."""
    living = []
    for connection in connections:
        connection._execute_command(COMMAND.COM_QUERY, statement)
    for connection in connections:
        try:
            connection._read_query_result()
            told["answers"] += 1
        except pymysql.err.MySQLError as error:
            if error.args[0] in (2006, 2013):
                told["lost"] += 1
                told["errors"][f"{error.args[0]} {error.args[1][:200]}"] += 1
                continue
            told["errors"][f"{error.args[0]} {error.args[1][:200]}"] += 1
            if error.args[0] == 1053:  # the server says so and leaves
                continue
        living.append(connection)
    return living


def main():
    port, user, password, database, count, seconds, statement = sys.argv[1:]
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    told = {"answers": 0, "lost": 0, "errors": collections.Counter()}
    connections = open_all(int(port), user, password, database, int(count))
    print("ready", flush=True)
    end = time.monotonic() + float(seconds)
    while connections and time.monotonic() < end:
        connections = round_of(connections, statement, told)
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
