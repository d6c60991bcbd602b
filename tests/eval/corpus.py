"""Whose answers to the recorded expressions do we give: v21's or MySQL 9.7's? Where both agree, ours must be the same.

  corpus.py --socket S [--show N]
"""
import argparse
import collections
import gzip
import json
import os
import sys
from pathlib import Path

import pymysql

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from eval.compare import Ours, Server, brief, difference  # noqa: E402


def recorded(line):
    """v21's answer in the form of the others; None: it has none."""
    bound = line.get("bound")
    if bound is None or "tuple" in bound:
        return None
    if "error" in bound:
        return {"error": bound["error"]["errno"]} if bound["stage"] == "evaluate" and not bound["error"]["text"].startswith("PANIC") else None
    value = bound["value"]
    known = None if value["type"] == "NULL_TYPE" else value.get("hex", value.get("value", "").encode().hex())
    return {"hex": known, "type": bound["field"]["type"], "collation": bound["field"]["collation"]}


def same(ours, other):
    if "error" in ours or "error" in other:
        return "error" in ours and "error" in other
    return ours.get("hex") == other.get("hex") and ours.get("type") == other.get("type")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket", required=True)
    parser.add_argument("--show", type=int, default=0)
    options = parser.parse_args()
    server = Server(lambda **more: pymysql.connect(unix_socket=options.socket, user="root", autocommit=True, **more))
    ours = Ours(Path(os.environ.get("SLUICE_BIN", "build/dev/bin")) / "eval_answer")
    counts, shown = collections.Counter(), collections.Counter()
    path = Path(os.environ["SLUICE_CORPORA"]) / "evalengine/constant_expressions.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in map(json.loads, file):
            if "parse_error" in line:
                continue
            mine, theirs, old = ours.answer(line["expr"]), server.answer(line["expr"]), recorded(line)
            by_mysql, by_v21 = difference(theirs, mine) not in ("null", "value", "error", "type", "refused"), old is not None and same(mine, old)
            verdict = "as MySQL" if by_mysql else "as v21 only" if by_v21 else "refused" if mine.get("error") == 1235 else "as neither"
            counts[verdict] += 1
            group = (verdict, line["group"])
            shown[group] += 1
            if verdict != "as MySQL" and shown[group] <= options.show:
                print(f"{verdict} | {line['group']} | {line['expr']} | mysql {brief(theirs)} | ours {brief(mine)} | v21 {old}")
    print(f"recorded expressions: {dict(counts)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
