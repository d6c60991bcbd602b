#pragma once
// The door of the engine: runs a plan. It knows no SQL and no session, only plan nodes, shards and
// rows.
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/budget.h"
#include "discovery/cluster.h"
#include "engine/sequences.h"
#include "plan/plan.h"
#include "sql/fingerprint.h"
#include "tablet/tablet.h"
#include "transaction/shard_sessions.h"
#include "wire/statement.h"

namespace sluice::engine {

using async::Stop;
using async::Task;

// What a run works with; outlives it.
struct Context {
    transaction::ShardSessions* shards = nullptr;  // the session's way to shards
    const discovery::Cluster* cluster = nullptr;   // the snapshot that the statement began with
    vindex::TabletType tablet_type = vindex::TabletType::primary;
    const tablet::Settings* settings = nullptr;
    Budget* budget = nullptr;  // of the statement
    Sequences* sequences = nullptr;
    Stop* stop = nullptr;
    std::size_t max_memory_rows = 300'000;  // 0: no limit
    bool want_warnings = true;
    // The shards are vttablets: they take the plan's text with its variables instead of a text with
    // values in it, give binary rows to who wants them, and are told who asks and how.
    bool tablets = false;
    bool streams = false;                           // rows may be many: workload OLAP
    const tablet::Caller* caller = nullptr;         // with tablets
    const tablet::QueryOptions* options = nullptr;  // with tablets
};

// What the client said.
struct Statement {
    std::string_view text;
    const sql::Fingerprint* slots = nullptr;  // of `text`
    sql::LexerMode lexer_mode;
    std::span<const wire::Parameter> parameters;
    const BindVars* needs = nullptr;  // values of the plan's `need` variables, by name
    // Set if the statement runs in the binary protocol and its parameters may be forwarded as they
    // came.
    const tablet::Execution* execution = nullptr;
    bool binary = false;  // the sink takes binary rows
};

struct Outcome {
    Result<tablet::ResultEnd> end;
    std::vector<tablet::Warning> warnings;
    // end.insert_id was given by the client: OK tells it, LAST_INSERT_ID() does not.
    bool given_id = false;
};

// `context`, `plan`, `statement` and `sink` outlive the task.
Task<Outcome> run(const Context* context, const plan::Plan* plan, const Statement* statement,
                  tablet::RowSink* sink);

}  // namespace sluice::engine
