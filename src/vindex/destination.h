#pragma once
// Where a statement goes, before shards are known (Destination), and the shards of a keyspace to
// which it is resolved (ShardMap). Both are values; a ShardMap is built once per topology change
// and shared.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "vindex/key_range.h"
#include "vindex/keyspace_id.h"

namespace sluice::vindex {

namespace to {
struct None {
    bool operator==(const None&) const = default;
};  // no shard: no such row can exist
struct AllShards {
    bool operator==(const AllShards&) const = default;
};
struct AnyShard {
    bool operator==(const AnyShard&) const = default;
};  // one, by chance
struct Shard {
    std::string name;
    bool operator==(const Shard&) const = default;
};
struct Shards {
    std::vector<std::string> names;
    bool operator==(const Shards&) const = default;
};
struct Id {
    KeyspaceId id;
    bool operator==(const Id&) const = default;
};
struct Ids {
    std::vector<KeyspaceId> ids;
    bool operator==(const Ids&) const = default;
};
// Every shard that holds a part of the range; no range = everything.
struct Range {
    std::optional<KeyRange> range;
    bool operator==(const Range&) const = default;
};
// The shards that make up exactly the range (USE `ks[80-c0]`), or an error.
struct ExactRange {
    std::optional<KeyRange> range;
    bool operator==(const ExactRange&) const = default;
};
struct ExactRanges {
    std::vector<KeyRange> ranges;
    bool operator==(const ExactRanges&) const = default;
};
}  // namespace to

using Destination = std::variant<to::None, to::AllShards, to::AnyShard, to::Shard, to::Shards,
                                 to::Id, to::Ids, to::Range, to::ExactRange, to::ExactRanges>;

// "DestinationKeyRange(40-80)": as v21 prints it in errors, SHOW and plans.
std::string to_text(const Destination& destination);
// Does it name exactly one shard whatever the shards are (v21's IsUnique).
bool is_unique(const Destination& destination);

// A serving shard of one keyspace and tablet type.
struct ShardRange {
    std::string name;
    std::optional<KeyRange> range;
};

class ShardMap {
 public:
    ShardMap() = default;
    explicit ShardMap(std::vector<ShardRange> shards);

    // In the order of their ranges.
    const std::vector<ShardRange>& shards() const { return shards_; }
    std::size_t size() const { return shards_.size(); }

    // Index of the shard of one keyspace id. Allocates nothing unless it fails.
    Result<std::size_t> shard_of(std::string_view keyspace_id) const;
    std::optional<std::size_t> shard_named(std::string_view name) const;
    // Names of a destination's shards, views into this map or into `destination`. Keyspace ids give
    // one each, in their order, duplicates included; named shards are passed on unchecked, as v21
    // does. `chance` is any number: it picks the shard of AnyShard.
    Result<std::vector<std::string_view>> resolve(const Destination& destination,
                                                  std::uint64_t chance = 0) const;
    // Indexes into shards().
    Result<std::vector<std::size_t>> resolve_range(KeyRangeView range) const;
    Result<std::vector<std::size_t>> resolve_exact_range(KeyRangeView range) const;

 private:
    std::vector<ShardRange> shards_;
    std::vector<std::uint64_t> starts_;  // first eight bytes of each start, if sorted, gapless and
                                         // short: then shard_of is a binary search, else a scan
};

}  // namespace sluice::vindex
