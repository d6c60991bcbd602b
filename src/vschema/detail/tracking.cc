// Read when schema tracking has seen the shards' tables: columns, collations and primary keys join
// the VSchema.
//
// As v21 has it: a table that the VSchema does not list becomes known with all its columns, in
// unsharded and in sharded keyspaces (there it has no vindex, so that it can only be scattered to);
// a listed table takes the discovered columns unless the VSchema says that its own list is
// complete; primary keys always come from the shards. A view is a table that has a query; where
// the shards did not list its columns, the query's names are its columns.
#include "vschema/detail/builder.h"

namespace sluice::vschema {

namespace {

Table& table_named(Keyspace& keyspace, const std::string& name) {
    std::unique_ptr<Table>& table = keyspace.tables[name];
    if (!table) {
        table = std::make_unique<Table>();
        table->name = name;
        table->keyspace = &keyspace;
    }
    return *table;
}

}  // namespace

std::vector<std::string> column_names(const sql::Query& query) {
    const sql::Query* first = &query;
    while (const auto* united = std::get_if<sql::Union>(&first->node))
        first = &*united->branches.front().query;
    std::vector<std::string> names;
    for (const sql::SelectItem& item : std::get<sql::Select>(first->node).items) {
        const auto* expression = std::get_if<sql::SelectExpr>(&item);
        if (expression == nullptr) return {};
        const auto* column = expression->expression.as<sql::Column>();
        if (expression->alias.empty() && column == nullptr) return {};
        names.push_back(expression->alias.empty() ? column->name : expression->alias);
    }
    return names;
}

void merge_discovered(Keyspace& keyspace, const DiscoveredKeyspace& discovered) {
    for (const DiscoveredTable& found : discovered.tables) {
        Table& table = table_named(keyspace, found.name);
        if (!table.column_list_authoritative) {
            table.columns = found.columns;
            table.column_list_authoritative = true;
        }
        table.primary_key = found.primary_key;
    }
    for (const DiscoveredView& found : discovered.views) {
        Table& table = table_named(keyspace, found.name);
        table.view = found.view;
        if (table.column_list_authoritative || !found.view->unreadable.empty()) continue;
        std::vector<std::string> names =
            found.view->columns.empty() ? column_names(found.view->query) : found.view->columns;
        if (names.empty()) continue;
        table.columns.clear();
        for (std::string& name : names) table.columns.push_back({.name = std::move(name)});
        table.column_list_authoritative = true;
    }
}

}  // namespace sluice::vschema
