#pragma once
// Flags of a tablet (vttablet-contract 3.1): what those of any program, of the topology and of gRPC
// do not cover. "none" behind a field: accepted, without effect.
#include <deque>
#include <optional>
#include <string>
#include <variant>

#include "servenv/program_flags.h"

namespace sluice::servenv {

struct TabletProcessFlags {
    std::string tablet_path;                         // apps/vttablet
    std::string hostname;                            // tabletserver/record.cc
    std::string keyspace;                            // tabletserver/record.cc
    std::string shard;                               // tabletserver/record.cc
    std::string type;                                // tabletserver/record.cc
    std::string db_name_override;                    // tabletserver/record.cc
    std::string tags;                                // tabletserver/record.cc
    Duration init_timeout = 1min;                    // tabletserver/lifecycle.cc
    bool unmanaged = false;                          // apps/vttablet
    bool disable_active_reparents = false;           // apps/vttablet
    std::string db_host;                             // apps/vttablet
    std::int64_t db_port = 0;                        // apps/vttablet
    std::string db_socket;                           // apps/vttablet
    std::string dba_user = "vt_dba";                 // tabletserver
    std::string dba_password;                        // tabletserver
    bool dba_use_ssl = true;                         // apps/vttablet
    Duration dba_idle_timeout = 1min;                // tabletserver/server.cc
    std::string allprivs_user = "vt_allprivs";       // tabletserver
    std::string allprivs_password;                   // tabletserver
    bool allprivs_use_ssl = true;                    // apps/vttablet
    std::uint64_t db_flags = 0;                      // apps/vttablet
    std::string charset = "utf8mb4";                 // refused if it is another one
    std::string repl_user = "vt_repl";               // tabletserver/replication_control.cc
    std::string repl_password;                       // tabletserver/replication_control.cc
    bool repl_use_ssl = true;                        // tabletserver/replication_control.cc
    std::int64_t dba_pool_size = 20;                 // tabletserver/server.cc
    Duration lock_tables_timeout = 1min;             // tabletserver/table_lock.cc
    std::string mycnf_file;                          // apps/vttablet
    std::string mycnf_socket_file;                   // apps/vttablet
    std::int64_t mycnf_mysql_port = 0;               // apps/vttablet
    std::int64_t mycnf_server_id = 0;                // apps/vttablet
    std::string tablet_dir;                          // apps/vttablet
    Duration connect_retry = 10s;                    // tabletserver/replication_control.cc
    Duration health_check_interval = 20s;            // tabletserver/health.cc
    Duration degraded_threshold = 30s;               // tabletserver/health.cc
    Duration unhealthy_threshold = 2h;               // tabletserver/health.cc
    Duration shutdown_grace_period = 3s;             // tabletserver/state.cc
    Duration serving_state_grace_period{0};          // tabletserver/state.cc
    std::uint64_t stream_health_buffer_size = 20;    // tabletserver/health.cc
    bool heartbeat_enable = false;                   // tabletserver/heartbeat.cc
    Duration heartbeat_interval = 1s;                // tabletserver/heartbeat.cc
    bool replication_reporter = false;               // tabletserver/health.cc
    Duration olap_transaction_timeout = 30s;         // tabletserver/query_service.cc
    std::int64_t stream_buffer_size = 32768;         // tabletserver/result_writer.cc
    std::int64_t query_cache_memory = 33554432;      // tabletserver/plan_cache.cc
    Duration schema_reload_time = 30min;             // tabletserver/schema.cc
    Duration schema_reload_timeout = 30s;            // tabletserver/server.cc
    Duration stream_pool_timeout{0};                 // mysql/pool.cc
    bool workload_metrics = false;                   // tabletserver/plan_counters.h
    bool schema_change_signal = true;                // tabletserver/schema.cc
    bool enable_views = false;                       // tabletserver/schema.cc
    Duration max_lifetime{0};                        // mysql/pool.cc
    bool passthrough_dmls = false;                   // tabletserver/plan.cc
    bool annotate_queries = false;                   // tabletserver/query.cc
    bool terse_errors = false;                       // tabletserver/errors.cc
    std::int64_t truncate_error_length = 0;          // tabletserver/errors.cc
    bool sanitize_logs = false;                      // tabletserver/errors.cc
    bool strict_table_acl = false;                   // tabletserver/table_acl.cc
    bool table_acl_dry_run = false;                  // tabletserver/table_acl.cc
    std::string acl_exempt;                          // tabletserver/table_acl.cc
    std::string table_acl_config;                    // tabletserver/table_acl.cc
    bool enforce_table_acl = false;                  // tabletserver/table_acl.cc
    Duration table_acl_reload_interval{0};           // tabletserver/table_acl.cc
    std::string rules_file;                          // tabletserver/follow_rules.cc
    bool rules_watch = false;                        // tabletserver/follow_rules.cc
    bool consolidator = true;                        // tabletserver/consolidator.cc
    bool consolidator_replicas = false;              // tabletserver/consolidator.cc
    bool hot_rows = false;                           // tabletserver/hot_rows.cc
    bool hot_rows_dry_run = false;                   // tabletserver/hot_rows.cc
    std::int64_t hot_rows_queue = 20;                // tabletserver/hot_rows.cc
    std::int64_t hot_rows_global_queue = 1000;       // tabletserver/hot_rows.cc
    std::int64_t hot_rows_concurrent = 5;            // tabletserver/hot_rows.cc
    bool transaction_limit = false;                  // tabletserver/transaction_limits.cc
    bool transaction_limit_dry_run = false;          // tabletserver/transaction_limits.cc
    double transaction_limit_share = 0.4;            // tabletserver/transaction_limits.cc
    bool transaction_limit_by_username = true;       // tabletserver/transaction_limits.cc
    bool transaction_limit_by_principal = true;      // tabletserver/transaction_limits.cc
    bool transaction_limit_by_component = false;     // tabletserver/transaction_limits.cc
    bool transaction_limit_by_subcomponent = false;  // tabletserver/transaction_limits.cc
    bool enforce_strict = true;                      // tabletserver/health.cc
    Duration shard_sync_retry_delay = 30s;           // tabletserver/lifecycle.cc
    Duration publish_retry_interval = 30s;           // tabletserver/lifecycle.cc
    bool twopc_enable = false;                       // apps/vttablet
    double twopc_abandon_age = 0;                    // none
    bool restore_from_backup = false;                // apps/vttablet
    bool tx_throttler = false;                       // apps/vttablet
    std::string topo_rules_cell = "global";          // tabletserver/follow_rules.cc
    std::string topo_rules_path;                     // tabletserver/follow_rules.cc
    std::string credentials_server = "file";         // apps/vttablet
    std::string ssl_ca_path;                         // apps/vttablet
    std::string tablet_config;                       // apps/vttablet
    std::string mysqlctl_socket;                     // apps/vttablet
};

// Values of flags that are accepted and change nothing (vttablet_inert_flags.cc).
using InertValue = std::variant<bool, std::int64_t, std::uint64_t, double, std::string, Duration,
                                std::vector<std::string>>;

struct VttabletFlags {
    ProcessFlags process;
    LogFlags log;
    ConfigFlags config;
    StatsFlags stats;
    TracingFlags tracing;
    TopologyFlags topology;
    ConsulFlags consul;
    ZookeeperFlags zookeeper;
    RpcServerFlags rpc_server;
    RpcClientFlags rpc_client;
    QueryLogFlags query_log;
    TabletFlags server;  // how the tablet logs in to MySQL and what it allows there
    TabletProcessFlags tablet;
    std::deque<InertValue> inert;
};

void add_flags(FlagSet& flags, TabletProcessFlags& into);
// All of a tablet's, with tablet-path required and what has no effect marked.
void add_flags(FlagSet& flags, VttabletFlags& into);
// The flags that only have to parse; their values go to `into`.
void add_vttablet_inert_flags(FlagSet& flags, std::deque<InertValue>& into);

// What v21 checks after parsing, and flags that would be unsafe to take without their effect.
std::optional<Invalid> validate(const VttabletFlags& flags);

}  // namespace sluice::servenv
