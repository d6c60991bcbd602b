"""What a vttablet protects its server from: statements that rules refuse, transactions that all want the same rows, users that take too many.

SLUICE_VTTABLET names any vttablet, also Go's: the checks hold for both.
"""
import contextlib
import json
import os
import threading
import urllib.request

import pymysql

from frame import KEYSPACE, CheckError, ask, cluster_options, eventually, expect, only_gate
from lab.tablets import TabletCluster

NOTHING = "[]"
REFUSALS = [
    {"Name": "no_counting", "Description": "nobody counts", "Plans": ["Insert"], "TableNames": ["counter"]},
    {"Name": "not_13", "Description": "thirteen", "Plans": ["Select"], "BindVarConds": [
        {"Name": "id", "OnAbsent": False, "OnMismatch": False, "Operator": "==", "Value": 13}]},
    {"Name": "no_batches", "Description": "no batches", "LeadingComment": ".*batch.*"}]


class Protected(TabletCluster):
    """Its tablets have a file of rules that they follow, one transaction at a time on the same rows, and a share for each user."""

    def __init__(self, folder, *arguments, **more):
        self.rules = folder / "rules.json"
        self.write_rules(NOTHING)
        super().__init__(folder, *arguments, **more, tablet_flags=[
            f"--filecustomrules={self.rules}", "--filecustomrules_watch", "--enable_hot_row_protection",
            "--hot_row_protection_concurrent_transactions=1", "--hot_row_protection_max_queue_size=3", "--queryserver-config-transaction-cap=20",
            "--enable_transaction_limit", "--transaction_limit_per_user=0.5", "--transaction_limit_by_principal=false"])

    def write_rules(self, text):
        """As an editor does: the file is never half there."""
        new = self.rules.with_suffix(".new")
        new.write_text(text)
        new.chmod(0o644)
        os.replace(new, self.rules)

    def page(self, shard, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[shard.uid][0]}{path}", timeout=10) as answer:
            return answer.read().decode()

    def variables(self, shard):
        return json.loads(self.page(shard, "/debug/vars"))


protected = cluster_options(tablets=True, made_of=Protected)


def refusal(connection, statement):
    """The error's text; empty if the statement was accepted."""
    try:
        ask(connection, statement)
    except pymysql.err.MySQLError as error:
        return str(error.args[1])
    return ""


@only_gate
@protected
def check_rules(where):
    """Rules refuse what they name, on streams too; they follow their file, and stay when it is broken."""
    with where.connect(KEYSPACE) as connection:
        expect("without rules", refusal(connection, "SELECT n FROM thing WHERE id = 13"), "")
        where.write_rules(json.dumps(REFUSALS))
        eventually("the rules are followed", lambda: "disallowed due to rule: thirteen" in refusal(
            connection, "SELECT n FROM thing WHERE id = 13"), 20, 0.2)
        shown = json.loads(where.page(where.of(KEYSPACE)[0], "/debug/query_rules"))["FILE_CUSTOM_RULE"]
        expect("rules on the page", [(rule["Name"], rule["Action"]) for rule in shown],
               [("no_counting", "FAIL"), ("not_13", "FAIL"), ("no_batches", "FAIL")])
        expect("another value", refusal(connection, "SELECT n FROM thing WHERE id = 14"), "")
        for statement, name in (("INSERT INTO counter(id, n) VALUES (1000, 0)", "nobody counts"),
                                ("/* batch */ SELECT n FROM thing WHERE id = 5", "no batches")):
            if f"disallowed due to rule: {name}" not in refusal(connection, statement):
                raise CheckError(f"{statement} was accepted, or refused for something else")
        ask(connection, "SET workload = 'olap'")
        if "disallowed due to rule: no batches" not in refusal(connection, "/* batch */ SELECT n FROM thing WHERE id = 5"):
            raise CheckError("a stream was not refused")
        ask(connection, "SET workload = 'oltp'")
        where.write_rules("[{]")
        where.write_rules(json.dumps(REFUSALS[:1]))
        eventually("the next good file counts", lambda: refusal(connection, "SELECT n FROM thing WHERE id = 13") == "", 20, 0.2)
        expect("what is still refused", "nobody counts" in refusal(connection, "INSERT INTO counter(id, n) VALUES (1000, 0)"), True)
        where.write_rules(NOTHING)
        eventually("no rules", lambda: refusal(connection, "INSERT INTO counter(id, n) VALUES (1000, 0)") == "", 20, 0.2)
        ask(connection, "DELETE FROM counter WHERE id = 1000")


def change_row(where, number, times, outcome):
    with where.connect(KEYSPACE) as connection:
        for _ in range(times):
            try:
                ask(connection, "BEGIN")
                ask(connection, f"UPDATE counter SET n = n + 1 + SLEEP(0.02) WHERE id = {number}")
                ask(connection, "COMMIT")
                outcome.append("")
            except pymysql.err.MySQLError as error:
                outcome.append(str(error.args[1]))
                ask(connection, "ROLLBACK")


@only_gate
@protected
def check_hot_rows(where):
    """Of many transactions on one row few wait, the others are told at once, and none of them is half done."""
    shard, number = where.of(KEYSPACE)[0], where.of(KEYSPACE)[0].run("SELECT MIN(id) FROM counter")[0][0]
    outcome = []
    threads = [threading.Thread(target=change_row, args=(where, number, 5, outcome)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = outcome.count("")
    refused = [text for text in outcome if text]
    expect("transactions", len(outcome), 40)
    expect("what was done", shard.run(f"SELECT n FROM counter WHERE id = {number}")[0][0], done)
    want = f"hot row protection: too many queued transactions (3 >= 3) for the same row (table + WHERE clause: 'counter where id = {number}"
    if not refused or any(want not in text for text in refused):
        raise CheckError(f"{len(refused)} were refused, such as {refused[:1]}; want {want}")
    counted = where.variables(shard)
    expect("refusals that were counted", counted["TxSerializerQueueExceeded"]["counter"], len(refused))
    if counted["TxSerializerWaits"]["counter"] == 0:
        raise CheckError("nobody waited")
    if f"counter where id = {number}" not in where.page(shard, "/debug/hotrows"):
        raise CheckError("/debug/hotrows does not show the row")
    with where.connect(KEYSPACE) as connection:
        ask(connection, f"UPDATE counter SET n = 0 WHERE id = {number}")


@only_gate
@protected
def check_transaction_limit(where):
    """Half of the transactions are all that one user gets; one that ends makes room."""
    number = where.of(KEYSPACE)[0].run("SELECT MIN(id) FROM thing")[0][0]
    read = f"SELECT n FROM thing WHERE id = {number}"
    with contextlib.ExitStack() as stack:
        sessions = [stack.enter_context(where.connect(KEYSPACE)) for _ in range(11)]
        for session in sessions[:10]:
            ask(session, "BEGIN")
            expect("a transaction", refusal(session, read), "")
        ask(sessions[10], "BEGIN")
        text = refusal(sessions[10], read)
        if "per-user transaction pool connection limit exceeded" not in text:
            raise CheckError(f"the eleventh transaction: {text!r}")
        ask(sessions[10], "ROLLBACK")
        ask(sessions[0], "COMMIT")
        ask(sessions[10], "BEGIN")
        expect("room of one that has ended", refusal(sessions[10], read), "")
        for session in sessions:
            ask(session, "ROLLBACK")
