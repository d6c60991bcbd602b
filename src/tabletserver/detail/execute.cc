// Steps 3 to 9 of a request to a tablet: one statement, from its text to its rows. Before:
// query_service.cc. After: tablet/mysql_tablet.cc.
#include "async/deadline.h"
#include "async/visit.h"
#include "base/log.h"
#include "sql/lexer.h"
#include "tabletserver/detail/query.h"
#include "tabletserver/detail/run.h"
#include "tabletserver/detail/turn.h"

namespace sluice::tabletserver {
namespace {

using tablet::HeldId;
using Workload = ::query::ExecuteOptions;

// How long the statement may run (vttablet-contract 1.4, 3.1).
milliseconds time_limit(const Options& options, const Query& query) {
    milliseconds limit = options.query_timeout;
    const bool in_transaction = query.transaction_id != 0;
    const auto workload = query.options->workload();
    if (query.stream) {
        limit = in_transaction ? options.olap_transaction_timeout : milliseconds(0);
    } else if (workload == Workload::DBA) {
        limit = milliseconds(0);
    } else if (in_transaction) {
        const milliseconds transaction = workload == Workload::OLAP
                                             ? options.olap_transaction_timeout
                                             : options.transaction_timeout;
        if (transaction.count() > 0 && (limit.count() == 0 || transaction < limit))
            limit = transaction;
    }
    if (query.options->timeout_case() == Workload::kAuthoritativeTimeout)
        limit = milliseconds(query.options->authoritative_timeout());
    return limit;
}

// Most statements have no comments; the margins of the others take a lexer.
sql::MarginComments margins_of(std::string_view sql) {
    const auto is_plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '(' || c == ')' || c == '`' || c == '\'';
    };
    const bool plain = !sql.empty() && is_plain(sql.front()) && is_plain(sql.back()) &&
                       sql.find('/') == sql.npos && sql.find('\0') == sql.npos;
    if (plain) return {.leading = {}, .statement = sql, .trailing = {}};
    return sql::split_margin_comments(sql);
}

Error out_of_time() {
    return make_error(Code::canceled, er::query_timeout,
                      "(errno 3024) (sqlstate HY000): Query execution was interrupted, maximum "
                      "statement execution time exceeded");
}

Result<void> check_connection(const Plan& plan, const Query& query) {
    if (!plan.needs_reserved || query.reserved_id != 0 || query.reserve) return {};
    return fail(Code::failed_precondition,
                std::string(plan_name(plan.kind)) + " not allowed without reserved connection");
}

// Rules that refuse the statement, and tables that the caller has no right to.
Result<void> check_permissions(Core* core, const Query& query, const CachedPlan& cached,
                               const sql::MarginComments& parts) {
    if (!cached.rules.empty()) {
        TRY(check_rules(cached.rules, {.peer = query.peer,
                                       .user = query.user(),
                                       .leading = parts.leading,
                                       .trailing = parts.trailing,
                                       .variables = query.variables}));
    }
    const Plan& plan = cached.plan;
    AclCaller caller;
    if (query.caller != nullptr) {
        caller.known = true;
        caller.user = query.caller->username();
        caller.groups.assign(query.caller->groups().begin(), query.caller->groups().end());
    }
    std::uint64_t denied = 0;
    Result<void> allowed = check_access(core->acl.get(), core->options->acl, plan, caller, &denied);
    if (denied != 0) count(core->counters.acl_denied, denied);
    return allowed;
}

PlanCounters& counters_of(Core* core, const Query& query, CachedPlan* cached) {
    const std::string_view plan = plan_name(cached->plan.kind);
    if (core->options->workload_metrics) {
        return core->plan_counters.at(
            async::LabelText()
                .add(cached->plan.table.empty() ? "Join" : cached->plan.table)
                .add(plan)
                .add(query.options->workloadname())
                .text());
    }
    if (cached->counters == nullptr)
        cached->counters = &core->plan_counters.at(plan_label(cached->plan.table, plan));
    return *cached->counters;
}

void note(Core* core, const Query& query, CachedPlan* cached, const Executed& done,
          const ResultWriter& writer, async::Clock::time_point began) {
    const auto took = std::chrono::nanoseconds(async::Clock::now() - began);
    PlanCounters& counters = counters_of(core, query, cached);
    ++counters.queries;
    counters.nanoseconds.add(static_cast<std::uint64_t>(took.count()));
    counters.characters.add(cached->plan.query.text.size());
    ++cached->runs;
    cached->time += took;
    if (!done.end) {
        ++cached->errors;
        ++counters.errors[static_cast<std::size_t>(done.end.error().code)];
        return;
    }
    const std::uint64_t rows = writer.row_count();
    cached->rows += rows;
    cached->affected_rows += done.affected_rows;
    counters.rows_returned.add(rows);
    counters.rows_affected.add(done.affected_rows);
}

Task<Result<Turn>> wait_for_turn(Core* core, const Query* query, const Plan* plan, Stop* stop) {
    async::LinkedStop limited(stop);
    const async::Deadline deadline(limited.get(), time_limit(*core->options, *query), &out_of_time);
    co_return co_await take_turn(core, query, plan, limited.get());
}

// One execution, step by step.
Task<Executed> run(Core* core, const Query* query, ResultWriter* writer, Stop* stop) {
    Executed done;
    const auto refused = [&](Error error) {
        done.end = fail(client_error(core, *query, std::move(error), false));
        return std::move(done);
    };
    count(core->counters.queries);
    if (query->transaction_id != 0 && query->reserved_id != 0 &&
        query->transaction_id != query->reserved_id) {
        co_return refused(make_error(
            Code::internal, "[BUG] transactionID and reserveID must match if both are non-zero"));
    }
    if (Result<void> allowed =
            check(*core->condition, core->options->keyspace, core->options->shard,
                  wanted_target(query->target), query->transaction_id != 0);
        !allowed) {
        done.end = std::move(allowed);  // v21 adds nothing to these
        co_return done;
    }
    const sql::MarginComments parts = margins_of(query->sql);
    Result<std::shared_ptr<CachedPlan>> cached =
        core->plans->find(parts.statement, query->stream, !query->options->skip_query_plan_cache());
    if (!cached) co_return refused(std::move(cached).error());
    const Plan& plan = (*cached)->plan;
    if (Result<void> fits = check_connection(plan, *query); !fits)
        co_return refused(std::move(fits).error());

    if (Result<void> allowed = check_permissions(core, *query, **cached, parts); !allowed)
        co_return refused(std::move(allowed).error());

    // The wait for others has the time of a statement, and the statement has it once more.
    Turn turn;
    if (needs_turn(*core, *query, plan)) {
        Result<Turn> taken = co_await wait_for_turn(core, query, &plan, stop);
        if (!taken) co_return refused(std::move(taken).error());
        turn = std::move(*taken);
    }
    async::LinkedStop limited(stop);
    const async::Deadline deadline(limited.get(), time_limit(*core->options, *query), &out_of_time);
    const async::Clock::time_point began = async::Clock::now();
    const Execution execution{.core = core,
                              .query = query,
                              .plan = &plan,
                              .leading = parts.leading,
                              .trailing = parts.trailing,
                              .writer = writer,
                              .stop = limited.get()};
    done = co_await run_plan(&execution);
    note(core, *query, cached->get(), done, *writer, began);
    if (plan.changes_schema && done.end && core->reload_schema) co_await core->reload_schema();
    co_return done;
}

// A statement of another loop's connection runs there; its rows are gathered there too.
Task<Result<Executed>> run_elsewhere(Core* core, const Query* query, ResultWriter* writer,
                                     Stop* stop) {
    co_return co_await run(core, query, writer, stop);
}

}  // namespace

WantedTarget wanted_target(const ::query::Target* target) {
    if (target == nullptr) return {};
    return {.named = true,
            .keyspace = target->keyspace(),
            .shard = target->shard(),
            .type = static_cast<topo::TabletType>(target->tablet_type())};
}

Task<Executed> execute(Core* core, const Query* query, ResultWriter* writer, Stop* stop) {
    Executed done;
    const HeldId held = query->held();
    Core* const owner = held == 0 ? core : core->owner_of(held);
    if (owner == core) {
        done = co_await run(core, query, writer, stop);
    } else {
        Result<Executed> there = co_await async::Visit<Result<Executed>>(
            owner->loop, &owner->visits,
            [owner, query, writer](Stop* inner) {
                return run_elsewhere(owner, query, writer, inner);
            },
            stop);
        if (there) {
            done = std::move(*there);
        } else {
            done.end = fail(std::move(there).error());
        }
    }
    if (!done.end) {
        count(core->counters.errors);
        count(core->counters.errors_by_code[static_cast<std::size_t>(done.end.error().code)]);
    }
    co_return done;
}

Task<Result<HeldId>> begin(Core* core, const Query* query, Stop* stop) {
    const Options& options = *core->options;
    CO_TRY(check(*core->condition, options.keyspace, options.shard, wanted_target(query->target),
                 false));
    count(core->counters.begins);
    Result<std::vector<std::string>> opening =
        opening_statements(*query->options, !core->condition->is_primary());
    if (!opening) co_return fail(client_error(core, *query, std::move(opening).error(), false));
    Result<TransactionLimits::Lease> lease = take_lease(*core, *query);
    if (!lease) co_return fail(client_error(core, *query, std::move(lease).error(), false));
    async::LinkedStop limited(stop);
    const async::Deadline deadline(limited.get(), options.query_timeout, &out_of_time);
    const bool found_rows = query->options->client_found_rows();
    std::shared_ptr<const KnownSettings> settings;
    if (found_rows) settings = CO_TRY(core->settings.find({}, true));
    tablet::Call call;
    call.text = "do 0";  // the transaction has no statement yet
    call.before = *opening;
    call.hold = true;
    call.lease = std::move(*lease);
    call.stop = limited.get();
    if (settings) call.settings = &settings->settings;
    if (query->options->workload() == Workload::OLAP)
        call.idle_limit = options.olap_transaction_timeout;
    if (query->options->workload() == Workload::DBA) call.idle_limit = milliseconds(0);
    tablet::NoRows nothing;
    const std::uint64_t ended = core->held_ended;
    const Opening counted(core);
    tablet::Outcome outcome = co_await core->statements->execute(&call, &nothing);
    const bool ended_since = core->held_ended != ended;
    if (outcome.end && !ended_since) co_return outcome.held;
    if (outcome.held != tablet::not_held) co_await core->statements->release(outcome.held);
    if (outcome.end) co_return fail(ended_meanwhile(*core, *query));
    note_failure(*core, outcome.end.error());
    const bool servers = outcome.end.error().code != Code::resource_exhausted &&
                         outcome.end.error().number != er::query_timeout;
    co_return fail(client_error(core, *query, std::move(outcome.end).error(), servers));
}

}  // namespace sluice::tabletserver
