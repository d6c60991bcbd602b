// GetSchema of the control plane. Before: control_schema.cc. After: fetch.h, ask.cc.
#include "tabletserver/detail/schema_report.h"

#include <charconv>
#include <map>
#include <regex>

#include "sql/format.h"
#include "tabletserver/detail/ask.h"
#include "tabletserver/detail/fetch.h"

namespace sluice::tabletserver {
namespace {

using tabletmanagerdata::GetSchemaRequest;
using tabletmanagerdata::SchemaDefinition;
using tabletmanagerdata::TableDefinition;

// Names and /patterns/ of tables.
class Names {
 public:
    template <class List>
    static Result<Names> of(const List& list) {
        Names made;
        for (const std::string& each : list) {
            const bool pattern = each.size() >= 2 && each.starts_with('/') && each.ends_with('/');
            if (!pattern) {
                made.names_.push_back(each);
                continue;
            }
            try {  // std::regex has no other way to refuse
                made.patterns_.emplace_back(each.substr(1, each.size() - 2));
            } catch (const std::regex_error&) {
                return fail(Code::invalid_argument, "cannot compile regexp " + each + " for table");
            }
        }
        return made;
    }
    bool empty() const { return names_.empty() && patterns_.empty(); }
    bool holds(const std::string& name) const {
        if (std::ranges::find(names_, name) != names_.end()) return true;
        return std::ranges::any_of(
            patterns_, [&](const std::regex& pattern) { return std::regex_search(name, pattern); });
    }

 private:
    std::vector<std::string> names_;
    std::vector<std::regex> patterns_;
};

std::uint64_t number(const std::optional<std::string>& text) {
    std::uint64_t value = 0;
    if (text) std::from_chars(text->data(), text->data() + text->size(), value);
    return value;
}

std::string without_database(std::string text, std::string_view database) {
    std::string name = "`";
    name.append(database).append("`");
    constexpr std::string_view placeholder = "`{{.DatabaseName}}`";
    for (std::size_t at = text.find(name); at != text.npos; at = text.find(name, at)) {
        text.replace(at, name.size(), placeholder);
        at += placeholder.size();
    }
    return text;
}

// The next number of a column changes with every row: it is no part of a definition.
std::string without_next_number(std::string text) {
    constexpr std::string_view option = " AUTO_INCREMENT=";
    const std::size_t at = text.rfind(option);
    if (at == text.npos) return text;
    std::size_t end = at + option.size();
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    return text.erase(at, end - at);
}

using Keys = std::map<std::string, std::vector<std::string>>;

Task<Result<Keys>> primary_keys(tablet::MysqlTablet* server, std::string database, Stop* stop) {
    const Asked asked = CO_TRY(co_await ask(
        server,
        {.text = "select table_name, column_name from information_schema.statistics where "
                 "table_schema = " +
                 quoted(database) +
                 " and index_name = 'PRIMARY' order by table_name, seq_in_index"},
        stop));
    Keys keys;
    for (const TextRow& row : asked.rows) keys[row[0].value_or("")].push_back(row[1].value_or(""));
    co_return keys;
}

Task<Result<void>> read_columns(tablet::MysqlTablet* server, std::string qualified,
                                TableDefinition* into, Stop* stop) {
    ::query::QueryResult result = CO_TRY(
        co_await fetch(server, {.text = "select * from " + qualified + " where 1 != 1"}, stop));
    for (const auto& field : result.fields()) into->add_columns(field.name());
    *into->mutable_fields() = std::move(*result.mutable_fields());
    co_return Result<void>{};
}

Task<Result<void>> read_definition(tablet::MysqlTablet* server, std::string database,
                                   bool names_only, TableDefinition* into, Stop* stop) {
    const std::string qualified = sql::identifier(database) + "." + sql::identifier(into->name());
    const Asked shown =
        CO_TRY(co_await ask(server, {.text = "show create table " + qualified}, stop));
    if (shown.rows.size() != 1 || shown.rows[0].size() < 2)
        co_return fail(Code::internal, "no definition of table " + into->name());
    std::string text = without_next_number(shown.rows[0][1].value_or(""));
    if (into->type() == "VIEW") text = without_database(std::move(text), database);
    into->set_schema(std::move(text));
    if (names_only) co_return Result<void>{};
    co_return co_await read_columns(server, qualified, into, stop);
}

}  // namespace

Task<Result<SchemaDefinition>> report_schema(tablet::MysqlTablet* server, std::string database,
                                             const GetSchemaRequest* request, Stop* stop) {
    const Names wanted = CO_TRY(Names::of(request->tables()));
    const Names excluded = CO_TRY(Names::of(request->exclude_tables()));
    SchemaDefinition schema;
    const Asked shown = CO_TRY(
        co_await ask(server, {.text = "show create database " + sql::identifier(database)}, stop));
    if (shown.rows.size() == 1 && shown.rows[0].size() == 2)
        schema.set_database_schema(without_database(shown.rows[0][1].value_or(""), database));
    const Asked tables = CO_TRY(co_await ask(
        server,
        {.text = "select table_name, table_type, coalesce(data_length, 0), coalesce(table_rows, 0) "
                 "from information_schema.tables where table_schema = " +
                 quoted(database) +
                 " and table_type in ('BASE TABLE', 'VIEW') order by table_name"},
        stop));
    Keys keys = CO_TRY(co_await primary_keys(server, database, stop));
    for (const TextRow& row : tables.rows) {
        const std::string name = row[0].value_or("");
        const bool view = row[1] == "VIEW";
        if (view && !request->include_views()) continue;
        if (!wanted.empty() && !wanted.holds(name)) continue;
        if (excluded.holds(name)) continue;
        TableDefinition& table = *schema.add_table_definitions();
        table.set_name(name);
        table.set_type(row[1].value_or(""));
        table.set_data_length(number(row[2]));
        table.set_row_count(number(row[3]));
        for (std::string& column : keys[name]) table.add_primary_key_columns(std::move(column));
        CO_TRY(
            co_await read_definition(server, database, request->table_schema_only(), &table, stop));
    }
    co_return schema;
}

}  // namespace sluice::tabletserver
