#pragma once
// For tests: what an expression's text gives.
#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "eval/bind.h"
#include "eval/evaluate.h"
#include "sql/ast.h"
#include "sql/parse.h"

namespace sluice::eval::testing {

inline Environment fixed_environment() {
    Environment environment;
    environment.now_seconds = 1709212455;
    environment.now_micros = 123456;
    return environment;
}

// Columns of every kind, by name.
inline Columns columns_named(std::initializer_list<std::string_view> names) {
    constexpr unsigned not_null = 1, is_unsigned = 32, zerofill = 64;
    const auto& utf8 = *collation::find_collation("utf8mb4_0900_ai_ci");
    const auto& general = *collation::find_collation("utf8mb4_general_ci");
    const auto& latin1 = *collation::find_collation("latin1_swedish_ci");
    const auto& bytes = *collation::find_collation(collation::binary);
    const std::vector<ColumnField> known = {
        {"tiny", column_type(Type::int8, bytes, 4, 0, 0), {}},
        {"tiny_u", column_type(Type::uint8, bytes, 3, 0, is_unsigned | not_null), {}},
        {"whole", column_type(Type::int32, bytes, 11, 0, 0), {}},
        {"whole_z", column_type(Type::uint32, bytes, 6, 0, is_unsigned | zerofill), {}},
        {"big", column_type(Type::int64, bytes, 20, 0, 0), {}},
        {"single", column_type(Type::float32, bytes, 12, not_fixed, 0), {}},
        {"bits", column_type(Type::bit, bytes, 9, 0, is_unsigned), {}},
        {"year_", column_type(Type::year, bytes, 4, 0, is_unsigned | zerofill), {}},
        {"chars", column_type(Type::varchar, utf8, 40, 0, 0), {}},
        {"general", column_type(Type::char_, general, 20, 0, not_null), {}},
        {"latin", column_type(Type::varchar, latin1, 8, 0, 0), {}},
        {"lob", column_type(Type::blob, bytes, 65535, 0, 0), {}},
        {"bytes", column_type(Type::binary, bytes, 4, 0, 0), {}},
        {"var_bytes", column_type(Type::varbinary, bytes, 6, 0, 0), {}},
        {"enum_", column_type(Type::enum_, utf8, 12, 0, 0), {"abc", "b", "12"}},
        {"day_", column_type(Type::date, bytes, 10, 0, 0), {}},
        {"time_", column_type(Type::time, bytes, 10, 0, 0), {}},
        {"doc", column_type(Type::json, bytes, UINT32_MAX, 0, 0), {}},
        {"no_day", column_type(Type::date, bytes, 10, 0, 0), {}},
        {"memo", column_type(Type::text, utf8, 65535, 0, 0), {}},
        {"set_", column_type(Type::set, utf8, 20, 0, 0), {"a", "b", "c"}},
        {"fixed", column_type(Type::float64, bytes, 8, 3, 0), {}},
        {"vast", column_type(Type::float64, bytes, 22, not_fixed, 0), {}},
        {"nothing", column_type(Type::varchar, latin1, 8, 0, 0), {}},
        {"no_text", column_type(Type::varchar, utf8, 40, 0, 0), {}},
        {"no_whole", column_type(Type::int32, bytes, 11, 0, 0), {}},
        {"no_year", column_type(Type::year, bytes, 4, 0, is_unsigned | zerofill), {}},
        {"moment", column_type(Type::datetime, bytes, 19, 0, 0), {}},
        {"stamp", column_type(Type::timestamp, bytes, 19, 0, 0), {}},
        {"time3", column_type(Type::time, bytes, 14, 3, 0), {}}};
    Columns columns;
    for (const std::string_view name : names) {
        const auto found = std::ranges::find(known, name, &ColumnField::name);
        if (found != known.end()) columns.columns.push_back(*found);
    }
    return columns;
}

struct Seen {
    std::string text;  // "NULL", or "error NUMBER"
    std::string type;
    std::string warnings;  // their numbers; of an error its text
    FieldType field = {};
};

inline Seen see(std::string_view text, Environment environment = fixed_environment(),
                const Columns& columns = {}, Row row = {}) {
    const auto tree = sql::parse_expression(text);
    if (!tree) return {"unparsed", "", ""};
    const auto bound = bind(*tree, columns, environment);
    if (!bound) return {"error " + std::to_string(bound.error().number), "", bound.error().text};
    const auto value = evaluate(*bound, row, environment);
    if (!value) return {"error " + std::to_string(value.error().number), "", value.error().text};
    Seen seen{value->is_null() ? "NULL" : value_text(bound->type(), *value),
              std::string(type_name(bound->type().type)), "", bound->type()};
    for (const Warning& warning : bound->warnings)
        seen.warnings += std::to_string(warning.number) + " ";
    for (const Warning& warning : environment.warnings.kept())
        seen.warnings += std::to_string(warning.number) + " ";
    return seen;
}

}  // namespace sluice::eval::testing
