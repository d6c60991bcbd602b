// Reads one JSON string a line, what stands in the parentheses of JSON_TABLE, and answers with a
// JSON object a line: its columns, its rows and warnings; or its error.
#include <algorithm>
#include <iostream>
#include <string>
#include <variant>

#include <boost/json.hpp>

#include "base/hex.h"
#include "eval/json_table.h"
#include "sql/ast.h"
#include "sql/parse.h"

namespace {

namespace json = boost::json;
using namespace sluice;

json::object error_of(const Error& error) {
    return {{"error", error.number}, {"text", error.text}};
}

const sql::JsonTable* table_of(const sql::Statement& statement) {
    const auto* query = statement.as<sql::Query>();
    const auto* select = query == nullptr ? nullptr : std::get_if<sql::Select>(&query->node);
    if (select == nullptr || select->from.empty()) return nullptr;
    return select->from.front().as<sql::JsonTable>();
}

// To a client that gets each text as it is held. That of a TEXT is in bytes, that of a
// document in characters.
std::uint64_t sent_length(const eval::FieldType& type) {
    const bool is_long = type.type == Type::text || type.type == Type::json;
    return is_long ? type.length : eval::byte_length(type);
}

json::value cell(const eval::FieldType& type, const eval::Datum& datum) {
    if (datum.is_null()) return nullptr;
    return json::value(lower_hex(eval::value_text(type, datum)));
}

json::object answer(const std::string& text, eval::Environment environment) {
    const auto statement = sql::parse("select * from json_table(" + text + ") t");
    if (!statement) return error_of(statement.error());
    const sql::JsonTable* written = table_of(*statement);
    if (written == nullptr) return {{"error", 1064}, {"text", "no table"}};
    const auto table = eval::JsonTable::bind(*written, {}, environment);
    if (!table) return error_of(table.error());
    auto rows = eval::JsonTableRows::open(*table, {}, environment);
    if (!rows) return error_of(rows.error());
    json::array fields, cells, warnings;
    for (const eval::ColumnField& column : table->columns()) {
        fields.push_back(json::object{{"type", std::string(type_name(column.type.type))},
                                      {"length", sent_length(column.type)},
                                      {"decimals", column.type.decimals}});
    }
    for (;;) {
        const auto more = rows->next(environment);
        if (!more) return error_of(more.error());
        if (!*more) break;
        json::array row;
        for (std::size_t i = 0; i < rows->row().size(); ++i)
            row.push_back(cell(table->columns()[i].type, rows->row()[i]));
        cells.push_back(std::move(row));
    }
    for (const eval::Warning& warning : environment.warnings.kept())
        warnings.push_back(warning.number);
    return {{"fields", fields}, {"rows", cells}, {"warnings", warnings}};
}

}  // namespace

int main() {
    eval::Environment environment;
    environment.now_seconds = 1709212455;
    environment.now_micros = 123456;
    for (std::string line; std::getline(std::cin, line);) {
        const std::string text(json::parse(line).as_string());
        std::cout << json::serialize(answer(text, environment)) << "\n" << std::flush;
    }
    return 0;
}
