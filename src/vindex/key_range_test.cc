// Key ranges, destinations and targets: tables of our own, and the recorded cases of
// corpora/keyrange.
#include "vindex/key_range.h"

#include <algorithm>

#include "vindex/destination.h"
#include "vindex/detail/corpus_lines.h"
#include "vindex/target.h"

namespace sluice::vindex {
namespace {

using corpus::text_of;
using corpus::json::array;
using corpus::json::object;
using Wrong = std::optional<std::string>;

std::string shown(const KeyRange& range) {
    return to_hex(range.start) + "-" + to_hex(range.end);
}

Wrong differs(const std::string& got, const std::string& want) {
    if (got == want) return std::nullopt;
    return "got " + got + ", want " + want;
}
Wrong differs(bool got, const object& c) {
    const auto* want = c.if_contains("bool");
    return differs(got ? "true" : "false", want && want->as_bool() ? "true" : "false");
}

std::string error_of(const object& c) {
    const auto* error = c.if_contains("error");
    return error ? text_of(error->as_object(), "text") : std::string();
}

std::string ranges_of(const object& c) {
    std::string text;
    const auto* ranges = c.if_contains("ranges");
    if (!ranges) return text;
    for (const auto& range : ranges->as_array()) {
        const object& r = range.as_object();
        text += (r.contains("nil") ? std::string("nil")
                                   : text_of(r, "start") + "-" + text_of(r, "end")) +
                ";";
    }
    return text;
}

// Operands are written like shard names, unchecked: "80-40" is possible; "nil" is no range.
std::optional<KeyRange> operand(std::string_view text) {
    if (text == "nil") return std::nullopt;
    const std::size_t dash = text.find('-');
    return KeyRange{corpus::unhex(text.substr(0, dash)), corpus::unhex(text.substr(dash + 1))};
}

std::vector<std::string> inputs(const object& c) {
    std::vector<std::string> in;
    for (const auto& item : c.at("in").as_array()) in.emplace_back(item.as_string());
    return in;
}

template <class T>
Wrong check_outcome(const Result<T>& got, const object& c, auto describe) {
    if (!got || !error_of(c).empty())
        return differs(got ? "success" : got.error().text, error_of(c));
    return describe(*got);
}

Wrong check_names(const object& c, const std::string& op, const std::string& in) {
    if (op == "parse_sharding_spec") {
        return check_outcome(parse_sharding_spec(in), c, [&](const std::vector<KeyRange>& ranges) {
            std::string text;
            for (const KeyRange& range : ranges) text += shown(range) + ";";
            return differs(text, ranges_of(c));
        });
    }
    if (op == "is_valid_key_range") return differs(is_valid_key_range(in), c);
    if (op == "validate_shard_name") {
        return check_outcome(validate_shard_name(in), c, [&](const ShardName& name) {
            const std::string range = (name.range ? shown(*name.range) : "nil") + ";";
            return differs(name.name + " " + range,
                           (text_of(c, "text") == to_text(name.range ? &*name.range : nullptr)
                                ? name.name
                                : text_of(c, "text")) +
                               " " + ranges_of(c));
        });
    }
    const Result<void> got = validate_keyspace_name(in);
    return differs(got ? "" : got.error().text, error_of(c));
}

Wrong check_key_ranges(const object& c) {
    const std::string op = text_of(c, "op");
    if (op == "generate_shard_ranges") {
        return check_outcome(generate_shard_ranges(c.at("n").as_int64()), c,
                             [&](const auto& names) {
                                 array want = c.at("shards").as_array();
                                 std::string got_text, want_text;
                                 for (const auto& name : names) got_text += name + ",";
                                 for (const auto& name : want)
                                     want_text += std::string(name.as_string()) + ",";
                                 return differs(got_text, want_text);
                             });
    }
    const auto in = inputs(c);
    if (op == "compare_keys") {
        const auto order = compare_keys(corpus::unhex(in[0]), corpus::unhex(in[1]));
        return differs(std::to_string(order < 0 ? -1 : order > 0),
                       std::to_string(c.at("int").as_int64()));
    }
    if (op.starts_with("parse_") || op.starts_with("is_valid") || op.starts_with("validate")) {
        return check_names(c, op, in[0]);
    }
    const std::optional<KeyRange> left = operand(in[0]);
    const KeyRangeView l = left ? &*left : nullptr;
    if (op == "contains") return differs(contains(l, corpus::unhex(in[1])), c);
    if (op == "is_complete") return differs(is_complete(l), c);
    if (op == "key_range_string") return differs(to_text(l), text_of(c, "text"));
    const std::optional<KeyRange> right = operand(in.at(1));
    const KeyRangeView r = right ? &*right : nullptr;
    if (op == "intersect") return differs(intersect(l, r), c);
    if (op == "contains_range") return differs(contains_range(l, r), c);
    if (op == "equal") return differs(equal(l, r), c);
    if (op == "contiguous") return differs(contiguous(l, r), c);
    if (op == "compare") {
        const auto order = compare(l, r);
        return differs(std::to_string(order < 0 ? -1 : order > 0),
                       std::to_string(c.at("int").as_int64()));
    }
    if (op == "add") {
        const auto sum = add(l, r);
        if (const Wrong wrong = differs(sum.has_value(), c)) return wrong;
        return sum ? differs(shown(*sum) + ";", ranges_of(c)) : std::nullopt;
    }
    return "unknown operation " + op;
}

TEST(KeyRange, Corpus) {
    corpus::run("keyrange/keyranges", check_key_ranges);
}

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        parts.emplace_back(text.substr(0, comma));
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    }
    return parts;
}

Destination destination_of(std::string_view text) {
    const std::size_t colon = text.find(':');
    const std::string_view kind = text.substr(0, colon);
    const std::string_view rest =
        colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
    if (kind == "keyspace_id") return to::Id{KeyspaceId(corpus::unhex(rest))};
    if (kind == "key_range") return to::Range{operand(rest)};
    if (kind == "exact_key_range") return to::ExactRange{operand(rest)};
    if (kind == "shard") return to::Shard{std::string(rest)};
    if (kind == "shards") return to::Shards{split(rest)};
    if (kind == "all_shards") return to::AllShards{};
    if (kind == "any_shard") return to::AnyShard{};
    if (kind == "none") return to::None{};
    to::Ids ids;
    for (const std::string& id : split(rest)) ids.ids.emplace_back(corpus::unhex(id));
    return ids;
}

Wrong check_resolve(const object& c) {
    std::vector<ShardRange> shards;
    for (const std::string& name : inputs(c))
        shards.push_back({name, validate_shard_name(name)->range});
    const ShardMap map(std::move(shards));
    const Destination destination = destination_of(text_of(c, "destination"));
    if (const Wrong wrong = differs(to_text(destination), text_of(c, "text"))) return wrong;
    const auto got = map.resolve(destination, 7);
    return check_outcome(got, c, [&](const std::vector<std::string_view>& names) {
        std::string text, want;
        // The order of a range's shards means nothing; it was recorded as the original happened to
        // hold them.
        const bool any_order = std::holds_alternative<to::Range>(destination) ||
                               std::holds_alternative<to::AllShards>(destination);
        for (const auto name : names) text += std::string(name) + ",";
        if (const auto* any = c.if_contains("any_of")) {
            for (const auto& name : any->as_array()) {
                if (text == std::string(name.as_string()) + ",") return Wrong();
            }
            return Wrong("not one of them: " + text);
        }
        if (const auto* list = c.if_contains("shards")) {
            std::vector<std::string> wanted;
            for (const auto& name : list->as_array()) wanted.emplace_back(name.as_string());
            if (any_order && std::ranges::is_permutation(wanted, names)) return Wrong();
            for (const auto& name : wanted) want += name + ",";
        }
        return differs(text, want);
    });
}

Wrong check_destinations(const object& c) {
    const std::string op = text_of(c, "op");
    if (op == "resolve") return check_resolve(c);
    const std::string in = inputs(c)[0];
    if (op == "parse_destination") {
        const Result<Target> got = parse_target(in, TabletType::primary);
        // Where the original crashes an ordinary error is right.
        if (error_of(c).starts_with("PANIC")) return got ? Wrong("an error was due") : std::nullopt;
        return check_outcome(got, c, [&](const Target& target) {
            const std::string text = target.keyspace + " " +
                                     std::string(tablet_type_name(target.tablet_type)) + " " +
                                     (target.destination ? to_text(*target.destination) : "");
            return differs(text, text_of(c, "keyspace") + " " + text_of(c, "tablet_type") + " " +
                                     text_of(c, "destination"));
        });
    }
    if (op == "parse_tablet_alias") {
        return check_outcome(parse_tablet_alias(in), c, [&](const TabletAlias& alias) {
            return differs(to_text(alias) + " " + alias.cell,
                           text_of(c, "text") + " " + text_of(c, "destination"));
        });
    }
    return check_outcome(parse_keyspace_shard(in), c, [&](const KeyspaceShard& path) {
        return differs(path.keyspace + "/" + path.shard,
                       text_of(c, "keyspace") + "/" + text_of(c, "text"));
    });
}

TEST(Destination, Corpus) {
    corpus::run("keyrange/destinations", check_destinations);
}

TEST(KeyRange, KeysCompareAsIfPaddedWithZeros) {
    using std::string_view;
    EXPECT_TRUE(compare_keys("\x80", string_view("\x80\0", 2)) == 0);
    EXPECT_TRUE(compare_keys("\x7f\xff", "\x80") < 0);
    const KeyRange upper{std::string("\x80\0", 2), ""};
    EXPECT_TRUE(upper.contains("\x80"));
    EXPECT_FALSE(upper.contains("\x7f\xff"));
    EXPECT_TRUE((KeyRange{std::string(1, '\0'), ""}.is_complete()));
}

TEST(KeyRange, ParsesAndRefuses) {
    struct Case {
        const char* spec;
        const char* want;
    };
    for (const auto& [spec, want] : {
             Case{"-", "-;"},
             Case{"0", "-;"},
             Case{"-40-80-", "-40;40-80;80-;"},
             Case{"40-8", "encoding/hex: odd length hex string"},
             Case{"40-4g", "encoding/hex: invalid byte: U+0067 'g'"},
             Case{"80-40", "malformed spec: shard limits should be in order: \"80-40\""},
             Case{"--80",
                  "malformed spec: MinKey/MaxKey cannot be in the middle of the spec: \"--80\""},
             Case{"x", "malformed spec: doesn't define a range: \"x\""},
         }) {
        const auto got = parse_sharding_spec(spec);
        std::string text;
        if (got) {
            for (const KeyRange& range : *got) text += shown(range) + ";";
        } else {
            text = got.error().text;
        }
        EXPECT_EQ(text, want) << spec;
    }
}

TEST(ShardMap, FindsTheShardOfAKeyspaceId) {
    struct Case {
        std::vector<std::string> shards;
        std::string keyspace_id;
        std::string want;
    };
    for (const auto& [names, id, want] : {
             Case{{"-80", "80-"}, "7f", "-80"},
             Case{{"-80", "80-"}, "80", "80-"},
             Case{{"-80", "80-"}, "", "-80"},
             Case{{"-80", "80-"}, "ffffffffffffffffff", "80-"},
             Case{{"80-", "-80"}, "7f", "-80"},
             Case{{"-40", "40-80", "80-c0", "c0-"}, "7fffffffffffffffff", "40-80"},
             Case{{"-400000000000000001", "400000000000000001-"},
                  "4000000000000000",
                  "-400000000000000001"},
             Case{{"-400000000000000001", "400000000000000001-"},
                  "400000000000000001",
                  "400000000000000001-"},
             Case{{"0"}, "80", "0"},
             Case{{"-40", "80-"}, "50", "error"},
         }) {
        std::vector<ShardRange> shards;
        for (const std::string& name : names)
            shards.push_back({name, validate_shard_name(name)->range});
        const ShardMap map(std::move(shards));
        const auto got = map.shard_of(corpus::unhex(id));
        EXPECT_EQ(got ? map.shards()[*got].name : "error", want) << id;
    }
}

TEST(Target, IsReadFromTheRight) {
    struct Case {
        const char* text;
        const char* want;
    };
    for (const auto& [text, want] : {
             Case{"ks", "ks|primary|"},
             Case{"ks:-80@rdonly", "ks|rdonly|DestinationShard(-80)"},
             Case{"ks/-80", "ks|primary|DestinationShard(-80)"},
             Case{"@replica", "|replica|"},
             Case{"ks[80-c0]", "ks|primary|DestinationExactKeyRange(80-c0)"},
             Case{"ks[166b40]@replica", "ks|replica|DestinationKeyspaceID(166b40)"},
             Case{"ks@nonsense", "ks|unknown|"},
             Case{"ks]4[", "invalid key range provided. Couldn't find range end ']'"},
         }) {
        const auto target = parse_target(text, TabletType::primary);
        std::string got = target
                              ? target->keyspace + "|" +
                                    std::string(tablet_type_lower_name(target->tablet_type)) + "|" +
                                    (target->destination ? to_text(*target->destination) : "")
                              : target.error().text;
        EXPECT_EQ(got, want) << text;
    }
}

}  // namespace
}  // namespace sluice::vindex
