#pragma once
// Key ranges: intervals [start, end) of keyspace ids, written "40-80" in hex, an empty bound being
// open. Keys are compared as if padded with zero bytes on the right, so "80" and "8000" are one
// key. Source: vtgate-contract 6.2.
#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace sluice::vindex {

// Bounds are raw bytes, not hex. Fields as in topodata.KeyRange.
struct KeyRange {
    std::string start;
    std::string end;

    bool operator==(const KeyRange&) const =
        default;               // the same bytes; equal() is about the same keys
    bool is_complete() const;  // everything: "-", "00-", ...
    bool contains(std::string_view keyspace_id) const;
};

// Many functions take "no range at all" (a shard with a name such as "0"), which means everything.
using KeyRangeView = const KeyRange*;  // nullptr = no range

std::strong_ordering compare_keys(std::string_view left, std::string_view right);
std::strong_ordering compare_start(KeyRangeView left, KeyRangeView right);
std::strong_ordering compare_end(KeyRangeView left, KeyRangeView right);
// Orders by start, then by end.
std::strong_ordering compare(KeyRangeView left, KeyRangeView right);
bool equal(KeyRangeView left, KeyRangeView right);
bool is_complete(KeyRangeView range);
bool contains(KeyRangeView range, std::string_view keyspace_id);
bool contains_range(KeyRangeView outer, KeyRangeView inner);
bool intersect(KeyRangeView left, KeyRangeView right);
// The left one's end is the right one's start; open bounds count as equal, so that a circle closes
// (as v21 has it).
bool contiguous(KeyRangeView left, KeyRangeView right);
// The union of two ranges of which one ends where the other starts, in any order; nullopt
// otherwise.
std::optional<KeyRange> add(KeyRangeView left, KeyRangeView right);
// "40-80"; "-" for everything or nullptr.
std::string to_text(KeyRangeView range);

// spec = bound *( "-" bound ) ; bound = *2HEXDIG ; "-40-80-" makes three ranges, "0" and "-" one.
Result<std::vector<KeyRange>> parse_sharding_spec(std::string_view spec);
// range = bound "-" bound, in order. A syntactic check only: true for what parse_key_range accepts.
bool is_valid_key_range(std::string_view text);
// "-20", "20-40", ... for `count` shards of equal width.
Result<std::vector<std::string>> generate_shard_ranges(long long count);

// A shard's name in its canonical form (lower case) and its range: nullopt unless the name is a key
// range.
struct ShardName {
    std::string name;
    std::optional<KeyRange> range;
};
Result<ShardName> validate_shard_name(std::string_view name);
Result<void> validate_keyspace_name(std::string_view name);

}  // namespace sluice::vindex
