// Step 6 of a request, its end: keyspace ids and key ranges become shards. Before: vindex.h. After:
// gateway.
#include "vindex/destination.h"

#include <algorithm>
#include <functional>
#include <span>

#include "base/overload.h"

namespace sluice::vindex {

namespace {

KeyRangeView view(const std::optional<KeyRange>& range) {
    return range ? &*range : nullptr;
}

std::string joined(const auto& items, auto to_string) {
    std::string text;
    bool first = true;
    for (const auto& item : items) {
        if (!first) text += ",";
        text += std::invoke(to_string, item);
        first = false;
    }
    return text;
}

// The first eight bytes as a number, zero padded: keys of at most eight bytes keep their order.
std::uint64_t leading_number(std::string_view key) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < 8; ++i) {
        number = number << 8 | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0);
    }
    return number;
}

// Bytes and names as protobuf's text format writes them, for one error text.
std::string proto_text(std::string_view bytes) {
    std::string text = "\"";
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        if (byte == '"' || byte == '\\') {
            text += {'\\', byte};
        } else if (byte == '\n') {
            text += "\\n";
        } else if (byte == '\r') {
            text += "\\r";
        } else if (byte == '\t') {
            text += "\\t";
        } else if (value < 0x20 || value >= 0x7f) {
            text += "\\x" + to_hex({&byte, 1});
        } else {
            text += byte;
        }
    }
    return text + "\"";
}

std::string proto_text(const ShardRange& shard) {
    std::string text = "name:" + proto_text(shard.name);
    if (!shard.range) return text;
    std::string bounds;
    if (!shard.range->start.empty()) bounds += "start:" + proto_text(shard.range->start);
    if (!shard.range->end.empty())
        bounds += (bounds.empty() ? "" : " ") + ("end:" + proto_text(shard.range->end));
    return text + " key_range:{" + bounds + "}";
}

std::unexpected<Error> no_shard_holds(std::string_view keyspace_id,
                                      const std::vector<ShardRange>& shards) {
    std::string text = "KeyspaceId " + to_hex(keyspace_id) + " didn't match any shards [";
    for (const ShardRange& shard : shards) {
        if (&shard != &shards.front()) text += ' ';
        text += proto_text(shard);
    }
    return fail(Code::invalid_argument, text + "]");
}

// Do the shards, in order, cover all keys without gap or overlap, with bounds that fit into a
// number each.
bool is_simple(const std::vector<ShardRange>& shards) {
    std::string_view expected;
    for (const ShardRange& shard : shards) {
        if (!shard.range || shard.range->start.size() > 8) return false;
        if (compare_keys(shard.range->start, expected) != 0) return false;
        expected = shard.range->end;
        const bool last = &shard == &shards.back();
        if (compare_keys(expected, "") == 0) return last;
        if (compare_keys(shard.range->start, expected) >= 0) return false;
    }
    return false;
}

}  // namespace

std::string to_text(const Destination& destination) {
    const auto range = [](const KeyRange& r) { return to_text(&r); };
    return std::visit(
        Overload{
            [](const to::None&) -> std::string { return "DestinationNone()"; },
            [](const to::AllShards&) -> std::string { return "DestinationAllShards()"; },
            [](const to::AnyShard&) -> std::string { return "DestinationAnyShard()"; },
            [](const to::Shard& d) { return "DestinationShard(" + d.name + ")"; },
            [](const to::Shards& d) {
                return "DestinationShards(" + joined(d.names, std::identity{}) + ")";
            },
            [](const to::Id& d) { return "DestinationKeyspaceID(" + d.id.hex() + ")"; },
            [](const to::Ids& d) {
                return "DestinationKeyspaceIDs(" + joined(d.ids, &KeyspaceId::hex) + ")";
            },
            [](const to::Range& d) {
                return "DestinationKeyRange(" + to_text(view(d.range)) + ")";
            },
            [](const to::ExactRange& d) {
                return "DestinationExactKeyRange(" + to_text(view(d.range)) + ")";
            },
            [&](const to::ExactRanges& d) {
                return "DestinationExactKeyRanges(" + joined(d.ranges, range) + ")";
            },
        },
        destination);
}

bool is_unique(const Destination& destination) {
    return std::visit(Overload{
                          [](const to::None&) { return true; },
                          [](const to::AllShards&) { return false; },
                          [](const to::AnyShard&) { return true; },
                          [](const to::Shard&) { return true; },
                          [](const to::Shards& d) { return d.names.size() == 1; },
                          [](const to::Id&) { return true; },
                          [](const to::Ids& d) { return d.ids.size() == 1; },
                          [](const to::Range&) { return false; },
                          [](const to::ExactRange&) { return false; },
                          [](const to::ExactRanges&) { return false; },
                      },
                      destination);
}

ShardMap::ShardMap(std::vector<ShardRange> shards) : shards_(std::move(shards)) {
    // Few and nearly always sorted already, so each is moved to its place one by one, which keeps
    // equals in order.
    for (auto next = shards_.begin(); next != shards_.end(); ++next) {
        const auto place = std::upper_bound(
            shards_.begin(), next, *next,
            [](const auto& l, const auto& r) { return compare(view(l.range), view(r.range)) < 0; });
        std::rotate(place, next, next + 1);
    }
    if (!is_simple(shards_)) return;
    starts_.reserve(shards_.size());
    for (const ShardRange& shard : shards_) starts_.push_back(leading_number(shard.range->start));
}

Result<std::size_t> ShardMap::shard_of(std::string_view keyspace_id) const {
    if (!starts_.empty()) [[likely]] {
        const auto after = std::ranges::upper_bound(starts_, leading_number(keyspace_id));
        return static_cast<std::size_t>(after - starts_.begin()) - 1;
    }
    for (std::size_t i = 0; i < shards_.size(); ++i) {
        if (contains(view(shards_[i].range), keyspace_id)) return i;
    }
    if (shards_.empty()) return fail(Code::invalid_argument, "no shard in keyspace");
    return no_shard_holds(keyspace_id, shards_);
}

std::optional<std::size_t> ShardMap::shard_named(std::string_view name) const {
    const auto found = std::ranges::find(shards_, name, &ShardRange::name);
    if (found == shards_.end()) return std::nullopt;
    return static_cast<std::size_t>(found - shards_.begin());
}

Result<std::vector<std::size_t>> ShardMap::resolve_range(KeyRangeView range) const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < shards_.size(); ++i) {
        if (is_complete(range) || intersect(view(shards_[i].range), range)) found.push_back(i);
    }
    return found;
}

Result<std::vector<std::size_t>> ShardMap::resolve_exact_range(KeyRangeView range) const {
    const auto starts_it = [&](const ShardRange& shard) {
        return compare_start(range, view(shard.range)) == 0;
    };
    std::vector<std::size_t> found;
    for (auto next = std::ranges::find_if(shards_, starts_it); next != shards_.end(); ++next) {
        found.push_back(static_cast<std::size_t>(next - shards_.begin()));
        if (compare_end(range, view(next->range)) == 0) return found;
    }
    return fail(Code::invalid_argument,
                "keyrange " + to_text(range) + " does not exactly match shards");
}

Result<std::vector<std::string_view>> ShardMap::resolve(const Destination& destination,
                                                        std::uint64_t chance) const {
    using Names = Result<std::vector<std::string_view>>;
    const auto named = [&](const Result<std::vector<std::size_t>>& indexes) -> Names {
        if (!indexes) return std::unexpected(indexes.error());
        std::vector<std::string_view> names;
        for (const std::size_t i : *indexes) names.emplace_back(shards_[i].name);
        return names;
    };
    const auto of_ids = [&](std::span<const KeyspaceId> ids) -> Names {
        std::vector<std::string_view> names;
        for (const KeyspaceId& id : ids) names.emplace_back(shards_[TRY(shard_of(id.view()))].name);
        return names;
    };
    return std::visit(
        Overload{
            [](const to::None&) -> Names { return {}; },
            [&](const to::AllShards&) -> Names { return named(resolve_range(nullptr)); },
            [&](const to::AnyShard&) -> Names {
                if (shards_.empty()) return fail(Code::invalid_argument, "no shard in keyspace");
                return std::vector<std::string_view>{shards_[chance % shards_.size()].name};
            },
            [](const to::Shard& d) -> Names { return std::vector<std::string_view>{d.name}; },
            [](const to::Shards& d) -> Names {
                return std::vector<std::string_view>(d.names.begin(), d.names.end());
            },
            [&](const to::Id& d) -> Names { return of_ids({&d.id, 1}); },
            [&](const to::Ids& d) -> Names { return of_ids(d.ids); },
            [&](const to::Range& d) -> Names { return named(resolve_range(view(d.range))); },
            [&](const to::ExactRange& d) -> Names {
                return named(resolve_exact_range(view(d.range)));
            },
            [&](const to::ExactRanges& d) -> Names {
                std::vector<std::string_view> names;
                for (const KeyRange& range : d.ranges) {
                    const auto more = TRY(named(resolve_exact_range(&range)));
                    names.insert(names.end(), more.begin(), more.end());
                }
                return names;
            },
        },
        destination);
}

}  // namespace sluice::vindex
