// Step 5 of a request, what means the session: functions that a shard would answer for its own
// connection, and texts that may not be forwarded as they came (design.md section 10).
#include <algorithm>

#include "planner/detail/building.h"
#include "sql/walk.h"

namespace sluice::planner {

namespace {

constexpr std::string_view user_functions[] = {"user", "current_user", "session_user",
                                               "system_user"};
constexpr std::string_view lock_functions[] = {"get_lock", "release_lock", "release_all_locks",
                                               "is_free_lock", "is_used_lock"};

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
    return std::ranges::any_of(names,
                               [&](std::string_view other) { return sql::same_name(name, other); });
}

// A list of values of the system schemas is about the server itself; there DATABASE() is the
// shard's.
bool reads_system_schema(const sql::Statement& statement, const PlanContext& context) {
    return std::ranges::any_of(sql::table_names(statement), [&](const sql::TableName* name) {
        return is_system_schema(name->keyspace.empty() ? context.keyspace : name->keyspace);
    });
}

class SessionFunctions {
 public:
    SessionFunctions(Building& building, bool system)
        : building_(building), system_(system), is_query_(building.statement().as<sql::Query>()) {}

    void replace(sql::Expr& expression) {
        if (expression.is<sql::Assign>()) refuse("Assignment expression");
        if (expression.is<sql::Variable>()) building_.rewritten = true;
        const auto* call = expression.as<sql::FunctionCall>();
        if (call == nullptr || !call->keyspace.empty()) return;
        const std::string_view name = call->name;
        if (is_one_of(name, lock_functions)) {
            building_.plan.needs_reserved = true;
            building_.rewritten = true;
        } else if (sql::same_name(name, "last_insert_id") && !call->arguments.empty()) {
            if (is_query_) refuse("LAST_INSERT_ID with an argument");
        } else if (sql::same_name(name, "connection_id")) {
            become(expression, "__vtconnid");
        } else if (sql::same_name(name, "version")) {
            auto& variables = building_.plan.needs.system_variables;
            if (!contains(variables, "version")) variables.emplace_back("version");
            become(expression, "__vtversion");
        } else if (is_one_of(name, user_functions)) {
            become(expression, "__vtuser");
        } else if (sql::same_name(name, "last_insert_id")) {
            building_.plan.needs.last_insert_id = true;
            become(expression, sql::need::last_insert_id);
        } else if (sql::same_name(name, "found_rows")) {
            building_.plan.needs.found_rows = true;
            become(expression, sql::need::found_rows);
        } else if (sql::same_name(name, "row_count")) {
            building_.plan.needs.row_count = true;
            become(expression, sql::need::row_count);
        } else if (sql::same_name(name, "database") || sql::same_name(name, "schema")) {
            building_.rewritten = true;
            if (system_) return;
            building_.plan.needs.database = true;
            become(expression, sql::need::database);
        }
    }

 private:
    void become(sql::Expr& expression, std::string_view need) {
        building_.variables.need(std::string(need));
        expression = sql::Expr(sql::BindVariable{.name = std::string(need)});
        building_.rewritten = true;
    }

    Building& building_;
    bool system_;
    bool is_query_;
};

// Hints for the planner are no SQL that MySQL knows.
void drop_vindex_hints(Building& building) {
    sql::walk(building.statement(), [&](sql::TableRef& table) {
        auto* aliased = table.as<sql::AliasedTable>();
        if (aliased == nullptr) return;
        const auto dropped = std::erase_if(aliased->hints, [](const sql::IndexHint& hint) {
            return hint.kind == sql::IndexHintKind::use_vindex ||
                   hint.kind == sql::IndexHintKind::ignore_vindex;
        });
        if (dropped > 0) building.rewritten = true;
    });
}

void check_into(sql::Query& query, Building& building) {
    std::visit(
        [&](auto& node) {
            if (!node.into) return;
            if (node.into->kind == sql::IntoKind::variables) refuse("SELECT ... INTO variables");
            building.rewritten = true;
        },
        query.node);
}

bool is_qualified(const sql::TableName& name) {
    return !name.keyspace.empty();
}

bool has_qualifiers(sql::Statement& statement) {
    bool found = std::ranges::any_of(sql::table_names(std::as_const(statement)),
                                     [](const auto* name) { return is_qualified(*name); });
    sql::walk(statement, [&](const sql::Expr& expression) {
        if (const auto* column = expression.as<sql::Column>()) found |= is_qualified(column->table);
        if (const auto* call = expression.as<sql::FunctionCall>()) found |= !call->keyspace.empty();
    });
    const auto stars = [&](const sql::Query& query) {
        const auto* select = std::get_if<sql::Select>(&query.node);
        if (select == nullptr) return;
        for (const sql::SelectItem& item : select->items) {
            if (const auto* star = std::get_if<sql::SelectStar>(&item)) {
                found |= is_qualified(star->table);
            }
        }
    };
    sql::walk(statement, stars);
    if (auto* query = statement.as<sql::Query>()) stars(*query);
    return found;
}

}  // namespace

void replace_session_functions(Building& building) {
    sql::Statement& statement = building.statement();
    drop_vindex_hints(building);
    if (auto* query = statement.as<sql::Query>()) check_into(*query, building);
    SessionFunctions functions(building, reads_system_schema(statement, building.context));
    sql::rewrite(statement, [&](sql::Expr& expression) { functions.replace(expression); });
}

bool may_forward_text(Building& building) {
    const PlanContext& context = building.context;
    sql::Statement& statement = building.statement();
    if (context.tablets || context.text.empty() || context.text_changed ||
        !building.normalized.needs.empty()) {
        return false;
    }
    if (!sql::directives(statement).entries.empty()) return false;
    if (const sql::Fingerprint* slots = context.slots) {
        if (!slots->one_statement || slots->failed || slots->version_comment) return false;
        if (slots->user_variables || slots->system_variables || slots->directives) return false;
        return !slots->dots || !has_qualifiers(statement);
    }
    if (context.text.contains("/*!") || context.text.contains("/*M!")) return false;
    return sql::has_one_statement(context.text, context.mode) && !has_qualifiers(statement);
}

bool is_nondeterministic(const sql::Expr& expression) {
    static constexpr std::string_view names[] = {
        "rand",           "uuid",          "uuid_short", "random_bytes",      "now",
        "sysdate",        "curdate",       "curtime",    "current_timestamp", "current_date",
        "current_time",   "localtime",     "utc_date",   "localtimestamp",    "utc_time",
        "utc_timestamp",  "sleep",         "get_lock",   "unix_timestamp",    "release_lock",
        "last_insert_id", "connection_id", "load_file",  "row_count",         "found_rows"};
    bool found = false;
    sql::for_each<sql::FunctionCall>(expression, [&](const sql::FunctionCall& call) {
        if (is_one_of(call.name, names) || !call.keyspace.empty()) found = true;
    });
    return found || sql::find<sql::Variable>(expression) != nullptr;
}

}  // namespace sluice::planner
