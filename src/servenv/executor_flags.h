#pragma once
// Flags of planning and executing, transactions and the query log (vtgate-contract 1.1). "none"
// behind a field: accepted, without effect (inert_flags.cc).
#include <limits>
#include <string>

#include "servenv/process_flags.h"

namespace sluice::servenv {

struct ExecutorFlags {
    bool normalize_queries = true;                      // none
    std::string planner_version;                        // none
    std::int64_t gate_query_cache_memory = 33'554'432;  // none
    bool no_scatter = false;                            // planner/planner.cc
    std::int64_t max_memory_rows = 300'000;             // engine/feed.cc
    std::int64_t warn_memory_rows = 30'000;             // executor/core.h
    std::int64_t max_payload_size = 0;                  // executor/execute.cc
    std::int64_t warn_payload_size = 0;                 // executor/core.h
    std::int64_t query_timeout_ms = 0;                  // executor/execute.cc
    std::int64_t retry_count = 2;                       // gateway/gateway.cc
    std::int64_t stream_buffer_size = 32'768;           // front/rpc_reply.cc
    Duration message_stream_grace_period = 30s;         // none
    bool enable_system_settings = true;                 // executor/session.cc
    bool enable_set_var = true;                         // none
    Duration lock_heartbeat_time = 5s;                  // none
    bool enable_views = false;                          // discovery/track.cc, planner/views.cc
    bool track_udfs = false;                            // the same
    bool enable_partial_keyspace_migration = false;     // none
    bool enable_online_ddl = true;                      // none
    bool enable_direct_ddl = true;                      // executor/run_plan.cc
    std::string ddl_strategy = "direct";                // executor/session.cc
    std::string dbddl_plugin = "fail";                  // none
    std::string foreign_key_mode = "allow";             // discovery/discovery.cc
    std::string vschema_ddl_authorized_users;           // executor/vschema_statement.cc
    bool allow_kill_statement = false;                  // executor/kill_statement.cc
    bool warn_sharded_only = false;                     // none
    bool terse_errors = false;                          // none
    std::int64_t truncate_error_length = 0;             // executor/execute.cc
    std::int64_t warming_reads_percent = 0;             // none
    std::int64_t warming_reads_concurrency = 500;       // none
    Duration warming_reads_query_timeout = 5s;          // none
    std::string transaction_mode = "MULTI";             // transaction/end.cc
    bool schema_change_signal = true;                   // discovery/discovery.cc
    std::int64_t statement_memory_limit = 0;            // ours; executor/core.h; bytes; 0: a share
};

struct QueryLogFlags {
    std::string log_queries_to_file;         // vtgate/query_log.cc
    std::string format = "text";             // executor/query_record.cc
    std::int64_t buffer_size = 10;           // executor/query_log.cc
    std::string filter_tag;                  // executor/query_log.cc
    std::uint64_t row_threshold = 0;         // executor/query_log.cc
    double sample_rate = 0;                  // executor/query_log.cc
    bool redact_debug_ui_queries = false;    // executor/query_record.cc
    std::int64_t sql_max_length_errors = 0;  // none; 0: unlimited
    std::int64_t sql_max_length_ui = 512;    // vtgate/query_log.cc
};

void add_flags(FlagSet& flags, ExecutorFlags& into);
void add_flags(FlagSet& flags, QueryLogFlags& into);

}  // namespace sluice::servenv
