"""PyMySQL."""
import pymysql

from session import Session, options

if __name__ == "__main__":
    Session(pymysql.connect(**options()), pymysql.err.IntegrityError).run()
