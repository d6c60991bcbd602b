// Reads one JSON string a line, an SQL expression, and answers with a JSON object a line: its
// value, its type as a client would see it, its warnings; or its error. A line {"columns": [...]}
// gives the columns of the row over which later expressions are computed; its answer is {}.
#include <algorithm>
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

struct Table {
    eval::Columns columns;
    std::vector<eval::Datum> row;
};

std::string bytes_of_hex(std::string_view digits) {
    std::string out;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
        out += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
    return out;
}

std::string_view word(const json::object& object, std::string_view name) {
    return object.at(name).as_string();
}

// Fails with 1105 for a value that is none of its column's type.
Result<Table> table_of(const json::array& columns) {
    Table table;
    for (const json::value& each : columns) {
        const json::object& column = each.as_object();
        const auto* collation = collation::find_collation(word(column, "collation"));
        if (collation == nullptr) collation = collation::find_collation(collation::binary);
        const auto flag = [&](std::string_view name, int bit) {
            return column.at(name).as_bool() ? bit : 0;
        };
        const int flags =
            (column.at("nullable").as_bool() ? 0 : 1) | flag("unsigned", 32) | flag("zerofill", 64);
        eval::ColumnField field{.name = std::string(word(column, "name"))};
        field.type = eval::column_type(type_of_name(word(column, "type")).value_or(Type::null_type),
                                       *collation, column.at("length").to_number<std::uint32_t>(),
                                       column.at("decimals").to_number<std::uint8_t>(),
                                       static_cast<std::uint16_t>(flags));
        for (const json::value& member : column.at("members").as_array())
            field.members.emplace_back(member.as_string());
        std::string bytes;
        Type sent = Type::null_type;
        if (const auto* hex = column.at("hex").if_string()) {
            bytes = bytes_of_hex(*hex);
            sent = field.type.type;
        }
        table.row.push_back(TRY(eval::read_value(field.type, {sent, bytes}, field.members)));
        table.columns.columns.push_back(std::move(field));
    }
    return table;
}

json::object answer(const std::string& text, const Table& table, eval::Environment environment) {
    auto expression = sql::parse_expression(text);
    if (!expression) return error_of(expression.error());
    auto bound = eval::bind(*expression, table.columns, environment);
    if (!bound) return error_of(bound.error());
    auto value = eval::evaluate(*bound, table.row, environment);
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
    for (const eval::Warning& warning : bound->warnings) {
        warnings.push_back(json::array{warning.number, lower_hex(warning.text)});
    }
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
    environment.max_allowed_packet = 1024 * 1024 * 1024;  // as tests/lab/servers.py starts MySQL
    environment.random = [](char* bytes, std::size_t count) { std::fill_n(bytes, count, 'x'); };
    Table table;
    for (std::string line; std::getline(std::cin, line);) {
        const json::value asked = json::parse(line);
        json::object said;
        if (const auto* text = asked.if_string()) {
            said = answer(std::string(*text), table, environment);
        } else if (auto made = table_of(asked.at("columns").as_array())) {
            table = std::move(*made);
        } else {
            said = error_of(made.error());
        }
        std::cout << json::serialize(said) << "\n" << std::flush;
    }
}
