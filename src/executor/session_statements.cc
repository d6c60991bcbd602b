// Step 4 of a request: a parsed statement goes to who runs it: the session's own statements here
// and in the files beside, everything else to the planner. Before: execute.cc. After:
// plan_statement.cc.
#include "engine/bindings.h"
#include "executor/work.h"
#include "planner/planner.h"
#include "sql/format.h"
#include "sql/parse.h"

namespace sluice::executor {
namespace {

// Plans what runs on shards, keeps the plan, runs it.
Task<Result<Ending>> plan_and_run(const Work* work, sql::Statement statement) {
    std::shared_ptr<CachedPlan> made = CO_TRY(make_plan(*work, std::move(statement)));
    if (made->plan.cacheable && !work->session->skip_plan_cache && work->slots->one_statement) {
        work->core->plans.insert(*work->slots, work->session->plan_key(), work->text,
                                 work->core->seed, made);
    }
    co_return co_await run_plan(work, std::move(made));
}

void note(Session& session, const std::vector<tablet::Warning>& warnings) {
    for (const tablet::Warning& warning : warnings) {
        session.warnings.push_back(
            {.level = warning.level, .code = warning.code, .message = warning.message});
    }
}

Task<Result<Ending>> run_savepoint(const Work* work, const sql::Statement* statement) {
    transaction::ShardSessions& shards = work->session->shards;
    Stop* stop = &work->session->stop;
    if (const auto* savepoint = statement->as<sql::Savepoint>()) {
        if (!work->session->autocommit && !shards.in_transaction()) {
            shards.begin(std::exchange(work->session->next_transaction, {}));
        }
        CO_TRY(co_await shards.savepoint(savepoint->name, stop));
    } else if (const auto* back = statement->as<sql::RollbackTo>()) {
        CO_TRY(co_await shards.rollback_to(back->name, stop));
    } else if (const auto* release = statement->as<sql::Release>()) {
        CO_TRY(co_await shards.release_savepoint(release->name, stop));
    }
    co_return plain_ending(*work->session);
}

}  // namespace

Task<Result<void>> commit_open(const Work* work) {
    if (!work->session->shards.in_transaction()) co_return Result<void>{};
    transaction::Ended ended = co_await work->session->shards.commit(&work->session->stop);
    // Shards that had committed before one failed (warning 301).
    if (!ended.end && !ended.warnings.empty())
        work->core->figures.warn(WarningKind::non_atomic_commit);
    note(*work->session, ended.warnings);
    co_return std::move(ended.end);
}

Task<Result<Ending>> run_begin(const Work* work, const sql::Begin* begin) {
    CO_TRY(co_await commit_open(work));
    Session& session = *work->session;
    transaction::Begin how = std::exchange(session.next_transaction, {});
    for (const sql::AccessMode mode : begin->modes) {
        if (mode == sql::AccessMode::read_only) how.read_only = true;
        if (mode == sql::AccessMode::read_write) how.read_write = true;
        if (mode == sql::AccessMode::consistent_snapshot) how.consistent_snapshot = true;
    }
    session.shards.begin(std::move(how));
    co_return plain_ending(session);
}

namespace {

// AND CHAIN: another transaction begins, as the one that ended did. `how`: it.
void chain(Session& session, transaction::Begin how) {
    how.consistent_snapshot = false;
    session.shards.begin(std::move(how));
}

}  // namespace

Task<Result<Ending>> run_commit(const Work* work, sql::Completion completion) {
    if (completion.release) co_return unsupported("COMMIT RELEASE");
    Session& session = *work->session;
    transaction::Begin how =
        session.shards.in_transaction() ? session.shards.how() : transaction::Begin();
    CO_TRY(co_await commit_open(work));
    if (completion.chain) chain(session, std::move(how));
    co_return plain_ending(session);
}

Task<Result<Ending>> run_rollback(const Work* work, sql::Completion completion) {
    if (completion.release) co_return unsupported("ROLLBACK RELEASE");
    Session& session = *work->session;
    transaction::Begin how =
        session.shards.in_transaction() ? session.shards.how() : transaction::Begin();
    if (session.shards.in_transaction()) {
        transaction::Ended ended = co_await session.shards.rollback(&session.stop);
        note(session, ended.warnings);
        if (!ended.end) co_return std::unexpected(std::move(ended.end).error());
    }
    if (completion.chain) chain(session, std::move(how));
    co_return plain_ending(session);
}

Result<void> use_target(Core* core, Session* session, std::string_view text) {
    if (text.empty()) return fail(Code::invalid_argument, er::no_db, "No database selected");
    vindex::Target target = TRY(vindex::parse_target(text, core->options->default_tablet_type));
    if (!target.keyspace.empty() && !planner::is_system_schema(target.keyspace)) {
        TRY(core->snapshots->schema()->use_keyspace(target.keyspace));
    }
    if (session->shards.in_transaction() && target.tablet_type != vindex::TabletType::primary) {
        return fail(Code::failed_precondition, er::lock_or_active_transaction,
                    "Can't execute the given command because you have an active transaction");
    }
    session->target = std::move(target);
    session->target_text = text;
    session->update_plan_key();
    return {};
}

namespace {

Task<Result<Ending>> run_use(const Work* work, const sql::Use* use) {
    CO_TRY(use_target(work->core, work->session, use->target));
    co_return plain_ending(*work->session);
}

}  // namespace

// PREPARE p FROM 'text' | @variable
Task<Result<Ending>> run_prepare(const Work* work, const sql::Prepare* prepare) {
    Session& session = *work->session;
    NamedStatement named;
    if (const auto* text = std::get_if<std::string>(&prepare->source)) {
        named.text = *text;
    } else {
        const std::string& name = std::get<sql::Variable>(prepare->source).name;
        const BindValue* value = find(session.user_variables, sql::lower_case(name));
        if (value == nullptr || value->value.is_null()) {
            co_return fail(Code::invalid_argument, er::parse,
                           "syntax error at position 5 near 'NULL'");
        }
        named.text = value->value.bytes;
    }
    CO_TRY(sql::parse(named.text, session.lexer_mode));
    sql::Fingerprint slots;
    sql::fingerprint(named.text, session.lexer_mode, work->core->seed, slots);
    named.parameters = slots.parameters;
    session.named_statements.insert_or_assign(sql::lower_case(prepare->name), std::move(named));
    co_return plain_ending(session);
}

namespace {

// Runs the statement with values in the places of its parameters, in their order.
Task<Result<Ending>> run_with_values(const Work* work, const sql::Statement* statement,
                                     const std::vector<ValueView>* values) {
    const sql::LexerMode mode = work->session->lexer_mode;
    std::size_t next = 0;
    sql::FormatOptions options;
    options.type_comments = false;
    options.no_backslash_escapes = mode.no_backslash_escapes;
    options.variable = [&](std::string& out, const sql::BindVariable&) {
        const std::size_t index = next++;
        engine::append_literal(out, index < values->size() ? (*values)[index] : ValueView(), mode);
        return true;
    };
    const std::string text = sql::format(*statement, options);
    sql::Fingerprint slots;
    sql::fingerprint(text, mode, work->core->seed, slots);
    Work inner = *work;
    inner.text = text;
    inner.slots = &slots;
    inner.parameters = nullptr;
    inner.prepared = nullptr;
    co_return co_await run_statement(&inner);
}

}  // namespace

// EXECUTE p USING @a, @b: the statement with the variables' values in the places of its parameters.
Task<Result<Ending>> run_execute(const Work* work, const sql::Execute* execute) {
    Session& session = *work->session;
    const auto found = session.named_statements.find(sql::lower_case(execute->name));
    if (found == session.named_statements.end()) {
        co_return fail(
            Code::not_found, er::unknown_stmt_handler,
            "VT09011: Unknown prepared statement handler (" + execute->name + ") given to EXECUTE");
    }
    if (found->second.parameters != execute->arguments.size()) {
        co_return fail(Code::invalid_argument, er::wrong_arguments,
                       "VT03025: Incorrect arguments to EXECUTE");
    }
    const sql::Statement statement = CO_TRY(sql::parse(found->second.text, session.lexer_mode));
    std::vector<ValueView> values;
    for (const sql::Variable& argument : execute->arguments) {
        const BindValue* value = find(session.user_variables, sql::lower_case(argument.name));
        values.push_back(value == nullptr ? ValueView()
                                          : ValueView{value->value.type, value->value.bytes});
    }
    co_return co_await run_with_values(work, &statement, &values);
}

Task<Result<Ending>> run_deallocate(const Work* work, const sql::Deallocate* deallocate) {
    if (work->session->named_statements.erase(sql::lower_case(deallocate->name)) == 0) {
        co_return fail(Code::not_found, er::unknown_stmt_handler,
                       "VT09011: Unknown prepared statement handler (" + deallocate->name +
                           ") given to DEALLOCATE PREPARE");
    }
    co_return plain_ending(*work->session);
}

namespace {

// As what v21 counts the statements that the session itself answers; empty: it is none of them.
std::string_view session_kind(const sql::Statement& statement) {
    if (statement.as<sql::Begin>() != nullptr) return "Begin";
    if (statement.as<sql::Commit>() != nullptr) return "Commit";
    if (statement.as<sql::Rollback>() != nullptr) return "Rollback";
    if (statement.as<sql::Savepoint>() != nullptr) return "Savepoint";
    if (statement.as<sql::RollbackTo>() != nullptr) return "Rollback Savepoint";
    if (statement.as<sql::Release>() != nullptr) return "Release Savepoint";
    if (statement.as<sql::Set>() != nullptr) return "Set";
    if (statement.as<sql::Use>() != nullptr) return "UpdateTarget";
    if (statement.as<sql::Kill>() != nullptr) return "Kill";
    if (statement.as<sql::AlterVschema>() != nullptr) return "AlterVSchema";
    return {};
}

Task<Result<Ending>> answer_in_session(const Work* work, const sql::Statement* statement) {
    if (const auto* begin = statement->as<sql::Begin>()) return run_begin(work, begin);
    if (const auto* commit = statement->as<sql::Commit>())
        return run_commit(work, commit->completion);
    if (const auto* rollback = statement->as<sql::Rollback>())
        return run_rollback(work, rollback->completion);
    if (const auto* set = statement->as<sql::Set>()) return run_set(work, set);
    if (const auto* use = statement->as<sql::Use>()) return run_use(work, use);
    if (const auto* kill = statement->as<sql::Kill>()) return run_kill(work, kill);
    if (const auto* alter = statement->as<sql::AlterVschema>())
        return run_alter_vschema(work, alter);
    return run_savepoint(work, statement);
}

// SET @a = ? and KILL ? of the binary protocol.
Task<Result<Ending>> run_with_parameters(const Work* work, const sql::Statement* statement) {
    std::vector<Value> values;
    std::vector<ValueView> views;
    for (const wire::Parameter& parameter : work->parameters->values)
        values.push_back(CO_TRY(wire::value_of(parameter)));
    for (const Value& value : values) views.push_back({value.type, value.bytes});
    co_return co_await run_with_values(work, statement, &views);
}

Task<Result<Ending>> run_session_statement(const Work* work, const sql::Statement* statement,
                                           std::string_view kind) {
    if (work->parameters != nullptr && !work->parameters->values.empty())
        co_return co_await run_with_parameters(work, statement);
    const std::uint64_t before = work->session->shards.open_shards();
    const std::uint64_t calls = work->session->shards.calls();
    Result<Ending> ending = co_await answer_in_session(work, statement);
    // The end of a transaction goes to the shards that it was open on.
    const bool ends = kind == "Commit" || kind == "Rollback";
    count_plan(*work, kind, ends ? before : work->session->shards.calls() - calls);
    co_return ending;
}

}  // namespace

Task<Result<Ending>> run_statement(const Work* work) {
    count(work->core->counters.parses);
    sql::Statement statement = CO_TRY(sql::parse(work->text, work->session->lexer_mode));
    if (const std::string_view kind = session_kind(statement); !kind.empty())
        co_return co_await run_session_statement(work, &statement, kind);
    if (const auto* vexplain = statement.as<sql::Vexplain>())
        co_return co_await run_vexplain(work, vexplain);
    if (auto* explain = statement.as<sql::Explain>(); explain != nullptr && !explain->into.empty())
        co_return co_await run_explain_into(work, std::move(*explain));
    if (const auto* prepare = statement.as<sql::Prepare>())
        co_return co_await run_prepare(work, prepare);
    if (const auto* execute = statement.as<sql::Execute>())
        co_return co_await run_execute(work, execute);
    if (const auto* deallocate = statement.as<sql::Deallocate>())
        co_return co_await run_deallocate(work, deallocate);
    if (statement.as<sql::CommentOnly>() != nullptr) {
        co_return fail(Code::invalid_argument, er::empty_query, "Query was empty");
    }
    const auto* show = statement.as<sql::Show>();
    if (show != nullptr && show->kind == sql::ShowKind::variables && !work->from_gate) {
        co_return co_await run_show_variables(work);
    }
    if (show != nullptr && !planner::is_answered_by_shard(show->kind)) {
        count_plan(*work, "ShowExec", 0);
        co_return co_await run_show(work, show);
    }
    co_return co_await plan_and_run(work, std::move(statement));
}

}  // namespace sluice::executor
