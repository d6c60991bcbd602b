"""How measurements become percentiles, medians and verdicts."""
import unittest

import hot_path
import load
import report

HISTOGRAM = """Latency histogram (values are in milliseconds)
       value  ------------- distribution ------------- count
       0.100 |****************************************  90
       0.200 |****                                      9
       5.000 |                                          1
 
SQL statistics:
"""


PROFILE = """# IR level Instrumentation Flag
:ir
rare
# Func Hash:
7
# Num Counters:
2
# Counter Values:
1
0

hot
# Func Hash:
8
# Num Counters:
1
# Counter Values:
1000000
"""


def rounds(*figures):
    return [report_round(*figure) for figure in figures]


def report_round(qps, cpu):
    outcome = load.Outcome(int(qps), 1.0, 0.1, 0.2, 5.0)
    return type("Round", (), {"outcome": outcome, "cpu_us": cpu, "rss_kib": 1024})()


class Profile(unittest.TestCase):
    def test_rare_functions_are_left_out(self):
        kept = hot_path.without_rare(PROFILE)
        self.assertTrue(kept.startswith("# IR level Instrumentation Flag\n:ir\nhot\n"), kept)
        self.assertNotIn("rare", kept)
        self.assertEqual(hot_path.without_rare(kept), kept)


class Report(unittest.TestCase):
    def test_percentiles(self):
        self.assertEqual(load.percentiles(HISTOGRAM, (50, 90, 99, 100)), [0.1, 0.1, 0.2, 5.0])
        self.assertEqual(load.percentiles("", (50, 99)), [0.0, 0.0])

    def test_row_has_the_keys_of_the_format(self):
        cell = load.Cell("oltp_point_select", 16, "text")
        row = report.row(cell, "vtgate", rounds((100, {"vtgate": 20.0}), (300, {"vtgate": 22.0}), (200, {"vtgate": 21.0})))
        self.assertEqual((row["qps"], row["cpu_us"], row["rss_kib"], row["mode"]), (200, {"vtgate": 21.0}, 1024, "text"))
        self.assertEqual(row["qps_spread"], 1.0)

    def test_verdicts(self):
        for ratios, limit, at_most, verdict in (([1.0, 1.1, 1.2], 1.25, True, "reached"), ([1.3, 1.4, 1.3], 1.25, True, "missed"),
                                                ([1.0, 1.2, 1.4], 1.25, True, "undecided"), ([0.95, 0.99, 0.91], 0.9, False, "reached"),
                                                ([1.2, 1.24, 1.26], 1.25, True, "reached")):
            self.assertEqual(report.judge("x", ratios, limit, at_most)["verdict"], verdict, ratios)

    def test_goals_compare_rounds_in_pairs(self):
        cell = load.Cell("oltp_point_select", 16, "text")
        measured = {(cell, "vtgate"): rounds((90, {"vtgate": 24.0}), (900, {"vtgate": 24.0})),
                    (cell, "haproxy"): rounds((100, {"haproxy": 20.0}), (1000, {"haproxy": 20.0}))}
        found = {verdict["goal"]: verdict["value"] for verdict in report.verdicts(measured, 5.5, {"reads": 2, "writes": 2, "waits": 2.2})}
        self.assertEqual(list(found.values()), [1.2, 0.9, 5.5, 2, 2, 2.2])


if __name__ == "__main__":
    unittest.main()
