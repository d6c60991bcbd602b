// GTID_SUBSET, GTID_SUBTRACT.
#include <algorithm>

#include "eval/detail/registry.h"
#include "replication/mysql_gtids.h"

namespace sluice::eval {
namespace {

using replication::MysqlGtids;

std::optional<MysqlGtids> gtids_at(const Node& node, Run& run, std::size_t at) {
    Operand text(node.arguments[at], run);
    if (text.is_null()) return std::nullopt;
    auto gtids = MysqlGtids::parse(text.text());
    if (!gtids) raise(1772, "Malformed GTID set specification '" + std::string(text.text()) + "'.");
    return std::move(*gtids);
}

Datum subset(const Node& node, Run& run) {
    const auto inner = gtids_at(node, run, 0);
    if (!inner) return {};
    const auto outer = gtids_at(node, run, 1);
    if (!outer) return {};
    return std::int64_t{outer->contains(*inner) ? 1 : 0};
}

Datum difference(const Node& node, Run& run) {
    const auto from = gtids_at(node, run, 0);
    if (!from) return {};
    const auto less = gtids_at(node, run, 1);
    if (!less) return {};
    // The server begins a line for each numberer.
    std::string out;
    for (const char c : from->without(*less).text()) {
        out += c;
        if (c == ',') out += '\n';
    }
    return out;
}
void give_difference(Node& node, const Environment& environment) {
    // What is taken away may cut intervals in two, each with longer numbers; that is MySQL's sum.
    constexpr std::uint64_t for_each = 4, for_each_taken = 10, less_than_that = 90;
    const std::uint64_t most = text_length(node.arguments[0].type) * for_each +
                               text_length(node.arguments[1].type) * for_each_taken;
    // Less than nothing is as much as there may be.
    constexpr std::uint64_t largest = 4'194'304;
    const std::uint64_t length = most < less_than_that ? largest : most - less_than_that;
    node.type = ascii_type(environment, length, true);
}

}  // namespace

std::span<const Function> gtid_functions() {
    static constexpr Function functions[] = {
        {"gtid_subset", 2, 2, give_integer, subset},
        {"gtid_subtract", 2, 2, give_difference, difference},
    };
    return functions;
}

}  // namespace sluice::eval
