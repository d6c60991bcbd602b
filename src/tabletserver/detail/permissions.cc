// Under plan.cc: the rights that a statement needs.
#include "tabletserver/detail/permissions.h"

#include <algorithm>

#include "sql/walk.h"

namespace sluice::tabletserver {
namespace {

// Collects tables in FROM clauses; names of common tables are none where they are in sight.
class Collector {
 public:
    std::vector<Permission> taken;

    void query(const sql::Query& query, Role role) {
        std::visit([&](const auto& node) { enter(node, role); }, query.node);
    }
    void tables(const std::vector<sql::TableRef>& from, Role role) {
        for (const sql::TableRef& table : from) this->table(table, role);
    }
    void name(const sql::TableName& name, Role role) {
        const bool common =
            name.keyspace.empty() && std::ranges::any_of(common_, [&](const std::string& known) {
                return known == name.name;
            });
        if (!common && !name.name.empty()) taken.push_back({name.name, role});
    }
    // Queries inside of expressions.
    template <class Node>
    void nested(const Node& node) {
        sql::for_each<sql::Subquery>(
            node, [&](const sql::Subquery& each) { query(*each.query, Role::reader); },
            sql::Depth::this_query);
        sql::for_each<sql::Exists>(
            node, [&](const sql::Exists& each) { query(*each.query, Role::reader); },
            sql::Depth::this_query);
    }
    void with(const sql::With& with) {
        // A recursive one sees itself, the others those before it.
        for (const sql::CommonTable& common : with.tables) {
            if (with.recursive) common_.push_back(common.name);
            query(*common.query, Role::reader);
            if (!with.recursive) common_.push_back(common.name);
        }
    }

 private:
    void enter(const sql::Select& select, Role role) {
        const std::size_t before = common_.size();
        with(select.with);
        tables(select.from, role);
        const sql::Query whole{select};
        nested(whole);
        common_.resize(before);
    }
    void enter(const sql::Union& united, Role role) {
        const std::size_t before = common_.size();
        with(united.with);
        for (const sql::UnionBranch& branch : united.branches) query(*branch.query, role);
        common_.resize(before);
    }
    void table(const sql::TableRef& reference, Role role) {
        if (const auto* aliased = reference.as<sql::AliasedTable>()) {
            name(aliased->table, role);
        } else if (const auto* derived = reference.as<sql::DerivedTable>()) {
            query(*derived->query, Role::reader);
        } else if (const auto* join = reference.as<sql::Join>()) {
            table(*join->left, role);
            table(*join->right, role);
        } else if (const auto* several = reference.as<sql::ParenthesisedTables>()) {
            tables(several->tables, role);
        }
    }

    std::vector<std::string> common_;
};

bool gives_numbers(const sql::Query& query) {
    const auto* select = std::get_if<sql::Select>(&query.node);
    return select != nullptr && !select->items.empty() &&
           std::holds_alternative<sql::SelectNext>(select->items[0]);
}

template <class Write>
void collect_write(Collector& collector, const sql::Statement& statement, const Write& write) {
    collector.with(write.with);
    collector.tables(write.tables, Role::writer);
    collector.nested(statement);
}

}  // namespace

std::vector<Permission> permissions_of(const sql::Statement& statement) {
    Collector collector;
    if (const auto* query = statement.as<sql::Query>()) {
        collector.query(*query, gives_numbers(*query) ? Role::writer : Role::reader);
    } else if (const auto* insert = statement.as<sql::Insert>()) {
        collector.name(insert->table, Role::writer);
        if (const auto* rows = std::get_if<Box<sql::Query>>(&insert->rows))
            collector.query(**rows, Role::reader);
        collector.nested(statement);
    } else if (const auto* update = statement.as<sql::Update>()) {
        collect_write(collector, statement, *update);
    } else if (const auto* deletion = statement.as<sql::Delete>()) {
        collect_write(collector, statement, *deletion);
        for (const sql::TableName& target : deletion->targets) collector.name(target, Role::writer);
    } else if (const auto* ddl = statement.as<sql::Ddl>()) {
        for (const sql::TableName& table : ddl->tables) collector.name(table, Role::admin);
        if (ddl->query) collector.query(**ddl->query, Role::reader);
    } else if (const auto* flush = statement.as<sql::Flush>()) {
        for (const sql::TableName& table : flush->tables) collector.name(table, Role::admin);
    } else if (const auto* analyze = statement.as<sql::Analyze>()) {
        for (const sql::TableName& table : analyze->tables) collector.name(table, Role::writer);
    } else if (const auto* locks = statement.as<sql::LockTables>()) {
        for (const sql::TableLock& lock : locks->locks)
            collector.name(lock.table.table, Role::writer);
    } else if (const auto* explain = statement.as<sql::Explain>()) {
        // EXPLAIN ANALYZE runs what it explains.
        return permissions_of(*explain->statement);
    } else if (const auto* described = statement.as<sql::Describe>()) {
        collector.name(described->table, Role::reader);
    }
    return collector.taken;
}

}  // namespace sluice::tabletserver
