#pragma once
// For tests: what an expression's text gives.
#include <string>
#include <string_view>

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
