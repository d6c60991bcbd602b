"""From the rounds' measurements to a table for people, verdicts, and build/bench/latest.json."""
import json
from statistics import median

UNDECIDED = 0.10  # a spread over ten per cent proves nothing


def spread(values):
    """(largest - smallest) / median."""
    middle = median(values)
    return (max(values) - min(values)) / middle if middle else 0.0


def row(cell, target, rounds):
    """One line: the medians of the rounds of one target under one load."""
    names = rounds[0].cpu_us
    return {
        "target": target, "workload": cell.workload, "connections": cell.connections, "mode": cell.mode,
        "qps": round(median(r.outcome.qps for r in rounds), 1),
        "p50_ms": round(median(r.outcome.p50_ms for r in rounds), 3),
        "p99_ms": round(median(r.outcome.p99_ms for r in rounds), 3),
        "cpu_us": {name: round(median(r.cpu_us[name] for r in rounds), 2) for name in names},
        "rss_kib": max(r.rss_kib for r in rounds),
        "qps_spread": round(spread([r.outcome.qps for r in rounds]), 3), "rounds": len(rounds),
    }


def print_table(rows):
    print(f"\n{'load':<26}{'target':<15}{'QPS':>9}{'spread':>8}{'p50 ms':>9}{'p99 ms':>9}{'RSS MiB':>9}  CPU us per query")
    known = None
    for line in rows:
        load = f"{line['workload'].removeprefix('oltp_')} {line['mode']} {line['connections']}"
        shown = load if load != known else ""
        known = load
        if "error" in line:
            print(f"{shown:<26}{line['target']:<15}  failed: {line['error']}")
            continue
        cpu = "  ".join(f"{name} {value:.1f}" for name, value in line["cpu_us"].items())
        print(f"{shown:<26}{line['target']:<15}{line['qps']:>9.0f}{line['qps_spread']:>8.1%}{line['p50_ms']:>9.3f}"
              f"{line['p99_ms']:>9.3f}{line['rss_kib'] / 1024:>9.1f}  {cpu}")


def judge(name, ratios, limit, at_most):
    """A verdict on a median of per-round figures: 'reached', 'missed', or 'undecided' when they scatter too much."""
    value = median(ratios)
    good = value <= limit if at_most else value >= limit
    certain = all((r <= limit if at_most else r >= limit) == good for r in ratios)
    word = "reached" if good else "missed"
    if not certain and spread(ratios) > UNDECIDED:
        word = "undecided"
    return {"goal": name, "value": round(value, 3), "limit": limit, "verdict": word, "spread": round(spread(ratios), 3)}


def beside_others(cell, measured, gate):
    """One gate's figures under one load, beside HAProxy's and the server's own."""
    found = []
    ours, direct, haproxy = (measured.get((cell, target)) for target in (gate, "direct", "haproxy"))
    if ours and haproxy and cell.connections == 16:
        cpu = [a.cpu_us[gate] / b.cpu_us["haproxy"] for a, b in zip(ours, haproxy)]
        qps = [a.outcome.qps / b.outcome.qps for a, b in zip(ours, haproxy)]
        found.append(judge(f"{cell}: {gate}'s CPU per query / HAProxy's", cpu, 1.25, True))
        found.append(judge(f"{cell}: {gate}'s QPS / HAProxy's", qps, 0.9, False))
    if ours and direct and cell.connections == 1:
        added = [1e6 / a.outcome.qps - 1e6 / b.outcome.qps for a, b in zip(ours, direct)]
        found.append(judge(f"{cell}: us that {gate} adds to direct", added, 50, True))
    return found


def through_tablets(cell, measured):
    """The gate's and each tablet's part of a statement that crosses gRPC; the statements spread over two tablets."""
    found = []
    for gate in ("vtgate-rpc", "vtgate-memory"):
        rounds = measured.get((cell, gate)) if cell.connections == 16 else None
        if not rounds:
            continue
        found.append(judge(f"{cell}: CPU us per query of {gate}", [a.cpu_us[gate] for a in rounds], 30, True))
        if gate == "vtgate-rpc":
            both = [sum(us for name, us in a.cpu_us.items() if name.startswith("tablet-")) for a in rounds]
            found.append(judge(f"{cell}: CPU us per query of its vttablets", both, 30, True))
        theirs = measured.get((cell, "vtgate-v21"))
        if gate == "vtgate-rpc" and theirs:
            qps = [a.outcome.qps / b.outcome.qps for a, b in zip(rounds, theirs)]
            found.append(judge(f"{cell}: {gate}'s QPS / Vitess 21's", qps, 2.5, False))
    return found


def verdicts(measured, idle, calls):
    """`measured` maps (cell, target) to its rounds; figures of one round were taken within seconds of each other."""
    found = []
    for cell in dict.fromkeys(cell for cell, _ in measured if cell.workload == "oltp_point_select"):
        for gate in ("vtgate", "vtgate-whole"):
            found += beside_others(cell, measured, gate)
        found += through_tablets(cell, measured)
    if idle is not None:
        found.append(judge("KiB per idle connection", [idle], 6, True))
    for kind in ("reads", "writes", "waits") if calls else ():
        found.append(judge(f"system calls per query: {kind}", [calls[kind]], 2.05, True))
    return found


def print_verdicts(found, indicative):
    print("\ngoals" + (" (a quick run: indicative only)" if indicative else ""))
    for verdict in found:
        print(f"  {verdict['verdict']:<10}{verdict['goal']:<62}{verdict['value']:>8.2f}  (limit {verdict['limit']}, spread {verdict['spread']:.1%})")


def write(path, rows, idle, machine, found, calls):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"rows": rows, "idle_kib_per_connection": idle, "machine": machine,
                                "system_calls_per_query": calls, "goals": found}, indent=1) + "\n", encoding="utf-8")
