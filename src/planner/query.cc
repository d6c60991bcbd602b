// Step 5 of a request, queries: one shard gets the whole text; several shards each get their part
// and the gate puts the answers together (split.cc). Before: planner.cc.
#include <algorithm>

#include "planner/detail/building.h"
#include "sql/walk.h"

namespace sluice::planner {

namespace {

// What may stand at the top of a statement only.
void check_nested(const sql::Query& query) {
    sql::walk(query, [&](const sql::Query& found) {
        const auto* select = std::get_if<sql::Select>(&found.node);
        if (select == nullptr) return;
        for (const sql::SelectItem& item : select->items) {
            if (!std::holds_alternative<sql::SelectNext>(item)) continue;
            raise(Code::invalid_argument, er::unknown_error, "Incorrect usage/placement of 'NEXT'");
        }
        if (!select->calc_found_rows || &found == &query) return;
        if (std::holds_alternative<sql::Union>(query.node)) {
            refuse("SQL_CALC_FOUND_ROWS not supported with union");
        }
        raise(Code::invalid_argument, er::cant_use_option_here,
              "Incorrect usage/placement of 'SQL_CALC_FOUND_ROWS'");
    });
}

// SELECT NEXT n VALUES FROM sequence; null if the query is something else.
const sql::SelectNext* next_of(const sql::Query& query) {
    const auto* select = std::get_if<sql::Select>(&query.node);
    if (select == nullptr || select->items.size() != 1) return nullptr;
    return std::get_if<sql::SelectNext>(&select->items.front());
}

plan::Node plan_next(Building& building, sql::Query& query, const sql::SelectNext& next) {
    Binder binder(building.context);
    binder.bind(query, nullptr);
    if (binder.uses().size() != 1) {
        raise(Code::invalid_argument, er::unknown_error, "NEXT used on a non-sequence table");
    }
    const vschema::Table& table = *binder.uses().front()->table;
    if (table.kind != vschema::TableKind::sequence) {
        raise(Code::invalid_argument, er::unknown_error, "NEXT used on a non-sequence table");
    }
    const auto count = building.variables.value(next.count);
    if (!count) refuse("NEXT with an expression");
    add_tables_used(building, binder.uses());
    building.rewritten = true;
    return node_of(
        plan::NextValues{.keyspace = table.keyspace->name, .table = table.name, .count = *count});
}

void check_into(const sql::Query& query) {
    std::visit(
        [](const auto& node) {
            if (node.into) refuse("INTO on sharded keyspace");
        },
        query.node);
}

// FOUND_ROWS() of a query without LIMIT is its number of rows; with one it is not known here.
void drop_found_rows(Building& building, sql::Query& query) {
    auto* select = std::get_if<sql::Select>(&query.node);
    if (select == nullptr || !select->calc_found_rows) return;
    if (select->limit) refuse("SQL_CALC_FOUND_ROWS with LIMIT");
    select->calc_found_rows = false;
    building.rewritten = true;
}

// ---- one route ----

plan::Node whole(Building& building, plan::Routing routing, const sql::Query& query,
                 const std::vector<Source*>& uses) {
    return node_of(make_route(building, std::move(routing), query, table_list(uses)));
}

plan::Node without_tables(Building& building, const sql::Query& query) {
    const vschema::Keyspace& keyspace = any_keyspace(building);
    building.plan.tables_used = {keyspace.name + ".dual"};
    return node_of(
        make_route(building, route_to(keyspace, plan::Opcode::reference), query, "dual"));
}

// ---- unions over several routes ----

std::size_t visible_columns(const sql::Query& query) {
    const sql::Query* first = &query;
    while (const auto* united = std::get_if<sql::Union>(&first->node)) {
        first = &*united->branches.front().query;
    }
    const auto& items = std::get<sql::Select>(first->node).items;
    for (const sql::SelectItem& item : items) {
        if (!std::holds_alternative<sql::SelectExpr>(item)) return 0;
    }
    return items.size();
}

// The same columns of the same table in each branch: their types need no shard's help.
bool have_same_columns(const sql::Union& united) {
    const auto columns = [](const sql::UnionBranch& branch) {
        const auto* select = std::get_if<sql::Select>(&branch.query->node);
        const bool plain =
            select != nullptr && select->from.size() == 1 &&
            std::holds_alternative<sql::AliasedTable>(select->from.front().node) &&
            std::ranges::all_of(select->items, [](const sql::SelectItem& item) {
                const auto* expression = std::get_if<sql::SelectExpr>(&item);
                return expression == nullptr || expression->expression.is<sql::Column>();
            });
        return plain ? select : nullptr;
    };
    const sql::Select* first = columns(united.branches.front());
    return first != nullptr && std::ranges::all_of(united.branches, [&](const auto& branch) {
               const sql::Select* other = columns(branch);
               return other != nullptr && other->from == first->from &&
                      other->items == first->items;
           });
}

// A branch that has columns but no rows, not even those of aggregates. nullopt: its text needs a
// list that another branch's shards get in parts.
std::optional<sql::Query> without_rows(const sql::Query& branch) {
    sql::Query result = field_query(branch);
    const sql::Limit none{
        .count = sql::Expr(sql::Literal{.kind = sql::LiteralKind::integer, .text = "0"})};
    std::visit([&](auto& body) { body.limit = none; }, result.node);
    bool parts = false;
    sql::for_each<sql::BindVariable>(std::as_const(result),
                                     [&](const auto& variable) { parts |= variable.list; });
    const bool has_with =
        std::visit([](const auto& body) { return !body.with.tables.empty(); }, result.node);
    if (parts || has_with) return std::nullopt;
    return result;
}

// A column of a union has the type that holds the values of all branches, and only a server knows
// which: each shard is sent the whole union, in which only its own branch has rows. Its answer has
// the union's columns, and its values are converted to them.
void share_types(Building& building, const sql::Union& united, plan::Concatenate& all) {
    const bool plain = std::ranges::all_of(all.inputs, [](const plan::Node& input) {
        const auto* route = std::get_if<plan::Route>(&input.node);
        return route != nullptr && route->extra_columns == 0 && route->order_by.empty() &&
               !route->upper_limit && !route->locks;
    });
    if (!plain || have_same_columns(united)) return;
    sql::Query whole{.node = united};
    auto& branches = std::get<sql::Union>(whole.node).branches;
    for (sql::UnionBranch& branch : branches) {
        std::optional<sql::Query> empty = without_rows(*branch.query);
        if (!empty) return;
        branch.query = std::move(*empty);
    }
    std::get<sql::Union>(whole.node).limit.reset();
    for (std::size_t i = 0; i < branches.size(); ++i) {
        sql::Query mine = whole;
        std::get<sql::Union>(mine.node).branches[i].query = united.branches[i].query;
        auto& route = std::get<plan::Route>(all.inputs[i].node);
        route.query = make_template(building, mine);
        route.field_query = make_template(building, whole);
    }
}

plan::Node plan_union(Building& building, sql::Union& united) {
    if (!united.with.tables.empty()) refuse("WITH before a union over several shards");
    if (!united.order_by.empty()) refuse("ORDER BY of a union over several shards");
    if (united.lock != sql::LockKind::none) refuse("locks in a union over several shards");
    plan::Concatenate all;
    const std::size_t width = visible_columns(*united.branches.front().query);
    for (sql::UnionBranch& branch : united.branches) {
        if (visible_columns(*branch.query) != width) {
            if (width == 0 || visible_columns(*branch.query) == 0) continue;
            raise(Code::failed_precondition, er::wrong_number_of_columns_in_select,
                  "The used SELECT statements have a different number of columns");
        }
    }
    for (std::size_t i = 0; i < united.branches.size(); ++i) {
        // Distinct strings are told apart by weights, which a union's routes do not carry yet.
        if (united.branches[i].op != sql::SetOperator::union_)
            refuse("EXCEPT and INTERSECT over several shards");
        if (i > 0 && united.branches[i].distinct) refuse("UNION DISTINCT over several shards");
        all.inputs.push_back(plan_query(building, *united.branches[i].query));
    }
    share_types(building, united, all);
    building.rewritten = true;
    return limited(building, united.limit, node_of(std::move(all)));
}

plan::Node plan_sharded(Building& building, sql::Query& query, const QueryScope& scope,
                        const Binder& binder, const vschema::Keyspace& keyspace) {
    check_into(query);
    Merger merger(building.variables);
    if (scope.is_union) {
        Site site;
        bool merged = true;
        try {
            site = merger.query(scope, {}, {});
        } catch (const QueryError&) {
            merged = false;  // not one query per shard: perhaps one query per branch
        }
        if (merged && site.kind != Site::Kind::multi) {
            return whole(building, route_to(keyspace, site), query, binder.uses());
        }
        return plan_union(building, std::get<sql::Union>(query.node));
    }
    Classes classes;
    const SelectScope& select = *scope.selects.front();
    Site site = merger.select(select, scope.recursive, classes, {});
    const bool one_row = always_has_row(query);
    if (select.never && site.kind != Site::Kind::neutral) {
        const auto opcode = one_row ? plan::Opcode::reference : plan::Opcode::none;
        return whole(building, route_to(keyspace, opcode), query, binder.uses());
    }
    if (site.kind != Site::Kind::multi) {
        return whole(building, route_to(keyspace, site), query, binder.uses());
    }
    return plan_split(building, keyspace, std::get<sql::Select>(query.node), select, site, classes,
                      table_list(binder.uses()));
}

}  // namespace

bool always_has_row(const sql::Query& query) {
    const auto* select = std::get_if<sql::Select>(&query.node);
    return select != nullptr && select->group_by.items.empty() && has_aggregates(*select);
}

plan::Node plan_query(Building& building, sql::Query& query) {
    if (const auto* next = next_of(query)) return plan_next(building, query, *next);
    check_nested(query);
    drop_found_rows(building, query);
    Binder binder(building.context);
    const auto scope = binder.bind(query, nullptr);
    if (binder.uses_system()) return plan_system_query(building, query, binder);
    const vschema::Keyspace* keyspace = common_keyspace(binder.uses());
    if (keyspace == nullptr) return without_tables(building, query);
    if (building.plan.needs_reserved) refuse("lock functions together with tables");
    check_views(binder.uses());
    for (const Source* use : binder.uses()) {
        if (use->table->name != use->written->table.name) building.rewritten = true;
    }
    rename_tables(binder.uses());
    add_tables_used(building, binder.uses());
    if (!keyspace->sharded) {
        return whole(building, route_to(*keyspace, plan::Opcode::unsharded), query, binder.uses());
    }
    return plan_sharded(building, query, *scope, binder, *keyspace);
}

}  // namespace sluice::planner
