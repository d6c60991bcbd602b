// Reads one JSON string a line, an SQL expression, and answers with a JSON object a line: its
// value, its type as a client would see it, its warnings; or its error.
#include <iostream>
#include <string>

#include <boost/json.hpp>

#include "base/hex.h"
#include "eval/bind.h"
#include "eval/evaluate.h"
#include "sql/ast.h"
#include "sql/parse.h"

namespace {

namespace json = boost::json;
using namespace sluice;

json::object error_of(const Error& error) {
    return {{"error", error.number}, {"text", error.text}};
}

json::object answer(const std::string& text, eval::Environment environment) {
    auto expression = sql::parse_expression(text);
    if (!expression) return error_of(expression.error());
    auto bound = eval::bind(*expression, {}, environment);
    if (!bound) return error_of(bound.error());
    auto value = eval::evaluate(*bound, {}, environment);
    if (!value) return error_of(value.error());
    const eval::FieldType& type = bound->type();
    json::object out;
    if (value->is_null()) {
        out["hex"] = nullptr;
    } else if (value->as<eval::Tuple>() != nullptr) {
        return {{"tuple", true}};
    } else {
        out["hex"] = lower_hex(eval::value_text(type, *value));
    }
    out["type"] = std::string(type_name(type.type));
    out["collation"] = type.collation == nullptr ? "binary" : std::string(type.collation->name);
    out["length"] = eval::byte_length(type);
    out["decimals"] = type.decimals;
    out["flags"] = eval::flags_of(type);
    json::array warnings;
    for (const eval::Warning& warning : environment.warnings.kept()) {
        warnings.push_back(json::array{warning.number, lower_hex(warning.text)});
    }
    out["warnings"] = std::move(warnings);
    return out;
}

}  // namespace

int main() {
    eval::Environment environment;
    environment.now_seconds = 1709212455;
    environment.now_micros = 123456;
    environment.database = "ks";
    environment.user = environment.current_user = "root@localhost";
    environment.version = "9.7.4";
    for (std::string line; std::getline(std::cin, line);) {
        const std::string text(json::parse(line).as_string());
        std::cout << json::serialize(answer(text, environment)) << "\n" << std::flush;
    }
    return 0;
}
