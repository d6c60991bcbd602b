#pragma once
// One statement on its way through the executor; shared by the files of this room.
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "async/deadline.h"
#include "engine/captured_rows.h"
#include "engine/run.h"
#include "executor/core.h"
#include "executor/executor.h"
#include "sql/ast.h"

namespace sluice::executor {

// Views live as long as the statement runs.
struct Work {
    Core* core = nullptr;
    Session* session = nullptr;
    std::string_view text;
    const sql::Fingerprint* slots = nullptr;
    const Parameters* parameters = nullptr;  // null: text protocol
    const PreparedStatement* prepared = nullptr;
    Reply* reply = nullptr;
    bool from_gate = false;  // asked by the gate itself: SHOW VARIABLES as the shard has them
    // What ends the statement when its time is over; set while it runs.
    std::optional<async::Deadline>* deadline = nullptr;
    discovery::SchemaPointer schema;  // the snapshots that the statement began with
    discovery::ClusterPointer cluster;
};

// ---- plan_statement.cc ----

// The keyspace in which unqualified names are looked up: the session's, else the only one; empty:
// none.
std::string_view default_keyspace(const Work& work);
// A keyspace for what any shard can answer: the default one, else the first by name. 1046 if there
// is none.
Result<std::string> any_keyspace(const Work& work);
Result<std::shared_ptr<CachedPlan>> make_plan(const Work& work, sql::Statement statement);
// COM_STMT_PREPARE: a shard is asked for the statement's columns, which go to the reply.
Task<Result<void>> describe_columns(const Work* work, sql::Statement statement);

// ---- plan_again.cc ----

// As v21: a statement is planned so often while shards and tables move under it.
inline constexpr int most_plans = 3;
// The statement failed, without effect, because its shard or its tables are elsewhere by now.
bool needs_new_plan(const Work& work, const Error& error);
// The same statement with the newest snapshots; waits for those that the error speaks of.
Task<Work> plan_again(const Work* work, const Error* error);

// ---- count.cc ----

// As what v21 counts the statements of a session.
Operation operation_of(const Session& session);
// The end of any statement.
void count_statement(Core* core, Session* session, Operation operation, std::string_view text,
                     const Result<Ending>& ending);
// The end of a plan, and of a statement that the session itself answers ("Begin"): which kind it
// was, and how often shards were sent something.
void count_plan(const Work& work, CachedPlan& cached, const engine::Outcome& outcome,
                std::uint64_t shard_queries);
void count_plan(const Work& work, std::string_view kind, std::uint64_t shard_queries);

// ---- query_options.cc ----

// How long the statement may run: the plan's directive (null: none yet), else the session's limit,
// else the flag's; zero: for ever (vtgate-contract 13.7).
std::chrono::milliseconds time_limit(const Work& work, const plan::Plan* plan);
// From now on this limit holds.
void limit_time(const Work& work, const plan::Plan* plan);
// What tablets are told about how to run the plan.
tablet::QueryOptions query_options(const Work& work, const plan::Plan& plan);

// ---- trace.cc: only while somebody listens to the query log ----

// A plan is about to run: what it is, and its variables' values.
void trace_plan(const Work& work, std::shared_ptr<CachedPlan> plan,
                const engine::Statement& statement);
// The end of any statement: it goes to the log.
void log_statement(Core* core, Session* session, Operation operation, std::string_view text,
                   const Result<Ending>& ending);

// ---- run_plan.cc ----

// Runs a plan and settles what the session must remember of it.
Task<Result<Ending>> run_plan(const Work* work, std::shared_ptr<CachedPlan> plan);
// Values of the plan's needs, by name.
BindVars need_values(const Session& session, const Options& options, const plan::Plan& plan);

// ---- session statements ----

Task<Result<Ending>> run_statement(const Work* work);
Task<Result<Ending>> run_begin(const Work* work, const sql::Begin* begin);
Task<Result<Ending>> run_commit(const Work* work, sql::Completion completion);
Task<Result<Ending>> run_rollback(const Work* work, sql::Completion completion);
Task<Result<Ending>> run_set(const Work* work, const sql::Set* set);
Task<Result<Ending>> run_show(const Work* work, const sql::Show* show);
Task<Result<Ending>> run_show_variables(const Work* work);
Task<Result<Ending>> run_kill(const Work* work, const sql::Kill* kill);
// EXPLAIN .. INTO @name.
Task<Result<Ending>> run_explain_into(const Work* work, sql::Explain explain);
Task<Result<Ending>> run_alter_vschema(const Work* work, const sql::AlterVschema* alter);
Task<Result<Ending>> run_vexplain(const Work* work, const sql::Vexplain* vexplain);
Task<Result<Ending>> run_prepare(const Work* work, const sql::Prepare* prepare);
Task<Result<Ending>> run_execute(const Work* work, const sql::Execute* execute);
Task<Result<Ending>> run_deallocate(const Work* work, const sql::Deallocate* deallocate);
Result<void> use_target(Core* core, Session* session, std::string_view target);
// Ends an open transaction before a statement that commits implicitly.
Task<Result<void>> commit_open(const Work* work);

// The answer of a statement that returns no rows.
Ending plain_ending(const Session& session);

// ---- capture.cc ----

// Runs `text` as the session would and keeps its rows: for values that the gate needs itself.
Task<Result<engine::CapturedRows>> capture(const Work* work, std::string text);
// The one value that the query `text` gives; 1242 if it gives another number of them.
Task<Result<Value>> capture_value(const Work* work, std::string text);

}  // namespace sluice::executor
