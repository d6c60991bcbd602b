// Start of a process: the flags of a tablet that are accepted and change nothing, with v21's names,
// types and defaults. --help and a log line say why. Before: servenv/vttablet_flags.cc.
#include "servenv/detail/inert_flags.h"
#include "servenv/vttablet_flags.h"

namespace sluice::servenv {
namespace {

using Entry = detail::InertFlag;
struct Group {
    std::string_view why;
    std::vector<Entry> entries;
};

Group group_0() {
    return {"this tablet makes and reads no backups",
            {
                {"azblob_backup_account_key_file", std::string("")},
                {"azblob_backup_account_name", std::string("")},
                {"azblob_backup_buffer_size", std::int64_t{104857600}},
                {"azblob_backup_container_name", std::string("")},
                {"azblob_backup_parallelism", std::int64_t{1}},
                {"azblob_backup_storage_root", std::string("")},
                {"backup_engine_implementation", std::string("builtin")},
                {"backup_storage_block_size", std::int64_t{250000}},
                {"backup_storage_compress", true},
                {"backup_storage_implementation", std::string("")},
                {"backup_storage_number_blocks", std::int64_t{2}},
                {"binlog-in-memory-decompressor-max-size", std::uint64_t{134217728}},
                {"builtinbackup-file-read-buffer-size", std::uint64_t{0}},
                {"builtinbackup-file-write-buffer-size", std::uint64_t{2097152}},
                {"builtinbackup-incremental-restore-path", std::string("")},
                {"builtinbackup_mysqld_timeout", Duration(std::chrono::seconds(600))},
                {"builtinbackup_progress", Duration(std::chrono::seconds(5))},
                {"ceph_backup_storage_config", std::string("ceph_backup_config.json")},
                {"compression-engine-name", std::string("pargzip")},
                {"compression-level", std::int64_t{1}},
                {"external-compressor", std::string("")},
                {"external-compressor-extension", std::string("")},
                {"external-decompressor", std::string("")},
                {"file_backup_storage_root", std::string("")},
                {"gcs_backup_storage_bucket", std::string("")},
                {"gcs_backup_storage_root", std::string("")},
                {"manifest-external-decompressor", std::string("")},
                {"mysql-shell-backup-location", std::string("")},
                {"mysql-shell-dump-flags", std::string("{\"threads\": 4}")},
                {"mysql-shell-flags", std::string("--defaults-file=/dev/null --js -h localhost")},
                {"mysql-shell-load-flags",
                 std::string("{\"threads\": 4, \"loadUsers\": true, \"updateGtidSet\": "
                             "\"replace\", \"skipBinlog\": true, \"progressFile\": \"\"}")},
                {"mysql-shell-should-drain", false},
                {"mysql-shell-speedup-restore", false},
                {"pitr_gtid_lookup_timeout", Duration(std::chrono::seconds(60))},
                {"restore-from-backup-allowed-engines", std::vector<std::string>{}},
                {"restore-to-pos", std::string("")},
                {"restore-to-timestamp", std::string("")},
                {"restore_concurrency", std::int64_t{4}},
                {"restore_from_backup_ts", std::string("")},
                {"s3_backup_aws_endpoint", std::string("")},
            }};
}

Group group_0_40() {
    return {"this tablet makes and reads no backups",
            {
                {"s3_backup_aws_region", std::string("us-east-1")},
                {"s3_backup_aws_retries", std::int64_t{-1}},
                {"s3_backup_force_path_style", false},
                {"s3_backup_log_level", std::string("LogOff")},
                {"s3_backup_server_side_encryption", std::string("")},
                {"s3_backup_storage_bucket", std::string("")},
                {"s3_backup_storage_root", std::string("")},
                {"s3_backup_tls_skip_verify_cert", false},
                {"vreplication_store_compressed_gtid", false},
                {"wait_for_backup_interval", Duration(0)},
                {"xbstream_restore_flags", std::string("")},
                {"xtrabackup_backup_flags", std::string("")},
                {"xtrabackup_prepare_flags", std::string("")},
                {"xtrabackup_root_path", std::string("")},
                {"xtrabackup_stream_mode", std::string("tar")},
                {"xtrabackup_stripe_block_size", std::uint64_t{102400}},
                {"xtrabackup_stripes", std::uint64_t{0}},
                {"xtrabackup_user", std::string("")},
            }};
}

Group group_1() {
    return {"there are no binlog streams and no VReplication",
            {
                {"binlog_host", std::string("")},
                {"binlog_password", std::string("")},
                {"binlog_player_grpc_ca", std::string("")},
                {"binlog_player_grpc_cert", std::string("")},
                {"binlog_player_grpc_crl", std::string("")},
                {"binlog_player_grpc_key", std::string("")},
                {"binlog_player_grpc_server_name", std::string("")},
                {"binlog_player_protocol", std::string("grpc")},
                {"binlog_port", std::int64_t{0}},
                {"binlog_ssl_ca", std::string("")},
                {"binlog_ssl_cert", std::string("")},
                {"binlog_ssl_key", std::string("")},
                {"binlog_ssl_server_name", std::string("")},
                {"binlog_user", std::string("")},
                {"mycnf_relay_log_index_path", std::string("")},
                {"mycnf_relay_log_info_path", std::string("")},
                {"mycnf_relay_log_path", std::string("")},
                {"relay_log_max_items", std::int64_t{5000}},
                {"relay_log_max_size", std::int64_t{250000}},
                {"schema-version-max-age-seconds", std::int64_t{0}},
                {"track_schema_versions", false},
                {"vreplication-parallel-insert-workers", std::int64_t{1}},
                {"vreplication_copy_phase_duration", Duration(std::chrono::seconds(3600))},
                {"vreplication_copy_phase_max_innodb_history_list_length", std::int64_t{1000000}},
                {"vreplication_copy_phase_max_mysql_replication_lag", std::int64_t{43200}},
                {"vreplication_experimental_flags", std::int64_t{3}},
                {"vreplication_heartbeat_update_interval", std::int64_t{1}},
                {"vreplication_max_time_to_retry_on_error", Duration(0)},
                {"vreplication_net_read_timeout", std::int64_t{300}},
                {"vreplication_net_write_timeout", std::int64_t{600}},
                {"vreplication_replica_lag_tolerance", Duration(std::chrono::seconds(60))},
                {"vreplication_retry_delay", Duration(std::chrono::seconds(5))},
                {"vstream-binlog-rotation-threshold", std::int64_t{67108864}},
                {"vstream_dynamic_packet_size", true},
                {"vstream_packet_size", std::int64_t{250000}},
                {"watch_replication_stream", false},
            }};
}

Group group_2() {
    return {"schema migrations are not run by this tablet",
            {
                {"gc_check_interval", Duration(std::chrono::seconds(3600))},
                {"gc_purge_check_interval", Duration(std::chrono::seconds(60))},
                {"gh-ost-path", std::string("gh-ost")},
                {"max_concurrent_online_ddl", std::int64_t{256}},
                {"migration_check_interval", Duration(std::chrono::seconds(60))},
                {"pt-osc-path", std::string("/usr/bin/pt-online-schema-change")},
                {"queryserver_enable_online_ddl", true},
                {"retain_online_ddl_tables", Duration(std::chrono::seconds(86400))},
                {"table_gc_lifecycle", std::string("hold,purge,evac,drop")},
            }};
}

Group group_3() {
    return {"the tablet needs its server's socket and port only",
            {
                {"app_idle_timeout", Duration(std::chrono::seconds(60))},
                {"app_pool_size", std::int64_t{40}},
                {"db_allprivs_use_ssl", true},
                {"db_appdebug_password", std::string("")},
                {"db_appdebug_use_ssl", true},
                {"db_appdebug_user", std::string("vt_appdebug")},
                {"db_charset", std::string("utf8mb4")},
                {"db_dba_use_ssl", true},
                {"db_erepl_password", std::string("")},
                {"db_erepl_use_ssl", true},
                {"db_erepl_user", std::string("vt_erepl")},
                {"db_filtered_password", std::string("")},
                {"db_filtered_use_ssl", true},
                {"db_filtered_user", std::string("vt_filtered")},
                {"db_flags", std::uint64_t{0}},
                {"db_flavor", std::string("")},
                {"dba_idle_timeout", Duration(std::chrono::seconds(60))},
                {"mycnf_bin_log_path", std::string("")},
                {"mycnf_data_dir", std::string("")},
                {"mycnf_error_log_path", std::string("")},
                {"mycnf_general_log_path", std::string("")},
                {"mycnf_innodb_data_home_dir", std::string("")},
                {"mycnf_innodb_log_group_home_dir", std::string("")},
                {"mycnf_master_info_file", std::string("")},
                {"mycnf_pid_file", std::string("")},
                {"mycnf_secure_file_priv", std::string("")},
                {"mycnf_slow_log_path", std::string("")},
                {"mycnf_tmp_dir", std::string("")},
                {"mysql-shutdown-timeout", Duration(std::chrono::seconds(300))},
                {"mysqlctl_mycnf_template", std::string("")},
            }};
}

Group group_4() {
    return {"this tablet calls no other tablets",
            {
                {"tablet_manager_grpc_ca", std::string("")},
                {"tablet_manager_grpc_cert", std::string("")},
                {"tablet_manager_grpc_concurrency", std::int64_t{8}},
                {"tablet_manager_grpc_connpool_size", std::int64_t{100}},
                {"tablet_manager_grpc_crl", std::string("")},
                {"tablet_manager_grpc_key", std::string("")},
                {"tablet_manager_grpc_server_name", std::string("")},
                {"tablet_manager_protocol", std::string("grpc")},
                {"throttle_tablet_types", std::string("replica")},
                {"tablet_protocol", std::string("grpc")},
            }};
}

Group group_5() {
    return {"there is no transaction throttler",
            {
                {"tx-throttler-config",
                 std::string(
                     "target_replication_lag_sec:2 max_replication_lag_sec:10 initial_rate:100 "
                     "max_increase:1 emergency_decrease:0.5 min_duration_between_increases_sec:40 "
                     "max_duration_between_increases_sec:62 min_duration_between_decreases_sec:20 "
                     "spread_backlog_across_sec:20 age_bad_rate_after_sec:180 "
                     "bad_rate_increase:0.1 max_rate_approach_threshold:0.9")},
                {"tx-throttler-default-priority", std::int64_t{100}},
                {"tx-throttler-dry-run", false},
                {"tx-throttler-healthcheck-cells", std::vector<std::string>{}},
                {"tx-throttler-tablet-types", std::vector<std::string>{"replica"}},
                {"tx-throttler-topo-refresh-interval", Duration(std::chrono::seconds(300))},
            }};
}

Group group_6() {
    return {"passwords come from a file",
            {
                {"db-credentials-vault-addr", std::string("")},
                {"db-credentials-vault-path", std::string("")},
                {"db-credentials-vault-role-mountpoint", std::string("approle")},
                {"db-credentials-vault-role-secretidfile", std::string("")},
                {"db-credentials-vault-roleid", std::string("")},
                {"db-credentials-vault-timeout", Duration(std::chrono::seconds(10))},
                {"db-credentials-vault-tls-ca", std::string("")},
                {"db-credentials-vault-tokenfile", std::string("")},
                {"db-credentials-vault-ttl", Duration(std::chrono::seconds(1800))},
            }};
}

Group group_7() {
    return {"there are no message tables",
            {
                {"queryserver-config-message-postpone-cap", std::int64_t{4}},
                {"sanitize_log_messages", false},
            }};
}

Group group_8() {
    return {"there is no query log",
            {
                {"log_queries", false},
                {"query-log-stream-handler", std::string("/debug/querylog")},
                {"transaction-log-stream-handler", std::string("/debug/txlog")},
            }};
}

Group group_9() {
    return {"a stream shares nothing with others",
            {
                {"consolidator-stream-query-size", std::int64_t{2097152}},
                {"consolidator-stream-total-size", std::int64_t{134217728}},
            }};
}

Group group_10() {
    return {"heartbeats are written all the time or not at all",
            {
                {"heartbeat_on_demand_duration", Duration(0)},
            }};
}

Group group_11() {
    return {"waits for a stream are bounded by the client",
            {
                {"queryserver-config-stream-pool-timeout", Duration(0)},
            }};
}

Group group_12() {
    return {"rules come from a file",
            {
                {"topocustomrule_cell", std::string("global")},
            }};
}

Group group_13() {
    return {"the schema is read with the limits of the server",
            {
                {"schema-change-reload-timeout", Duration(std::chrono::seconds(30))},
            }};
}

Group group_14() {
    return {"build labels are never added",
            {
                {"vttablet_skip_buildinfo_tags", std::string("/.*/")},
            }};
}

Group group_15() {
    return {"serving records are not cached",
            {
                {"srv_topo_cache_refresh", Duration(std::chrono::seconds(1))},
                {"srv_topo_cache_ttl", Duration(std::chrono::seconds(1))},
                {"srv_topo_timeout", Duration(std::chrono::seconds(5))},
            }};
}

Group group_16() {
    return {"metrics have no such labels",
            {
                {"enable-per-workload-table-metrics", false},
            }};
}

Group group_17() {
    return {"addresses are looked up for each connection",
            {
                {"pool_hostname_resolve_interval", Duration(0)},
            }};
}

Group group_18() {
    return {"answers carry no such text",
            {
                {"db_conn_query_info", false},
            }};
}

Group group_19() {
    return {"versions are those of the server",
            {
                {"mysql_server_version", std::string("8.0.30-Vitess")},
            }};
}

void add_group(FlagSet& flags, std::deque<InertValue>& into, Group group) {
    detail::add_inert(flags, into, group.why, std::move(group.entries));
}

// Flags of families that this program shares with others.
struct Shared {
    std::string_view why;
    std::initializer_list<std::string_view> names;
};
const Shared shared_flags[] = {
    {"there is no such topology store",
     {"consul_auth_static_file", "topo_consul_lock_delay", "topo_consul_lock_session_checks",
      "topo_consul_lock_session_ttl", "topo_consul_watch_poll_duration", "topo_zk_auth_file",
      "topo_zk_base_timeout", "topo_zk_max_concurrency", "topo_zk_tls_ca", "topo_zk_tls_cert",
      "topo_zk_tls_key"}},
    {"this tablet calls no other tablets",
     {"tablet_grpc_ca", "tablet_grpc_cert", "tablet_grpc_key", "tablet_grpc_crl",
      "tablet_grpc_server_name", "grpc-dial-concurrency-limit", "grpc_keepalive_time",
      "grpc_keepalive_timeout", "grpc_initial_conn_window_size", "grpc_initial_window_size",
      "grpc_compression", "grpc_auth_static_client_creds"}},
    {"nothing is traced",
     {"tracer", "tracing-enable-logging", "tracing-sampling-rate", "tracing-sampling-type",
      "jaeger-agent-host", "datadog-agent-host", "datadog-agent-port", "grpc_enable_tracing"}},
    {"metrics are read from /metrics, not pushed",
     {"emit_stats", "stats_backend", "stats_emit_period", "stats_combine_dimensions",
      "stats_drop_variables", "stats_common_tags", "statsd_address", "statsd_sample_rate",
      "opentsdb_uri"}},
    {"there is no query log",
     {"log_queries_to_file", "querylog-format", "querylog-filter-tag", "querylog-row-threshold",
      "querylog-sample-rate"}},
    {"no web page shows values", {"redact-debug-ui-queries", "sql-max-length-ui"}},
    {"statements are not logged with errors", {"sql-max-length-errors"}},
    {"there are no log lines behind a verbosity", {"v", "vmodule"}},
    {"only fatal errors are logged with a stack", {"log_backtrace_at", "log_err_stacks"}},
    {"profiles are taken with perf, from outside", {"pprof", "pprof-http"}},
    {"the status page is not renewed by itself", {"table-refresh-interval"}},
    {"the kernel's limit holds", {"max-stack-size"}},
    {"SIGPIPE is always ignored", {"catch-sigpipe"}},
    {"certificates must carry the server's address", {"db_server_name"}},
    {"calls are always counted", {"grpc_prometheus"}},
    {"there are no query rules", {"filecustomrules_watch"}},
    {"transactions on the same rows wait in the server",
     {"enable_hot_row_protection", "enable_hot_row_protection_dry_run",
      "hot_row_protection_max_queue_size", "hot_row_protection_max_global_queue_size",
      "hot_row_protection_concurrent_transactions"}},
    {"one user may have all transactions",
     {"enable_transaction_limit", "enable_transaction_limit_dry_run", "transaction_limit_per_user",
      "transaction_limit_by_username", "transaction_limit_by_principal",
      "transaction_limit_by_component", "transaction_limit_by_subcomponent"}},
    {"two-phase commit is refused", {"twopc_abandon_age"}},
    {"this tablet makes and reads no backups", {"restore_from_backup"}},
    {"a record is tried again each second", {"shard_sync_retry_delay", "publish_retry_interval"}},
};

}  // namespace

void add_vttablet_inert_flags(FlagSet& flags, std::deque<InertValue>& into) {
    for (const Shared& group : shared_flags) {
        for (const std::string_view name : group.names) flags.inert(name, group.why);
    }
    for (Group (*group)() :
         {group_0,  group_0_40, group_1,  group_2,  group_3,  group_4,  group_5,
          group_6,  group_7,    group_8,  group_9,  group_10, group_11, group_12,
          group_13, group_14,   group_15, group_16, group_17, group_18, group_19}) {
        add_group(flags, into, group());
    }
}

}  // namespace sluice::servenv
