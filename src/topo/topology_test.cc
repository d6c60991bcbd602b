#include "topo/topology.h"

#include <gtest/gtest.h>

#include "async/deadline.h"
#include "async/loop.h"
#include "topo/paths.h"

namespace sluice::topo {
namespace {

using namespace std::chrono_literals;
using vschema::KeyspaceDefinition;

void run(async::Task<void> task) {
    async::Loop loop;
    run_until_done(loop, std::move(task));
}

async::Task<std::shared_ptr<Topology>> two_cells() {
    TopologyOptions options;
    options.implementation = "memory";
    options.global_root = "/vitess/global";
    options.lock_timeout = 60ms;
    auto topology = (co_await Topology::open(options, nullptr)).value();
    for (const std::string cell : {"zone1", "zone2"}) {
        const CellLocation location{"", "/vitess/" + cell};
        EXPECT_TRUE(
            (co_await topology->write("global", path::cell_location(cell), location, 0, nullptr))
                .has_value());
    }
    co_return topology;
}

async::Task<void> open_errors() {
    struct Case {
        std::string implementation, address, root, want;
    };
    for (const Case& one : std::vector<Case>{
             {"embedded", "", "/r", "topo_global_server_address must be configured"},
             {"embedded", "/tmp/x", "", "topo_global_root must be non-empty"},
             {"zk3", "a", "/r",
              "Failed to open topo server (zk3,a,/r): no such topology implementation zk3"},
             {"embedded", "/absent/x", "/r",
              "Failed to open topo server (embedded,/absent/x,/r): the topology file '/absent/x' "
              "cannot be opened: unable to open database file"}}) {
        TopologyOptions options;
        options.implementation = one.implementation;
        options.global_server_address = one.address;
        options.global_root = one.root;
        const auto opened = co_await Topology::open(options, nullptr);
        EXPECT_EQ(opened ? "opened" : opened.error().text, one.want);
    }
}

TEST(Topology, RefusesToOpenWithV21sWords) {
    run(open_errors());
}

async::Task<void> cells_are_checked() {
    const auto topology = co_await two_cells();
    struct Case {
        std::string cell, watch, want;
    };
    const std::string start = "cells_to_watch validation failed: ";
    for (const Case& one :
         std::vector<Case>{{"zone1", "zone1,zone2", "2"},
                           {"", "zone1", start + "cell flag must be set"},
                           {"x", "zone1", start + "cell:[x] does not exist in topo"},
                           {"zone1", "", start + "cells_to_watch flag cannot be empty"},
                           {"zone1", "zone1,y",
                            start + "cell: [y] is not valid. Available cells: [zone1,zone2]"}}) {
        const auto cells = co_await topology->validate_cells(one.cell, one.watch, nullptr);
        EXPECT_EQ(cells ? std::to_string(cells->size()) : cells.error().text, one.want);
    }
}

TEST(Topology, ChecksCells) {
    run(cells_are_checked());
}

async::Task<void> reads() {
    const auto topology = co_await two_cells();
    EXPECT_TRUE((co_await topology->keyspace_names(nullptr)).value().empty());
    EXPECT_TRUE((co_await topology->tablets("zone1", nullptr)).value().empty());
    EXPECT_EQ((co_await topology->tablets("zone9", nullptr)).error().code, no_node);

    Tablet tablet;
    tablet.alias = {"zone1", 100};
    tablet.keyspace = "customer";
    tablet.shard = "-80";
    tablet.key_range = KeyRange{"", "\x80"};
    tablet.type = TabletType::primary;
    tablet.tags = {{"mysql_socket", "/s"}};
    tablet.mysql_port = 3306;
    EXPECT_EQ(tablet.database(), "vt_customer");
    const auto version =
        (co_await topology->write("zone1", path::tablet(tablet.alias), tablet, 0, nullptr)).value();
    const auto read = (co_await topology->tablet(tablet.alias, nullptr)).value();
    EXPECT_EQ(read.value, tablet);
    EXPECT_EQ(read.version, version);
    EXPECT_EQ((co_await topology->tablets("zone1", nullptr)).value(), std::vector{tablet});
    EXPECT_TRUE((co_await topology->tablets("zone2", nullptr)).value().empty());

    // A record that is no Tablet does not hide the others.
    const auto store = (co_await topology->cell("zone1", nullptr)).value();
    EXPECT_TRUE((co_await store->create("tablets/zone1-0000000101/Tablet", "\xff", nullptr)));
    EXPECT_EQ((co_await topology->tablets("zone1", nullptr)).value().size(), 1U);
    EXPECT_EQ((co_await topology->tablet({"zone1", 101}, nullptr)).error().code, Code::data_loss);
}

TEST(Topology, ReadsRecords) {
    run(reads());
}

async::Task<void> alter_vschema() {
    const auto topology = co_await two_cells();
    EXPECT_TRUE(
        (co_await topology->write("global", path::keyspace("commerce"), Keyspace{}, 0, nullptr))
            .has_value());
    EXPECT_TRUE((co_await topology->rebuild_srv_vschema({}, nullptr)).has_value());
    auto watch = (co_await topology->watch_srv_vschema("zone2", nullptr)).value();
    EXPECT_FALSE((co_await watch.next(nullptr)).value().keyspaces.at("commerce").sharded);

    const auto served = co_await topology->change_vschema(
        "commerce",
        [](const KeyspaceDefinition& before) -> Result<KeyspaceDefinition> {
            KeyspaceDefinition after = before;
            after.sharded = true;
            after.vindexes["hash"].type = "hash";
            return after;
        },
        nullptr);
    EXPECT_TRUE(served.value().keyspaces.at("commerce").sharded);
    EXPECT_EQ((co_await watch.next(nullptr)).value(), *served);
    EXPECT_EQ((co_await topology->srv_vschema("zone1", nullptr)).value().value, *served);
    EXPECT_TRUE((co_await topology->vschema("commerce", nullptr)).value().value.sharded);
    EXPECT_TRUE(served->routing_rules.has_value());
    EXPECT_TRUE(served->mirror_rules.has_value());

    const auto refused = co_await topology->change_vschema(
        "commerce",
        [](const KeyspaceDefinition&) -> Result<KeyspaceDefinition> {
            return fail(Code::internal, "no");
        },
        nullptr);
    EXPECT_EQ(refused.error().text, "no");
    EXPECT_EQ((co_await topology->change_vschema("nowhere", nullptr, nullptr)).error().code,
              no_node);

    // The failed change has given its lock back; a held one is waited for, but not for ever.
    auto lock = co_await topology->lock_keyspace("commerce", "test", nullptr);
    EXPECT_TRUE(lock.has_value());
    EXPECT_EQ((co_await topology->lock_keyspace("commerce", "test", nullptr)).error().text,
              "the lock of keyspaces/commerce is held by another process");
}

TEST(Topology, ChangesVSchemasUnderTheLock) {
    run(alter_vschema());
}

}  // namespace
}  // namespace sluice::topo
