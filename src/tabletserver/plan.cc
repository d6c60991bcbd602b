// Step 4 of a request to a tablet: what to do with its statement. Before: plan_cache.cc. After:
// execute.cc.
#include "tabletserver/plan.h"

#include <algorithm>

#include "base/overload.h"
#include "sql/format.h"
#include "sql/lexer.h"
#include "sql/parse.h"
#include "sql/walk.h"
#include "tabletserver/detail/permissions.h"

namespace sluice::tabletserver {
namespace {

using sql::Statement;

std::string shard_text(const Statement& statement) {
    return sql::format(statement, {.type_comments = false});
}

sql::Limit limit_of(const PlanOptions& options) {
    return {.offset = std::nullopt,
            .count = sql::Expr(sql::Literal{.kind = sql::LiteralKind::integer,
                                            .text = std::to_string(options.max_rows + 1),
                                            .source = {}})};
}

bool is_one_table(const std::vector<sql::TableRef>& from) {
    return from.size() == 1 && from[0].as<sql::AliasedTable>() != nullptr;
}

std::string only_table(const std::vector<sql::TableRef>& from) {
    return is_one_table(from) ? from[0].as<sql::AliasedTable>()->table.name : std::string();
}

bool takes_lock(const sql::Select& select) {
    for (const sql::SelectItem& item : select.items) {
        const auto* expression = std::get_if<sql::SelectExpr>(&item);
        if (expression == nullptr) continue;
        bool found = false;
        sql::for_each<sql::FunctionCall>(expression->expression,
                                         [&](const sql::FunctionCall& call) {
                                             found = found || sql::same_name(call.name, "get_lock");
                                         });
        if (found) return true;
    }
    return false;
}

// WHERE 1 != 1: asked for the columns only.
bool is_impossible(const sql::Select& select) {
    if (!select.where) return false;
    const auto* compare = (*select.where)->as<sql::Compare>();
    if (compare == nullptr || compare->op != sql::CompareOp::not_equal) return false;
    const auto* left = compare->left->as<sql::Literal>();
    const auto* right = compare->right->as<sql::Literal>();
    return left != nullptr && right != nullptr && left->text == right->text;
}

// How each kind of statement runs; the text is kept as it came unless it must change.
class Builder {
 public:
    Builder(std::string_view text, const PlanOptions& options, bool stream)
        : text_(text), options_(options), stream_(stream) {}

    Result<Plan> build() {
        Statement statement = TRY(sql::parse(text_));
        plan_.permissions = permissions_of(statement);
        for (const sql::TableName* name : sql::table_names(std::as_const(statement))) {
            if (std::ranges::find(plan_.tables, name->name) == plan_.tables.end())
                plan_.tables.push_back(name->name);
        }
        TRY(std::visit([&](auto& node) { return take(statement, node); }, statement.node));
        if (stream_) TRY(check_streamable());
        if (plan_.query.text.empty()) plan_.query = query_text(std::string(text_));
        return std::move(plan_);
    }

 private:
    Result<void> take(Statement& statement, sql::Query& query);
    Result<void> take_next(const sql::Select& select, const sql::SelectNext& next);
    Result<void> take(Statement& statement, sql::Update& update);
    Result<void> take(Statement& statement, sql::Delete& deletion);
    Result<void> take(Statement& statement, sql::Show& show);
    Result<void> take(Statement&, sql::Insert& insert) {
        plan_.table = insert.table.name;
        return is(PlanKind::insert, true);
    }
    Result<void> take(Statement&, sql::Set&) {
        plan_.needs_reserved = true;
        return is(PlanKind::set, true);
    }
    Result<void> take(Statement&, sql::Savepoint&) { return is(PlanKind::savepoint, true); }
    Result<void> take(Statement&, sql::RollbackTo&) {
        return is(PlanKind::rollback_savepoint, true);
    }
    Result<void> take(Statement&, sql::Release&) { return is(PlanKind::release, true); }
    Result<void> take(Statement&, sql::Ddl& ddl) {
        plan_.needs_reserved = ddl.temporary;
        plan_.changes_schema = !ddl.temporary;
        if (!ddl.tables.empty()) plan_.table = ddl.tables[0].name;
        return is(PlanKind::ddl, true);
    }
    Result<void> take(Statement&, sql::Explain&) { return is(PlanKind::select, false); }
    Result<void> take(Statement&, sql::Describe&) { return is(PlanKind::select, false); }
    Result<void> take(Statement&, sql::Analyze&) { return is(PlanKind::select, false); }
    Result<void> take(Statement&, sql::OtherAdmin&) { return is(PlanKind::other_admin, true); }
    Result<void> take(Statement&, sql::Load&) { return is(PlanKind::load, true); }
    Result<void> take(Statement&, sql::Flush& flush) {
        plan_.needs_reserved = flush.with_read_lock;
        return is(PlanKind::flush, true);
    }
    Result<void> take(Statement&, sql::UnlockTables&) { return is(PlanKind::unlock_tables, true); }
    Result<void> take(Statement&, sql::LockTables&) {
        plan_.needs_reserved = true;
        return is(PlanKind::other_admin, true);
    }
    Result<void> take(Statement&, sql::Call&) { return is(PlanKind::call_procedure, true); }
    // What a gate answers itself or does in other calls.
    template <class Node>
    Result<void> take(Statement&, Node&) {
        return fail(Code::invalid_argument, "invalid SQL");
    }

    Result<void> is(PlanKind kind, bool write) {
        plan_.kind = kind;
        plan_.is_write = write;
        return {};
    }
    bool limits(bool has_limit) const { return !stream_ && !has_limit; }
    Result<void> check_streamable();
    template <class Write>
    void take_write(Statement& statement, Write& write, PlanKind plain, PlanKind limited);

    std::string_view text_;
    const PlanOptions& options_;
    bool stream_;
    Plan plan_;
};

Result<void> Builder::check_streamable() {
    switch (plan_.kind) {
        case PlanKind::select:
        case PlanKind::select_impossible:
        case PlanKind::select_lock_function:
        case PlanKind::show:
        case PlanKind::other_read:
        case PlanKind::call_procedure:
            plan_.kind = PlanKind::select_stream;
            return {};
        default: {
            const Statement statement = TRY(sql::parse(text_));
            return fail(
                Code::failed_precondition,
                std::string(sql::statement_kind_name(statement)) + " not allowed for streaming");
        }
    }
}

Result<void> Builder::take_next(const sql::Select& select, const sql::SelectNext& next) {
    if (stream_) return fail(Code::failed_precondition, "SELECT not allowed for streaming");
    plan_.table = only_table(select.from);
    if (const auto* literal = next.count.as<sql::Literal>()) {
        std::int64_t count = 0;
        for (const char digit : literal->text) {
            if (digit < '0' || digit > '9' || count > 1'000'000'000) count = -1;
            if (count < 0) break;
            count = count * 10 + (digit - '0');
        }
        plan_.next_count = count;
    } else if (const auto* variable = next.count.as<sql::BindVariable>()) {
        plan_.next_count = variable->name;
    } else {
        return fail(Code::invalid_argument, "invalid increment for sequence " + plan_.table);
    }
    return is(PlanKind::nextval, true);
}

Result<void> Builder::take(Statement& statement, sql::Query& query) {
    is(PlanKind::select, false).value();
    std::optional<sql::Limit>* limit = nullptr;
    if (auto* select = std::get_if<sql::Select>(&query.node)) {
        if (!select->items.empty()) {
            if (const auto* next = std::get_if<sql::SelectNext>(&select->items[0]))
                return take_next(*select, *next);
        }
        plan_.table = only_table(select->from);
        if (is_impossible(*select)) plan_.kind = PlanKind::select_impossible;
        if (takes_lock(*select)) {
            plan_.kind = PlanKind::select_lock_function;
            plan_.needs_reserved = true;
        }
        plan_.is_write = select->into.has_value() || plan_.needs_reserved;
        // `select 1` has one row.
        if (!select->from.empty()) limit = &select->limit;
    } else if (auto* united = std::get_if<sql::Union>(&query.node)) {
        limit = &united->limit;
    }
    if (limit == nullptr || !limits(limit->has_value())) return {};
    *limit = limit_of(options_);
    plan_.limited = true;
    plan_.query = query_text(shard_text(statement));
    return {};
}

template <class Write>
void Builder::take_write(Statement& statement, Write& write, PlanKind plain, PlanKind limited) {
    is(plain, true).value();
    plan_.table = only_table(write.tables);
    if (write.where) plan_.where = query_text(sql::format(**write.where, {.type_comments = false}));
    if (options_.passthrough_writes || plan_.table.empty() || write.limit) return;
    write.limit = limit_of(options_);
    plan_.kind = limited;
    plan_.limited = true;
    plan_.query = query_text(shard_text(statement));
}

Result<void> Builder::take(Statement& statement, sql::Update& update) {
    take_write(statement, update, PlanKind::update, PlanKind::update_limit);
    return {};
}

Result<void> Builder::take(Statement& statement, sql::Delete& deletion) {
    take_write(statement, deletion, PlanKind::delete_, PlanKind::delete_limit);
    // With a table named before FROM there is no LIMIT.
    if (deletion.targets.empty() || plan_.kind == PlanKind::delete_) return {};
    plan_.kind = PlanKind::delete_;
    plan_.limited = false;
    plan_.query = query_text(std::string(text_));
    return {};
}

Result<void> Builder::take(Statement& statement, sql::Show& show) {
    switch (show.kind) {
        case sql::ShowKind::vitess_migrations:
        case sql::ShowKind::vitess_migration_logs:
        case sql::ShowKind::vitess_throttled_apps:
        case sql::ShowKind::vitess_throttler_status:
            return unsupported("schema migrations and the throttler on this tablet");
        case sql::ShowKind::tables:
            plan_.listing = true;
            if (show.where) {
                sql::rewrite(**show.where, [&](sql::Expr& e) {
                    auto* column = e.as<sql::Column>();
                    if (column != nullptr && column->table.empty() &&
                        sql::lower_case(column->name).starts_with("tables_in_"))
                        column->name = "Tables_in_" + options_.database;
                });
                plan_.query = query_text(shard_text(statement));
            }
            break;
        case sql::ShowKind::create_database: {
            const std::string named = show.keyspace.empty() ? show.table.name : show.keyspace;
            for (const std::string_view system :
                 {"information_schema", "mysql", "performance_schema", "sys"}) {
                if (sql::same_name(named, system)) return is(PlanKind::show, false);
            }
            plan_.query = query_text("show create database " + sql::identifier(options_.database));
            break;
        }
        default:
            break;
    }
    return is(PlanKind::show, false);
}

}  // namespace

std::string_view plan_name(PlanKind kind) {
    switch (kind) {
        case PlanKind::select:
            return "Select";
        case PlanKind::nextval:
            return "Nextval";
        case PlanKind::select_impossible:
            return "SelectImpossible";
        case PlanKind::select_lock_function:
            return "SelectLockFunc";
        case PlanKind::insert:
            return "Insert";
        case PlanKind::update:
            return "Update";
        case PlanKind::update_limit:
            return "UpdateLimit";
        case PlanKind::delete_:
            return "Delete";
        case PlanKind::delete_limit:
            return "DeleteLimit";
        case PlanKind::ddl:
            return "DDL";
        case PlanKind::set:
            return "Set";
        case PlanKind::other_read:
            return "OtherRead";
        case PlanKind::other_admin:
            return "OtherAdmin";
        case PlanKind::select_stream:
            return "SelectStream";
        case PlanKind::savepoint:
            return "Savepoint";
        case PlanKind::release:
            return "Release";
        case PlanKind::rollback_savepoint:
            return "RollbackSavepoint";
        case PlanKind::show:
            return "Show";
        case PlanKind::load:
            return "Load";
        case PlanKind::flush:
            return "Flush";
        case PlanKind::unlock_tables:
            return "UnlockTables";
        case PlanKind::call_procedure:
            return "CallProcedure";
    }
    return "";
}

namespace {

// Gates write a variable's type behind it (" /* INT64 */"). In the column's name that MySQL makes
// of an expression it has no place.
std::size_t type_comment(std::string_view rest) {
    constexpr std::string_view opening = " /* ", closing = " */";
    constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_(),";
    if (!rest.starts_with(opening)) return 0;
    const std::size_t end = rest.find_first_not_of(allowed, opening.size());
    const bool ends = end != rest.npos && rest.substr(end).starts_with(closing);
    return ends ? end + closing.size() : 0;
}

}  // namespace

QueryText query_text(std::string text) {
    QueryText made;
    sql::Lexer lexer(text, {});
    for (sql::Token token = lexer.next(); token.kind != sql::TokenKind::end; token = lexer.next()) {
        if (token.kind == sql::TokenKind::error) break;
        const bool list = token.kind == sql::TokenKind::named_list_parameter;
        if (!list && token.kind != sql::TokenKind::named_parameter) continue;
        const std::string_view rest = std::string_view(text).substr(token.offset + token.length);
        const std::size_t length = token.length + type_comment(rest);
        made.places.push_back({.offset = token.offset,
                               .length = static_cast<std::uint32_t>(length),
                               .name = std::string(lexer.text(token).substr(list ? 2 : 1)),
                               .list = list});
    }
    made.text = std::move(text);
    return made;
}

Result<Plan> build_plan(std::string_view text, const PlanOptions& options, bool stream) {
    return Builder(text, options, stream).build();
}

}  // namespace sluice::tabletserver
