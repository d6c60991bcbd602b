#include "gateway/gateway.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "async/scope.h"
#include "gateway/scripted.h"

namespace sluice::gateway {
namespace {

const Error gone = make_error(Code::unavailable, er::cr_conn_refused, "connection refused");
const Error duplicate = make_error(Code::already_exists, er::dup_entry, "Duplicate entry '1'");

ScriptedAnswer unreachable() {
    ScriptedAnswer answer = ScriptedAnswer::failure(gone);
    answer.sent = false;
    return answer;
}

struct Case {
    const char* name;
    std::string shard;
    TabletType type;
    bool is_write;
    ScriptedAnswer first, second;    // of the two replicas, or of the primary
    std::vector<std::string> texts;  // of the journal
    std::string error;               // empty: success
};

Task<void> check_case(const Case* c) {
    ScriptedCluster cluster({"-80", "80-"}, 2);
    int calls = 0;
    const auto answer = [&](const Call&) { return calls++ == 0 ? c->first : c->second; };
    for (const char* name : {"-80", "-80@1", "-80@2"}) cluster.tablet(name).script = answer;
    const ShardRequest request = cluster.request(c->shard, "q", c->is_write, c->type);
    KeepingSink sink;
    const Outcome outcome = co_await cluster.gateway.run(&request, &sink);
    EXPECT_EQ(outcome.end.has_value(), c->error.empty()) << c->name;
    if (!outcome.end) EXPECT_EQ(outcome.end.error().text, c->error) << c->name;
    EXPECT_EQ(cluster.journal.size(), c->texts.size()) << c->name;
    co_await cluster.close();
}

std::vector<Case> retry_cases() {
    ScriptedAnswer lost = ScriptedAnswer::failure(gone);
    ScriptedAnswer half = lost;
    half.columns = scripted_columns({{.name = "a"}});
    half.column_count = 1;
    return {
        {"primary answers", "-80", TabletType::primary, true, {}, {}, {"1"}, ""},
        {"no other primary",
         "-80",
         TabletType::primary,
         false,
         unreachable(),
         {},
         {"1"},
         "target: ks.-80.primary: connection refused"},
        {"server's error is unchanged",
         "-80",
         TabletType::primary,
         true,
         ScriptedAnswer::failure(duplicate),
         {},
         {"1"},
         "Duplicate entry '1'"},
        {"other replica", "-80", TabletType::replica, false, unreachable(), {}, {"1", "2"}, ""},
        {"both gone",
         "-80",
         TabletType::replica,
         false,
         unreachable(),
         unreachable(),
         {"1", "2"},
         "target: ks.-80.replica: connection refused"},
        {"read is sent again", "-80", TabletType::replica, false, lost, {}, {"1", "2"}, ""},
        {"write is not sent again",
         "-80",
         TabletType::replica,
         true,
         lost,
         {},
         {"1"},
         "connection refused"},
        {"unsent write is", "-80", TabletType::replica, true, unreachable(), {}, {"1", "2"}, ""},
        {"not after columns",
         "-80",
         TabletType::replica,
         false,
         half,
         {},
         {"1"},
         "connection refused"},
        {"other errors are not",
         "-80",
         TabletType::replica,
         false,
         ScriptedAnswer::failure(duplicate),
         {},
         {"1"},
         "Duplicate entry '1'"},
    };
}

std::vector<Case> nobody_cases() {
    return {
        {"no such type",
         "-80",
         TabletType::rdonly,
         false,
         {},
         {},
         {},
         "target: ks.-80.rdonly: no healthy tablet available for 'keyspace:\"ks\" shard:\"-80\" "
         "tablet_type:RDONLY'"},
        {"no such shard",
         "c0-",
         TabletType::primary,
         false,
         {},
         {},
         {},
         "target: ks.unknown.primary: no healthy tablet available for 'keyspace:\"ks\" "
         "shard:\"unknown\" tablet_type:PRIMARY'"},
    };
}

TEST(Gateway, TriesAnotherTabletOnlyWhereThatIsSafe) {
    for (const Case& c : retry_cases()) {
        async::Loop loop;
        run_until_done(loop, check_case(&c));
    }
}

TEST(Gateway, SaysThatThereIsNobodyToCall) {
    for (const Case& c : nobody_cases()) {
        async::Loop loop;
        run_until_done(loop, check_case(&c));
    }
}

Task<void> check_refusals() {
    ScriptedCluster cluster({"-80", "80-"});
    discovery::ClusterRecords& records = cluster.records();
    topo::Shard shard;
    shard.tablet_controls.push_back({TabletType::primary, {}, {"orders"}, false});
    records.shards["ks"]["-80"] = shard;
    records.srv_keyspaces["ks"].partitions[0].shard_tablet_controls.push_back(
        {"80-", std::nullopt, true});
    cluster.change(records);
    const std::vector<std::string> denied{"ks.orders"}, allowed{"ks.customer"};
    KeepingSink sink;
    ShardRequest request = cluster.request("-80", "q");
    request.tables = denied;
    Outcome outcome = co_await cluster.gateway.run(&request, &sink);
    EXPECT_EQ(outcome.end.error().text,
              "target: ks.-80.primary: disallowed due to rule: enforce denied tables");
    EXPECT_EQ(outcome.end.error().code, Code::failed_precondition);
    request.tables = allowed;
    outcome = co_await cluster.gateway.run(&request, &sink);
    EXPECT_TRUE(outcome.end.has_value());
    request = cluster.request("80-", "q");
    outcome = co_await cluster.gateway.run(&request, &sink);
    EXPECT_EQ(outcome.end.error().text,
              "target: ks.80-.primary: operation not allowed in state NOT_SERVING");
    co_await cluster.close();
}

TEST(Gateway, ObeysTheShardsRecords) {
    async::Loop loop;
    run_until_done(loop, check_refusals());
}

Task<void> check_turns() {
    ScriptedCluster cluster({"-"}, 3);
    for (int i = 0; i < 9; ++i) {
        const ShardRequest request = cluster.request("-", "q", false, TabletType::replica);
        KeepingSink sink;
        EXPECT_TRUE((co_await cluster.gateway.run(&request, &sink)).end.has_value());
    }
    for (const char* name : {"-@1: q", "-@2: q", "-@3: q"}) {
        EXPECT_EQ(std::ranges::count(cluster.journal, name), 3) << name;
    }
    // One that failed is left out for a while.
    cluster.tablet("-@2").script = [](const Call&) { return unreachable(); };
    for (int i = 0; i < 9; ++i) {
        const ShardRequest request = cluster.request("-", "r", false, TabletType::replica);
        KeepingSink sink;
        EXPECT_TRUE((co_await cluster.gateway.run(&request, &sink)).end.has_value());
    }
    EXPECT_LE(std::ranges::count(cluster.journal, "-@2: r"), 1);
    co_await cluster.close();
}

TEST(Gateway, ReplicasTakeTurns) {
    async::Loop loop;
    run_until_done(loop, check_turns());
}

Task<void> check_targets() {
    ScriptedCluster cluster({"-40", "40-80", "80-"});
    const discovery::Cluster& known = *cluster.core.cluster();
    EXPECT_EQ(serving(known, "nope", TabletType::primary).error().number, er::bad_db);
    EXPECT_EQ(serving(known, "ks", TabletType::rdonly).error().code, Code::unavailable);
    const Serving ks = *serving(known, "ks", TabletType::primary);
    EXPECT_EQ(shard_of(ks, "\x41")->shard, "40-80");
    EXPECT_EQ(shard_of(ks, "\x90")->shard, "80-");
    EXPECT_EQ(resolve(ks, vindex::to::AllShards{}, 0)->size(), 3u);
    EXPECT_NE((*resolve(ks, vindex::to::AnyShard{}, 0))[0].shard,
              (*resolve(ks, vindex::to::AnyShard{}, 1))[0].shard);
    const vindex::Destination same = vindex::to::Ids{
        {vindex::KeyspaceId("\x41"), vindex::KeyspaceId("\x42"), vindex::KeyspaceId("\x91")}};
    EXPECT_EQ(resolve(ks, same, 0)->size(), 2u);
    const vindex::Destination named = vindex::to::Shard{"c0-"};
    EXPECT_EQ((*resolve(ks, named, 0))[0].known, nullptr);
    co_await cluster.close();
}

TEST(Gateway, DestinationsBecomeShards) {
    async::Loop loop;
    run_until_done(loop, check_targets());
}

}  // namespace
}  // namespace sluice::gateway
