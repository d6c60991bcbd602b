// Errors inside the room, and expressions as MySQL prints them in messages.
#include "eval/detail/failure.h"

#include "base/assert.h"
#include "eval/detail/convert.h"
#include "eval/detail/operand.h"
#include "values/number.h"

namespace sluice::eval {

void raise(Error error) {
    throw QueryError{std::move(error)};
}

void raise(std::uint16_t number, std::string text) {
    throw QueryError{make_error(Code::invalid_argument, number, std::move(text))};
}

void refuse(std::string_view what) {
    throw QueryError{unsupported(what).error()};
}

void raise_out_of_range(std::string_view type, const Node& node) {
    raise(er::data_out_of_range,
          std::string(type) + " value is out of range in '" + printed(node) + "'");
}

void warn_out_of_range(const Node& node, std::string_view type, Run& run) {
    run.environment.warnings.add(
        6527, std::string(type) + " value is out of range in '" + printed(node) + "'");
}

std::string printed(const Node& node) {
    const auto list = [&](std::string_view separator) {
        std::string out;
        for (std::size_t i = 0; i < node.arguments.size(); ++i) {
            if (i > 0) out += separator;
            out += printed(node.arguments[i]);
        }
        return out;
    };
    switch (node.print) {
        case Print::infix:
            return "(" + list(" " + node.name + " ") + ")";
        case Print::prefix:
            return node.name + "(" + list(",") + ")";
        case Print::call:
            return node.name + "(" + list(",") + ")";
        case Print::literal:
        case Print::column:
        case Print::cast:
            return node.name;
        case Print::other:
            break;
    }
    return node.name.empty() ? list(",") : node.name;
}

bool too_long(const Node& node, Run& run, std::uint64_t bytes) {
    const std::uint64_t limit = run.environment.max_allowed_packet;
    if (bytes <= limit) return false;
    run.environment.warnings.add(1301, "Result of " + node.name +
                                           "() was larger than max_allowed_packet (" +
                                           std::to_string(limit) + ") - truncated");
    return true;
}

Datum compute_literal(const Node& node, Run&) {
    return node.constant;
}

Datum compute_column(const Node& node, Run& run) {
    VT_ASSERT(node.number < run.row.size());
    return run.row[node.number];
}

Whole whole_literal(const Node& node, Run&) {
    return {.value = *node.constant.as<std::int64_t>()};
}

Whole whole_column(const Node& node, Run& run) {
    VT_ASSERT(node.number < run.row.size());
    const Datum& datum = run.row[node.number];
    const auto* number = datum.as<std::int64_t>();
    VT_ASSERT(number != nullptr || datum.is_null());
    if (number == nullptr) return {.is_null = true};
    return {.value = *number};
}

void require_bigint(const Node& node, double number, Environment& environment) {
    constexpr double limit = 0x1p63;
    // CAST refuses the lowest, too.
    const bool fits = node.print == Print::cast ? number > -limit : number >= -limit;
    if (fits && number < limit) return;
    if (node.compute == compute_column && node.type.type == Type::float64)
        warn_truncated(environment, "INTEGER", double_text(number));
    const bool chosen = node.name == "if" || node.name == "case" || node.name == "nullif";
    if (!is_stored(node) && !chosen) raise_out_of_range("BIGINT", node);
}

}  // namespace sluice::eval
