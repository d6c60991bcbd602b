#pragma once
// A client's session: everything that a statement leaves behind for the next one. It belongs to one
// loop.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/stop.h"
#include "auth/users.h"
#include "base/budget.h"
#include "executor/statistics.h"
#include "sql/fingerprint.h"
#include "sql/lexer.h"
#include "tablet/tablet.h"
#include "transaction/shard_sessions.h"
#include "values/value.h"
#include "vindex/target.h"

namespace sluice::executor {

using async::Stop;
using async::Task;

struct SessionWarning {
    std::string level = "Warning";
    std::uint32_t code = 0;
    std::string message;
};

enum class Workload : std::uint8_t { unspecified = 0, oltp = 1, olap = 2, dba = 3 };

// A statement kept by SQL PREPARE.
struct NamedStatement {
    std::string text;
    std::uint32_t parameters = 0;
};

// What SET can change and a connection to a shard must have: names in lower case, values as SQL
// literals. A change makes a new Settings object; its key is a hash of the contents.
using SystemVariables = std::map<std::string, std::string, std::less<>>;

struct Options;     // core.h
struct CachedPlan;  // plan_cache.h

class Session {
 public:
    Session(std::uint32_t connection_id, gateway::Gateway* gateway, Budget* core,
            std::size_t connection_limit, std::size_t statement_limit);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // Identity.
    const std::uint32_t id;
    std::string user;
    std::string peer;  // "127.0.0.1:5678"; empty for unix sockets
    auth::Identity identity;
    std::unique_ptr<const tablet::Caller> caller;  // the same, as tablets are told; null: none are

    // Target of USE: the text as given, and what it means.
    std::string target_text;
    vindex::Target target;

    // Transactions. Whether one is open is known to `shards`.
    bool autocommit = true;
    transaction::Begin
        next_transaction;  // SET TRANSACTION ... without SESSION: for the next one only
    transaction::ShardSessions shards;

    // Results of the last statements.
    std::uint64_t last_insert_id = 0;
    std::uint64_t found_rows = 0;
    std::int64_t row_count = -1;
    std::vector<SessionWarning> warnings;

    // Variables.
    SystemVariables system_variables;
    BindVars user_variables;                           // by name, in lower case
    std::shared_ptr<const tablet::Settings> settings;  // null: a fresh connection's
    sql::LexerMode lexer_mode;
    static constexpr std::uint16_t default_collation = 45;
    // Of the connection, as the client asked for at login or by SET NAMES.
    std::uint16_t collation = default_collation;
    bool client_found_rows = false;
    std::uint64_t select_limit = 0;  // sql_select_limit; 0: none
    Workload workload = Workload::oltp;
    std::string ddl_strategy;
    std::string transaction_mode;                // empty: the flag's
    std::chrono::milliseconds query_timeout{0};  // 0: the flag's
    bool skip_plan_cache = false;
    bool enable_system_settings = true;
    std::string session_uuid;  // @@session_uuid, to be read only
    std::string migration_context;

    std::map<std::string, NamedStatement, std::less<>> named_statements;

    // Where its statements are counted; found again when the target changes.
    SessionCells cells;

    // What the query log wants to know of the running statement; kept only while somebody listens.
    struct Trace {
        std::shared_ptr<CachedPlan> plan;  // null: the session has answered
        std::string_view kind;
        bool cached = false;
        std::uint64_t shard_queries = 0;
        std::chrono::nanoseconds planning{0};
        BindVars variables;
    };
    Trace trace;

    // The running statement, for SHOW PROCESSLIST and KILL.
    Stop stop;
    Stop closing;            // KILL CONNECTION and shutdown: ends what waits for the client too
    sql::Fingerprint slots;  // of the running statement
    bool busy = false;
    bool killed = false;       // KILL CONNECTION: the front closes after the statement
    bool carried = false;      // its client keeps it (vtgateservice): there is nothing to kill
    bool streams = false;      // the client has asked for a stream of rows (StreamExecute)
    std::string_view running;  // its text, while busy
    std::chrono::steady_clock::time_point since;

    Budget budget;  // of the connection
    Budget statement_budget;

    // Changes with everything that a plan may depend on: target, lexer mode, collation, ... Part of
    // the plan cache's key.
    std::uint64_t plan_key() const { return plan_key_; }
    void update_plan_key();
    // A name of its own for a connection of ours; clients of vtgateservice bring theirs.
    void take_uuid();
    // What flags say about a new session.
    void take_defaults(const Options& options);
    // Back to what a new session has, except its identity, target and collation.
    void reset_variables(const Options& options);
    // With tablets, after the login: says who asks (vttablet-contract 1.1).
    void update_caller();
    // The same from a request that names them.
    void set_caller(tablet::Caller made);
    // @name := value; the name in any case.
    void set_user_variable(std::string_view name, Value value);
    // Settings from system_variables, collation and client_found_rows.
    void update_settings();

 private:
    std::uint64_t plan_key_ = 0;
};

}  // namespace sluice::executor
