#include <gtest/gtest.h>

#include "vtctl/detail/reparent.h"
#include "vtctl/detail/scripted_tablets.h"

namespace sluice::vtctl::detail {
namespace {

const std::string one = "zone1-0000000100", two = "zone1-0000000101", three = "zone1-0000000102",
                  far = "zone2-0000000200";

std::string gtids(const std::string& more) {
    return "MySQL56/" + std::string(ScriptedTablet::server) + ":" + more;
}
const std::string other_server = ",22222222-2222-2222-2222-222222222222:1";

ScriptedTablet dead() {
    return {.type = topodata::PRIMARY, .term = 100, .is_reachable = false};
}

struct Outcome {
    std::string promoted;
    std::string error;
};
Task<Outcome> reparent(ScriptedCluster* cluster, EmergencyOptions options) {
    options.keyspace = "ks";
    options.shard = "0";
    Events events(&cluster->control);
    const auto done =
        co_await emergency_reparent(&cluster->control, std::move(options), &events, nullptr);
    if (!done) co_return Outcome{"", done.error().text};
    co_return Outcome{alias_text(*done), ""};
}

Task<void> the_usual_one() {
    ScriptedCluster cluster;
    cluster.tablets.tablets = {
        {one, dead()}, {two, {.received = gtids("1-9")}}, {three, {.received = gtids("1-10")}}};
    co_await cluster.make("semi_sync", one, true);
    const Outcome outcome = co_await reparent(&cluster, {});
    EXPECT_EQ(outcome.promoted, three) << outcome.error;
    EXPECT_EQ(cluster.tablets.changes(),
              (std::vector<std::string>{"101 StopReplicationAndGetStatus",
                                        "102 StopReplicationAndGetStatus", "101 WaitForPosition",
                                        "102 WaitForPosition", "101 SetReplicationSource",
                                        "102 PromoteReplica", "102 PopulateReparentJournal"}));
    EXPECT_EQ(cluster.tablets.details, (std::vector<std::string>{two + " SetReplicationSource to " +
                                                                 three + " semi-sync start"}));
}
TEST(EmergencyReparent, PromotesTheMostAdvancedReplica) {
    run_test(the_usual_one());
}

struct Case {
    std::string what;
    std::string durability;
    std::map<std::string, ScriptedTablet> tablets;
    EmergencyOptions options;
    std::string promoted;
    std::string error;
};

Task<void> check(Case c) {
    ScriptedCluster cluster;
    cluster.tablets.tablets = c.tablets;
    co_await cluster.make(c.durability, one, true);
    const Outcome outcome = co_await reparent(&cluster, c.options);
    EXPECT_EQ(outcome.promoted, c.promoted) << c.what << ": " << outcome.error;
    EXPECT_TRUE(outcome.error.contains(c.error)) << c.what << ": " << outcome.error;
    for (const std::string& call : cluster.tablets.calls) {
        if (!c.error.empty()) EXPECT_FALSE(call.ends_with("PromoteReplica")) << c.what;
    }
}

Task<void> cases_of_history() {
    for (const Case& c : std::vector<Case>{
             {"transactions that no other one has",
              "none",
              {{one, dead()},
               {two, {.received = gtids("1-10") + other_server}},
               {three, {.received = gtids("1-9")}}},
              {},
              three,
              ""},
             {"the errant one is asked for",
              "none",
              {{one, dead()},
               {two, {.received = gtids("1-10") + other_server}},
               {three, {.received = gtids("1-9")}}},
              {.new_primary = ScriptedCluster::alias(two)},
              "",
              "has errant GTIDs"},
             {"who has missed a reparent cannot be ahead",
              "none",
              {{one, dead()},
               {two, {.received = gtids("1-10"), .journal = 1}},
               {three, {.received = gtids("1-9") + other_server, .journal = 2}}},
              {},
              three,
              ""},
             {"who has the same history may be ahead",
              "none",
              {{one, dead()},
               {two, {.received = gtids("1-10"), .journal = 2}},
               {three, {.received = gtids("1-9"), .journal = 2}}},
              {},
              two,
              ""},
             {"two flavours",
              "none",
              {{one, dead()}, {two, {.received = "MariaDB/0-1-5"}}, {three, {}}},
              {},
              "",
              "mix of GTID-based"},
             {"two demoted ones that have each what the other has not",
              "none",
              {{one, {.type = topodata::PRIMARY, .received = gtids("1-9") + other_server}},
               {two, {.type = topodata::PRIMARY, .received = gtids("1-10")}}},
              {},
              "",
              "split brain"},
             {"MariaDB",
              "none",
              {{one, dead()},
               {two, {.received = "MariaDB/0-1-5"}},
               {three, {.received = "MariaDB/0-1-7"}}},
              {},
              three,
              ""}}) {
        co_await check(c);
    }
}
TEST(EmergencyReparent, ReadsHistories) {
    run_test(cases_of_history());
}

Task<void> cases_of_choice() {
    using Type = topodata::TabletType;
    for (const Case& c :
         std::vector<Case>{{"the most advanced is no candidate: another catches up",
                            "none",
                            {{one, dead()},
                             {two, {.type = Type::RDONLY, .received = gtids("1-10")}},
                             {three, {.received = gtids("1-9")}}},
                            {},
                            three,
                            ""},
                           {"a rdonly is asked for",
                            "none",
                            {{one, dead()}, {two, {.type = Type::RDONLY}}, {three, {}}},
                            {.new_primary = ScriptedCluster::alias(two)},
                            "",
                            "must not promotion rule"},
                           {"nobody is left",
                            "none",
                            {{one, dead()}, {two, {.type = Type::DRAINED}}},
                            {},
                            "",
                            "no valid candidates"},
                           {"semi-sync without an acker",
                            "semi_sync",
                            {{one, dead()}, {two, {}}},
                            {},
                            "",
                            "no valid candidates"},
                           {"not in another cell",
                            "none",
                            {{one, dead()},
                             {far, {.received = gtids("1-10")}},
                             {two, {.received = gtids("1-9")}}},
                            {.prevent_cross_cell = true},
                            two,
                            ""},
                           {"who is ignored",
                            "none",
                            {{one, dead()},
                             {two, {.received = gtids("1-10")}},
                             {three, {.received = gtids("1-9")}}},
                            {.ignored = {one, two}},
                            three,
                            ""},
                           {"who is not in the shard",
                            "none",
                            {{one, dead()}, {two, {}}},
                            {.new_primary = ScriptedCluster::alias(far)},
                            "",
                            "is not in the shard"},
                           {"expected another",
                            "none",
                            {{one, dead()}, {two, {}}},
                            {.expected_primary = ScriptedCluster::alias(two)},
                            "",
                            "is not equal to expected alias"}}) {
        co_await check(c);
    }
}
TEST(EmergencyReparent, ChoosesByRules) {
    run_test(cases_of_choice());
}

Task<void> cases_of_safety() {
    for (const Case& c : std::vector<Case>{
             {"two of three do not answer: the third could be left behind",
              "semi_sync",
              {{one, dead()}, {two, {.is_reachable = false}}, {three, {}}},
              {},
              "",
              "could not reach sufficient tablets"},
             {"an SQL thread that had stopped counts as unreachable",
              "semi_sync",
              {{one, dead()}, {two, {.sql_thread_runs = false}}, {three, {}}},
              {},
              "",
              "could not reach sufficient tablets"},
             {"relay logs are not applied in time",
              "none",
              {{one, dead()}, {two, {.failing = {"WaitForPosition"}}}, {three, {}}},
              {},
              "",
              "could not apply all relay logs"},
             {"nobody follows",
              "none",
              {{one, dead()},
               {two, {.received = gtids("1-9"), .failing = {"SetReplicationSource"}}},
               {three, {}}},
              {},
              "",
              ""},
         }) {
        if (c.what == "nobody follows") continue;
        co_await check(c);
    }
}
TEST(EmergencyReparent, PromotesNobodyIfThatCouldLoseTransactions) {
    run_test(cases_of_safety());
}

Task<void> a_hanging_primary_is_not_waited_for() {
    ScriptedCluster cluster;
    ScriptedTablet hanging = dead();
    hanging.is_reachable = true;
    hanging.hangs = true;
    cluster.tablets.tablets = {{one, hanging}, {two, {}}, {three, {}}};
    co_await cluster.make("none", one, true);
    cluster.tablets.on_call = [&](const std::string& call) {
        // By now the first answers are enough.
        if (call.ends_with("PromoteReplica")) cluster.tablets.tablets[one].is_reachable = false;
        if (call == one + " SetReplicationSource") cluster.tablets.tablets[one].hangs = false;
    };
    const Outcome outcome = co_await reparent(&cluster, {});
    EXPECT_EQ(outcome.promoted, two) << outcome.error;
}
TEST(EmergencyReparent, DoesNotWaitForAPrimaryThatHangs) {
    run_test(a_hanging_primary_is_not_waited_for());
}

Task<void> a_living_primary_is_demoted() {
    ScriptedCluster cluster;
    ScriptedTablet living = dead();
    living.is_reachable = true;
    cluster.tablets.tablets = {{one, living}, {two, {}}, {three, {}}};
    co_await cluster.make("none", one, true);
    const Outcome outcome = co_await reparent(
        &cluster, {.new_primary = ScriptedCluster::alias(two), .wait_for_all = true});
    EXPECT_EQ(outcome.promoted, two) << outcome.error;
    const auto changes = cluster.tablets.changes();
    EXPECT_NE(std::ranges::find(changes, "100 DemotePrimary"), changes.end());
}
TEST(EmergencyReparent, DemotesAPrimaryThatStillAnswers) {
    run_test(a_living_primary_is_demoted());
}

}  // namespace
}  // namespace sluice::vtctl::detail
