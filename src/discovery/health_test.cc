// Discovery with tablets that speak for themselves: scripted health streams on one loop.
#include <deque>
#include <map>

#include <gtest/gtest.h>

#include "async/channel.h"
#include "discovery/discovery.h"
#include "topo/cluster.h"

namespace sluice::discovery {
namespace {

using namespace std::chrono_literals;
using tablet::HealthMessage;

// What a test lets a tablet say. Each open() begins with the last state, as tablets do.
struct Voice {
    HealthMessage state;
    std::optional<Error> down;  // open() fails
    std::deque<Result<HealthMessage>> said;
    async::WaitQueue waiting;
    std::map<std::string, std::string> tables, views;
    std::vector<tablet::Udf> functions;
    std::vector<std::string> asked;  // names of tables, "*": all
    std::vector<tablet::DistributedTransaction> transactions;
    int transaction_reads = 0;
    int opened = 0;

    void say(HealthMessage message) {
        state = message;
        state.stats->table_schema_changed.clear();
        state.stats->view_schema_changed.clear();
        state.stats->udfs_changed = false;
        said.emplace_back(std::move(message));
        waiting.wake_all();
    }
    void fail_with(Error error) {
        said.emplace_back(std::unexpected(std::move(error)));
        waiting.wake_all();
    }
};

class ScriptedHealth : public tablet::HealthSource {
 public:
    explicit ScriptedHealth(Voice* voice) : voice_(voice) {}
    Task<Result<void>> open(Stop*) override {
        ++voice_->opened;
        voice_->said.clear();
        if (voice_->down) co_return fail(*voice_->down);
        voice_->said.emplace_back(voice_->state);
        co_return Result<void>{};
    }
    Task<Result<HealthMessage>> next(Stop* stop) override {
        while (voice_->said.empty()) CO_TRY(co_await voice_->waiting.wait(stop));
        Result<HealthMessage> message = std::move(voice_->said.front());
        voice_->said.pop_front();
        co_return message;
    }
    Task<Result<tablet::SchemaParts>> schema(HealthTarget, tablet::SchemaKind kind,
                                             std::vector<std::string> names, Stop*) override {
        tablet::SchemaParts parts;
        if (kind == tablet::SchemaKind::udfs) parts.udfs = voice_->functions;
        for (const auto& [name, text] : voice_->views) {
            const bool wanted = names.empty() || std::ranges::find(names, name) != names.end();
            if (kind == tablet::SchemaKind::views && wanted) parts.definitions[name] = text;
        }
        if (kind != tablet::SchemaKind::tables) co_return parts;
        if (names.empty()) {
            voice_->asked.emplace_back("*");
            parts.definitions = voice_->tables;
        }
        for (const std::string& name : names) {
            voice_->asked.push_back(name);
            if (voice_->tables.contains(name)) parts.definitions[name] = voice_->tables[name];
        }
        co_return parts;
    }
    Task<Result<std::vector<tablet::DistributedTransaction>>> transactions(HealthTarget,
                                                                           std::string id,
                                                                           Stop*) override {
        ++voice_->transaction_reads;
        std::vector<tablet::DistributedTransaction> found;
        for (const auto& each : voice_->transactions)
            if (id.empty() || each.id == id) found.push_back(each);
        co_return found;
    }
    Task<void> close() override { co_return; }

 private:
    Voice* voice_;
};

class NoTablet : public tablet::Tablet {
 public:
    Task<tablet::Outcome> execute(const tablet::Call*, tablet::RowSink*) override {
        co_return tablet::Outcome{};
    }
    Task<tablet::Outcome> prepare(const tablet::Call*, tablet::RowSink*) override {
        co_return tablet::Outcome{};
    }
    Task<Result<void>> commit(tablet::HeldId, bool, Stop*) override { co_return Result<void>{}; }
    Task<Result<void>> rollback(tablet::HeldId, bool, Stop*) override { co_return Result<void>{}; }
    Task<void> release(tablet::HeldId) override { co_return; }
};

constexpr std::string_view cluster_json = R"({
  "cells": {"zone1": {"root": "/vitess/zone1", "server_address": ""}},
  "keyspaces": {"ks": {"shards": ["0"], "vschema": {"tables": {"t": {}}}}},
  "tablets": [
   {"alias": "zone1-100", "keyspace": "ks", "shard": "0", "type": "PRIMARY", "hostname": "a",
    "port_map": {"grpc": 1}},
   {"alias": "zone1-101", "keyspace": "ks", "shard": "0", "type": "REPLICA", "hostname": "b",
    "port_map": {"grpc": 2}},
   {"alias": "zone1-102", "keyspace": "ks", "shard": "0", "type": "REPLICA", "hostname": "c",
    "port_map": {"grpc": 3}},
   {"alias": "zone1-103", "keyspace": "ks", "shard": "0", "type": "REPLICA", "hostname": "d"}]})";

HealthMessage message(TabletType type, bool serving, std::int64_t term = 0, std::uint32_t lag = 0) {
    HealthMessage made;
    made.target = HealthTarget{"ks", "0", type, {}};
    made.serving = serving;
    made.primary_term_start = term;
    made.stats.emplace();
    made.stats->replication_lag_seconds = lag;
    return made;
}

struct World {
    async::Loop loop;
    std::map<std::string, Voice> voices;  // by hostname
    std::shared_ptr<topo::Topology> topology;
    std::unique_ptr<Discovery> discovery;
    std::vector<KeyspaceEvent> events;

    World() {
        voices["a"].state = message(TabletType::primary, true, 10);
        voices["b"].state = voices["c"].state = message(TabletType::replica, true);
        voices["a"].tables["t"] = "CREATE TABLE `t` (`id` int NOT NULL, PRIMARY KEY (`id`))";
    }
    Task<void> open(std::chrono::milliseconds wait = 5s) {
        topo::TopologyOptions options;
        options.implementation = "memory";
        options.global_root = "/vitess/global";
        topology = (co_await topo::Topology::open(options, nullptr)).value();
        const auto cluster = topo::parse_cluster(cluster_json);
        EXPECT_TRUE(cluster.has_value()) << cluster.error().text;
        std::ignore = co_await topo::load_cluster(topology.get(), *cluster, true, {1, 0}, nullptr);
        DiscoveryOptions how;
        how.cell = "zone1";
        how.tablet_types_to_wait = {TabletType::primary, TabletType::replica};
        how.initial_tablet_timeout = wait;
        how.wait_for_consistency = true;
        how.tablets_decide = true;
        how.track_views = how.track_udfs = true;
        how.longest_retry_delay = 20ms;
        how.healthcheck_timeout = 200ms;
        discovery = std::make_unique<Discovery>(
            topology, how, std::vector<async::Loop*>{&loop},
            [](const topo::Tablet&) { return std::make_unique<NoTablet>(); },
            [this](const topo::Tablet& record) {
                return std::make_unique<ScriptedHealth>(&voices.at(record.hostname));
            });
        discovery->on_keyspace_event(
            [this](const KeyspaceEvent& event) { events.push_back(event); });
        EXPECT_TRUE((co_await discovery->start(nullptr)).has_value());
    }
    const std::vector<KnownTablet>& tablets(TabletType type) {
        return discovery->core(0).cluster()->keyspace("ks")->shard("0")->tablets[slot(type)];
    }
    // "a*": the healthy ones are marked.
    std::string names(TabletType type) {
        std::string text;
        for (const KnownTablet& known : tablets(type)) {
            text += known.entry->record.hostname + (known.healthy ? "* " : " ");
        }
        return text;
    }
    Task<void> until(TabletType type, std::string want) {
        for (int i = 0; i < 500 && names(type) != want; ++i) {
            std::ignore = co_await async::pause(5ms, nullptr);
        }
        EXPECT_EQ(names(type), want);
    }
};

Task<void> run_test(World* world, Task<void> (*test)(World*)) {
    co_await test(world);
    if (world->discovery) co_await world->discovery->close();
}
void play(Task<void> (*test)(World*)) {
    World world;
    async::run_until_done(world.loop, run_test(&world, test));
}

Task<void> check_roles(World* w) {
    co_await w->open();
    co_await w->until(TabletType::primary, "a* ");
    co_await w->until(TabletType::replica, "b* c* ");
    EXPECT_EQ(w->discovery->health_now().size(), 3U) << "without a grpc port nobody is followed";
    const TabletPointer before =
        w->discovery->core(0).tablet(*w->tablets(TabletType::primary)[0].entry);

    // A promotion: b says that it is the primary, of a later term.
    w->voices["a"].say(message(TabletType::primary, false, 10));
    co_await w->until(TabletType::primary, "a ");
    EXPECT_TRUE(w->discovery->core(0).cluster()->keyspace("ks")->shard("0")->failing_over);
    w->voices["b"].say(message(TabletType::primary, true, 20));
    co_await w->until(TabletType::primary, "b* ");
    EXPECT_EQ(w->events.size(), 2U);
    if (!w->events.empty()) EXPECT_EQ(w->events.back().shards.at(0).primary->uid, 101U);
    EXPECT_NE(w->discovery->core(0).tablet(*w->tablets(TabletType::primary)[0].entry), before);
    // The old one is late to know.
    w->voices["a"].say(message(TabletType::primary, true, 10));
    w->voices["a"].say(message(TabletType::replica, true));
    co_await w->until(TabletType::replica, "a* c* ");
    co_await w->until(TabletType::primary, "b* ");
    EXPECT_EQ(w->discovery->counters().primary_promoted.at({"ks", "0"}), 1U);
}
TEST(Health, ThePrimaryIsWhoSaysSoOfTheLatestTerm) {
    play(check_roles);
}

Task<void> check_breaks(World* w) {
    co_await w->open();
    w->voices["c"].down = make_error(Code::unavailable, "connection refused");
    w->voices["c"].fail_with(make_error(Code::unavailable, "gone"));
    co_await w->until(TabletType::replica, "b* c ");
    const auto list = w->discovery->health_now();
    EXPECT_FALSE(list.at(2).serving);
    EXPECT_FALSE(list.at(2).last_error.empty());
    EXPECT_GE(w->discovery->counters().errors.at({"ks", "0", "replica"}), 1U);
    w->voices["c"].down.reset();
    co_await w->until(TabletType::replica, "b* c* ");
    // Silence ends a stream too.
    const int opened = w->voices["b"].opened;
    for (int i = 0; i < 200 && w->voices["b"].opened == opened; ++i) {
        std::ignore = co_await async::pause(10ms, nullptr);
    }
    EXPECT_GT(w->voices["b"].opened, opened);
    // Another tablet at c's address.
    HealthMessage wrong = w->voices["c"].state;
    wrong.alias = topo::TabletAlias{"zone1", 999};
    w->voices["c"].say(wrong);
    co_await w->until(TabletType::replica, "b* ");
    w->voices["c"].state.alias.reset();
    std::ignore = co_await w->discovery->refresh_cluster();
    co_await w->until(TabletType::replica, "b* c* ");
}
TEST(Health, StreamsBreakAndComeBack) {
    play(check_breaks);
}

Task<void> check_lag(World* w) {
    w->voices["c"].state = message(TabletType::replica, true, 0, 10'000);
    co_await w->open();
    co_await w->until(TabletType::replica, "b* c ");
    w->voices["b"].say(message(TabletType::replica, false));
    co_await w->until(TabletType::replica, "b c* ");
    HealthMessage sick = message(TabletType::replica, true);
    sick.stats->health_error = "no";
    w->voices["c"].say(sick);
    co_await w->until(TabletType::replica, "b c ");
    EXPECT_EQ(w->discovery->health_now().at(2).last_error, "vttablet error: no");
}
TEST(Health, ReplicasThatLagAreLeftOut) {
    play(check_lag);
}

Task<void> check_schema(World* w) {
    co_await w->open();
    const auto column = [w](std::string_view name) {
        const auto schema = w->discovery->core(0).schema();
        return schema->keyspace("ks")->tables.at("t")->column(name) != nullptr;
    };
    EXPECT_TRUE(column("id"));
    w->voices["a"].tables["t"] = "CREATE TABLE `t` (`id` int NOT NULL, `more` int)";
    HealthMessage changed = w->voices["a"].state;
    changed.stats->table_schema_changed = {"t"};
    const std::uint64_t epoch = w->discovery->core(0).schema()->epoch();
    w->voices["a"].say(changed);
    async::Stop stop;
    EXPECT_TRUE((co_await w->discovery->core(0).wait_for_schema(epoch + 1, &stop)).has_value());
    EXPECT_TRUE(column("more"));
    EXPECT_EQ(w->voices["a"].asked, (std::vector<std::string>{"*", "t"}));
}
TEST(Health, ChangesOfTablesAreReadAtOnce) {
    play(check_schema);
}

Task<void> tell_schema(World* w, HealthMessage changed) {
    const std::uint64_t epoch = w->discovery->core(0).schema()->epoch();
    w->voices["a"].say(std::move(changed));
    async::Stop stop;
    EXPECT_TRUE((co_await w->discovery->core(0).wait_for_schema(epoch + 1, &stop)).has_value());
}

Task<void> check_views(World* w) {
    Voice& primary = w->voices["a"];
    primary.views["v"] = "CREATE VIEW `v` AS select `t`.`id` AS `id` from `t`";
    primary.functions = {{"middle", true, Type::float64}, {"twice", false, Type::float64}};
    co_await w->open();
    const auto schema = [w] { return w->discovery->core(0).schema(); };
    const auto is_view = [&](const std::string& name) {
        const auto& tables = schema()->keyspace("ks")->tables;
        const auto found = tables.find(name);
        return found != tables.end() && found->second->view != nullptr;
    };
    EXPECT_TRUE(is_view("v"));
    EXPECT_FALSE(is_view("t"));
    EXPECT_EQ(schema()->loaded_aggregates(), (std::set<std::string, std::less<>>{"middle"}));

    HealthMessage changed = primary.state;
    changed.stats->view_schema_changed = {"v", "w"};
    primary.views = {{"w", "CREATE VIEW `w` AS select 1 AS `one`"}};
    co_await tell_schema(w, changed);
    EXPECT_FALSE(is_view("v"));
    EXPECT_TRUE(is_view("w"));

    // A tablet that does not track views apart names them among the tables.
    changed = primary.state;
    changed.stats->table_schema_changed = {"x"};
    primary.views["x"] = "CREATE VIEW `x` AS select 1 AS `one`";
    co_await tell_schema(w, changed);
    EXPECT_TRUE(is_view("x"));

    changed = primary.state;
    changed.stats->udfs_changed = true;
    primary.functions = {{"twice", true, Type::float64}};
    co_await tell_schema(w, changed);
    EXPECT_EQ(schema()->loaded_aggregates(), (std::set<std::string, std::less<>>{"twice"}));
    EXPECT_TRUE(is_view("w"));
}
TEST(Health, ViewsAndFunctionsAreKnown) {
    play(check_views);
}

// A primary tells that distributed transactions are left: they are read, known, and forgotten when
// it tells that none is. Others may ask for one by its id.
Task<void> check_unresolved(World* w) {
    co_await w->open();
    Voice& primary = w->voices["a"];
    primary.transactions = {
        {"ks:0:7", tablet::TransactionState::prepare, 5s, {{"ks", "1", {}, {}}}},
        {"ks:0:8", tablet::TransactionState::commit, 6s, {}}};
    HealthMessage left = message(TabletType::primary, true, 10);
    left.stats->tx_unresolved = true;
    primary.say(left);
    while (w->discovery->unresolved().empty()) std::ignore = co_await async::pause(1ms, nullptr);
    EXPECT_EQ(w->discovery->unresolved().at({"ks", "0"}), primary.transactions);
    EXPECT_EQ(w->voices["b"].transaction_reads, 0);

    const auto all = co_await w->discovery->transactions("ks", "", "");
    EXPECT_EQ(all.value(), primary.transactions);
    const auto one = co_await w->discovery->transactions("ks", "0", "ks:0:8");
    EXPECT_EQ(one.value().size(), 1u);
    const auto none = co_await w->discovery->transactions("ks", "9", "ks:9:8");
    EXPECT_EQ(none.error().text,
              "target: ks.9.primary: no healthy tablet available for "
              "'keyspace:\"ks\" shard:\"9\" tablet_type:PRIMARY'");

    primary.say(message(TabletType::primary, true, 10));
    while (!w->discovery->unresolved().empty()) std::ignore = co_await async::pause(1ms, nullptr);
}
TEST(Health, DistributedTransactionsThatAreLeftAreKnown) {
    play(check_unresolved);
}

Task<void> check_degraded(World* w) {
    w->voices["a"].down = make_error(Code::unavailable, "refused");
    co_await w->open(100ms);
    co_await w->until(TabletType::primary, "a ");
    w->voices["a"].down.reset();
    co_await w->until(TabletType::primary, "a* ");
}
TEST(Health, StartsInDegradedMode) {
    play(check_degraded);
}

}  // namespace
}  // namespace sluice::discovery
