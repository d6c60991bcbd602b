#pragma once
// From a destination to shards, and the texts in which shards are named in errors.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "discovery/cluster.h"

namespace sluice::gateway {

using vindex::TabletType;

// One shard of one type. Views live as long as the snapshot and the destination that it came from.
struct ShardTarget {
    std::string_view keyspace;
    std::string_view shard;
    TabletType type = TabletType::primary;
    const discovery::Shard* known = nullptr;  // null: no such shard in the snapshot

    bool operator==(const ShardTarget& other) const {
        return keyspace == other.keyspace && shard == other.shard && type == other.type;
    }
};

// "target: ks.-80.primary: "
std::string prefix(const ShardTarget& target);

// The keyspace with its serving shards of the type. Errors: VT05003 (unknown database), no
// partition for the type (UNAVAILABLE, 1105), unknown type.
struct Serving {
    const discovery::Keyspace* keyspace = nullptr;
    TabletType type = TabletType::primary;
    const vindex::ShardMap* map = nullptr;

    // By index in map->shards().
    ShardTarget at(std::size_t index) const;
};
Result<Serving> serving(const discovery::Cluster& cluster, std::string_view keyspace,
                        TabletType type);

// Allocates nothing unless it fails.
Result<ShardTarget> shard_of(const Serving& serving, std::string_view keyspace_id);

// Targets of any destination in the order of ShardMap::resolve, without duplicates. `chance` picks
// the shard of AnyShard.
Result<std::vector<ShardTarget>> resolve(const Serving& serving,
                                         const vindex::Destination& destination,
                                         std::uint64_t chance);

}  // namespace sluice::gateway
