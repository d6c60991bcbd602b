// The gateway with a buffer: a primary fails over under requests. One loop, scripted tablets.
#include <gtest/gtest.h>

#include "async/scope.h"
#include "gateway/scripted.h"

namespace sluice::gateway {
namespace {

using namespace std::chrono_literals;

const Error read_only =
    make_error(Code::cluster_event, er::option_prevents_statement, "--super-read-only");

struct World {
    async::Loop loop;
    std::unique_ptr<ScriptedCluster> cluster;
    std::unique_ptr<buffering::Buffer> buffer;
    std::unique_ptr<Gateway> gateway;
    std::vector<bool> marks;
    bool known = true;  // to the keyspace watch

    Task<void> open() {
        cluster = std::make_unique<ScriptedCluster>(std::vector<std::string>{"-80", "80-"});
        buffering::BufferOptions options;
        options.enabled = true;
        options.window = 200ms;
        options.max_failover = 2s;
        buffer = std::make_unique<buffering::Buffer>(
            options, &loop, [this](const std::string&, const std::string&, bool reparent) {
                marks.push_back(reparent);
                return known;
            });
        gateway = std::make_unique<Gateway>(&cluster->core, GatewayOptions{.buffer = buffer.get()});
        co_return;
    }
    // "-80b" is the primary of -80 now.
    void promote() {
        discovery::ClusterRecords records = cluster->records();
        auto entry = std::make_shared<discovery::TabletEntry>(*records.tablets[0].entry);
        entry->number = 50;
        entry->record.alias.uid = 150;
        entry->record.hostname = "-80b";
        records.tablets[0] = {entry, true, true};
        cluster->change(records);
        cluster->core.tablet(*entry);
        tell(true);
    }
    void tell(bool serving) {
        buffer->on_keyspace_event({"ks", {{"-80", topo::TabletAlias{"zone1", 150}, serving}}});
    }
};

Task<void> send(World* w, ShardRequest request, Outcome* outcome) {
    const discovery::ClusterPointer snapshot = w->cluster->core.cluster();  // a statement's own
    KeepingSink sink;
    *outcome = co_await w->gateway->run(&request, &sink);
}

Task<void> run_test(World* world, Task<void> (*test)(World*)) {
    co_await world->open();
    co_await test(world);
    co_await world->cluster->close();
}
void play(Task<void> (*test)(World*)) {
    World world;
    async::run_until_done(world.loop, run_test(&world, test));
}

ScriptedAnswer refuse(const Call&) {
    return ScriptedAnswer::failure(read_only);
}

Task<void> until_waiting(World* w, std::size_t count) {
    for (int i = 0; i < 500; ++i) {
        const auto shard = w->buffer->shards().find("ks/-80");
        if (shard != w->buffer->shards().end() && shard->second->waiting() == count) co_return;
        std::ignore = co_await async::pause(1ms, nullptr);
    }
    ADD_FAILURE() << "nobody waits";
}

Task<void> check_reparent(World* w) {
    w->cluster->tablet("-80").script = refuse;
    Outcome first, second, other;
    async::Scope scope;
    scope.spawn("write", send(w, w->cluster->request("-80", "w", true), &first));
    co_await until_waiting(w, 1);
    EXPECT_FALSE(w->buffer->idle());
    scope.spawn("read", send(w, w->cluster->request("-80", "r"), &second));
    scope.spawn("elsewhere", send(w, w->cluster->request("80-", "e"), &other));
    co_await until_waiting(w, 2);
    EXPECT_EQ(w->cluster->journal, (std::vector<std::string>{"-80: w", "80-: e"}));
    w->promote();
    co_await scope.join();
    EXPECT_TRUE(first.end.has_value()) << first.end.error().text;
    EXPECT_TRUE(second.end.has_value());
    EXPECT_TRUE(other.end.has_value());
    EXPECT_EQ(w->marks, std::vector<bool>{true});
    EXPECT_EQ(w->cluster->journal,
              (std::vector<std::string>{"-80: w", "80-: e", "-80b: w", "-80b: r"}));
    std::ignore = co_await async::pause(1ms, nullptr);
    EXPECT_TRUE(w->buffer->idle());
}
TEST(HeldRequests, GoOnWithTheNewPrimary) {
    play(check_reparent);
}

Task<void> check_begin(World* w) {
    w->cluster->tablet("-80").script = refuse;
    ShardRequest request = w->cluster->request("-80", "w", true);
    const std::vector<std::string> before = {"begin"};
    request.call.before = before;
    request.call.hold = true;
    Outcome outcome;
    async::Scope scope;
    scope.spawn("begin", send(w, request, &outcome));
    co_await until_waiting(w, 1);
    EXPECT_EQ(w->cluster->tablet("-80").held_count(), 0U) << "the first transaction was given up";
    w->promote();
    co_await scope.join();
    EXPECT_TRUE(outcome.end.has_value());
    EXPECT_NE(outcome.held, tablet::not_held);
    EXPECT_EQ(w->cluster->journal,
              (std::vector<std::string>{"-80: begin; w", "-80: release", "-80b: begin; w"}));
}
TEST(HeldRequests, ATransactionBeginsAgain) {
    play(check_begin);
}

Task<void> check_end(World* w) {
    w->cluster->tablet("-80").script = refuse;
    struct Case {
        const char* name;
        bool known;
        std::string error;
    };
    Outcome outcome;
    // The window passes: one more try, whose answer it is.
    co_await send(w, w->cluster->request("-80", "w", true), &outcome);
    EXPECT_EQ(outcome.end.error().number, er::option_prevents_statement);
    EXPECT_EQ(w->cluster->journal.size(), 2U);

    // The shard is gone when the resharding is over.
    async::Scope scope;
    scope.spawn("write", send(w, w->cluster->request("-80", "w", true), &outcome));
    co_await until_waiting(w, 1);
    w->tell(false);
    co_await scope.join();
    EXPECT_EQ(outcome.end.error().code, Code::unavailable);
    EXPECT_NE(outcome.end.error().text.find(buffering::missing_shard_text), std::string::npos);
    EXPECT_TRUE(outcome.end.error().text.starts_with(
        "target: ks.-80.primary: failed to automatically buffer and retry failed request during "
        "failover. original err (type="))
        << outcome.end.error().text;
}
TEST(HeldRequests, EndWithTheirWindowOrTheirShard) {
    play(check_end);
}

Task<void> check_stop(World* w) {
    w->cluster->tablet("-80").script = refuse;
    Stop stop;
    ShardRequest request = w->cluster->request("-80", "w", true);
    request.call.stop = &stop;
    Outcome outcome;
    async::Scope scope;
    scope.spawn("write", send(w, request, &outcome));
    co_await until_waiting(w, 1);
    stop.request(make_error(Code::canceled, "the client has gone"));
    co_await scope.join();
    EXPECT_FALSE(outcome.end.has_value());
    EXPECT_EQ(w->cluster->journal.size(), 1U);
    w->buffer->shut_down();
    // Nothing is held any more.
    co_await send(w, w->cluster->request("-80", "w", true), &outcome);
    EXPECT_EQ(outcome.end.error().number, er::option_prevents_statement);
}
TEST(HeldRequests, ClientsMayLeave) {
    play(check_stop);
}

Task<void> check_failing_over(World* w) {
    // The health check has seen that the primary does not serve: nothing is sent.
    discovery::ClusterRecords records = w->cluster->records();
    discovery::KeyspaceWatch watch("ks");
    watch.on_record(records.srv_keyspaces.at("ks"));
    watch.on_primary("-80", {"zone1", 100}, true, 10);
    watch.on_primary("80-", {"zone1", 101}, true, 10);
    watch.on_primary("-80", {"zone1", 100}, false, 10);
    records.watches.emplace("ks", watch);
    records.tablets[0].healthy = false;
    records.only_healthy = true;
    w->cluster->change(records);
    Outcome outcome;
    async::Scope scope;
    scope.spawn("read", send(w, w->cluster->request("-80", "r"), &outcome));
    co_await until_waiting(w, 1);
    EXPECT_TRUE(w->cluster->journal.empty());
    w->promote();
    co_await scope.join();
    EXPECT_TRUE(outcome.end.has_value());
    // Without end: the words of v21.
    w->cluster->change(records);
    co_await send(w, w->cluster->request("-80", "r"), &outcome);
    EXPECT_EQ(outcome.end.error().text,
              "target: ks.-80.primary: primary is not serving, there may be a reparent operation "
              "in progress");
}
TEST(HeldRequests, WaitWhileThePrimaryDoesNotServe) {
    play(check_failing_over);
}

Task<void> check_types(World* w) {
    Gateway gateway(&w->cluster->core,
                    {.allowed_types = {TabletType::replica, TabletType::rdonly}});
    const ShardRequest request = w->cluster->request("-80", "r");
    KeepingSink sink;
    const Outcome outcome = co_await gateway.run(&request, &sink);
    EXPECT_EQ(outcome.end.error().code, Code::failed_precondition);
    EXPECT_EQ(outcome.end.error().text,
              "requested tablet type PRIMARY is not part of the allowed tablet types for this "
              "vtgate: [REPLICA RDONLY]");
}
TEST(Gateway, AllowsTypes) {
    play(check_types);
}

Task<void> check_shares(World* w) {
    ScriptedCluster cluster({"0"}, 3);
    discovery::ClusterRecords records = cluster.records();
    records.balancer.gate_cells = {"zone1", "zone2"};
    auto far = std::make_shared<discovery::TabletEntry>(*records.tablets[3].entry);
    far->record.alias.cell = "zone2";
    records.tablets[3].entry = far;
    records.alias_cells = {"zone1", "zone2"};
    cluster.change(records);
    for (int i = 0; i < 90; ++i) {
        const ShardRequest request = cluster.request("0", "r", false, TabletType::replica);
        KeepingSink sink;
        std::ignore = co_await cluster.gateway.run(&request, &sink);
    }
    std::map<std::string, int> counts;
    for (const std::string& line : cluster.journal) ++counts[line];
    // Two of three tablets are here, and half of the gates: a third of our calls... to each of
    // ours alike, the rest of the load comes from zone2.
    EXPECT_NEAR(counts["0@1: r"], counts["0@2: r"], 3);
    EXPECT_EQ(counts["0@1: r"] + counts["0@2: r"], 90);
    co_await cluster.close();
    std::ignore = w;
}
TEST(Gateway, ChoosesByShare) {
    play(check_shares);
}

}  // namespace
}  // namespace sluice::gateway
