// Steps 6 to 9 of a request to a tablet: the plan on a connection. Before: execute.cc. After:
// tablet/mysql_tablet.cc.
#include "tabletserver/detail/run.h"

#include <charconv>
#include <optional>

#include "async/visit.h"
#include "base/log.h"
#include "tabletserver/sequences.h"
#include "vindex/target.h"

namespace sluice::tabletserver {
namespace {

using tablet::HeldId;
using SettingsPointer = std::shared_ptr<const KnownSettings>;

// A failure of ours, in the client's words.
Executed refused(const Execution& execution, Error error) {
    Executed done;
    done.end = fail(client_error(execution.core, *execution.query, std::move(error), false));
    return done;
}

// MySQL's own errors carry their number in the text; those of pools and held connections do not.
bool is_servers(const tablet::Outcome& outcome) {
    const Error& error = outcome.end.error();
    if (outcome.sent || outcome.lost) return error.code != Code::aborted || outcome.sent;
    return error.code != Code::resource_exhausted && error.code != Code::aborted;
}

Error outcome_error(const Execution& execution, tablet::Outcome* outcome) {
    const bool timed_out =
        outcome->end.error().number == er::query_timeout && execution.stop->requested();
    const bool own_limit = outcome->end.error().code == Code::aborted &&
                           outcome->end.error().number == er::query_interrupted;
    Error error = std::move(outcome->end).error();
    note_failure(*execution.core, error);
    if (timed_out && !outcome->sent) error.text += " before execution started";
    if (timed_out) count(execution.core->counters.kills);
    const bool servers = !timed_out && !own_limit && is_servers(*outcome);
    if (outcome->lost && error.code == Code::aborted && servers)
        error.text = "transaction was aborted: " + error.text;
    return client_error(execution.core, *execution.query, std::move(error), servers);
}

ResultShape shape_of(const Execution& execution) {
    const Query& query = *execution.query;
    const Plan& plan = *execution.plan;
    const Options& options = *execution.core->options;
    ResultShape shape;
    shape.fields = static_cast<IncludedFields>(query.options->included_fields());
    shape.listing = plan.listing;
    if (options.server.database != options.keyspace) {
        const bool renamed =
            plan.is_select() || plan.kind == PlanKind::select_stream || plan.listing;
        if (renamed) {
            shape.database = options.server.database;
            shape.keyspace = options.keyspace;
        }
    }
    if (query.stream) {
        shape.chunk = options.stream_chunk;
        return shape;
    }
    shape.row_limit = options.max_rows;
    shape.caller = query.caller;
    return shape;
}

// The text for MySQL: comments, the statement with its values, comments.
Result<std::string> text_of(const Execution& execution, Backslash backslash) {
    std::string text;
    if (execution.core->options->annotate) {
        std::string user(execution.query->user());
        std::erase_if(user, [](char c) { return c == '*' || c == '/'; });
        text = "/* " + user + "@" +
               std::string(vindex::tablet_type_name(execution.core->condition->type)) + " */ ";
    }
    text += execution.leading;
    TRY(splice(execution.plan->query, *execution.query->variables,
               {.backslash = backslash, .database = execution.core->options->server.database},
               &text));
    text += execution.trailing;
    return text;
}

milliseconds idle_limit(const Execution& execution) {
    using Workload = ::query::ExecuteOptions;
    const Options& options = *execution.core->options;
    switch (execution.query->options->workload()) {
        case Workload::DBA:
            return milliseconds(0);
        case Workload::OLAP:
            return options.olap_transaction_timeout;
        default:
            return execution.query->stream ? options.olap_transaction_timeout
                                           : options.transaction_timeout;
    }
}

// The settings of the session; null: the defaults.
Result<SettingsPointer> settings_of(const Execution& execution, bool found_rows) {
    const Query& query = *execution.query;
    found_rows = found_rows && query.options->client_found_rows();
    if (query.settings.empty() && !found_rows) return SettingsPointer();
    return execution.core->settings.find(query.settings, found_rows);
}

// The plan is known to the schema as what it must be.
Result<void> check_sequence(const Execution& execution) {
    const std::string& table = execution.plan->table;
    const SchemaPointer& schema = execution.core->schema;
    if (!schema) return {};
    const auto found = schema->tables.find(table);
    if (found != schema->tables.end() && found->second.kind == TableKind::sequence) return {};
    return fail(Code::invalid_argument, table + " is not a sequence");
}

Task<Executed> run_nextval(const Execution* execution) {
    Executed done;
    const Plan& plan = *execution->plan;
    if (Result<void> known = check_sequence(*execution); !known)
        co_return refused(*execution, std::move(known).error());
    std::int64_t count = 0;
    if (const auto* number = std::get_if<std::int64_t>(&plan.next_count)) {
        count = *number;
    } else {
        const std::string& name = std::get<std::string>(plan.next_count);
        const Variable* const found = execution->query->variables->find(name);
        if (found == nullptr) {
            co_return refused(*execution,
                              make_error(Code::invalid_argument, "missing bind var " + name));
        }
        const std::string_view text = found->value;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), count);
        if (read.ec != std::errc() || read.ptr != text.data() + text.size()) count = 0;
    }
    if (count < 1) {
        co_return refused(*execution, make_error(Code::invalid_argument,
                                                 "invalid increment for sequence " + plan.table));
    }
    Core* const owner = execution->core->all.front();
    Sequences* const sequences = owner->sequences;
    const auto ask = [sequences, table = plan.table, count](Stop* stop) {
        return sequences->next(table, count, stop);
    };
    Result<std::int64_t> first = 0;
    if (owner == execution->core) {
        first = co_await ask(execution->stop);
    } else {
        first = co_await async::Visit<Result<std::int64_t>>(owner->loop, &owner->visits, ask,
                                                            execution->stop);
    }
    if (!first) co_return refused(*execution, std::move(first).error());
    execution->writer->put_number_result("nextval", *first);
    done.written = true;
    co_return done;
}

// What is the same for all statements that MySQL runs.
struct Prepared {
    std::string text;
    tablet::Call call;
    SettingsPointer settings;
    std::vector<std::string> before;
    HeldId opened = 0;  // the connection that the call has left held
};

Result<void> prepare(const Execution& execution, Prepared* made) {
    const Query& query = *execution.query;
    const Plan& plan = *execution.plan;
    const HeldId held = query.held();
    made->settings = TRY(settings_of(execution, plan.is_write || query.begin));
    const Backslash backslash =
        made->settings ? made->settings->backslash : execution.core->settings.backslash_of(held);
    made->text = TRY(text_of(execution, backslash));
    tablet::Call& call = made->call;
    call.text = made->text;
    call.held = held;
    call.is_write = plan.is_write;
    call.stop = execution.stop;
    if (made->settings && (held == 0 || !query.settings.empty()))
        call.settings = &made->settings->settings;
    call.keep_settings = held != 0 && call.settings == nullptr;
    if (query.begin) {
        made->before =
            TRY(opening_statements(*query.options, !execution.core->condition->is_primary()));
        made->before.insert(made->before.end(), query.after_begin.begin(), query.after_begin.end());
        call.before = made->before;
        call.hold = true;
        call.lease = TRY(take_lease(*execution.core, query));
    }
    if (query.reserve && plan.needs_reserved && plan.kind != PlanKind::set && held == 0) {
        call.hold = true;
        call.reserve = true;
    }
    call.idle_limit = idle_limit(execution);
    return {};
}

// Remembers how the connection reads strings from now on.
void note_settings(const Execution& execution, const Prepared& prepared, HeldId held) {
    if (held == 0) return;
    SettingsCache& cache = execution.core->settings;
    if (prepared.call.settings != nullptr) cache.set_backslash(held, prepared.settings->backslash);
    if (execution.plan->kind == PlanKind::set)
        cache.set_backslash(held, backslash_after(prepared.text, cache.backslash_of(held)));
}

void warn_of_rows(const Execution& execution, std::uint64_t rows) {
    Core* const core = execution.core;
    count(core->counters.warnings);
    if (!core->error_log.allows(async::Clock::now())) return;
    log::warning("caller id: " + std::string(execution.query->user()) + " row count " +
                 std::to_string(rows) + " exceeds warning threshold " +
                 std::to_string(core->options->warn_rows) + ": " +
                 logged_text(*core, *execution.query));
}

// One statement by the tablet, its answer by the writer.
Task<Executed> run_call(const Execution* execution, Prepared* prepared) {
    const Query& query = *execution->query;
    Core* const core = execution->core;
    Executed done;
    execution->writer->begin(shape_of(*execution));
    tablet::MysqlTablet* const tablet =
        query.stream && !prepared->call.hold && prepared->call.held == 0 ? core->streams.get()
                                                                         : core->statements.get();
    if (query.begin) count(core->counters.begins);
    const std::uint64_t ended = core->held_ended;
    std::optional<Opening> counted;
    if (prepared->call.hold) counted.emplace(core);
    tablet::Outcome outcome = co_await tablet->execute(&prepared->call, execution->writer);
    if (prepared->call.hold && outcome.held != tablet::not_held && core->held_ended != ended) {
        co_await tablet->release(outcome.held);
        done.end = fail(ended_meanwhile(*core, query));
        co_return done;
    }
    if (outcome.held != tablet::not_held) {
        prepared->opened = outcome.held;
        note_settings(*execution, *prepared, outcome.held);
        const bool in_transaction = query.begin || query.transaction_id != 0;
        if (in_transaction) done.transaction = outcome.held;
        const bool reserved =
            query.reserved_id != 0 || (query.reserve && execution->plan->needs_reserved &&
                                       execution->plan->kind != PlanKind::set);
        if (reserved) done.reserved = outcome.held;
    }
    if (!outcome.end) {
        done.end = fail(outcome_error(*execution, &outcome));
        co_return done;
    }
    execution->writer->finish(*outcome.end);
    done.affected_rows = outcome.end->affected_rows;
    if (execution->plan->limited && execution->plan->is_write &&
        outcome.end->affected_rows > core->options->max_rows) {
        const std::string who = query.caller == nullptr
                                    ? std::string()
                                    : "caller id: " + std::string(query.user()) + ": ";
        done.end = fail(client_error(
            core, query,
            make_error(Code::aborted,
                       who + "row count exceeded " + std::to_string(core->options->max_rows)),
            false));
    }
    const std::uint64_t warn = core->options->warn_rows;
    if (done.end && warn != 0 && execution->writer->row_count() > warn)
        warn_of_rows(*execution, execution->writer->row_count());
    co_return done;
}

// A write whose rows are counted, outside of a transaction: in one of its own, so that too many
// changed rows can be taken back.
Task<Executed> run_in_own_transaction(const Execution* execution, Prepared* prepared) {
    prepared->before = {"begin"};
    prepared->call.before = prepared->before;
    prepared->call.hold = true;
    Executed done = co_await run_call(execution, prepared);
    const HeldId held = std::exchange(prepared->opened, 0);
    done.transaction = done.reserved = 0;
    if (held == 0) co_return done;
    tablet::MysqlTablet* const tablet = execution->core->statements.get();
    if (!done.end) {
        co_await tablet->release(held);
        co_return done;
    }
    if (Result<void> committed = co_await tablet->commit(held, false, execution->stop);
        !committed) {
        done.end = fail(
            client_error(execution->core, *execution->query, std::move(committed).error(), true));
    }
    co_return done;
}

// ReserveExecute inside a transaction, for a statement that needs its connection kept.
Result<void> keep_connection(const Execution& execution) {
    const Query& query = *execution.query;
    const Plan& plan = *execution.plan;
    const bool needed = plan.needs_reserved && plan.kind != PlanKind::set;
    if (!query.reserve || !needed || query.transaction_id == 0) return {};
    return execution.core->statements->reserve(query.held());
}

// Equal reads share one result.
bool consolidates(const Execution& execution, const Prepared& prepared) {
    if (!execution.plan->is_select() || execution.query->stream) return false;
    if (prepared.call.held != 0 || prepared.call.hold || prepared.call.settings != nullptr)
        return false;
    using Asked = ::query::ExecuteOptions;
    const bool primary = execution.core->condition->is_primary();
    switch (execution.query->options->consolidator()) {
        case Asked::CONSOLIDATOR_DISABLED:
            return false;
        case Asked::CONSOLIDATOR_ENABLED:
            return true;
        case Asked::CONSOLIDATOR_ENABLED_REPLICAS:
            return !primary;
        default:
            break;
    }
    const Options::Consolidate mode = execution.core->options->consolidate;
    return mode == Options::Consolidate::always ||
           (mode == Options::Consolidate::not_on_primary && !primary);
}

Task<Executed> run_shared(const Execution* execution, Prepared* prepared) {
    Core* const core = execution->core;
    const Consolidator::Key key(prepared->text, execution->query->options->included_fields());
    if (const Consolidator::Handle other = core->consolidator.join(key)) {
        count(core->counters.consolidations);
        Executed done;
        while (!other->done) {
            auto wait = other->waiters.wait(execution->stop);
            if (Result<void> woken = co_await wait; !woken)
                co_return refused(*execution, std::move(woken).error());
        }
        done.end = other->end;
        done.written = true;
        if (done.end) execution->writer->copy(other->result.view());
        co_return done;
    }
    const Consolidator::Handle mine = core->consolidator.lead(key);
    Executed done = co_await run_call(execution, prepared);
    core->consolidator.finish(mine, done.end, execution->writer->result());
    co_return done;
}

}  // namespace

void note_failure(const Core& core, const Error& error) {
    const bool lost = error.number == er::cr_server_lost || error.number == er::cr_server_gone ||
                      error.number == er::cr_conn_refused;
    if (lost && core.suspect_server) core.suspect_server();
}

Error ended_meanwhile(const Core& core, const Query& query) {
    const Result<void> allowed = check(*core.condition, core.options->keyspace, core.options->shard,
                                       wanted_target(query.target), false);
    if (!allowed) return allowed.error();
    return make_error(Code::unavailable, "transaction was ended: the tablet has left its state");
}

Task<Executed> run_plan(const Execution* execution) {
    const Plan& plan = *execution->plan;
    const Query& query = *execution->query;
    if (plan.kind == PlanKind::nextval) co_return co_await run_nextval(execution);
    if (Result<void> kept = keep_connection(*execution); !kept)
        co_return refused(*execution, std::move(kept).error());
    Prepared prepared;
    if (Result<void> ready = prepare(*execution, &prepared); !ready)
        co_return refused(*execution, std::move(ready).error());
    const bool own = prepared.call.held == 0 && !prepared.call.hold;
    if (plan.kind == PlanKind::set && own && query.reserve && query.reserved_id == 0) {
        // The setting is in force with whatever runs next.
        Executed done;
        execution->writer->begin({});
        co_return done;
    }
    if (own && (plan.kind == PlanKind::update_limit || plan.kind == PlanKind::delete_limit))
        co_return co_await run_in_own_transaction(execution, &prepared);
    if (consolidates(*execution, prepared)) co_return co_await run_shared(execution, &prepared);
    co_return co_await run_call(execution, &prepared);
}

}  // namespace sluice::tabletserver
