"""mysqlclient (the C library underneath)."""
import MySQLdb

from session import Session, options

if __name__ == "__main__":
    Session(MySQLdb.connect(**options()), MySQLdb.IntegrityError).run()
