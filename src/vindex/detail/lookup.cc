// Read when a VSchema is built: what is known of lookup vindexes. They are not run: a plan that
// would need one is refused by the planner.
#include <algorithm>
#include <array>

#include "vindex/detail/makers.h"

namespace sluice::vindex {

namespace {

struct LookupType {
    std::string_view type;
    bool unique;
    bool planable;    // the gate may plan the lookup's query itself
    bool consistent;  // entries are written in a transaction of their own, before the rows
    bool knows_no_verify;
    bool hidden;  // v21 does not tell the planner that a write_only one is being filled
};

constexpr std::array types{
    LookupType{"lookup", false, true, false, true, false},
    LookupType{"lookup_unique", true, true, false, true, false},
    LookupType{"lookup_hash", false, true, false, false, true},
    LookupType{"lookup_hash_unique", true, true, false, false, false},
    LookupType{"lookup_unicodeloosemd5_hash", false, false, false, false, true},
    LookupType{"lookup_unicodeloosemd5_hash_unique", true, false, false, false, false},
    LookupType{"consistent_lookup", false, true, true, false, false},
    LookupType{"consistent_lookup_unique", true, true, true, false, false},
};

class LookupVindex final : public Vindex {
 public:
    LookupVindex(const Request& request, bool unique, LookupProperties lookup,
                 std::vector<std::string> unknown)
        : Vindex(request.name, request.type,
                 {.cost = unique ? 10 : 20,
                  .unique = unique,
                  .needs_queries = true,
                  .lookup = std::move(lookup)}) {
        unknown_parameters_ = std::move(unknown);
    }

    Result<std::optional<KeyspaceId>> map(ValueView) const override {
        return unsupported("lookup vindex " + name());
    }
};

// flag = "true" / "false" ; absent means false
Result<bool> parse_flag(const Request& request, std::string_view key) {
    if (!request.has(key)) return false;
    const std::string_view value = request.parameter(key);
    if (value == "true") return true;
    if (value == "false") return false;
    return fail(Code::invalid_argument, std::string(key) + " value must be 'true' or 'false': '" +
                                            std::string(value) + "'");
}

// columns = column *( "," column ) ; spaces around a column are dropped
std::vector<std::string> parse_columns(std::string_view text) {
    std::vector<std::string> columns;
    for (;;) {
        const std::size_t comma = text.find(',');
        std::string_view column = text.substr(0, comma);
        while (column.starts_with(' ')) column.remove_prefix(1);
        while (column.ends_with(' ')) column.remove_suffix(1);
        columns.emplace_back(column);
        if (comma == std::string_view::npos) return columns;
        text.remove_prefix(comma + 1);
    }
}

}  // namespace

VindexPointer make_lookup(const Request& request) {
    const LookupType& type = *std::ranges::find(types, request.type, &LookupType::type);
    LookupProperties lookup;
    lookup.write_only = TRY(parse_flag(request, "write_only"));
    if (!type.consistent) lookup.autocommit = TRY(parse_flag(request, "autocommit"));
    lookup.ignore_nulls = TRY(parse_flag(request, "ignore_nulls"));
    lookup.allow_batch = TRY(parse_flag(request, "batch_lookup"));
    if (type.knows_no_verify) lookup.no_verify = TRY(parse_flag(request, "no_verify"));
    if (!type.consistent)
        lookup.multi_shard_autocommit = TRY(parse_flag(request, "multi_shard_autocommit"));
    lookup.read_lock = request.parameter("read_lock");
    constexpr std::array locks{"", "exclusive", "shared", "none"};
    if (std::ranges::find(locks, lookup.read_lock) == locks.end()) {
        return fail(Code::invalid_argument, "invalid read_lock value: " + lookup.read_lock);
    }
    lookup.table = request.parameter("table");
    lookup.from_columns = parse_columns(request.parameter("from"));
    lookup.to_column = request.parameter("to");
    lookup.planable = type.planable;
    if (type.planable) {
        const std::string& from = lookup.from_columns[0];
        lookup.query = "select " + from + ", " + lookup.to_column + " from " + lookup.table +
                       " where " + from + " in ::" + from;
    }
    if (lookup.multi_shard_autocommit) lookup.autocommit = true;
    lookup.backfilling = lookup.write_only && !type.hidden;
    lookup.commit_order = type.consistent ? CommitOrder::pre : CommitOrder::normal;

    std::vector<std::string> unknown;
    for (const auto& [key, value] : request.parameters) {
        constexpr std::array common{"table",        "from",      "to",        "ignore_nulls",
                                    "batch_lookup", "read_lock", "write_only"};
        const bool known =
            std::ranges::find(common, key) != common.end() ||
            (!type.consistent && (key == "autocommit" || key == "multi_shard_autocommit")) ||
            (type.knows_no_verify && key == "no_verify");
        if (!known) unknown.push_back(key);
    }
    return std::make_shared<LookupVindex>(request, type.unique, std::move(lookup),
                                          std::move(unknown));
}

}  // namespace sluice::vindex
