#include <gtest/gtest.h>

#include "vtctl/detail/reparent.h"
#include "vtctl/detail/scripted_tablets.h"

namespace sluice::vtctl::detail {
namespace {

const std::string one = "zone1-0000000100", two = "zone1-0000000101", three = "zone1-0000000102";

ScriptedTablet primary() {
    return {.type = topodata::PRIMARY, .term = 100};
}

struct Outcome {
    std::string promoted;
    std::string error;
};
Task<Outcome> reparent(ScriptedCluster* cluster, PlannedOptions options) {
    options.keyspace = "ks";
    options.shard = "0";
    Events events(&cluster->control);
    const auto done =
        co_await planned_reparent(&cluster->control, std::move(options), &events, nullptr);
    if (!done) co_return Outcome{"", done.error().text};
    co_return Outcome{*done ? alias_text(**done) : "none", ""};
}

Task<void> a_first_primary_is_made() {
    ScriptedCluster cluster;
    cluster.tablets.tablets = {{one, {}}, {two, {}}};
    co_await cluster.make("none", "", false);
    const Outcome outcome =
        co_await reparent(&cluster, {.new_primary = ScriptedCluster::alias(two)});
    EXPECT_EQ(outcome.promoted, two) << outcome.error;
    EXPECT_EQ(cluster.tablets.changes(),
              (std::vector<std::string>{"101 InitPrimary", "100 SetReplicationSource",
                                        "101 PopulateReparentJournal", "101 RefreshState"}));
}
TEST(PlannedReparent, MakesAFirstPrimary) {
    run_test(a_first_primary_is_made());
}

Task<void> a_primary_hands_over() {
    ScriptedCluster cluster;
    cluster.tablets.tablets = {{one, primary()}, {two, {.pages = 3}}, {three, {.pages = 9}}};
    co_await cluster.make("semi_sync", one, true);
    // Of equal ones the warmest is elected.
    const Outcome outcome = co_await reparent(&cluster, {});
    EXPECT_EQ(outcome.promoted, three) << outcome.error;
    EXPECT_EQ(cluster.tablets.changes(),
              (std::vector<std::string>{"102 SetReplicationSource", "100 DemotePrimary",
                                        "102 WaitForPosition", "100 SetReplicationSource",
                                        "101 SetReplicationSource", "102 PromoteReplica",
                                        "102 PopulateReparentJournal"}));
    EXPECT_EQ(cluster.tablets.details,
              (std::vector<std::string>{
                  three + " SetReplicationSource to " + one + " semi-sync wait start",
                  one + " SetReplicationSource to " + three + " semi-sync journal",
                  two + " SetReplicationSource to " + three + " semi-sync journal"}));
}
TEST(PlannedReparent, HandsOverWithoutLoss) {
    run_test(a_primary_hands_over());
}

// Where a step fails nothing after it happens, and a demoted primary takes writes again.
Task<void> failures_stop_it() {
    struct Case {
        std::string who, method, error;
        std::vector<std::string> changes;
    };
    for (const Case& c : std::vector<Case>{
             {two, "GetGlobalStatusVars", "must be reachable", {}},
             {one, "PrimaryPosition", "cannot get replication position on current primary", {}},
             {two,
              "SetReplicationSource",
              "did not catch up in time",
              {"101 SetReplicationSource"}},
             {one,
              "DemotePrimary",
              "failed to DemotePrimary",
              {"101 SetReplicationSource", "100 DemotePrimary", "100 UndoDemotePrimary"}},
             {two,
              "WaitForPosition",
              "failed to catch up with replication",
              {"101 SetReplicationSource", "100 DemotePrimary", "101 WaitForPosition",
               "100 UndoDemotePrimary"}},
             {two,
              "PromoteReplica",
              "failed PromoteReplica",
              {"101 SetReplicationSource", "100 DemotePrimary", "101 WaitForPosition",
               "100 SetReplicationSource", "102 SetReplicationSource", "101 PromoteReplica"}},
             {three,
              "SetReplicationSource",
              "some replicas failed to reparent",
              {"101 SetReplicationSource", "100 DemotePrimary", "101 WaitForPosition",
               "100 SetReplicationSource", "102 SetReplicationSource", "101 PromoteReplica",
               "101 PopulateReparentJournal"}}}) {
        ScriptedCluster cluster;
        cluster.tablets.tablets = {{one, primary()}, {two, {}}, {three, {}}};
        cluster.tablets.tablets[c.who].failing = {c.method};
        co_await cluster.make("none", one, true);
        const Outcome outcome =
            co_await reparent(&cluster, {.new_primary = ScriptedCluster::alias(two)});
        EXPECT_TRUE(outcome.error.contains(c.error)) << c.method << ": " << outcome.error;
        EXPECT_EQ(cluster.tablets.changes(), c.changes) << c.method;
    }
}
TEST(PlannedReparent, StopsAtTheFirstFailure) {
    run_test(failures_stop_it());
}

Task<void> an_unreachable_tablet_stops_it() {
    ScriptedCluster cluster;
    cluster.tablets.tablets = {{one, primary()}, {two, {}}, {three, {.is_reachable = false}}};
    co_await cluster.make("none", one, true);
    const Outcome outcome = co_await reparent(&cluster, {});
    EXPECT_TRUE(outcome.error.contains(three)) << outcome.error;
    EXPECT_TRUE(cluster.tablets.changes().empty());
}
TEST(PlannedReparent, NeedsAllTablets) {
    run_test(an_unreachable_tablet_stops_it());
}

Task<void> elections() {
    struct Case {
        std::string what;
        std::map<std::string, ScriptedTablet> tablets;
        PlannedOptions options;
        std::string promoted;
        std::string error;
    };
    const std::string far = "zone2-0000000200";
    const std::string behind = "MySQL56/" + std::string(ScriptedTablet::server) + ":1-9";
    const auto alias = &ScriptedCluster::alias;
    for (const Case& c : std::vector<Case>{
             {"the most advanced",
              {{one, primary()}, {two, {.received = behind, .pages = 99}}, {three, {}}},
              {},
              three,
              ""},
             {"not another cell", {{one, primary()}, {far, {}}}, {}, "", "cannot find a tablet"},
             {"another cell if allowed",
              {{one, primary()}, {far, {}}},
              {.allow_cross_cell = true},
              far,
              ""},
             {"no rdonly",
              {{one, primary()}, {two, {.type = topodata::RDONLY}}},
              {},
              "",
              "is not a replica"},
             {"not too far behind",
              {{one, primary()}, {two, {.lag = 60}}, {three, {.lag = 2}}},
              {.tolerable_lag = std::chrono::seconds(5)},
              three,
              ""},
             {"nobody near enough",
              {{one, primary()}, {two, {.lag = 60}}},
              {.tolerable_lag = std::chrono::seconds(5)},
              "",
              "60s replication lag"},
             {"who is not in the shard",
              {{one, primary()}, {two, {}}},
              {.new_primary = alias(far)},
              "",
              "is not in the shard"},
             {"another is to be avoided",
              {{one, primary()}, {two, {}}},
              {.avoid_primary = alias(two)},
              "none",
              ""},
             {"both at once",
              {{one, primary()}, {two, {}}},
              {.new_primary = alias(two), .avoid_primary = alias(two)},
              "",
              "is the same as the tablet to avoid"},
             {"expected another",
              {{one, primary()}, {two, {}}},
              {.expected_primary = alias(two)},
              "",
              "is not equal to expected alias"}}) {
        ScriptedCluster cluster;
        cluster.tablets.tablets = c.tablets;
        co_await cluster.make("none", one, true);
        const Outcome outcome = co_await reparent(&cluster, c.options);
        EXPECT_EQ(outcome.promoted, c.promoted) << c.what << ": " << outcome.error;
        EXPECT_TRUE(outcome.error.contains(c.error)) << c.what << ": " << outcome.error;
    }
}
TEST(PlannedReparent, ElectsByRules) {
    run_test(elections());
}

Task<void> durability_is_kept() {
    ScriptedCluster cluster;
    cluster.tablets.tablets = {{one, primary()}, {two, {}}};
    cluster.tablets.tablets[one].type = topodata::RDONLY;
    co_await cluster.make("semi_sync", "", true);
    const Outcome outcome = co_await reparent(&cluster, {});
    EXPECT_TRUE(outcome.error.contains("won't be able to make forward progress")) << outcome.error;
}
TEST(PlannedReparent, KeepsToTheDurabilityPolicy) {
    run_test(durability_is_kept());
}

Task<void> two_primaries_of_one_term() {
    for (const bool complete : {true, false}) {
        ScriptedCluster cluster;
        cluster.tablets.tablets = {{one, primary()}, {two, primary()}};
        if (!complete)
            cluster.tablets.tablets[two].received =
                "MySQL56/" + std::string(ScriptedTablet::server) + ":1-9";
        co_await cluster.make("none", one, true);
        const Outcome outcome =
            co_await reparent(&cluster, {.new_primary = ScriptedCluster::alias(two)});
        EXPECT_EQ(outcome.promoted, complete ? two : "") << outcome.error;
        if (!complete) EXPECT_TRUE(outcome.error.contains("contains transactions not found"));
    }
}
TEST(PlannedReparent, TakesOverFromAnUnclearPrimaryOnlyWithAllTransactions) {
    run_test(two_primaries_of_one_term());
}

Task<void> half_promoted_is_finished() {
    ScriptedCluster cluster;
    cluster.tablets.tablets = {{one, primary()}, {two, {}}};
    co_await cluster.make("none", one, true);
    const Outcome outcome =
        co_await reparent(&cluster, {.new_primary = ScriptedCluster::alias(one)});
    EXPECT_EQ(outcome.promoted, one) << outcome.error;
    EXPECT_EQ(cluster.tablets.changes(),
              (std::vector<std::string>{"100 SetReadWrite", "101 SetReplicationSource",
                                        "100 PopulateReparentJournal"}));
}
TEST(PlannedReparent, FinishesWhatWasHalfDone) {
    run_test(half_promoted_is_finished());
}

Task<void> take_away_lock(Control* control) {
    const auto locks =
        co_await control->topology->global().list("keyspaces/ks/shards/0/locks/", nullptr);
    for (const auto& lock : *locks)
        static_cast<void>(co_await control->topology->global().remove(lock.path, 0, nullptr));
}

Task<void> a_lost_lock_stops_it() {
    ScriptedCluster cluster;
    cluster.tablets.tablets = {{one, primary()}, {two, {}}};
    co_await cluster.make("none", one, true);
    async::Scope scope;
    cluster.tablets.on_call = [&](const std::string& call) {
        if (call == two + " SetReplicationSource")
            scope.spawn("thief", take_away_lock(&cluster.control));
    };
    const Outcome outcome = co_await reparent(&cluster, {});
    co_await scope.join();
    EXPECT_TRUE(outcome.error.contains("lost topology lock, aborting")) << outcome.error;
    EXPECT_EQ(cluster.tablets.changes(), (std::vector<std::string>{"101 SetReplicationSource"}));
}
TEST(PlannedReparent, StopsWhenItsLockIsLost) {
    run_test(a_lost_lock_stops_it());
}

Task<void> a_held_lock_is_waited_for() {
    ScriptedCluster cluster;
    cluster.tablets.tablets = {{one, primary()}, {two, {}}};
    co_await cluster.make("none", one, true);
    const auto held = co_await cluster.control.topology->lock_shard("ks", "0", "other", nullptr);
    EXPECT_TRUE(held.has_value());
    const Outcome outcome = co_await reparent(&cluster, {});
    EXPECT_TRUE(outcome.error.contains("is held by another process")) << outcome.error;
    EXPECT_TRUE(cluster.tablets.calls.empty());
    static_cast<void>(co_await (*held)->release(nullptr));
}
TEST(PlannedReparent, DoesNothingWithoutTheLock) {
    run_test(a_held_lock_is_waited_for());
}

}  // namespace
}  // namespace sluice::vtctl::detail
