"""The same statements to a gate and to one plain server: run.py [suite] [generated] [schema]; see README.md.

Prints each difference and one line per run; the exit code is 1 if anything differed, 77 if there is no database server.
"""
import argparse
import os
import re
import sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import generated  # noqa: E402
import schema_under_load  # noqa: E402
import suite  # noqa: E402
from client import Outcome  # noqa: E402
from compare import AUTO_INCREMENT_FLAG, KEY_FLAGS, differences, is_refused, report, warning_differences, without_tablet  # noqa: E402
from lab import mysql_root, servers  # noqa: E402
from lab.process import LabError  # noqa: E402
from lab.tablets import TabletCluster  # noqa: E402
from place import Run, sides  # noqa: E402

ABSENT = 77  # what ctest takes for SKIPPED
REFUSED_AT_MOST = 0.02
SHOWN_AT_MOST = 40
# A server does not prepare these (1295); drivers send them as text.
TEXT_ONLY = re.compile(r"(?i)(BEGIN|START|SAVEPOINT|RELEASE|ROLLBACK TO|SHOW WARNINGS|USE)\b")


GO_TABLETS = bool(os.environ.get("SLUICE_VTTABLET"))


class Pair:
    """A connection to each side; says what differs."""

    def __init__(self, where, run):
        self.where, self.run = where, run
        # MariaDB does not know utf8mb4_0900_ai_ci (255).
        self.tablets = isinstance(where.cluster, TabletCluster)
        self.mysql = where.plain_server.flavor.kind == "mysql"
        self.options = {"deprecate_eof": run.shards != 4, "charset": 255 if self.mysql else 45}
        self.plain, self.gate = where.plain(run, **self.options), where.gate(run, **self.options)

    def ask(self, client, statement):
        try:
            if not self.run.binary or TEXT_ONLY.match(statement.text):
                return client.query(self.run.filled(statement.plain_text()))
            text, values = statement.prepared()
            return client.prepared(self.run.filled(text), values)
        except (OSError, ValueError, IndexError, KeyError) as error:
            return Outcome(error=(2013, "HY000", f"{type(error).__name__}: {error}"))

    def compared(self, statement):
        """(plain's outcome, gate's, what differs)."""
        plain, gate = self.ask(self.plain, statement), self.ask(self.gate, statement)
        if self.tablets:
            gate = without_tablet(gate)
            if GO_TABLETS and not gate.info:  # they do not tell it
                gate.info = plain.info
        grouped = " GROUP BY " in statement.text or "DISTINCT" in statement.text
        unsure_flags = 0 if self.mysql and not grouped else KEY_FLAGS if self.mysql else KEY_FLAGS | AUTO_INCREMENT_FLAG
        # A tablet does not tell warnings: SHOW WARNINGS has no rows.
        order = "count" if self.tablets and statement.text == "SHOW WARNINGS" else statement.order
        if order != statement.order:
            plain.rows = gate.rows = []
        found = differences(plain, gate, order, self.run.binary, unsure_flags)
        if (plain.warnings or gate.warnings) and not self.tablets and not plain.error and not gate.error:
            found = found + self.warnings()
        if gate.error and gate.error[0] == 2013:
            self.gate.close()
            self.gate = self.where.gate(self.run, **self.options)
        return plain, gate, found + self.wrong_case(statement, plain)

    def warnings(self):
        return warning_differences(self.plain.query("SHOW WARNINGS"), self.gate.query("SHOW WARNINGS"))

    def wrong_case(self, statement, plain):
        """The cases are written for MySQL, whose failures are known; another server only has to be met."""
        if not self.mysql or statement.must_fail == bool(plain.error):
            return []
        return [("the case itself", plain.error or "was to fail, and did not", "-")]

    def close(self):
        self.plain.close()
        self.gate.close()


def run_suite(where, run):
    """True if nothing differs and little is refused."""
    statements = suite.statements()
    pair, count, shown = Pair(where, run), Counter(), 0
    for at, statement in enumerate(statements, 1):
        _, gate, found = pair.compared(statement)
        if statement.known and where.cluster or statement.known_prepared and run.binary and pair.tablets:
            found = [] if found else [("the case itself", "is marked as known to differ, and does not differ any more", "-")]
        if found and is_refused(gate):
            count["refused"] += 1
            print(f"REFUSED {run.name}: {statement.text}: {gate.error[2]}")
        elif found:
            count["different"] += 1
            shown += 1
            if shown <= SHOWN_AT_MOST or OPTIONS.all:
                print(report(f"{run.name} {at}", run.filled(statement.text), found), flush=True)
    pair.close()
    share = count["refused"] / len(statements)
    print(f"differential suite shards={run.shards} {'prepared' if run.binary else 'text'}: {len(statements)} statements, "
          f"{count['different']} different, {count['refused']} refused ({share:.1%})", flush=True)
    return not count["different"] and share <= REFUSED_AT_MOST


def chosen_flavor():
    """MySQL's root only if it is there or asked for: a test builds nothing unasked."""
    backend = OPTIONS.backend or os.environ.get("BACKEND", "")
    if not backend:
        backend = "mysql" if mysql_root.present() or servers.own_mysql() else "mariadb"
    return servers.flavor(backend)


def runs_of_suite():
    return [Run(f"{'bin' if binary else 'text'}{shards}", shards, binary) for shards in OPTIONS.shards for binary in (False, True)
            if binary in OPTIONS.binary]


def words():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=["suite", "generated", "schema"], help="suite, generated, schema")
    parser.add_argument("--self", action="store_true", help="a second plain server in the gate's place: proves the suite")
    parser.add_argument("--backend", choices=["mysql", "mariadb"])
    parser.add_argument("--shards", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--protocol", choices=["text", "prepared", "both"], default="both")
    parser.add_argument("--queries", type=int, default=300, help="of the generator, in all")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--seconds", type=float, default=10, help="of schema changes under load")
    parser.add_argument("--all", action="store_true", help="print every difference")
    parser.add_argument("--short", action="store_true", help="for CI: two shards, few queries")
    options = parser.parse_args()
    options.binary = {"text": [False], "prepared": [True], "both": [False, True]}[options.protocol]
    if options.short:
        options.shards, options.seconds = [2], 5
    return options


def run_parts(flavor):
    failed = False
    with_gate = not OPTIONS.self
    if "suite" in OPTIONS.parts:
        runs = runs_of_suite()
        with sides(runs, flavor, with_gate) as where:
            for run in runs:
                failed |= not run_suite(where, run)
    if "generated" in OPTIONS.parts:
        failed |= not generated.run(Pair, flavor, with_gate, OPTIONS)
    if "schema" in OPTIONS.parts:
        failed |= not schema_under_load.run(flavor, with_gate, OPTIONS.seconds)
    return failed


def main():
    try:
        flavor = chosen_flavor()
    except LabError as reason:
        print(f"differential: absent ({reason})")
        return ABSENT
    try:
        return 1 if run_parts(flavor) else 0
    except LabError as error:
        print(f"differential: {error}")
        return 1


if __name__ == "__main__":
    OPTIONS = words()
    sys.exit(main())
