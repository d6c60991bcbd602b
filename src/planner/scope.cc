// Step 5 of a request, phase 1: tables and columns get their meaning. Before: planner.cc. After:
// merge.cc decides which of them share a shard.
#include "planner/detail/scope.h"

#include <algorithm>

#include "planner/detail/refusal.h"
#include "sql/format.h"
#include "sql/walk.h"

namespace sluice::planner {

namespace {

// Far above real SQL; common tables that use each other twice would double without end.
constexpr int max_sources = 2000;

bool is_null_comparison(const sql::Compare& compare) {
    using sql::CompareOp;
    if (compare.quantifier != sql::Quantifier::none) return false;
    if (compare.op == CompareOp::in || compare.op == CompareOp::not_in) {
        const auto* list = compare.right->as<sql::Tuple>();
        if (list == nullptr) return false;
        const auto is_null = [](const sql::Expr& e) { return e.is<sql::NullLiteral>(); };
        return compare.op == CompareOp::in ? std::ranges::all_of(list->items, is_null)
                                           : std::ranges::any_of(list->items, is_null);
    }
    if (compare.op == CompareOp::null_safe_equal) return false;
    return compare.left->is<sql::NullLiteral>() || compare.right->is<sql::NullLiteral>();
}

// a = 1 or a = 2 or a in (3, 4): the column, and all values of the list.
bool collect_alternatives(const sql::Expr& expr, const sql::Expr*& column,
                          std::vector<sql::Expr>& values) {
    const auto* compare = expr.as<sql::Compare>();
    if (compare == nullptr || compare->quantifier != sql::Quantifier::none) return false;
    if (!compare->left->is<sql::Column>()) return false;
    if (column != nullptr && !(*column == *compare->left)) return false;
    column = &*compare->left;
    if (compare->op == sql::CompareOp::equal) {
        values.push_back(*compare->right);
        return true;
    }
    if (compare->op != sql::CompareOp::in) return false;
    const auto* list = compare->right->as<sql::Tuple>();
    if (list == nullptr) return false;
    values.insert(values.end(), list->items.begin(), list->items.end());
    return true;
}

bool is_value(const sql::Expr& expr) {
    if (const auto* unary = expr.as<sql::Unary>()) return is_value(*unary->operand);
    const auto* variable = expr.as<sql::BindVariable>();
    return expr.is<sql::Literal>() || (variable != nullptr && !variable->list);
}

void or_to_in(sql::Expr& expr) {
    const auto* or_ = expr.as<sql::Or>();
    if (or_ == nullptr) return;
    const sql::Expr* column = nullptr;
    std::vector<sql::Expr> values;
    for (const sql::Expr& operand : or_->operands) {
        if (!collect_alternatives(operand, column, values)) return;
    }
    if (!std::ranges::all_of(values, is_value)) return;
    sql::Compare in{
        .op = sql::CompareOp::in, .left = *column, .right = sql::Expr(sql::Tuple{values})};
    expr = sql::Expr(std::move(in));
}

bool is_target(std::string_view keyspace) {
    return keyspace.find_first_of(":/@[") != std::string_view::npos;
}

}  // namespace

const Source* SelectScope::source(int id) const {
    for (const Source& candidate : sources) {
        if (candidate.id == id) return &candidate;
    }
    return parent != nullptr ? parent->source(id) : nullptr;
}

vschema::TablePointer Binder::find_table(const sql::TableName& name) {
    if (is_target(name.keyspace)) refuse("a shard or tablet type in a table's name");
    const std::string& keyspace = name.keyspace.empty() ? context_.keyspace : name.keyspace;
    auto found = context_.schema->find_table_or_vindex(keyspace, name.name, context_.tablet_type);
    if (!found) {
        Error error = std::move(found).error();
        if (error.code == Code::not_found && error.number == er::unknown_error) {
            error = make_error(Code::not_found, er::no_such_table, std::move(error.text));
        }
        // MariaDB has no error of its own for a table in a database that is not there.
        if (context_.mariadb && error.number == er::bad_db)
            error = make_error(Code::not_found, er::no_such_table, std::move(error.text));
        raise(std::move(error));
    }
    if (auto* table = std::get_if<vschema::TablePointer>(&*found)) return std::move(*table);
    refuse("vindex functions");
}

void Binder::open_common_tables(sql::With& with) {
    const std::size_t before = common_.size();
    for (std::size_t i = 0; i < with.tables.size(); ++i) {
        const std::size_t visible = with.recursive ? before + with.tables.size() : before + i;
        common_.push_back({.table = &with.tables[i], .visible = visible});
    }
}

void Binder::bind_unused(std::size_t from) {
    for (std::size_t i = from; i < common_.size(); ++i) {
        if (common_[i].used) continue;
        common_[i].used = true;
        auto all = common_;
        const auto* table = common_[i].table;
        sql::Query& body = *common_[i].table->query;
        common_.resize(std::min(common_[i].visible, common_.size()));
        open_.push_back(table);
        (void)bind(body, nullptr);
        open_.pop_back();
        common_ = std::move(all);
    }
}

std::shared_ptr<QueryScope> Binder::bind(sql::Query& query, SelectScope* parent) {
    auto result = std::make_shared<QueryScope>();
    result->query = &query;
    const bool outer_recursion = std::exchange(recursion_seen_, false);
    bind_branches(query, parent, *result);
    result->recursive = recursion_seen_;
    recursion_seen_ = recursion_seen_ || outer_recursion;
    kept_.push_back(result);
    return result;
}

void Binder::bind_branches(sql::Query& query, SelectScope* parent, QueryScope& result) {
    const std::size_t outer_common = common_.size();
    if (auto* select = std::get_if<sql::Select>(&query.node)) {
        open_common_tables(select->with);
        result.selects.push_back(std::make_unique<SelectScope>());
        result.selects.back()->parent = parent;
        bind_select(query, *select, *result.selects.back());
    } else {
        auto& united = std::get<sql::Union>(query.node);
        open_common_tables(united.with);
        result.is_union = true;
        if (united.limit || !united.order_by.empty()) result.branch_limits = true;
        for (std::size_t i = 0; i < united.branches.size(); ++i) {
            const bool combined = united.branches[i].op != sql::SetOperator::union_;
            if (i > 0 && (united.branches[i].distinct || combined))
                result.all_distinct_free = false;
            bind_branches(*united.branches[i].query, parent, result);
        }
        for (sql::OrderItem& item : united.order_by) {
            add_subqueries(item.expression, *result.selects.front());
        }
    }
    bind_unused(outer_common);
    common_.resize(outer_common);
}

template <class Node>
void Binder::add_subqueries(Node& node, SelectScope& scope) {
    sql::walk(
        node,
        [&](sql::Expr& expr) {
            sql::Query* query = nullptr;
            if (auto* subquery = expr.as<sql::Subquery>()) query = &*subquery->query;
            if (auto* exists = expr.as<sql::Exists>()) query = &*exists->query;
            if (query == nullptr) return;
            ExpressionQuery found{.query = bind(*query, &scope)};
            if (const auto left = in_left_.find(query); left != in_left_.end()) {
                found.in_left = left->second;
            }
            scope.subqueries.push_back(std::move(found));
        },
        sql::Depth::this_query);
}

void Binder::bind_select(sql::Query& query, sql::Select& select, SelectScope& scope) {
    scope.select = &select;
    add_tables(select.from, scope, false);
    if (select.where) add_conjuncts(**select.where, scope, {});
    add_subqueries(query, scope);
}

std::shared_ptr<SelectScope> Binder::bind_write(sql::Statement& statement, sql::With& with,
                                                std::vector<sql::TableRef>& tables,
                                                sql::OptionalExpr& where) {
    auto scope = std::make_shared<SelectScope>();
    kept_.push_back(scope);
    open_common_tables(with);
    add_tables(tables, *scope, false);
    if (where) add_conjuncts(**where, *scope, {});
    add_subqueries(statement, *scope);
    bind_unused(0);
    common_.clear();
    return scope;
}

std::set<int> Binder::add_tables(std::vector<sql::TableRef>& tables, SelectScope& scope,
                                 bool nullable) {
    std::set<int> ids;
    for (sql::TableRef& table : tables) ids.merge(add_table(table, scope, nullable));
    return ids;
}

Source& Binder::new_source(SelectScope& scope, bool nullable) {
    if (next_id_ >= max_sources) refuse("so many tables in one statement");
    Source& source = scope.sources.emplace_back();
    source.id = next_id_++;
    source.nullable = nullable;
    return source;
}

std::set<int> Binder::add_table(sql::TableRef& table, SelectScope& scope, bool nullable) {
    if (auto* join = table.as<sql::Join>()) return add_join(*join, scope, nullable);
    if (auto* inner = table.as<sql::ParenthesisedTables>()) {
        return add_tables(inner->tables, scope, nullable);
    }
    if (auto* derived = table.as<sql::DerivedTable>()) {
        return add_derived(*derived, scope, nullable);
    }
    if (auto* json = table.as<sql::JsonTable>()) {
        Source& source = new_source(scope, nullable);
        source.name = json->alias;
        return {source.id};
    }
    add_aliased(*table.as<sql::AliasedTable>(), scope, nullable);
    return {scope.sources.back().id};
}

std::set<int> Binder::add_derived(sql::DerivedTable& derived, SelectScope& scope, bool nullable) {
    auto inner = bind(*derived.query, derived.lateral ? &scope : scope.parent);
    Source& source = new_source(scope, nullable);
    source.kind = SourceKind::derived;
    source.name = derived.alias;
    source.columns = derived.columns;
    source.lateral = derived.lateral;
    source.query = std::move(inner);
    return {source.id};
}

std::set<int> Binder::add_join(sql::Join& join, SelectScope& scope, bool nullable) {
    using sql::JoinKind;
    const bool left_outer = join.kind == JoinKind::left || join.kind == JoinKind::natural_left;
    const bool right_outer = join.kind == JoinKind::right || join.kind == JoinKind::natural_right;
    if (join.kind == JoinKind::natural || join.kind == JoinKind::natural_left ||
        join.kind == JoinKind::natural_right) {
        scope.natural = true;
    }
    std::set<int> left = add_table(*join.left, scope, nullable || right_outer);
    std::set<int> right = add_table(*join.right, scope, nullable || left_outer);
    const bool outer = left_outer || right_outer;
    if (join.on) {
        Conjunct like{.outer = outer, .nullable = nullable};
        if (outer) like.inner_side = left_outer ? right : left;
        add_conjuncts(**join.on, scope, like);
    }
    for (const std::string& column : join.using_columns) {
        UsingColumn shared{.column = sql::lower_case(column),
                           .left = {left.begin(), left.end()},
                           .right = {right.begin(), right.end()},
                           .outer = outer,
                           .inner_side = left_outer ? right : left};
        scope.using_columns.push_back(std::move(shared));
    }
    left.merge(right);
    return left;
}

bool Binder::add_common(const sql::AliasedTable& aliased, Source& source) {
    for (std::size_t i = common_.size(); i-- > 0;) {
        sql::CommonTable* table = common_[i].table;
        if (table->name != aliased.table.name) continue;
        common_[i].used = true;
        source.columns = table->columns;
        if (std::ranges::find(open_, table) != open_.end()) {
            recursion_seen_ = true;  // the recursion itself: rows that are already at hand
            return true;
        }
        auto all = common_;
        common_.resize(std::min(common_[i].visible, common_.size()));
        open_.push_back(table);
        source.kind = SourceKind::derived;
        source.query = bind(*table->query, nullptr);
        open_.pop_back();
        for (std::size_t k = 0; k < common_.size(); ++k) all[k].used |= common_[k].used;
        common_ = std::move(all);
        return true;
    }
    return false;
}

void Binder::add_aliased(sql::AliasedTable& aliased, SelectScope& scope, bool nullable) {
    Source& source = new_source(scope, nullable);
    source.name = aliased.alias.empty() ? aliased.table.name : aliased.alias;
    source.keyspace = aliased.table.keyspace;
    source.written = &aliased;
    if (aliased.table.keyspace.empty()) {
        if (add_common(aliased, source)) return;
        if (sql::same_name(aliased.table.name, "dual")) return;
    }
    const std::string& keyspace =
        aliased.table.keyspace.empty() ? context_.keyspace : aliased.table.keyspace;
    if (is_system_schema(keyspace)) {
        source.kind = SourceKind::system;
        aliased.table.keyspace = keyspace;  // a shard's default database is another one
        uses_system_ = true;
        return;
    }
    source.table = find_table(aliased.table);
    source.kind = SourceKind::table;
    uses_.push_back(&source);
}

void Binder::add_conjuncts(sql::Expr& expr, SelectScope& scope, const Conjunct& like) {
    if (auto* and_ = expr.as<sql::And>()) {
        for (sql::Expr& operand : and_->operands) add_conjuncts(operand, scope, like);
        return;
    }
    or_to_in(expr);
    if (const auto* compare = expr.as<sql::Compare>()) {
        if (!like.outer && !like.nullable) {
            if (is_null_comparison(*compare)) scope.never = true;
            const auto* subquery = compare->right->as<sql::Subquery>();
            if (subquery != nullptr && compare->op == sql::CompareOp::in) {
                in_left_[&*subquery->query] = &*compare->left;
            }
        }
    }
    Conjunct found = like;
    found.expr = &expr;
    scope.conjuncts.push_back(std::move(found));
}

// ---- columns ----

namespace {

enum class Knowledge : std::uint8_t { no, possible, certain };

std::string output_name(const sql::SelectExpr& item) {
    if (!item.alias.empty()) return item.alias;
    const auto* column = item.expression.as<sql::Column>();
    return column != nullptr ? column->name : std::string();
}

Knowledge knows(const Source& source, std::string_view name);

Knowledge query_knows(const Source& source, std::string_view name) {
    const auto same = [&](const std::string& other) { return sql::same_name(other, name); };
    if (!source.columns.empty()) {
        return std::ranges::any_of(source.columns, same) ? Knowledge::certain : Knowledge::no;
    }
    const sql::Select* select = source.query->selects.front()->select;
    Knowledge best = Knowledge::no;
    for (const sql::SelectItem& item : select->items) {
        if (const auto* expression = std::get_if<sql::SelectExpr>(&item)) {
            if (same(output_name(*expression))) return Knowledge::certain;
        } else {
            best = Knowledge::possible;
        }
    }
    return best;
}

Knowledge knows(const Source& source, std::string_view name) {
    switch (source.kind) {
        case SourceKind::derived:
            return query_knows(source, name);
        case SourceKind::system:
        case SourceKind::neutral:
            return Knowledge::possible;
        case SourceKind::table:
            break;
    }
    const vschema::Table& table = *source.table;
    if (table.column(name) != nullptr) return Knowledge::certain;
    for (const auto& vindex : table.column_vindexes) {
        for (const std::string& column : vindex.columns) {
            if (sql::same_name(column, name)) return Knowledge::certain;
        }
    }
    return table.column_list_authoritative ? Knowledge::no : Knowledge::possible;
}

bool is_named(const Source& source, const sql::TableName& table) {
    return source.name == table.name &&
           (table.keyspace.empty() || source.keyspace.empty() || source.keyspace == table.keyspace);
}

}  // namespace

// A column of USING belongs to both sides; they are equal unless the join is an outer one.
static std::optional<ColumnKey> shared_column(const SelectScope& scope, const std::string& name) {
    for (const UsingColumn& shared : scope.using_columns) {
        if (shared.column != name || shared.outer || shared.left.size() != 1) continue;
        return ColumnKey{shared.left.front(), name};
    }
    return std::nullopt;
}

std::optional<ColumnKey> resolve(const SelectScope& scope, const sql::Column& column) {
    const std::string name = sql::lower_case(column.name);
    for (const SelectScope* level = &scope; level != nullptr; level = level->parent) {
        const Source* certain = nullptr;
        const Source* possible = nullptr;
        int certains = 0;
        int possibles = 0;
        for (const Source& source : level->sources) {
            if (!column.table.name.empty()) {
                if (is_named(source, column.table)) return ColumnKey{source.id, name};
                continue;
            }
            const Knowledge knowledge = knows(source, name);
            if (knowledge == Knowledge::certain) certain = &source, ++certains;
            if (knowledge == Knowledge::possible) possible = &source, ++possibles;
        }
        if (certains + possibles > 1 && column.table.name.empty()) {
            if (const auto shared = shared_column(*level, name)) return shared;
        }
        if (certains == 1) return ColumnKey{certain->id, name};
        if (certains > 1 || possibles > 1) return std::nullopt;
        if (possibles == 1) return ColumnKey{possible->id, name};
    }
    return std::nullopt;
}

bool surely_exists(const SelectScope& scope, const sql::Column& column) {
    return std::ranges::any_of(scope.sources, [&](const Source& source) {
        if (!column.table.name.empty() && !is_named(source, column.table)) return false;
        return knows(source, column.name) == Knowledge::certain;
    });
}

void check_exists(const SelectScope& scope, const sql::Expr& expression, std::string_view clause) {
    const auto* column = expression.as<sql::Column>();
    if (column == nullptr || scope.sources.empty()) return;
    const bool absent = std::ranges::all_of(scope.sources, [&](const Source& source) {
        return knows(source, column->name) == Knowledge::no;
    });
    if (!absent) return;
    const std::string qualifier = column->table.name.empty() ? "" : column->table.name + ".";
    raise(Code::invalid_argument, er::bad_field,
          "Unknown column '" + qualifier + column->name + "' in '" + std::string(clause) + "'");
}

std::optional<ColumnKey> output_column(const SelectScope& inner, const Source& derived,
                                       std::string_view name) {
    if (inner.select == nullptr) return std::nullopt;
    if (!derived.columns.empty()) {
        for (std::size_t i = 0; i < derived.columns.size() && i < inner.select->items.size(); ++i) {
            const auto* item = std::get_if<sql::SelectExpr>(&inner.select->items[i]);
            if (item == nullptr) return std::nullopt;
            if (!sql::same_name(derived.columns[i], name)) continue;
            const auto* column = item->expression.as<sql::Column>();
            return column != nullptr ? resolve(inner, *column) : std::nullopt;
        }
        return std::nullopt;
    }
    for (const sql::SelectItem& item : inner.select->items) {
        if (const auto* expression = std::get_if<sql::SelectExpr>(&item)) {
            if (!sql::same_name(output_name(*expression), name)) continue;
            const auto* column = expression->expression.as<sql::Column>();
            return column != nullptr ? resolve(inner, *column) : std::nullopt;
        }
    }
    for (const sql::SelectItem& item : inner.select->items) {
        const auto* star = std::get_if<sql::SelectStar>(&item);
        if (star == nullptr) continue;
        auto found = resolve(inner, sql::Column{.table = star->table, .name = std::string(name)});
        if (found && inner.source(found->source) != nullptr) return found;
    }
    return std::nullopt;
}

const vschema::Column* known_column(const SelectScope& scope, const sql::Column& column) {
    const SelectScope* level = &scope;
    auto key = resolve(scope, column);
    while (key) {
        const Source* source = level->source(key->source);
        if (source == nullptr) return nullptr;
        if (source->kind == SourceKind::table) return source->table->column(key->column);
        if (source->kind != SourceKind::derived || source->query->selects.size() != 1)
            return nullptr;
        level = source->query->selects.front().get();
        key = output_column(*level, *source, key->column);
    }
    return nullptr;
}

}  // namespace sluice::planner
