// Start of a process: flags of planning and executing. Before: servenv/flags.cc. After:
// apps/*/main.cc.
#include "servenv/executor_flags.h"

namespace sluice::servenv {
namespace {

void add_definition_flags(FlagSet& flags, ExecutorFlags& into) {
    flags.add(std::vector<Flag>{
        {"enable-views", &into.enable_views, "know views, and plan over their tables"},
        {"track-udfs", &into.track_udfs, "know the aggregate functions that servers have loaded"},
        {"enable-partial-keyspace-migration", &into.enable_partial_keyspace_migration,
         "follow shard routing rules, for keyspaces that move shard by shard"},
        {"enable_online_ddl", &into.enable_online_ddl, "allow DDL by strategies other than direct"},
        {"enable_direct_ddl", &into.enable_direct_ddl, "allow DDL that runs at once"},
        {"ddl_strategy", &into.ddl_strategy,
         "first ddl_strategy of a session; @@ddl_strategy changes it"},
        {"dbddl_plugin", &into.dbddl_plugin, "what CREATE and DROP DATABASE do: fail or noop"},
        {"foreign_key_mode", &into.foreign_key_mode,
         "allow foreign keys in table definitions, or disallow them everywhere"},
        {"vschema_ddl_authorized_users", &into.vschema_ddl_authorized_users,
         "who may ALTER VSCHEMA, with commas; % is everybody"},
        {"schema_change_signal", &into.schema_change_signal,
         "follow the shards' table definitions"},
    });
}

void add_warming_flags(FlagSet& flags, ExecutorFlags& into) {
    flags.add(std::vector<Flag>{
        {"warming-reads-percent", &into.warming_reads_percent,
         "share of the primaries' reads that replicas run too, in percent"},
        {"warming-reads-concurrency", &into.warming_reads_concurrency,
         "most such reads at the same time"},
        {"warming-reads-query-timeout", &into.warming_reads_query_timeout, "limit of such a read"},
    });
}

}  // namespace

void add_flags(FlagSet& flags, ExecutorFlags& into) {
    add_definition_flags(flags, into);
    add_warming_flags(flags, into);
    flags.add(std::vector<Flag>{
        {"normalize_queries", &into.normalize_queries,
         "share plans between statements that differ in literals"},
        {"planner-version", &into.planner_version,
         "planner of sessions that name none: Gen4, Gen4Greedy or Gen4Left2Right"},
        {"gate_query_cache_memory", &into.gate_query_cache_memory, "bytes of cached plans"},
        {"no_scatter", &into.no_scatter, "refuse statements that go to all shards"},
        {"max_memory_rows", &into.max_memory_rows, "rows that a statement may hold in memory"},
        {"warn_memory_rows", &into.warn_memory_rows,
         "rows in memory after which VtGateWarnings.ResultsExceeded counts a statement"},
        {"max_payload_size", &into.max_payload_size,
         "longest statement text in bytes; 0 is no limit"},
        {"warn_payload_size", &into.warn_payload_size,
         "bytes of text after which VtGateWarnings.WarnPayloadSizeExceeded counts a statement"},
        {"query-timeout", &into.query_timeout_ms,
         "limit of a statement in milliseconds, unless the session's query_timeout or a "
         "QUERY_TIMEOUT_MS comment says otherwise; 0 is none"},
        {"retry-count", &into.retry_count, "further tries after a shard's failure"},
        {"stream_buffer_size", &into.stream_buffer_size,
         "bytes of rows in one message of a gRPC stream"},
        {"message_stream_grace_period", &into.message_stream_grace_period,
         "how long a stream of messages that has ended may take to come back"},
        {"enable_system_settings", &into.enable_system_settings,
         "sessions may change system variables on the shards"},
        {"enable_set_var", &into.enable_set_var,
         "change system variables by SET_VAR hints where that is possible"},
        {"lock_heartbeat_time", &into.lock_heartbeat_time,
         "silence after which a connection that holds GET_LOCK locks is kept alive"},
        {"allow-kill-statement", &into.allow_kill_statement, "allow KILL"},
        {"warn_sharded_only", &into.warn_sharded_only,
         "warn sessions about what needs an unsharded keyspace"},
        {"vtgate-config-terse-errors", &into.terse_errors, "errors do not show values"},
        {"truncate-error-len", &into.truncate_error_length,
         "longest error text for clients in bytes; 0 is no limit"},
        {"transaction_mode", &into.transaction_mode,
         "transactions over shards: SINGLE (refused), MULTI (committed one by one) or TWOPC "
         "(committed together)"},
    });
    flags.add(
        std::vector<Flag>{
            {"statement_memory_limit", &into.statement_memory_limit,
             "bytes that one statement may hold; 0 is a share of memory_limit"},
        },
        own_group);
}

void add_flags(FlagSet& flags, QueryLogFlags& into) {
    flags.add(std::vector<Flag>{
        {"log_queries_to_file", &into.log_queries_to_file, "file for the query log"},
        {"querylog-format", &into.format, "query log lines as text or json"},
        {"querylog-buffer-size", &into.buffer_size,
         "query log lines that may wait for a reader before they are dropped"},
        {"querylog-filter-tag", &into.filter_tag, "log only statements with this text in them"},
        {"querylog-row-threshold", &into.row_threshold,
         "log only statements of at least so many rows; 0 is all"},
        {"querylog-sample-rate", &into.sample_rate, "share of statements logged, 0.0 to 1.0"},
        {"redact-debug-ui-queries", &into.redact_debug_ui_queries,
         "web pages do not show statements and values"},
        {"sql-max-length-errors", &into.sql_max_length_errors,
         "longest statement text in logged errors (default unlimited)"},
        {"sql-max-length-ui", &into.sql_max_length_ui, "longest statement text on web pages"},
    });
}

}  // namespace sluice::servenv
