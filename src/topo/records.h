#pragma once
// The topology's records as plain structs, field for field the messages of proto/topodata.proto
// (vtgate-contract 6.2). VSchema records are those of vschema/definition.h.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "vindex/key_range.h"
#include "vindex/target.h"
#include "vschema/definition.h"

namespace sluice::topo {

using vindex::KeyRange;
using vindex::TabletAlias;
using vindex::TabletType;

struct Time {  // vttime.Time
    std::int64_t seconds = 0;
    std::int32_t nanoseconds = 0;
    bool operator==(const Time&) const = default;
};

struct CellLocation {            // topodata.CellInfo
    std::string server_address;  // empty: the global cell's server
    std::string root;
    bool operator==(const CellLocation&) const = default;
};

struct CellsAlias {
    std::vector<std::string> cells;
    bool operator==(const CellsAlias&) const = default;
};

struct Keyspace {
    bool snapshot = false;  // keyspace_type SNAPSHOT
    std::string base_keyspace;
    std::optional<Time> snapshot_time;
    std::string durability_policy;
    std::optional<std::string> throttler_config;  // topodata.ThrottlerConfig, kept as bytes
    std::string sidecar_db_name;
    bool operator==(const Keyspace&) const = default;
};

struct SourceShard {
    std::int32_t uid = 0;
    std::string keyspace;
    std::string shard;
    std::optional<KeyRange> key_range;
    std::vector<std::string> tables;
    bool operator==(const SourceShard&) const = default;
};

struct TabletControl {
    TabletType tablet_type = TabletType::unknown;
    std::vector<std::string> cells;  // empty: all
    std::vector<std::string> denied_tables;
    bool frozen = false;
    bool operator==(const TabletControl&) const = default;
};

struct Shard {
    std::optional<TabletAlias> primary_alias;
    std::optional<KeyRange> key_range;
    std::vector<SourceShard> source_shards;
    std::vector<TabletControl> tablet_controls;
    bool is_primary_serving = false;
    std::optional<Time> primary_term_start_time;
    bool operator==(const Shard&) const = default;
};

struct Tablet {
    TabletAlias alias;
    std::string hostname;
    std::map<std::string, std::int32_t> port_map;  // "vt", "grpc"
    std::string keyspace;
    std::string shard;
    std::optional<KeyRange> key_range;
    TabletType type = TabletType::unknown;
    std::string db_name_override;
    std::map<std::string, std::string> tags;
    std::string mysql_hostname;
    std::int32_t mysql_port = 0;
    std::optional<Time> primary_term_start_time;
    std::uint32_t default_conn_collation = 0;

    // The name of its database: the override, or vt_<keyspace>.
    std::string database() const;
    bool operator==(const Tablet&) const = default;
};

struct ShardReplication {
    std::vector<TabletAlias> nodes;
    bool operator==(const ShardReplication&) const = default;
};

struct ShardReference {
    std::string name;
    std::optional<KeyRange> key_range;
    bool operator==(const ShardReference&) const = default;
};

struct ShardTabletControl {
    std::string name;
    std::optional<KeyRange> key_range;
    bool query_service_disabled = false;
    bool operator==(const ShardTabletControl&) const = default;
};

struct KeyspacePartition {
    TabletType served_type = TabletType::unknown;
    std::vector<ShardReference> shard_references;
    std::vector<ShardTabletControl> shard_tablet_controls;
    bool operator==(const KeyspacePartition&) const = default;
};

struct SrvKeyspace {
    std::vector<KeyspacePartition> partitions;
    std::optional<std::string> throttler_config;  // as in Keyspace

    // The shards that serve a type, nullptr if there is no such partition.
    const KeyspacePartition* partition(TabletType type) const;
    bool operator==(const SrvKeyspace&) const = default;
};

// The rules records that a SrvVSchema gathers; each is one record of the global cell.
struct RoutingRules {
    std::vector<vschema::RoutingRule> rules;
    bool operator==(const RoutingRules&) const = default;
};
struct ShardRoutingRules {
    std::vector<vschema::ShardRoutingRule> rules;
    bool operator==(const ShardRoutingRules&) const = default;
};
struct KeyspaceRoutingRules {
    std::vector<vschema::KeyspaceRoutingRule> rules;
    bool operator==(const KeyspaceRoutingRules&) const = default;
};
struct MirrorRules {
    std::vector<vschema::MirrorRule> rules;
    bool operator==(const MirrorRules&) const = default;
};

// Binary protobuf of any record above, and of vschema::KeyspaceDefinition and vschema::SrvVSchema.
// Map entries come sorted, so that equal records have equal bytes.
template <class T>
std::string encode(const T& record);
// Fails with data_loss if the bytes are not such a message. Unknown fields are dropped.
template <class T>
Result<T> decode(std::string_view bytes);

}  // namespace sluice::topo
