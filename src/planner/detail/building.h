#pragma once
// What all phases of one planning share: the statement, the context, the plan that grows.
#include <string>
#include <string_view>
#include <vector>

#include "planner/detail/merge.h"
#include "planner/detail/refusal.h"
#include "planner/detail/scope.h"
#include "planner/detail/variables.h"
#include "planner/planner.h"
#include "sql/format.h"

namespace sluice::planner {

struct Building {
    Building(sql::Normalized given, const PlanContext& with)
        : normalized(std::move(given)), context(with), variables(normalized) {}

    sql::Normalized normalized;
    const PlanContext& context;
    Variables variables;
    plan::Plan plan;
    // The statement holds what only the gate knows, or what means another thing on a shard.
    bool rewritten = false;

    sql::Statement& statement() { return normalized.statement; }
};

// ---- keyspaces (keyspaces.cc) ----

const vschema::Keyspace& keyspace_named(const Building& building, std::string_view name);
// The session's keyspace; VT09005 without one.
const vschema::Keyspace& session_keyspace(const Building& building);
// Where something goes that any shard of any keyspace answers.
const vschema::Keyspace& any_keyspace(const Building& building);
// The one keyspace of all tables, after reference tables were replaced by their copies there; null
// if there are no tables. Several: VT12001.
const vschema::Keyspace* common_keyspace(const std::vector<Source*>& uses);
// Writes into the tree which table each name means now: routing rules and copies have other names.
void rename_tables(const std::vector<Source*>& uses);
void add_tables_used(Building& building, const std::vector<Source*>& uses);

// ---- texts and routes (lower.cc) ----

// Without keyspaces before names of tables, except those of system schemas. For printing; what a
// shard reads is written under the session's lexer mode too.
sql::FormatOptions shard_format();
sql::FormatOptions shard_format(const PlanContext& context);
template <class Node>
plan::Template make_template(Building& building, const Node& node) {
    TemplateWriter writer(building.variables);
    plan::Template result{.normalized = sql::format(node, shard_format())};
    sql::FormatOptions options = shard_format(building.context);
    options.variable = [&](std::string& out, const sql::BindVariable& variable) {
        return writer.write(out, variable);
    };
    result.pieces = writer.cut(sql::format(node, options));
    return result;
}
plan::Template text_template(std::string text);
sql::Query field_query(const sql::Query& query);

plan::Routing route_to(const vschema::Keyspace& keyspace, plan::Opcode opcode);
plan::Routing route_to(const vschema::Keyspace& keyspace, const Site& site);
// Puts `::__vals` in place of the list that is split over shards.
void split_list(Building& building, const Option& option, plan::Routing& routing);
// "`user`, user_extra", as plans print tables.
// An aggregate without GROUP BY gives a row even where there are none.
bool always_has_row(const sql::Query& query);
std::string table_list(const std::vector<Source*>& uses);
plan::Route make_route(Building& building, plan::Routing routing, const sql::Query& query,
                       std::string tables);
template <class T>
plan::Node node_of(T node) {
    return {.node = std::move(node)};
}
// LIMIT at the gate.
plan::Node limited(Building& building, const std::optional<sql::Limit>& limit, plan::Node input);

// ---- phases ----

plan::Node plan_query(Building& building, sql::Query& query);                         // query.cc
plan::Node plan_system_query(Building& building, sql::Query& query, Binder& binder);  // system.cc
plan::Node plan_split(Building& building, const vschema::Keyspace& keyspace, sql::Select& select,
                      const SelectScope& scope, const Site& site, const Classes& classes,
                      std::string tables);                           // split.cc
plan::Node plan_insert(Building& building, sql::Insert& insert);     // insert.cc
plan::Node plan_update(Building& building, sql::Update& update);     // write.cc
plan::Node plan_delete(Building& building, sql::Delete& statement);  // write.cc
plan::Node plan_ddl(Building& building, sql::Ddl& ddl);              // ddl.cc
plan::Node plan_show(Building& building, sql::Show& show);           // other.cc
plan::Node plan_other(Building& building);                           // other.cc
plan::Node plan_bypass(Building& building);                          // other.cc

// A statement's text without the keyspaces before its tables, cut out where they stand (ddl.cc).
std::string unqualified_text(const Building& building, const std::string& text,
                             const std::vector<sql::TableName>& tables);

// Views become their queries, functions that servers have loaded aggregates (views.cc).
void apply_schema(Building& building);
// Refuses views that were not replaced, where a shard's part of one would be taken for all of it.
void check_views(const std::vector<Source*>& uses);  // views.cc

// Replaces functions of the session by variables and refuses what would leave state behind
// (session.cc).
void replace_session_functions(Building& building);
bool may_forward_text(Building& building);              // session.cc
bool is_nondeterministic(const sql::Expr& expression);  // session.cc: copies would differ
void name_columns(Building& building);                  // names.cc

// A list of columns for printing the names of expressions.
std::string text_of(const sql::Expr& expression);

}  // namespace sluice::planner
