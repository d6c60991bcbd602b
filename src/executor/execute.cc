// Step 3 of a request: the life of a statement. Before: front/commands.cc. After: planner/plan.cc
// on a miss, engine/run.cc on a hit.
//
//   1. fingerprint   one pass over the text: hash, literals                      sql/fingerprint.cc
//   2. cached plan   the statement was seen before: go on with 5                 plan_cache.cc
//   3. parse         statements of the session itself end here session_statements.cc,
//   set_statement.cc ...
//   4. plan          normalise, plan, keep                                       plan_statement.cc
//   5. transaction   opened lazily under autocommit = 0                          run_plan.cc
//   6. needs         values that only the session knows                          run_plan.cc
//   7. run           shards, rows to the reply                                   engine/run.cc
//   8. remember      insert id, counts, warnings                                 run_plan.cc
#include <optional>

#include "async/deadline.h"
#include "base/tally.h"
#include "executor/executor.h"
#include "executor/query_time_out.h"
#include "executor/work.h"
#include "sql/parse.h"

namespace sluice::executor {
namespace {

// Marks the session busy for as long as a statement runs.
class Running {
 public:
    Running(Core* core, Session* session, std::string_view text)
        : core_(core), session_(session), before_(tally) {
        count(core->counters.queries);
        session->busy = true;
        session->running = text;
        session->since = async::Clock::now();
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() {
        session_->busy = false;
        session_->running = {};
        add(core_->counters.heap_allocations, tally.heap_allocations - before_.heap_allocations);
        add(core_->counters.rows_cut, tally.rows_cut - before_.rows_cut);
    }

 private:
    Core* core_;
    Session* session_;
    Tally before_;  // what other statements of the loop do meanwhile is counted too
};

bool is_show(const sql::Fingerprint& slots) {
    return slots.statement == sql::StatementClass::show;
}

Work work_of(Core* core, Session* session, std::string_view text, const sql::Fingerprint* slots,
             Reply* reply) {
    return {.core = core,
            .session = session,
            .text = text,
            .slots = slots,
            .parameters = nullptr,
            .prepared = nullptr,
            .reply = reply,
            .schema = core->snapshots->schema(),
            .cluster = core->snapshots->cluster()};
}

// Why a text is not even looked up.
Result<void> admit(const Work& work) {
    const std::size_t limit = work.core->options->max_payload;
    if (limit != 0 && work.text.size() > limit) {
        return fail(Code::invalid_argument, er::net_packet_too_large,
                    "query payload size above threshold");
    }
    const std::size_t worth_a_warning = work.core->options->warn_payload;
    if (worth_a_warning != 0 && work.text.size() > worth_a_warning)
        work.core->figures.warn(WarningKind::payload_size_exceeded);
    if (work.slots->statement == sql::StatementClass::empty)
        return fail(Code::invalid_argument, er::empty_query, "Query was empty");
    return {};
}

// Step 2. Null: the statement goes through steps 3 and 4 first.
std::shared_ptr<CachedPlan> find_plan(const Work& work) {
    Core* const core = work.core;
    const Session& session = *work.session;
    if (session.skip_plan_cache) return nullptr;
    std::shared_ptr<CachedPlan> cached =
        core->plans.find(*work.slots, session.plan_key(), work.text, core->seed);
    if (!cached || cached->plan.schema_epoch != work.schema->epoch()) return nullptr;
    count(core->counters.plan_hits);
    return cached;
}

void count_error(Core& core, Error& error) {
    count(core.counters.errors);
    const std::size_t longest = core.options->truncate_errors;
    if (longest > 12 && error.text.size() > longest)
        error.text = error.text.substr(0, longest - 12) + " [TRUNCATED]";
}

// Steps 2 to 8.
Task<Result<Ending>> run_counted(Work work) {
    const Running running(work.core, work.session, work.text);
    std::optional<async::Deadline> deadline;
    work.deadline = &deadline;
    limit_time(work, nullptr);
    Result<Ending> ending;
    if (Result<void> admitted = admit(work); !admitted) {
        ending = std::unexpected(std::move(admitted).error());
    } else {
        if (!is_show(*work.slots)) work.session->warnings.clear();
        for (int plans = 1;; ++plans) {
            std::shared_ptr<CachedPlan> cached = find_plan(work);
            if (cached) {
                ending = co_await run_plan(&work, std::move(cached));
            } else {
                ending = co_await run_statement(&work);
            }
            if (ending || plans == most_plans || !needs_new_plan(work, ending.error())) break;
            work = co_await plan_again(&work, &ending.error());
        }
    }
    // A tablet counts the same time as we do, and may be the first to say that it is over.
    if (!ending && deadline && ending.error().code == Code::deadline_exceeded)
        ending = std::unexpected(query_timed_out());
    count_statement(work.core, work.session, operation_of(*work.session), work.text, ending);
    if (!ending) count_error(*work.core, ending.error());
    co_return ending;
}

}  // namespace

Task<Result<Ending>> Executor::query(Session* session, std::string_view text, Reply* reply) {
    sql::fingerprint(text, session->lexer_mode, core_->seed, session->slots);
    return run_counted(work_of(core_, session, text, &session->slots, reply));
}

Task<Result<Ending>> Executor::execute(Session* session, const PreparedStatement* statement,
                                       const Parameters* parameters, Reply* reply) {
    Work work = work_of(core_, session, statement->text, &statement->slots, reply);
    work.parameters = parameters;
    work.prepared = statement;
    return run_counted(std::move(work));
}

namespace {

// Only what returns rows is asked for its columns.
bool has_columns(const sql::Statement& statement) {
    const auto* explain = statement.as<sql::Explain>();
    return statement.as<sql::Query>() != nullptr || statement.as<sql::Show>() != nullptr ||
           statement.as<sql::Describe>() != nullptr ||
           (explain != nullptr && explain->into.empty());
}

Task<Result<void>> prepare_statement(Core* core, Session* session, PreparedStatement* statement,
                                     Reply* reply) {
    sql::fingerprint(statement->text, session->lexer_mode, core->seed, statement->slots);
    statement->text_hash = statement->slots.high ^ std::hash<std::string_view>{}(statement->text);
    if (statement->slots.statement == sql::StatementClass::empty) {
        co_return fail(Code::invalid_argument, er::empty_query, "Query was empty");
    }
    if (statement->slots.parameters > limits::max_parameters) {
        co_return fail(Code::invalid_argument, er::ps_many_param,
                       "Prepared statement contains too many placeholders");
    }
    statement->parameters = static_cast<std::uint16_t>(statement->slots.parameters);
    sql::Statement parsed = CO_TRY(sql::parse(statement->text, session->lexer_mode));
    if (!has_columns(parsed)) co_return Result<void>{};
    Work work = work_of(core, session, statement->text, &statement->slots, reply);
    co_return co_await describe_columns(&work, std::move(parsed));
}

}  // namespace

Task<Result<void>> Executor::prepare(Session* session, PreparedStatement* statement, Reply* reply) {
    const Running running(core_, session, statement->text);
    Result<void> done = co_await prepare_statement(core_, session, statement, reply);
    const Result<Ending> ending = done ? Result<Ending>(Ending()) : std::unexpected(done.error());
    count_statement(core_, session, Operation::prepare, statement->text, ending);
    co_return done;
}

void Executor::start(Session* session) {
    session->take_defaults(*core_->options);
    session->take_uuid();
    if (core_->options->tablets) session->update_caller();
}

Result<void> Executor::use(Session* session, std::string_view target) {
    return use_target(core_, session, target);
}

Task<void> Executor::reset(Session* session) {
    co_await session->shards.release();
    session->reset_variables(*core_->options);
}

Task<void> Executor::close(Session* session) {
    co_await session->shards.release();
}

std::uint16_t Executor::status_of(const Session& session) {
    return static_cast<std::uint16_t>(
        (session.autocommit ? wire::status::autocommit : 0) |
        (session.shards.in_transaction() ? wire::status::in_transaction : 0) |
        (session.lexer_mode.no_backslash_escapes ? wire::status::no_backslash_escapes : 0));
}

}  // namespace sluice::executor
