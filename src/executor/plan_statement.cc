// Step 5 of a request: a statement that was not seen before becomes a plan. Before:
// session_statements.cc. After: planner/planner.h, run_plan.cc.
#include <algorithm>

#include "executor/work.h"
#include "planner/planner.h"
#include "sql/format.h"

namespace sluice::executor {

std::string_view default_keyspace(const Work& work) {
    if (!work.session->target.keyspace.empty()) return work.session->target.keyspace;
    const vschema::Keyspace* only = work.schema->only_keyspace();
    return only == nullptr ? std::string_view() : std::string_view(only->name);
}

Result<std::string> any_keyspace(const Work& work) {
    if (const std::string_view chosen = default_keyspace(work); !chosen.empty())
        return std::string(chosen);
    for (const auto& [name, keyspace] : work.cluster->keyspaces) {
        if (!keyspace->shards.empty()) return name;
    }
    return planner::no_keyspace();
}

namespace {

// Variables that the gate answers from the session (vtgate-contract 5.2, 5.4); all others are read
// on a connection that has the session's settings.
bool is_session_variable(std::string_view name) {
    static constexpr std::string_view names[] = {
        "autocommit",
        "client_found_rows",
        "ddl_strategy",
        "enable_system_settings",
        "migration_context",
        "query_timeout",
        "session_uuid",
        "skip_query_plan_cache",
        "socket",
        "sql_select_limit",
        "transaction_mode",
        "version",
        "version_comment",
        "workload",
    };
    return std::ranges::find(names, name) != std::end(names);
}

}  // namespace

Result<std::shared_ptr<CachedPlan>> make_plan(const Work& work, sql::Statement statement) {
    const Session& session = *work.session;
    const bool limited = session.select_limit != 0 && statement.as<sql::Query>() != nullptr;
    sql::NormalizeOptions options;
    options.slots = work.slots;
    options.text = work.text;
    options.mode = session.lexer_mode;
    options.session_variable = &is_session_variable;
    if (limited) options.select_limit = session.select_limit;
    sql::Normalized normalized = TRY(sql::normalize(std::move(statement), options));
    planner::PlanContext context;
    context.schema = work.schema.get();
    context.keyspace = default_keyspace(work);
    context.tablet_type = session.target.tablet_type;
    context.destination = session.target.destination;
    context.target = session.target_text;
    context.text = work.text;
    context.mode = session.lexer_mode;
    context.mariadb = work.core->options->server_version.contains("MariaDB");
    context.slots = work.slots;
    context.text_changed = limited;
    context.tablets = work.core->options->tablets;
    context.no_scatter = work.core->options->no_scatter;
    context.views = work.core->options->views;
    auto made = std::make_shared<CachedPlan>();
    made->plan = TRY(planner::plan(std::move(normalized), context));
    made->plan.schema_epoch = work.schema->epoch();
    count(work.core->counters.plans_built);
    return made;
}

namespace {

// The keyspace of the first node that goes to shards.
std::string_view keyspace_of(const plan::Node& node) {
    if (const auto* route = std::get_if<plan::Route>(&node.node)) return route->routing.keyspace;
    if (const auto* send = std::get_if<plan::Send>(&node.node)) return send->keyspace;
    const std::span<const plan::Node> inputs = node.inputs();
    return inputs.empty() ? std::string_view() : keyspace_of(inputs.front());
}

// The statement as one shard understands it: no keyspaces before names, `?` where parameters stand.
// Its columns are those of the whole, however many shards take part.
std::string text_for_one_shard(const sql::Statement& statement, const sql::LexerMode& mode) {
    sql::FormatOptions options;
    options.no_backslash_escapes = mode.no_backslash_escapes;
    options.type_comments = false;
    options.table = [](std::string& out, const sql::TableName& name) {
        if (name.keyspace.empty() || planner::is_system_schema(name.keyspace)) return false;
        sql::append_identifier(out, name.name);
        return true;
    };
    options.variable = [](std::string& out, const sql::BindVariable&) {
        out += '?';
        return true;
    };
    return sql::format(statement, options);
}

// A tablet cannot prepare: it is asked for the columns without rows, and parameters are NULL.
std::string text_for_tablet(const sql::Statement& statement) {
    if (const auto* query = statement.as<sql::Query>()) return planner::columns_query(*query);
    sql::FormatOptions options;
    options.table = [](std::string& out, const sql::TableName& name) {
        if (name.keyspace.empty() || planner::is_system_schema(name.keyspace)) return false;
        sql::append_identifier(out, name.name);
        return true;
    };
    return sql::format(statement, options);
}

// MySQL tells the columns of these only when they run.
bool is_told_when_run(const Work& work, const sql::Statement& statement) {
    if (work.core->options->server_version.contains("MariaDB")) return false;
    const auto* show = statement.as<sql::Show>();
    return statement.as<sql::Explain>() != nullptr ||
           (show != nullptr && show->kind >= sql::ShowKind::create_table &&
            show->kind <= sql::ShowKind::create_user);
}

}  // namespace

Task<Result<void>> describe_columns(const Work* work, sql::Statement statement) {
    const auto* show = statement.as<sql::Show>();
    if (show != nullptr && !planner::is_answered_by_shard(show->kind)) {
        CO_TRY(co_await run_show(work, show));
        co_return Result<void>{};
    }
    const bool tablets = work->core->options->tablets;
    if (tablets && is_told_when_run(*work, statement)) co_return Result<void>{};
    const std::string text = tablets ? text_for_tablet(statement)
                                     : text_for_one_shard(statement, work->session->lexer_mode);
    const std::shared_ptr<CachedPlan> made = CO_TRY(make_plan(*work, std::move(statement)));
    std::string keyspace(keyspace_of(made->plan.root));
    if (keyspace.empty()) keyspace = CO_TRY(any_keyspace(*work));
    const gateway::Serving serving =
        CO_TRY(gateway::serving(*work->cluster, keyspace, work->session->target.tablet_type));
    if (serving.map->size() == 0)
        co_return fail(Code::unavailable, "keyspace " + keyspace + " has no shards");
    gateway::ShardRequest request{.target = serving.at(0), .call = {}, .tables = {}};
    BindVars nothing;
    for (std::uint32_t i = 1; i <= work->slots->parameters; ++i)
        nothing.emplace_back("v" + std::to_string(i), BindValue{});
    request.call.text = made->plan.forwards_text ? work->text : std::string_view(text);
    request.call.normalized = text;
    request.call.variables = &nothing;
    request.call.settings = work->session->settings.get();
    request.call.caller = work->session->caller.get();
    request.call.stop = &work->session->stop;
    const gateway::Answer answer = co_await work->core->gateway->prepare(&request, work->reply);
    if (!answer.outcome.end) co_return std::unexpected(answer.outcome.end.error());
    co_return Result<void>{};
}

}  // namespace sluice::executor
