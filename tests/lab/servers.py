"""Database servers: which kinds there are, and one running server."""
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pymysql

from . import mysql_root
from .process import LabError, Process, ensure_account, free_port, wait_until

APP_USER = "vt_app"  # what the gate logs in with (--db_app_user); no password, loopback only
UNPRIVILEGED = "nobody"  # whom programs run as that refuse root
SOCKET_PATH_LIMIT = 100  # of 107 that Linux allows


@dataclass(frozen=True)
class Flavor:
    """A kind of server: `kind` is 'mysql' or 'mariadb', `server` the words that run it."""
    kind: str
    version: str
    server: tuple
    base: Path = None
    plugins: Path = None


def flavor(choice="", say=print):
    """BACKEND as a user gives it; without one MySQL's mysqld on PATH, else MariaDB."""
    if choice == "mysql":
        return own_mysql() or mysql_from_root(say)
    if choice == "mariadb":
        return mariadb()
    if choice:
        raise LabError(f"BACKEND is mysql or mariadb, not '{choice}'")
    return own_mysql() or mariadb()


def own_mysql():
    path = shutil.which("mysqld", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    text = version_text((path,)) if path else ""
    return Flavor("mysql", text, (path,)) if path and "MariaDB" not in text else None


def mysql_from_root(say=print):
    mysql_root.ensure(say)
    server = tuple(mysql_root.program("sbin/mysqld"))
    base = mysql_root.ROOT / "usr"
    return Flavor("mysql", version_text(server), server, base, base / "lib/mysql/plugin")


def mariadb():
    path = shutil.which("mariadbd", path="/usr/sbin:/usr/local/sbin:" + os.environ.get("PATH", ""))
    if path is None:
        raise LabError("there is no mariadbd; `make setup` installs it")
    return Flavor("mariadb", version_text((path,)), (path,))


def version_text(server):
    done = subprocess.run([*server, "--version"], capture_output=True, text=True, check=False)
    return done.stdout.strip()


@dataclass
class Server:
    """One database server in a folder of its own. `options` are more words for its command line."""
    name: str
    flavor: Flavor
    folder: Path
    log: Path
    port: int = 0
    number: int = 1
    durable: bool = False  # whether each commit is flushed to disk; benchmarks and tests do without
    options: list = field(default_factory=list)
    process: Process = None

    def __post_init__(self):
        self.port = self.port or free_port()
        self.socket = self.folder / "mysql.sock"
        if len(str(self.socket)) > SOCKET_PATH_LIMIT:
            raise LabError(f"the path {self.socket} is too long for a unix socket; clone the project to a shorter one")

    @property
    def account(self):
        return "mysql" if os.getuid() == 0 else None

    def folders(self):
        """A server that starts removes the temporary tables that it finds, others' too: each has a folder for them."""
        return [f"--datadir={self.folder / 'data'}", f"--tmpdir={self.folder}"]

    def words(self):
        words = [*self.flavor.server, "--no-defaults", *self.folders()]
        if self.flavor.base:
            words += [f"--basedir={self.flavor.base}", f"--plugin-dir={self.flavor.plugins}"]
        return words

    def install(self):
        """Makes the data folder, once."""
        if (self.folder / "data" / "mysql").exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self.folder / "data", ignore_errors=True)
        if self.account:
            ensure_account(self.account)
            shutil.chown(self.folder, self.account, self.account)
        if self.flavor.kind == "mysql":
            words = [*self.words(), "--initialize-insecure"]
        else:
            words = ["mariadb-install-db", "--no-defaults", *self.folders(), "--skip-test-db",
                     "--auth-root-authentication-method=normal", "--skip-name-resolve"]
        making = Process(f"{self.name} (first start)", words, self.log, user=self.account, folder=self.folder)
        if making.child.wait() != 0:
            shutil.rmtree(self.folder / "data", ignore_errors=True)
            raise LabError(f"{self.name} could not make its data folder; {self.log} says: {making.last_words()}")

    def launch(self):
        """Starts the process and returns at once; `await_ready` follows."""
        words = [*self.words(), f"--port={self.port}", "--bind-address=127.0.0.1", f"--socket={self.socket}",
                 f"--pid-file={self.folder / 'pid'}", f"--server-id={self.number}", "--secure-file-priv=", "--log-bin=bin",
                 "--skip-name-resolve", "--max-connections=2000", "--max-allowed-packet=1073741824", "--local-infile=OFF",
                 # No server sees a deadlock over two shards: it ends when a wait does, with 1205, which drivers know. Several
                 # such waits must fit into the gate's transaction time-out of 30 s, else it ends them with 1317.
                 "--innodb-lock-wait-timeout=5"]
        if self.flavor.kind == "mysql":
            words += ["--mysqlx=OFF", "--gtid-mode=ON", "--enforce-gtid-consistency=ON"]
        if not self.durable:
            words += ["--innodb-flush-log-at-trx-commit=2", "--sync-binlog=0"]
        self.process = Process(self.name, [*words, *self.options], self.log, user=self.account, folder=self.folder)

    def await_ready(self):
        wait_until(self.name, self.answers, self.process)
        self.run([f"CREATE USER IF NOT EXISTS '{APP_USER}'@'{host}'" for host in ("localhost", "127.0.0.1")] +
                 [f"GRANT ALL ON *.* TO '{APP_USER}'@'{host}' WITH GRANT OPTION" for host in ("localhost", "127.0.0.1")])

    def start(self):
        self.install()
        self.launch()
        self.await_ready()
        return self

    def answers(self):
        try:
            self.connect().close()
        except (pymysql.err.OperationalError, OSError):
            return False
        return True

    def connect(self, database=None, user="root", **more):
        """A connection by the unix socket, as root, past every gate."""
        return pymysql.connect(unix_socket=str(self.socket), user=user, database=database, charset="utf8mb4",
                               autocommit=True, **more)

    def run(self, statements, database=None):
        """Runs the statements and returns the rows of the last."""
        with self.connect(database) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall()

    def stop(self):
        if self.process:
            self.process.stop()

    def kill(self):
        self.process.kill()


def start_all(servers):
    """Installs and starts several servers side by side."""
    for server in servers:
        server.install()
    for server in servers:
        server.launch()
    for server in servers:
        server.await_ready()
