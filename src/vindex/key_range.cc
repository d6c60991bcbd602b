// Part of step 6 of a request: which keys a shard holds. Also read by topo (shard records) and USE
// (target.cc).
#include "vindex/key_range.h"

#include <algorithm>
#include <cmath>

#include "vindex/detail/go_text.h"
#include "vindex/keyspace_id.h"

namespace sluice::vindex {

namespace {

const KeyRange everything;

const KeyRange& range_of(KeyRangeView range) {
    return range ? *range : everything;
}

std::string_view without_zero_tail(std::string_view key) {
    while (key.ends_with('\0')) key.remove_suffix(1);
    return key;
}

bool is_open(std::string_view bound) {
    return without_zero_tail(bound).empty();
}

std::unexpected<Error> invalid(std::string text) {
    return fail(Code::invalid_argument, std::move(text));
}

std::unexpected<Error> malformed(std::string_view what, std::string_view spec) {
    return invalid("malformed spec: " + std::string(what) + ": " + quoted(spec));
}

std::vector<std::string_view> split_at_dashes(std::string_view text) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t dash = text.find('-');
        parts.push_back(text.substr(0, dash));
        if (dash == std::string_view::npos) return parts;
        text.remove_prefix(dash + 1);
    }
}

// Names of keyspaces and shards become folders of the topology: letters, digits, '_' and '-' only.
Result<void> check_name(std::string_view name) {
    constexpr std::size_t longest = 64;
    for (std::string_view rest = name; !rest.empty();) {
        const Decoded next = decode_utf8(rest);
        const char32_t c = next.character;
        const bool allowed =
            next.length == 1 && ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                                 (c >= 'A' && c <= 'Z') || c == '_' || c == '-');
        if (!allowed) {
            const std::string_view shown =
                next.length == 0 ? "\xEF\xBF\xBD" : rest.substr(0, next.length);
            return invalid("invalid character " + std::string(shown) + " in name " +
                           std::string(name));
        }
        rest.remove_prefix(next.length);
    }
    if (name.size() > longest) return invalid("name " + std::string(name) + " is too long");
    return {};
}

}  // namespace

std::strong_ordering compare_keys(std::string_view left, std::string_view right) {
    return without_zero_tail(left) <=> without_zero_tail(right);
}

std::strong_ordering compare_start(KeyRangeView left, KeyRangeView right) {
    return compare_keys(range_of(left).start, range_of(right).start);
}

std::strong_ordering compare_end(KeyRangeView left, KeyRangeView right) {
    const bool left_open = is_open(range_of(left).end), right_open = is_open(range_of(right).end);
    if (left_open || right_open) return left_open <=> right_open;
    return compare_keys(range_of(left).end, range_of(right).end);
}

std::strong_ordering compare(KeyRangeView left, KeyRangeView right) {
    const std::strong_ordering by_start = compare_start(left, right);
    return by_start != 0 ? by_start : compare_end(left, right);
}

bool equal(KeyRangeView left, KeyRangeView right) {
    return compare(left, right) == 0;
}

bool is_complete(KeyRangeView range) {
    return is_open(range_of(range).start) && is_open(range_of(range).end);
}

bool contains(KeyRangeView range, std::string_view keyspace_id) {
    const KeyRange& own = range_of(range);
    if (compare_keys(own.start, keyspace_id) > 0) return false;
    return is_open(own.end) || compare_keys(keyspace_id, own.end) < 0;
}

bool contains_range(KeyRangeView outer, KeyRangeView inner) {
    return compare_start(outer, inner) <= 0 && compare_end(outer, inner) >= 0;
}

bool intersect(KeyRangeView left, KeyRangeView right) {
    const auto ends_after_start = [](const KeyRange& range, const KeyRange& other) {
        return is_open(range.end) || compare_keys(other.start, range.end) < 0;
    };
    return ends_after_start(range_of(left), range_of(right)) &&
           ends_after_start(range_of(right), range_of(left));
}

namespace {
bool ends_where_starts(const KeyRange& lower, const KeyRange& upper) {
    return !is_open(lower.end) && !is_open(upper.start) &&
           compare_keys(lower.end, upper.start) == 0;
}
}  // namespace

bool contiguous(KeyRangeView left, KeyRangeView right) {
    if (is_complete(left) || is_complete(right)) return false;
    return compare_keys(left->end, right->start) == 0;
}

std::optional<KeyRange> add(KeyRangeView left, KeyRangeView right) {
    if (ends_where_starts(range_of(left), range_of(right))) {
        return KeyRange{range_of(left).start, range_of(right).end};
    }
    if (ends_where_starts(range_of(right), range_of(left))) {
        return KeyRange{range_of(right).start, range_of(left).end};
    }
    return std::nullopt;
}

bool KeyRange::is_complete() const {
    return vindex::is_complete(this);
}
bool KeyRange::contains(std::string_view keyspace_id) const {
    return vindex::contains(this, keyspace_id);
}

std::string to_text(KeyRangeView range) {
    if (is_complete(range)) return "-";
    return to_hex(range_of(range).start) + "-" + to_hex(range_of(range).end);
}

Result<std::vector<KeyRange>> parse_sharding_spec(std::string_view spec) {
    std::vector<std::string_view> parts = split_at_dashes(spec);
    if (parts.size() == 1) {
        if (spec != "0") return malformed("doesn't define a range", spec);
        parts = {"", ""};
    }
    std::vector<KeyRange> ranges;
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const std::string_view start = parts[i - 1], end = parts[i];
        if (end.empty() && i + 1 != parts.size()) {
            return malformed("MinKey/MaxKey cannot be in the middle of the spec", spec);
        }
        if (!end.empty() && end <= start) return malformed("shard limits should be in order", spec);
        ranges.push_back({TRY(parse_hex(start)), TRY(parse_hex(end))});
    }
    return ranges;
}

bool is_valid_key_range(std::string_view text) {
    if (text == "0") return true;
    const std::vector<std::string_view> bounds = split_at_dashes(text);
    return bounds.size() == 2 && parse_hex(bounds[0]) && parse_hex(bounds[1]);
}

Result<std::vector<std::string>> generate_shard_ranges(long long count) {
    constexpr long long most = 1 << 16;
    if (count <= 0) return invalid("shards must be greater than zero");
    if (count > most)
        return invalid(
            "this function does not support more than 65336 shards in a single keyspace");
    const int bytes = count <= 256 ? 1 : 2;
    const double width = (bytes == 1 ? 256.0 : 65536.0) / static_cast<double>(count);
    const auto bound = [&](long long i) -> std::string {
        if (i == 0 || i == count) return "";
        const auto key = static_cast<unsigned>(static_cast<double>(i) * width);
        std::string raw;
        if (bytes == 2) raw += static_cast<char>(key >> 8);
        raw += static_cast<char>(key & 0xff);
        return to_hex(raw);
    };
    std::vector<std::string> names;
    for (long long i = 0; i < count; ++i) names.push_back(bound(i) + "-" + bound(i + 1));
    return names;
}

Result<ShardName> validate_shard_name(std::string_view name) {
    TRY(check_name(name));
    if (name.find('-') == std::string_view::npos) return ShardName{std::string(name), std::nullopt};
    const std::vector<std::string_view> bounds = split_at_dashes(name);
    if (bounds.size() != 2)
        return invalid("invalid shardId, can only contain one '-': " + std::string(name));
    KeyRange range{TRY(parse_hex(bounds[0])), TRY(parse_hex(bounds[1]))};
    if (!range.end.empty() && range.start >= range.end) {
        return invalid("out of order keys: " + to_hex(range.start) +
                       " is not strictly smaller than " + to_hex(range.end));
    }
    std::string lower(name);
    std::ranges::transform(lower, lower.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    return ShardName{std::move(lower), std::move(range)};
}

Result<void> validate_keyspace_name(std::string_view name) {
    return check_name(name);
}

}  // namespace sluice::vindex
