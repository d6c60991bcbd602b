#include "topo/cluster.h"

#include <gtest/gtest.h>

#include "async/loop.h"
#include "topo/paths.h"

namespace sluice::topo {
namespace {

constexpr const char* two_shards = R"({
  "cells": {"zone1": {"root": "/vitess/zone1"}},
  "keyspaces": {
    "commerce": {"shards": ["0"]},
    "customer": {"shards": ["80-", "-80"], "vschema": {"sharded": true, "vindexes": {"hash": {"type": "hash"}}}}},
  "tablets": [
    {"alias": "zone1-0000000101", "keyspace": "customer", "shard": "80-", "type": "REPLICA"},
    {"alias": "zone1-0000000100", "keyspace": "customer", "shard": "80-", "type": "PRIMARY",
     "hostname": "127.0.0.1", "mysql_port": 17100, "db_name_override": "vt_customer_80-",
     "tags": {"mysql_socket": "/path"}, "port_map": {"grpc": 15999}}]})";

std::string with(std::string text, std::string_view from, std::string_view to) {
    text.replace(text.find(from), from.size(), to);
    return text;
}

TEST(ClusterDescription, IsChecked) {
    const std::string good = two_shards;
    EXPECT_TRUE(parse_cluster(good).has_value());
    const std::string start = "cluster description: ";
    struct Case {
        std::string text, want;
    };
    for (const Case& one : std::vector<Case>{
             {"{}", start + "there are no cells"},
             {"[]", start + "cluster must be an object"},
             {with(good, "\"root\"", "\"roots\""),
              start + "unknown field cluster.cells.zone1.roots"},
             {with(good, "\"/vitess/zone1\"", "5"),
              start + "cluster.cells.zone1.root must be a string"},
             {with(good, "[\"0\"]", "[]"), start + "cluster.keyspaces.commerce has no shards"},
             {with(good, "zone1-0000000101", "zone2-0000000101"),
              start + "tablet zone2-0000000101 is in an unknown cell"},
             {with(good, "\"shard\": \"80-\"", "\"shard\": \"c0-\""),
              start + "tablet zone1-0000000101 is of unknown shard 'c0-'"},
             {with(good, "REPLICA", "PRIMARY"), start + "shard customer/80- has two primaries"},
             {with(good, "REPLICA", "LEADER"),
              start + "cluster.tablets[0] has unknown type 'LEADER'"},
             {with(good, "15999", "159990"),
              start + "cluster.tablets[1].port_map.grpc must be a port"},
         }) {
        const auto parsed = parse_cluster(one.text);
        EXPECT_EQ(parsed ? "parsed" : parsed.error().text, one.want);
    }
    EXPECT_FALSE(parse_cluster(with(good, "\"sharded\": true", "\"sharded\": 7")).has_value());
    EXPECT_FALSE(parse_cluster("{\"cells\": ").has_value());
}

async::Task<void> load() {
    TopologyOptions options;
    options.implementation = "memory";
    options.global_root = "/vitess/global";
    const auto topology = (co_await Topology::open(options, nullptr)).value();
    Topology* to = topology.get();
    EXPECT_TRUE(
        (co_await load_cluster(to, parse_cluster(two_shards).value(), false, {1000, 0}, nullptr))
            .has_value());
    const auto first = (co_await dump_records(to, nullptr)).value();
    for (
        const std::string_view line : {
            R"("/global/cells/zone1/CellInfo": {"root":"/vitess/zone1"})",
            R"("/global/keyspaces/customer/Keyspace": {"durability_policy":"none","sidecar_db_name":"_vt"})",
            R"("/global/keyspaces/customer/shards/80-/Shard": {"primary_alias":{"cell":"zone1","uid":100},)"
            R"("key_range":{"start":"gA=="},"is_primary_serving":true,"primary_term_start_time":{"seconds":"1000"}})",
            R"("/global/keyspaces/commerce/shards/0/Shard": {"is_primary_serving":true})",
            R"("/zone1/keyspaces/customer/shards/80-/ShardReplication": {"nodes":[{"tablet_alias":{"cell":)"
            R"("zone1","uid":100}},{"tablet_alias":{"cell":"zone1","uid":101}}]})",
            R"("tags":{"mysql_socket":"/path"},"mysql_hostname":"127.0.0.1","mysql_port":17100,)"
            R"("primary_term_start_time":{"seconds":"1000"}})",
        }) {
        EXPECT_NE(first.find(line), first.npos) << line << "\n" << first;
    }
    const auto served = (co_await to->srv_keyspace("zone1", "customer", nullptr)).value().value;
    EXPECT_EQ(served.partitions.size(), 3U);
    const auto* replicas = served.partition(TabletType::replica);
    EXPECT_EQ(replicas->shard_references[0].name, "-80");
    EXPECT_EQ(replicas->shard_references[1].name, "80-");
    EXPECT_EQ(served.partition(TabletType::spare), nullptr);
    const auto vschema = (co_await to->srv_vschema("zone1", nullptr)).value().value;
    EXPECT_TRUE(vschema.keyspaces.at("customer").sharded);
    EXPECT_FALSE(vschema.keyspaces.at("commerce").sharded);

    // Again, later: nothing changes, not even the primaries' terms; a changed VSchema stays.
    EXPECT_TRUE(
        (co_await load_cluster(to, parse_cluster(two_shards).value(), false, {2000, 0}, nullptr))
            .has_value());
    EXPECT_EQ((co_await dump_records(to, nullptr)).value(), first);
    vschema::KeyspaceDefinition changed;
    changed.require_explicit_routing = true;
    EXPECT_TRUE((co_await to->write("global", path::vschema("customer"), changed, 0, nullptr)));
    EXPECT_TRUE(
        (co_await load_cluster(to, parse_cluster(two_shards).value(), false, {2000, 0}, nullptr))
            .has_value());
    EXPECT_EQ((co_await to->vschema("customer", nullptr)).value().value, changed);
    EXPECT_TRUE(
        (co_await load_cluster(to, parse_cluster(two_shards).value(), true, {2000, 0}, nullptr))
            .has_value());
    EXPECT_EQ((co_await dump_records(to, nullptr)).value(), first);

    EXPECT_EQ((co_await record_at(to, "/global/cells/zone1/CellInfo", nullptr)).value(),
              R"({"root":"/vitess/zone1"})");
    EXPECT_EQ((co_await record_at(to, "/zone1/nothing", nullptr)).error().code, no_node);
    EXPECT_EQ((co_await record_at(to, "nothing", nullptr)).error().code, Code::invalid_argument);
}

TEST(ClusterDescription, IsLoadedOnce) {
    async::Loop loop;
    run_until_done(loop, load());
}

}  // namespace
}  // namespace sluice::topo
