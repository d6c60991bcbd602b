// Step 5 of a request, information_schema and its like: any shard can answer, but its databases are
// called otherwise than keyspaces. A keyspace's name in a condition chooses the keyspace and
// becomes DATABASE(), which on a shard is that keyspace's database. Before: query.cc.
#include <algorithm>

#include "planner/detail/building.h"
#include "sql/walk.h"

namespace sluice::planner {

namespace {

bool is_schema_column(const sql::Expr& expression) {
    static constexpr std::string_view names[] = {"table_schema",
                                                 "constraint_schema",
                                                 "schema_name",
                                                 "routine_schema",
                                                 "trigger_schema",
                                                 "event_schema",
                                                 "index_schema",
                                                 "view_schema",
                                                 "specific_schema",
                                                 "event_object_schema",
                                                 "object_schema",
                                                 "table_db",
                                                 "referenced_table_schema",
                                                 "unique_constraint_schema",
                                                 "db"};
    const auto* column = expression.as<sql::Column>();
    return column != nullptr && std::ranges::any_of(names, [&](std::string_view name) {
               return sql::same_name(name, column->name);
           });
}

class SchemaNames {
 public:
    explicit SchemaNames(Building& building) : building_(building) {}

    void replace(sql::Expr& expression) {
        auto* compare = expression.as<sql::Compare>();
        if (compare == nullptr) return;
        if (is_schema_column(*compare->left)) {
            value(*compare->right);
        } else if (is_schema_column(*compare->right)) {
            value(*compare->left);
        }
    }
    const vschema::Keyspace* keyspace() const { return keyspace_; }

 private:
    void value(sql::Expr& expression) {
        if (auto* list = expression.as<sql::Tuple>()) {
            for (sql::Expr& item : list->items) value(item);
            return;
        }
        if (const auto* literal = expression.as<sql::Literal>()) {
            if (names_keyspace(literal->text)) to_database(expression);
            return;
        }
        const auto* variable = expression.as<sql::BindVariable>();
        if (variable == nullptr) return;
        if (variable->name == sql::need::database) return to_database(expression);
        const auto index = building_.variables.index_of(*variable);
        if (building_.variables[index].kind == plan::VariableKind::parameter) {
            refuse("a parameter for the name of a schema");
        }
        if (index >= building_.normalized.variables.size()) return;
        const BindValue& bound = building_.normalized.variables[index].second;
        pin(building_.variables[index].source);
        if (variable->list) return list_value(bound);
        if (names_keyspace(bound.value.bytes)) to_database(expression);
    }

    void list_value(const BindValue& bound) {
        for (const Value& item : bound.list) {
            if (building_.context.schema->keyspace(item.bytes) == nullptr) continue;
            refuse("a keyspace in a list of schemas");
        }
    }

    // The plan is only for texts that say the same here.
    void pin(const sql::BindSource& source) {
        for (std::uint32_t i = 0; i < source.count; ++i) {
            auto& pinned = building_.plan.pinned;
            if (!contains(pinned, source.slot + i)) pinned.push_back(source.slot + i);
        }
    }

    bool names_keyspace(const std::string& name) {
        if (is_system_schema(name)) return false;
        const vschema::Keyspace* found = building_.context.schema->keyspace(name);
        if (found == nullptr) return false;
        if (keyspace_ != nullptr && keyspace_ != found) {
            raise(Code::unimplemented, er::not_supported_yet,
                  "specifying two different database in the query is not supported");
        }
        keyspace_ = found;
        return true;
    }

    void to_database(sql::Expr& expression) {
        expression = sql::Expr(sql::FunctionCall{.name = "database"});
        building_.rewritten = true;
    }

    Building& building_;
    const vschema::Keyspace* keyspace_ = nullptr;
};

std::string system_tables(sql::Statement& statement) {
    std::vector<std::string> names;
    for (const sql::TableName* name : sql::table_names(std::as_const(statement))) {
        if (!is_system_schema(name->keyspace)) continue;
        std::string text = sql::format(*name);
        if (!contains(names, text)) names.push_back(std::move(text));
    }
    std::ranges::sort(names);
    std::string result;
    for (const std::string& name : names) result += (result.empty() ? "" : ", ") + name;
    return result;
}

}  // namespace

plan::Node plan_system_query(Building& building, sql::Query& query, Binder& binder) {
    const vschema::Keyspace* tables = common_keyspace(binder.uses());
    if (tables != nullptr && tables->sharded) {
        refuse("a system schema together with sharded tables");
    }
    SchemaNames names(building);
    sql::rewrite(query, [&](sql::Expr& expression) { names.replace(expression); });
    if (tables != nullptr && names.keyspace() != nullptr && tables != names.keyspace()) {
        refuse("a system schema of one keyspace together with tables of another");
    }
    rename_tables(binder.uses());
    add_tables_used(building, binder.uses());
    const vschema::Keyspace& keyspace = tables != nullptr             ? *tables
                                        : names.keyspace() != nullptr ? *names.keyspace()
                                                                      : any_keyspace(building);
    return node_of(make_route(building, route_to(keyspace, plan::Opcode::dba), query,
                              system_tables(building.statement())));
}

}  // namespace sluice::planner
