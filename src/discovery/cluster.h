#pragma once
// The cluster as the gate knows it at one moment: keyspaces, the shards that serve each tablet
// type, the tablets of each shard, and what is refused. A Cluster is built by Discovery, never
// changes, and each core has its own pointer to it; a statement keeps the pointer it began with.
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "discovery/balancer.h"
#include "discovery/keyspace_events.h"
#include "topo/records.h"
#include "vindex/destination.h"
#include "vindex/target.h"
#include "vschema/schema.h"

namespace sluice::discovery {

using vindex::TabletType;

// The types that queries may name; others are never called.
inline constexpr std::array served_types{TabletType::primary, TabletType::replica,
                                         TabletType::rdonly};
template <class T>
using ByType = std::array<T, 4>;  // indexed by slot(type)
constexpr std::size_t slot(TabletType type) {
    const auto number = static_cast<std::size_t>(type);
    return number < 4 ? number : 0;
}

// A tablet record. An entry is shared by all snapshots until its record changes.
struct TabletEntry {
    std::uint32_t number = 0;  // unique among all entries of the process, dense: a core's index
    std::string alias;         // "zone1-0000000100"
    topo::Tablet record;
};
using TabletEntryPointer = std::shared_ptr<const TabletEntry>;

struct KnownTablet {
    TabletEntryPointer entry;
    bool healthy = false;    // it serves, and may be called (contract 7.2, 7.3)
    bool local = false;      // in the gate's own cell
    std::int64_t share = 0;  // the balancer's, out of 1,000,000 (balancer.h); 0: none
};

struct Shard {
    std::string keyspace;
    std::string name;
    std::optional<topo::TabletAlias> primary_alias;  // of the shard record
    // By type. The primary is at most one: a healthy one, else the shard record's, else the one
    // with the latest term. Tablets of this cell come first.
    ByType<std::vector<KnownTablet>> tablets;
    ByType<std::vector<std::string>> denied_tables;  // sorted
    ByType<bool> query_service_disabled{};
    // What the keyspace event watcher thinks of its primary (contract 7.5).
    bool being_resharded = false;
    bool failing_over = false;  // it does not serve, and another is expected
    bool had_primary = false;   // one was seen
};

struct Keyspace {
    std::string name;
    std::vector<std::unique_ptr<Shard>> shards;        // by name
    ByType<std::optional<vindex::ShardMap>> serving;   // no value: the type is not served
    ByType<std::vector<const Shard*>> serving_shards;  // in the order of serving->shards()

    const Shard* shard(std::string_view shard_name) const;  // nullptr if unknown
};

class Cluster {
 public:
    std::uint64_t epoch = 0;
    std::string cell;
    bool balanced = false;      // some tablets have a share
    bool only_healthy = false;  // tablets that are not healthy are never called
    std::map<std::string, std::unique_ptr<Keyspace>, std::less<>> keyspaces;

    const Keyspace* keyspace(std::string_view name) const {
        const auto found = keyspaces.find(name);
        return found == keyspaces.end() ? nullptr : found->second.get();
    }
};
using ClusterPointer = std::shared_ptr<const Cluster>;

// What a Cluster is built from: the topology's records as they were read.
struct ClusterRecords {
    std::string cell;
    std::vector<std::string> alias_cells;  // cells that share an alias with `cell`
    std::map<std::string, topo::SrvKeyspace> srv_keyspaces;
    std::map<std::string, std::map<std::string, topo::Shard>> shards;  // keyspace, shard
    std::vector<KnownTablet> tablets;
    std::map<std::string, KeyspaceWatch> watches;  // by keyspace
    BalancerOptions balancer;
    bool only_healthy = false;
};
std::unique_ptr<Cluster> build_cluster(const ClusterRecords& records, std::uint64_t epoch);

}  // namespace sluice::discovery
