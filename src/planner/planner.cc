// Step 5 of a request: from a normalised statement to a plan, a list of phases. Before:
// sql/normalize.cc. After: executor/plan_cache.cc keeps the plan, engine/run.cc runs it.
#include "planner/planner.h"

#include <algorithm>

#include "base/overload.h"
#include "planner/detail/building.h"
#include "sql/parse.h"

namespace sluice::planner {

namespace {

plan::QueryType type_of(const sql::Statement& statement) {
    using plan::QueryType;
    return std::visit(Overload{[](const sql::Query&) { return QueryType::select; },
                               [](const sql::Insert& insert) {
                                   return insert.replace ? QueryType::replace : QueryType::insert;
                               },
                               [](const sql::Update&) { return QueryType::update; },
                               [](const sql::Delete&) { return QueryType::delete_; },
                               [](const sql::Ddl&) { return QueryType::ddl; },
                               [](const sql::Show&) { return QueryType::show; },
                               [](const auto&) { return QueryType::other; }},
                      statement.node);
}

void begin(Building& building) {
    plan::Plan& plan = building.plan;
    const sql::Statement& statement = building.statement();
    plan.type = type_of(statement);
    plan.kind = sql::statement_kind_name(statement);
    const auto* ddl = statement.as<sql::Ddl>();
    plan.original = ddl != nullptr ? ddl->text : sql::format(statement, {.as_v21 = true});
    plan.needs = building.normalized.needs;
    plan.cacheable = building.normalized.cacheable;
    plan.pinned = building.normalized.pinned;
    plan.schema_epoch = building.context.schema->epoch();
    Result<sql::QueryHints> hints = sql::query_hints(statement);
    if (!hints) raise(std::move(hints.error()));
    plan.hints = std::move(*hints);
    if (Result<void> limits = sql::check_limits(statement); !limits)
        raise(std::move(limits.error()));
}

plan::Node plan_statement(Building& building) {
    if (building.context.destination) return plan_bypass(building);
    return std::visit(
        Overload{[&](sql::Query& query) { return plan_query(building, query); },
                 [&](sql::Insert& insert) { return plan_insert(building, insert); },
                 [&](sql::Update& update) { return plan_update(building, update); },
                 [&](sql::Delete& statement) { return plan_delete(building, statement); },
                 [&](sql::Ddl& ddl) { return plan_ddl(building, ddl); },
                 [&](sql::Show& show) { return plan_show(building, show); },
                 [&](auto&) { return plan_other(building); }},
        building.statement().node);
}

bool asks_one_shard(const plan::Node& root) {
    if (const auto* route = std::get_if<plan::Route>(&root.node)) {
        switch (route->routing.opcode) {
            case plan::Opcode::unsharded:
            case plan::Opcode::equal_unique:
            case plan::Opcode::reference:
                return route->extra_columns == 0 && !route->routing.shard_values;
            default:
                return false;
        }
    }
    const auto* insert = std::get_if<plan::Insert>(&root.node);
    return insert != nullptr && insert->rows.size() == 1 && !insert->generate;
}

bool scatters(const plan::Node& node) {
    const auto* route = std::get_if<plan::Route>(&node.node);
    if (route != nullptr) return route->routing.opcode == plan::Opcode::scatter;
    return std::ranges::any_of(node.inputs(), &scatters);
}

plan::Plan build(sql::Normalized normalized, const PlanContext& context) {
    Building building(std::move(normalized), context);
    apply_schema(building);
    begin(building);
    const bool plain_text = may_forward_text(building);
    name_columns(building);
    replace_session_functions(building);
    const bool may_scatter = !context.no_scatter ||
                             building.statement().as<sql::Query>() == nullptr ||
                             sql::directives(building.statement()).is_set("allow_scatter");
    plan::Node root = plan_statement(building);
    plan::Plan& plan = building.plan;
    if (!may_scatter && scatters(root))
        raise(Code::invalid_argument, er::unknown_error,
              "plan includes scatter, which is disallowed using the `no_scatter` command line "
              "argument");
    plan.root = std::move(root);
    plan.forwards_text = plain_text && !building.rewritten && asks_one_shard(plan.root);
    if (plan.forwards_text) plan.column_names.clear();
    plan.variables = building.variables.take();
    return std::move(plan);
}

}  // namespace

Result<plan::Plan> plan(sql::Normalized normalized, const PlanContext& context) {
    try {
        return build(std::move(normalized), context);
    } catch (QueryError& failed) {
        return fail(std::move(failed.error));
    }
}

}  // namespace sluice::planner
