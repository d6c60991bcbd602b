// Beside requests: what columns the tables of a keyspace have. Before: discovery.cc, at start,
// after DDL and at an interval. After: vschema merges it into the Schema.
#include "discovery/detail/table_reader.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace sluice::discovery {
namespace {

constexpr std::string_view columns_query =
    "select table_name, column_name, data_type, column_type, collation_name, column_default, "
    "is_nullable, extra, character_maximum_length, numeric_precision, numeric_scale "
    "from information_schema.columns where table_schema = database() "
    "order by table_name, ordinal_position";
constexpr std::string_view keys_query =
    "select table_name, column_name from information_schema.statistics "
    "where table_schema = database() and index_name = 'PRIMARY' "
    "order by table_name, seq_in_index";

constexpr std::string_view views_query =
    "select table_name, view_definition, table_schema from information_schema.views "
    "where table_schema = database() order by table_name";
// MySQL lists what is loaded for everybody that may read its performance_schema; MariaDB has the
// table of functions to load only.
constexpr std::string_view loaded_query =
    "select udf_name from performance_schema.user_defined_functions "
    "where udf_type = 'aggregate' and udf_library is not null order by udf_name";
constexpr std::string_view functions_query =
    "select name from mysql.func where type = 'aggregate' order by name";

std::int32_t small_number(const std::optional<std::string>& text) {
    std::int64_t number = 0;
    if (text) std::from_chars(text->data(), text->data() + text->size(), number);
    return static_cast<std::int32_t>(
        std::clamp<std::int64_t>(number, 0, std::numeric_limits<std::int32_t>::max()));
}

bool contains_word(std::string_view text, std::string_view word) {
    return std::ranges::search(text, word, [](char a, char b) {
               return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b;
           }).begin() != text.end();
}

vschema::Column column_of(const TextRow& row) {
    vschema::Column column;
    column.name = row[1].value_or("");
    const std::string column_type = row[3].value_or("");
    column.type = type_of_column(row[2].value_or(""), column_type);
    column.collation_name = row[4].value_or("");
    column.default_value = row[5].value_or("");
    column.nullable = row[6] == "YES";
    column.invisible = contains_word(row[7].value_or(""), "invisible");
    column.size = row[8] ? small_number(row[8]) : small_number(row[9]);
    column.scale = small_number(row[10]);
    if (column.type == Type::enum_ || column.type == Type::set) {
        column.values = listed_values(column_type);
    }
    return column;
}

struct NamedType {
    std::string_view name;
    Type plain;
    Type unsigned_type;
};
constexpr NamedType column_types[] = {
    {"tinyint", Type::int8, Type::uint8},
    {"smallint", Type::int16, Type::uint16},
    {"mediumint", Type::int24, Type::uint24},
    {"int", Type::int32, Type::uint32},
    {"bigint", Type::int64, Type::uint64},
    {"float", Type::float32, Type::float32},
    {"double", Type::float64, Type::float64},
    {"decimal", Type::decimal, Type::decimal},
    {"timestamp", Type::timestamp, Type::timestamp},
    {"datetime", Type::datetime, Type::datetime},
    {"date", Type::date, Type::date},
    {"time", Type::time, Type::time},
    {"year", Type::year, Type::year},
    {"bit", Type::bit, Type::bit},
    {"char", Type::char_, Type::char_},
    {"varchar", Type::varchar, Type::varchar},
    {"binary", Type::binary, Type::binary},
    {"varbinary", Type::varbinary, Type::varbinary},
    {"tinytext", Type::text, Type::text},
    {"text", Type::text, Type::text},
    {"mediumtext", Type::text, Type::text},
    {"longtext", Type::text, Type::text},
    {"tinyblob", Type::blob, Type::blob},
    {"blob", Type::blob, Type::blob},
    {"mediumblob", Type::blob, Type::blob},
    {"longblob", Type::blob, Type::blob},
    {"enum", Type::enum_, Type::enum_},
    {"set", Type::set, Type::set},
    {"json", Type::json, Type::json},
    {"vector", Type::vector, Type::vector},
    {"uuid", Type::char_, Type::char_},
    {"inet4", Type::char_, Type::char_},
    {"inet6", Type::char_, Type::char_},
    {"geometry", Type::geometry, Type::geometry},
    {"point", Type::geometry, Type::geometry},
    {"linestring", Type::geometry, Type::geometry},
    {"polygon", Type::geometry, Type::geometry},
    {"multipoint", Type::geometry, Type::geometry},
    {"multilinestring", Type::geometry, Type::geometry},
    {"multipolygon", Type::geometry, Type::geometry},
    {"geometrycollection", Type::geometry, Type::geometry},
    {"geomcollection", Type::geometry, Type::geometry},
};

}  // namespace

Type type_of_column(std::string_view data_type, std::string_view column_type) {
    for (const NamedType& each : column_types) {
        if (each.name != data_type) continue;
        return contains_word(column_type, "unsigned") ? each.unsigned_type : each.plain;
    }
    return Type::null_type;
}

std::vector<std::string> listed_values(std::string_view column_type) {
    std::vector<std::string> values;
    std::size_t at = column_type.find('\'');
    while (at < column_type.size()) {
        std::size_t end = at + 1;
        while (end < column_type.size()) {
            if (column_type[end] != '\'') {
                ++end;
            } else if (end + 1 < column_type.size() && column_type[end + 1] == '\'') {
                end += 2;
            } else {
                break;
            }
        }
        values.emplace_back(column_type.substr(at, end + 1 - at));
        at = column_type.find('\'', end + 1);
    }
    return values;
}

Result<std::vector<vschema::DiscoveredTable>> tables_of(const std::vector<TextRow>& columns,
                                                        const std::vector<TextRow>& keys) {
    std::vector<vschema::DiscoveredTable> tables;
    for (const TextRow& row : columns) {
        if (row.size() != 11) return bug("information_schema.columns: wrong number of columns");
        const std::string name = row[0].value_or("");
        if (tables.empty() || tables.back().name != name) tables.push_back({name, {}, {}});
        tables.back().columns.push_back(column_of(row));
    }
    for (const TextRow& row : keys) {
        if (row.size() != 2) return bug("information_schema.statistics: wrong number of columns");
        const auto table =
            std::ranges::find(tables, row[0].value_or(""), &vschema::DiscoveredTable::name);
        if (table != tables.end()) table->primary_key.push_back(row[1].value_or(""));
    }
    return tables;
}

Task<Result<std::vector<vschema::DiscoveredTable>>> read_tables(tablet::Tablet* tablet,
                                                                Stop* stop) {
    const auto columns =
        CO_TRY(co_await tablet::query_rows(tablet, std::string(columns_query), stop));
    const auto keys = CO_TRY(co_await tablet::query_rows(tablet, std::string(keys_query), stop));
    co_return tables_of(columns, keys);
}

Task<Result<std::vector<vschema::DiscoveredView>>> read_views(
    tablet::Tablet* tablet, std::string keyspace,
    const std::vector<vschema::DiscoveredTable>* tables, Stop* stop) {
    const auto rows = CO_TRY(co_await tablet::query_rows(tablet, std::string(views_query), stop));
    std::vector<vschema::DiscoveredView> views;
    for (const TextRow& row : rows) {
        if (row.size() != 3) co_return bug("information_schema.views: wrong number of columns");
        ViewText text{.keyspace = keyspace, .name = row[0].value_or("")};
        const std::string definition = row[1].value_or("");
        if (!definition.empty()) text.statement = "create view v as " + definition;
        text.database = row[2].value_or("");
        const auto listed = std::ranges::find(*tables, text.name, &vschema::DiscoveredTable::name);
        if (listed != tables->end()) {
            for (const vschema::Column& column : listed->columns)
                text.columns.push_back(column.name);
        }
        views.push_back(read_view(text));
    }
    co_return views;
}

Task<Result<std::vector<std::string>>> read_aggregates(tablet::Tablet* tablet, Stop* stop) {
    auto rows = co_await tablet::query_rows(tablet, std::string(loaded_query), stop);
    if (!rows) rows = co_await tablet::query_rows(tablet, std::string(functions_query), stop);
    if (!rows) co_return fail(rows.error());
    std::vector<std::string> names;
    for (const TextRow& row : *rows) {
        if (!row.empty() && row[0]) names.push_back(*row[0]);
    }
    co_return names;
}

}  // namespace sluice::discovery
