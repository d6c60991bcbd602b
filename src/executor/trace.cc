// Beside a request: what the query log is told of it. Before: run_plan.cc, count.cc. After:
// query_log.cc.
#include "engine/bindings.h"
#include "executor/work.h"

namespace sluice::executor {
namespace {

// As v21 names what the session itself answers.
std::string statement_type(const Session::Trace& trace) {
    if (trace.plan != nullptr) return trace.plan->plan.kind;
    std::string name(trace.kind);
    for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    if (name.starts_with("ROLLBACK SAVEPOINT")) return "SAVEPOINT_ROLLBACK";
    if (name.starts_with("RELEASE")) return "RELEASE";
    if (name == "UPDATETARGET") return "USE";
    if (name == "SHOWEXEC") return "SHOW";
    return name;
}

}  // namespace

void trace_plan(const Work& work, std::shared_ptr<CachedPlan> cached,
                const engine::Statement& statement) {
    Session::Trace& trace = work.session->trace;
    trace.planning = async::Clock::now() - work.session->since;
    trace.cached = cached->executions != 0;
    engine::Bindings bindings(&cached->plan, &statement);
    for (plan::VariableIndex i = 0; i < cached->plan.variables.size(); ++i) {
        const plan::Variable& variable = cached->plan.variables[i];
        if (variable.kind == plan::VariableKind::made) continue;
        const plan::ValueRef ref{.from = i, .items = {}};
        BindValue value;
        if (bindings.is_list(ref)) {
            value.value.type = Type::tuple;
            if (const auto list = bindings.list(ref)) value.list.resize(list->size());
        } else if (const Result<ValueView> one = bindings.value(ref)) {
            value.value = one->copy();
        }
        trace.variables.emplace_back(variable.name, std::move(value));
    }
    trace.plan = std::move(cached);
}

void log_statement(Core* core, Session* session, Operation operation, std::string_view text,
                   const Result<Ending>& ending) {
    const Session::Trace trace = std::exchange(session->trace, {});
    auto record = std::make_shared<QueryRecord>();
    record->method = operation_names[static_cast<std::size_t>(operation)];
    record->peer = session->peer;
    record->user = session->user;
    record->immediate_caller = session->identity.user_data;
    record->effective_caller =
        session->caller == nullptr ? session->user : session->caller->principal;
    record->total = async::Clock::now() - session->since;
    record->start = std::chrono::system_clock::now() -
                    std::chrono::duration_cast<std::chrono::microseconds>(record->total);
    record->planning = trace.planning;
    record->execution = record->total - trace.planning;
    record->statement_type = statement_type(trace);
    record->sql = trace.plan == nullptr ? std::string(text) : trace.plan->plan.original;
    for (const auto& [name, value] : trace.variables) {
        record->variables.push_back({.name = name,
                                     .type = value.value.type,
                                     .value = value.value.bytes,
                                     .items = value.list.size()});
    }
    record->shard_queries = trace.shard_queries;
    if (ending) {
        record->rows_affected = ending->affected_rows;
        record->rows_returned = ending->rows;
    } else {
        record->error = ending.error().text;
    }
    record->tablet_type = vindex::tablet_type_name(session->target.tablet_type);
    record->session_uuid = session->session_uuid;
    record->cached_plan = trace.cached;
    if (trace.plan != nullptr) record->tables = trace.plan->plan.tables_used;
    record->keyspace = session->target.keyspace;
    core->query_log->add(std::move(record));
}

}  // namespace sluice::executor
