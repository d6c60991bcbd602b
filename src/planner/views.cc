// Step 5 of a request, phase 0: what the schema knows beyond tables. A view that is read becomes a
// derived table of its query; a function that servers have loaded becomes the aggregate that it is.
// Before: planner.cc. After: scope.cc binds what the statement reads now.
#include <algorithm>
#include <set>

#include "planner/detail/building.h"
#include "sql/walk.h"

namespace sluice::planner {

namespace {

// Far above real views; definitions that use each other would grow without end.
constexpr int max_expansions = 500;

class Expansion {
 public:
    explicit Expansion(Building& building) : building_(building) {}

    void run() {
        sql::Statement& statement = building_.statement();
        note_common_tables(statement);
        sql::walk(statement, [this](sql::Query& query) { expand(query); });
        if (auto* update = statement.as<sql::Update>()) expand_write(update->tables);
        if (auto* erase = statement.as<sql::Delete>()) expand_write(erase->tables);
        if (expansions_ > 0) building_.rewritten = true;
    }

 private:
    void note_common_tables(sql::Statement& statement) {
        const auto note = [&](const sql::With& with) {
            for (const sql::CommonTable& table : with.tables) common_.insert(table.name);
        };
        sql::walk(statement, [&](const sql::Query& query) {
            std::visit([&](const auto& body) { note(body.with); }, query.node);
        });
        if (const auto* update = statement.as<sql::Update>()) note(update->with);
        if (const auto* erase = statement.as<sql::Delete>()) note(erase->with);
    }

    // The walk goes on into what was put in, so that views in views are found.
    void expand(sql::Query& query) {
        auto* select = std::get_if<sql::Select>(&query.node);
        if (select == nullptr) return;
        for (sql::TableRef& table : select->from) expand(table, select->lock);
    }

    // A view that is the only table is what is written to. In an unsharded keyspace any may be: the
    // server knows.
    void expand_write(std::vector<sql::TableRef>& tables) {
        if (tables.size() == 1 && tables.front().as<sql::AliasedTable>() != nullptr) return;
        sharded_only_ = true;
        for (sql::TableRef& table : tables) {
            expand(table, sql::LockKind::none);
            sql::walk(table, [this](sql::Query& query) { expand(query); });
        }
    }

    void expand(sql::TableRef& table, sql::LockKind lock) {
        if (auto* join = table.as<sql::Join>()) {
            expand(*join->left, lock);
            expand(*join->right, lock);
        } else if (auto* inner = table.as<sql::ParenthesisedTables>()) {
            for (sql::TableRef& each : inner->tables) expand(each, lock);
        } else if (auto* aliased = table.as<sql::AliasedTable>()) {
            if (const vschema::TablePointer view = find_view(aliased->table))
                table = derived_of(*view, *aliased, lock);
        }
    }

    vschema::TablePointer find_view(const sql::TableName& name) const {
        if (name.keyspace.empty() && common_.contains(name.name)) return nullptr;
        const std::string& keyspace =
            name.keyspace.empty() ? building_.context.keyspace : name.keyspace;
        if (is_system_schema(keyspace)) return nullptr;
        // What is not found is the binder's to tell.
        const auto found = building_.context.schema->find_table(keyspace, name.name,
                                                                building_.context.tablet_type);
        if (!found || !(*found)->view) return nullptr;
        const bool left_to_server = sharded_only_ || !(*found)->view->unreadable.empty();
        if (left_to_server && !(*found)->keyspace->sharded) return nullptr;
        return *found;
    }

    sql::TableRef derived_of(const vschema::Table& table, const sql::AliasedTable& written,
                             sql::LockKind lock) {
        if (!table.view->unreadable.empty())
            refuse("view " + table.qualified_name() + " (" + table.view->unreadable + ")");
        if (!written.partitions.empty()) {
            raise(Code::invalid_argument, 1747, "PARTITION () clause on non partitioned table");
        }
        if (!written.hints.empty() && !written.hints.front().indexes.empty()) {
            raise(Code::invalid_argument, 1176,
                  "Key '" + written.hints.front().indexes.front() + "' doesn't exist in table '" +
                      written.table.name + "'");
        }
        if (++expansions_ > max_expansions) refuse("views that use each other");
        sql::DerivedTable derived{
            .query = table.view->query,
            .alias = written.alias.empty() ? written.table.name : written.alias,
            .columns = table.view->columns};
        // Rows are locked where they lie.
        if (lock != sql::LockKind::none)
            std::visit([&](auto& body) { body.lock = lock; }, derived.query->node);
        return sql::TableRef(std::move(derived));
    }

    Building& building_;
    std::set<std::string> common_;
    bool sharded_only_ = false;
    int expansions_ = 0;
};

void mark_loaded_aggregates(sql::Statement& statement, const vschema::Schema& schema) {
    sql::rewrite(statement, [&](sql::Expr& expression) {
        auto* call = expression.as<sql::FunctionCall>();
        if (call == nullptr || !call->keyspace.empty() || call->over) return;
        if (!schema.loaded_aggregates().contains(sql::lower_case(call->name))) return;
        sql::Aggregate aggregate{.kind = sql::AggregateKind::loaded,
                                 .name = std::move(call->name),
                                 .arguments = std::move(call->arguments)};
        expression = sql::Expr(std::move(aggregate));
    });
}

}  // namespace

void apply_schema(Building& building) {
    const vschema::Schema& schema = *building.context.schema;
    sql::Statement& statement = building.statement();
    const bool reads =
        statement.as<sql::Query>() != nullptr || statement.as<sql::Insert>() != nullptr ||
        statement.as<sql::Update>() != nullptr || statement.as<sql::Delete>() != nullptr;
    if (!reads || building.context.destination) return;
    if (schema.has_views()) Expansion(building).run();
    if (!schema.loaded_aggregates().empty()) mark_loaded_aggregates(statement, schema);
}

void check_views(const std::vector<Source*>& uses) {
    for (const Source* use : uses) {
        if (use->table->view == nullptr || !use->table->keyspace->sharded) continue;
        refuse("view " + use->table->qualified_name() +
               " as the target of a write, or beside a common table of its name");
    }
}

}  // namespace sluice::planner
