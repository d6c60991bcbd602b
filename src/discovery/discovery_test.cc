#include "discovery/discovery.h"

#include <map>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "async/cross.h"
#include "discovery/asked_health.h"
#include "discovery/detail/table_reader.h"
#include "topo/cluster.h"
#include "wire/row.h"

namespace sluice::discovery {
namespace {

using namespace std::chrono_literals;

// What the servers of a test are like; read from every loop.
struct Servers {
    std::mutex mutex;
    std::map<std::string, bool> down;  // by hostname
    std::vector<TextRow> columns;      // answers of columns_query
    int made = 0, closed = 0;

    std::vector<TextRow> rows_of(std::string_view text) {
        const std::scoped_lock lock(mutex);
        if (text.find("information_schema.columns") != text.npos) return columns;
        if (text.find("information_schema.statistics") != text.npos) return {{"customer", "id"}};
        return {{"1"}};
    }
};

class CannedTablet : public tablet::Tablet {
 public:
    CannedTablet(Servers* servers, std::string host, bool counted = true)
        : servers_(servers),
          host_(std::move(host)),
          loop_(&async::Loop::current()),
          counted_(counted) {
        const std::scoped_lock lock(servers_->mutex);
        servers_->made += counted_ ? 1 : 0;
    }
    ~CannedTablet() override { EXPECT_EQ(loop_, &async::Loop::current()) << "ends where it lived"; }

    Task<tablet::Outcome> execute(const tablet::Call* call, tablet::RowSink* sink) override {
        tablet::Outcome outcome;
        {
            const std::scoped_lock lock(servers_->mutex);
            if (servers_->down[host_]) outcome.end = fail(Code::unavailable, "down");
        }
        if (!outcome.end) co_return outcome;
        const std::vector<TextRow> rows = servers_->rows_of(call->text);
        wire::Bytes bytes;
        wire::PacketWriter writer(&bytes);
        for (const TextRow& row : rows) {
            std::vector<Value> cells;
            for (const auto& cell : row) {
                cells.push_back(cell ? Value{Type::varchar, *cell} : Value{});
            }
            wire::write_text_row(writer, std::span<const Value>(cells));
        }
        tablet::ColumnPackets columns;
        columns.count = rows.empty() ? 1 : static_cast<std::uint32_t>(rows[0].size());
        std::ignore = sink->columns(columns);
        std::ignore = sink->rows({bytes.span(), rows.size(), false, false});
        co_return outcome;
    }
    Task<tablet::Outcome> prepare(const tablet::Call*, tablet::RowSink*) override {
        co_return tablet::Outcome{};
    }
    Task<Result<void>> commit(tablet::HeldId, bool, Stop*) override { co_return Result<void>{}; }
    Task<Result<void>> rollback(tablet::HeldId, bool, Stop*) override { co_return Result<void>{}; }
    Task<void> release(tablet::HeldId) override { co_return; }
    Task<void> close() override {
        const std::scoped_lock lock(servers_->mutex);
        servers_->closed += counted_ ? 1 : 0;
        co_return;
    }

 private:
    Servers* servers_;
    std::string host_;
    async::Loop* loop_;
    bool counted_;
};

constexpr std::string_view cluster_json = R"({
  "cells": {"zone1": {"root": "/vitess/zone1", "server_address": ""}},
  "keyspaces": {"ks": {"shards": ["-80", "80-"], "vschema": {"sharded": true,
      "vindexes": {"hash": {"type": "hash"}},
      "tables": {"customer": {"column_vindexes": [{"column": "id", "name": "hash"}]}}}}},
  "tablets": [
   {"alias": "zone1-100", "keyspace": "ks", "shard": "-80", "type": "PRIMARY", "hostname": "a"},
   {"alias": "zone1-101", "keyspace": "ks", "shard": "80-", "type": "PRIMARY", "hostname": "b"}]})";

TextRow column_row(std::string name, std::string data_type, std::string column_type) {
    return {"customer", name, data_type,    column_type, std::nullopt, std::nullopt,
            "YES",      "",   std::nullopt, "10",        "0"};
}

// Two loops, the second on a thread of its own.
struct Fixture {
    Servers servers;
    async::Loop first{0}, second{1};
    std::shared_ptr<topo::Topology> topology;
    std::unique_ptr<Discovery> discovery;

    Task<void> open(std::chrono::milliseconds wait) {
        topo::TopologyOptions options;
        options.implementation = "memory";
        options.global_root = "/vitess/global";
        topology = (co_await topo::Topology::open(options, nullptr)).value();
        auto cluster = topo::parse_cluster(cluster_json);
        EXPECT_TRUE(cluster.has_value()) << cluster.error().text;
        const auto loaded =
            co_await topo::load_cluster(topology.get(), *cluster, true, {1, 0}, nullptr);
        EXPECT_TRUE(loaded.has_value());
        servers.columns = {column_row("id", "bigint", "bigint(20) unsigned")};
        DiscoveryOptions how;
        how.cell = "zone1";
        how.tablet_types_to_wait = {TabletType::primary};
        how.initial_tablet_timeout = wait;
        how.longest_retry_delay = 20ms;
        discovery = std::make_unique<Discovery>(
            topology, how, std::vector<async::Loop*>{&first, &second},
            [this](const topo::Tablet& record) {
                return std::make_unique<CannedTablet>(&servers, record.hostname);
            },
            [this](const topo::Tablet& record) {
                return ask_server(std::make_unique<CannedTablet>(&servers, record.hostname, false),
                                  record, {.interval = 20ms, .hurry = 10ms});
            });
        EXPECT_TRUE((co_await discovery->start(nullptr)).has_value());
    }
    void run(Task<void> test) {
        std::thread thread([this] { second.run(); });
        run_until_done(first, std::move(test));
        second.stop();
        thread.join();
    }
};

Task<void> check_snapshots(Fixture* f) {
    co_await f->open(5s);
    Core& core = f->discovery->core(0);
    const Keyspace* ks = core.cluster()->keyspace("ks");
    EXPECT_EQ(ks->serving[slot(TabletType::primary)]->size(), 2u);
    EXPECT_TRUE(ks->shard("-80")->tablets[slot(TabletType::primary)].at(0).healthy);
    const auto* table = core.schema()->keyspace("ks")->tables.at("customer").get();
    EXPECT_EQ(table->column("id")->type, Type::uint64);
    EXPECT_EQ(table->primary_key, (std::vector<std::string>{"id"}));
    EXPECT_EQ(core.schema()->keyspaces().size(), 1u);

    // ALTER VSCHEMA: when it returns, the other core plans with it.
    const auto changed = co_await f->topology->change_vschema(
        "ks",
        [](const vschema::KeyspaceDefinition& before) -> Result<vschema::KeyspaceDefinition> {
            vschema::KeyspaceDefinition after = before;
            after.tables["orders"].column_vindexes = {{"id", "hash", {}}};
            return after;
        },
        nullptr);
    EXPECT_TRUE(changed.has_value());
    const auto epoch = co_await f->discovery->refresh_vschema();
    EXPECT_TRUE(epoch.has_value());
    Core* other = &f->discovery->core(1);
    const bool seen = co_await async::on_loop(&f->second, [other, epoch] {
        return other->schema()->epoch() >= *epoch &&
               other->schema()->keyspace("ks")->tables.contains("orders");
    });
    EXPECT_TRUE(seen);

    // DDL: likewise.
    {
        const std::scoped_lock lock(f->servers.mutex);
        f->servers.columns.push_back(column_row("email", "varchar", "varchar(20)"));
    }
    EXPECT_TRUE((co_await f->discovery->refresh_tables("ks")).has_value());
    const bool column = co_await async::on_loop(&f->second, [other] {
        return other->schema()->keyspace("ks")->tables.at("customer")->column("email") != nullptr;
    });
    EXPECT_TRUE(column);
    co_await f->discovery->close();
    EXPECT_EQ(f->servers.made, f->servers.closed);
}
TEST(Discovery, EveryCoreHasWhatAStatementChanged) {
    Fixture fixture;
    fixture.run(check_snapshots(&fixture));
}

Task<void> check_records(Fixture* f) {
    f->servers.down["b"] = true;
    co_await f->open(50ms);
    Core& core = f->discovery->core(0);
    const auto primary = [&](const char* shard) {
        return core.cluster()->keyspace("ks")->shard(shard)->tablets[slot(TabletType::primary)];
    };
    EXPECT_TRUE(primary("-80").at(0).healthy);
    EXPECT_FALSE(primary("80-").at(0).healthy) << "started without it";
    {
        const std::scoped_lock lock(f->servers.mutex);
        f->servers.down["b"] = false;
    }
    while (!primary("80-").at(0).healthy) std::ignore = co_await async::pause(5ms, nullptr);
    // A record that changes gives a new Tablet; the old one ends when its user lets go.
    TabletPointer old = core.tablet(*primary("80-").at(0).entry);
    auto record = co_await f->topology->tablet({"zone1", 101}, nullptr);
    record->value.hostname = "c";
    EXPECT_TRUE((co_await f->topology->write("zone1", "tablets/zone1-0000000101/Tablet",
                                             record->value, 0, nullptr))
                    .has_value());
    EXPECT_TRUE((co_await f->discovery->refresh_cluster()).has_value());
    EXPECT_EQ(primary("80-").at(0).entry->record.hostname, "c");
    EXPECT_NE(core.tablet(*primary("80-").at(0).entry), old);
    std::ignore = co_await async::pause(120ms, nullptr);
    EXPECT_EQ(f->servers.closed, 0);
    old.reset();
    while (f->servers.closed == 0) std::ignore = co_await async::pause(5ms, nullptr);
    co_await f->discovery->close();
    EXPECT_EQ(f->servers.made, f->servers.closed);
}
TEST(Discovery, FollowsTabletsAndTheirRecords) {
    Fixture fixture;
    fixture.run(check_records(&fixture));
}

// All that a new, empty etcd lacks.
Task<void> lose_records(topo::Topology* topology) {
    for (const char* name : {"global", "zone1"}) {
        std::shared_ptr<topo::Store> cell;
        if (std::string_view(name) != "global") cell = *co_await topology->cell(name, nullptr);
        topo::Store* store = cell ? cell.get() : &topology->global();
        const auto records = co_await store->list("", nullptr);
        for (const topo::ListedRecord& record : *records)
            EXPECT_TRUE((co_await store->remove(record.path, 0, nullptr)).has_value());
    }
}

Task<void> check_lost_topology(Fixture* f) {
    co_await f->open(5s);
    Core& core = f->discovery->core(0);
    const auto known = [&core] {
        const Keyspace* ks = core.cluster()->keyspace("ks");
        return ks != nullptr && ks->serving[slot(TabletType::primary)]->size() == 2 &&
               core.schema()->keyspace("ks")->tables.contains("customer");
    };
    co_await lose_records(f->topology.get());
    EXPECT_FALSE((co_await f->discovery->refresh_cluster()).has_value());
    EXPECT_FALSE((co_await f->discovery->refresh_vschema()).has_value());
    EXPECT_TRUE(known());
    // They come back one by one, and with them what has changed.
    auto cluster = topo::parse_cluster(cluster_json);
    cluster->keyspaces["ks"].vschema->tables["orders"].column_vindexes = {{"id", "hash", {}}};
    auto half = *cluster;
    half.tablets.pop_back();
    EXPECT_TRUE(
        (co_await topo::load_cluster(f->topology.get(), half, true, {1, 0}, nullptr)).has_value());
    EXPECT_FALSE((co_await f->discovery->refresh_cluster()).has_value()) << "a tablet is missing";
    EXPECT_TRUE(known());
    EXPECT_TRUE((co_await topo::load_cluster(f->topology.get(), *cluster, true, {1, 0}, nullptr))
                    .has_value());
    while (!core.schema()->keyspace("ks")->tables.contains("orders"))
        std::ignore = co_await async::pause(5ms, nullptr);
    EXPECT_TRUE(known());
    EXPECT_TRUE((co_await f->discovery->refresh_cluster()).has_value());
    co_await f->discovery->close();
}
TEST(Discovery, GoesOnWithWhatItKnowsWhenTheTopologyHasLostItsRecords) {
    Fixture fixture;
    fixture.run(check_lost_topology(&fixture));
}

TEST(TableReader, KnowsColumnTypes) {
    const std::tuple<std::string, std::string, Type> cases[] = {
        {"int", "int", Type::int32},
        {"int", "int(10) unsigned", Type::uint32},
        {"tinyint", "tinyint(1)", Type::int8},
        {"bigint", "bigint unsigned", Type::uint64},
        {"decimal", "decimal(10,2) unsigned", Type::decimal},
        {"year", "year", Type::year},
        {"longtext", "longtext", Type::text},
        {"varbinary", "varbinary(16)", Type::varbinary},
        {"enum", "enum('a unsigned')", Type::enum_},
        {"geomcollection", "geomcollection", Type::geometry},
        {"new", "new", Type::null_type},
    };
    for (const auto& [data, column, want] : cases) {
        EXPECT_EQ(type_of_column(data, column), want) << column;
    }
    EXPECT_EQ(listed_values("enum('a','b''c','')"),
              (std::vector<std::string>{"'a'", "'b''c'", "''"}));
    EXPECT_TRUE(listed_values("int").empty());
    EXPECT_EQ(listed_values("enum('a"), (std::vector<std::string>{"'a"}));
}

}  // namespace
}  // namespace sluice::discovery
