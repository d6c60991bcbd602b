// Step 6 of a request: a plan meets the session: transaction, needs, running, what is remembered.
// Before: execute.cc. After: engine/run.cc.
#include <algorithm>

#include "executor/work.h"

namespace sluice::executor {
namespace {

bool is_write(plan::QueryType type) {
    return type == plan::QueryType::insert || type == plan::QueryType::replace ||
           type == plan::QueryType::update || type == plan::QueryType::delete_ ||
           type == plan::QueryType::ddl;
}

Value text_value(std::string text) {
    return {.type = Type::varchar, .bytes = std::move(text)};
}
Value number_value(std::int64_t number) {
    return {.type = Type::int64, .bytes = std::to_string(number)};
}

Value system_value(const Session& session, const Options& options, std::string_view name) {
    if (name == "autocommit") return number_value(session.autocommit ? 1 : 0);
    if (name == "client_found_rows") return number_value(session.client_found_rows ? 1 : 0);
    if (name == "skip_query_plan_cache") return number_value(session.skip_plan_cache ? 1 : 0);
    if (name == "enable_system_settings")
        return number_value(session.enable_system_settings ? 1 : 0);
    if (name == "sql_select_limit") {
        return {.type = Type::uint64,
                .bytes = session.select_limit == 0 ? "18446744073709551615"
                                                   : std::to_string(session.select_limit)};
    }
    if (name == "query_timeout") return number_value(session.query_timeout.count());
    if (name == "version") return text_value(options.server_version);
    if (name == "version_comment") return text_value(options.version_comment);
    if (name == "ddl_strategy") return text_value(session.ddl_strategy);
    if (name == "session_uuid") return text_value(session.session_uuid);
    if (name == "migration_context") return text_value(session.migration_context);
    if (name == "transaction_mode") {
        return text_value(session.transaction_mode.empty() ? "MULTI" : session.transaction_mode);
    }
    if (name == "workload") {
        constexpr const char* names[] = {"UNSPECIFIED", "OLTP", "OLAP", "DBA"};
        return text_value(names[static_cast<std::size_t>(session.workload)]);
    }
    return {};
}

// The session's variable whose value a bind variable of the plan takes.
std::string_view user_variable_of(const plan::Plan& plan, std::string_view parameter) {
    const std::vector<std::string> parameters = sql::user_variable_parameters(plan.needs);
    const auto found = std::ranges::find(parameters, parameter);
    if (found == parameters.end()) return parameter.substr(sql::need::user_variable.size());
    return plan.needs.user_variables[static_cast<std::size_t>(found - parameters.begin())];
}

Value need_value(const Session& session, const Options& options, const plan::Plan& plan,
                 std::string_view name) {
    if (name == sql::need::last_insert_id) {
        return {.type = Type::uint64, .bytes = std::to_string(session.last_insert_id)};
    }
    if (name == sql::need::found_rows)
        return {.type = Type::uint64, .bytes = std::to_string(session.found_rows)};
    if (name == sql::need::row_count) return number_value(session.row_count);
    if (name == sql::need::database) {
        return session.target_text.empty() ? Value() : text_value(session.target_text);
    }
    if (name == "__vtuser") return text_value(session.user + "@localhost");
    if (name == "__vtconnid") return {.type = Type::uint64, .bytes = std::to_string(session.id)};
    if (name.starts_with(sql::need::user_variable)) {
        const BindValue* value = find(session.user_variables, user_variable_of(plan, name));
        return value == nullptr ? Value() : value->value;
    }
    if (name.starts_with(sql::need::system_variable)) {
        return system_value(session, options, name.substr(sql::need::system_variable.size()));
    }
    return {};
}

// Names that the client must see instead of those that come back, put together from the text in
// hand.
std::vector<std::string> column_names(const Work& work, const plan::Plan& plan) {
    std::vector<std::string> names;
    for (const plan::Plan::ColumnName& column : plan.column_names) {
        if (column.parts.empty()) {
            names.push_back(column.name);
            continue;
        }
        std::string name;
        for (const plan::Plan::NamePart& part : column.parts) {
            name += part.text;
            if (!part.slot) continue;
            const sql::LiteralSlot& slot = work.slots->slots()[*part.slot];
            name += work.text.substr(slot.offset, slot.length);
        }
        names.push_back(column.unquote ? sql::unquote_first(name, work.session->lexer_mode)
                                       : std::move(name));
    }
    return names;
}

void remember(Session& session, const plan::Plan& plan, const engine::Outcome& outcome) {
    const tablet::ResultEnd& end = *outcome.end;
    if (end.insert_id != 0 && !outcome.given_id) session.last_insert_id = end.insert_id;
    if (end.columns != 0) {
        session.row_count = -1;
        session.found_rows = end.rows;
    } else {
        session.row_count = static_cast<std::int64_t>(end.affected_rows);
    }
    if (plan.type == plan::QueryType::ddl) session.row_count = 0;
}

void keep_warnings(Session& session, const std::vector<tablet::Warning>& warnings) {
    for (const tablet::Warning& warning : warnings) {
        session.warnings.push_back(
            {.level = warning.level, .code = warning.code, .message = warning.message});
    }
}

// What must be so before anything is sent.
Result<void> prepare_session(const Work* work, const plan::Plan* plan) {
    Session* session = work->session;
    if (session->target.tablet_type != vindex::TabletType::primary && is_write(plan->type)) {
        return fail(Code::failed_precondition,
                    "supported only for primary tablet type, current type: " +
                        std::string(vindex::tablet_type_lower_name(session->target.tablet_type)));
    }
    if (plan->type == plan::QueryType::ddl) {
        if (!session->ddl_strategy.empty() && session->ddl_strategy != "direct") {
            return unsupported("online DDL (ddl_strategy '" + session->ddl_strategy + "')");
        }
        if (!work->core->options->direct_ddl)
            return fail(Code::unknown, er::unknown_error, "direct DDL is disabled");
    } else if (!session->autocommit && !session->shards.in_transaction() &&
               !plan->tables_used.empty()) {
        session->shards.begin(std::exchange(session->next_transaction, {}));
    }
    if (plan->needs_reserved) session->shards.pin();
    return {};
}

// After DDL the gate itself must know the tables as they are now, on every core, before the client
// is answered.
Task<void> after_ddl(const Work* work, const plan::Plan* plan) {
    std::string keyspace;
    if (const auto* send = std::get_if<plan::Send>(&plan->root.node)) keyspace = send->keyspace;
    if (keyspace.empty()) keyspace = default_keyspace(*work);
    if (!keyspace.empty()) co_await work->core->discovery->refresh_tables(keyspace);
}

tablet::Execution execution_of(const Work& work) {
    const Parameters& parameters = *work.parameters;
    return {.statement = work.text,
            .statement_key = work.prepared->text_hash,
            .parameters = work.prepared->parameters,
            .null_bitmap = parameters.null_bitmap,
            .types = parameters.types,
            .values = parameters.raw_values};
}

}  // namespace

BindVars need_values(const Session& session, const Options& options, const plan::Plan& plan) {
    BindVars values;
    for (const plan::Variable& variable : plan.variables) {
        if (variable.kind != plan::VariableKind::need) continue;
        values.emplace_back(
            variable.name,
            BindValue{.value = need_value(session, options, plan, variable.name), .list = {}});
    }
    return values;
}

Ending plain_ending(const Session& session) {
    return {.affected_rows = 0,
            .insert_id = 0,
            .status = Executor::status_of(session),
            .warnings = static_cast<std::uint16_t>(session.warnings.size()),
            .text = {}};
}

Task<Result<Ending>> run_plan(const Work* work, std::shared_ptr<CachedPlan> cached) {
    const plan::Plan& plan = cached->plan;
    Session& session = *work->session;
    const std::uint64_t calls_before = session.shards.calls();
    CO_TRY(prepare_session(work, &plan));
    if (plan.hints.timeout_ms) limit_time(*work, &plan);
    if (plan.type == plan::QueryType::ddl) CO_TRY(co_await commit_open(work));
    const BindVars needs = plan.needs.empty() && plan.forwards_text
                               ? BindVars()
                               : need_values(session, *work->core->options, plan);
    const std::vector<std::string> texts = column_names(*work, plan);
    std::vector<ColumnName> names;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        names.push_back({.column = plan.column_names[i].column,
                         .from_end = plan.column_names[i].from_end,
                         .name = texts[i]});
    }
    work->reply->name_columns(&cached->columns, names);
    if (plan.forwards_text) count(work->core->counters.forwarded);

    const bool tablets = work->core->options->tablets;
    const bool streams = session.workload == Workload::olap && plan.type == plan::QueryType::select;
    const tablet::QueryOptions options =
        tablets ? query_options(*work, plan) : tablet::QueryOptions();
    const engine::Context context{.shards = &session.shards,
                                  .cluster = work->cluster.get(),
                                  .tablet_type = session.target.tablet_type,
                                  .settings = session.settings.get(),
                                  .budget = &session.statement_budget,
                                  .sequences = work->core->sequences,
                                  .stop = &session.stop,
                                  .max_memory_rows = plan.hints.ignore_max_memory_rows
                                                         ? 0
                                                         : work->core->options->max_memory_rows,
                                  .want_warnings = true,
                                  .tablets = tablets,
                                  .streams = streams,
                                  .caller = session.caller.get(),
                                  .options = tablets ? &options : nullptr};
    const bool raw = work->parameters != nullptr && work->parameters->raw;
    const tablet::Execution execution = raw ? execution_of(*work) : tablet::Execution();
    const engine::Statement statement{.text = work->text,
                                      .slots = work->slots,
                                      .lexer_mode = session.lexer_mode,
                                      .parameters = work->parameters == nullptr
                                                        ? std::span<const wire::Parameter>()
                                                        : work->parameters->values,
                                      .needs = &needs,
                                      .execution = raw ? &execution : nullptr,
                                      .binary = work->reply->binary()};
    if (work->core->is_logged()) trace_plan(*work, cached, statement);
    engine::Outcome outcome = co_await engine::run(&context, &plan, &statement, work->reply);
    count_plan(*work, *cached, outcome, session.shards.calls() - calls_before);
    keep_warnings(session, outcome.warnings);
    if (plan.type == plan::QueryType::ddl) co_await after_ddl(work, &plan);
    if (!outcome.end) {
        session.row_count = -1;
        co_return std::unexpected(std::move(outcome.end).error());
    }
    remember(session, plan, outcome);
    Ending ending = plain_ending(session);
    ending.affected_rows = outcome.end->affected_rows;
    ending.insert_id = outcome.end->insert_id;
    ending.text = std::move(outcome.end->text);
    ending.rows = outcome.end->columns == 0 ? 0 : outcome.end->rows;
    if (ending.warnings == 0) ending.warnings = outcome.end->warnings;
    co_return ending;
}

}  // namespace sluice::executor
