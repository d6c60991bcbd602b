// Start of a process: the flags of a tablet that are accepted and change nothing, with v21's names,
// types and defaults. --help and a log line say why. Before: servenv/vttablet_flags.cc.
#include "servenv/detail/inert_flags.h"

namespace sluice::servenv {
namespace {

using detail::InertGroup;
using detail::InertNames;

constexpr std::string_view no_backups = "this tablet makes and reads no backups";

InertGroup backup_tools() {
    return {no_backups,
            {
                {"binlog-in-memory-decompressor-max-size", std::uint64_t{134217728}},
                {"compression-engine-name", std::string("pargzip")},
                {"compression-level", std::int64_t{1}},
                {"external-compressor", std::string("")},
                {"external-compressor-extension", std::string("")},
                {"external-decompressor", std::string("")},
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
            }};
}

InertGroup xtrabackup() {
    return {no_backups,
            {
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

InertGroup streams() {
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

InertGroup schema_migrations() {
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

InertGroup own_server() {
    return {"the tablet needs its server's socket and port only",
            {
                {"app_idle_timeout", Duration(std::chrono::seconds(60))},
                {"app_pool_size", std::int64_t{40}},
                {"db_appdebug_password", std::string("")},
                {"db_appdebug_use_ssl", true},
                {"db_appdebug_user", std::string("vt_appdebug")},
                {"db_erepl_password", std::string("")},
                {"db_erepl_use_ssl", true},
                {"db_erepl_user", std::string("vt_erepl")},
                {"db_filtered_password", std::string("")},
                {"db_filtered_use_ssl", true},
                {"db_filtered_user", std::string("vt_filtered")},
                {"db_flavor", std::string("")},
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

InertGroup other_tablets() {
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

InertGroup transaction_throttler() {
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

InertGroup vault() {
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

// Flags that stand alone.
std::vector<InertGroup> single_flags() {
    return {
        {"there are no message tables",
         {
             {"queryserver-config-message-postpone-cap", std::int64_t{4}},
         }},
        {"there is no query log",
         {
             {"log_queries", false},
             {"query-log-stream-handler", std::string("/debug/querylog")},
             {"transaction-log-stream-handler", std::string("/debug/txlog")},
         }},
        {"a stream shares nothing with others",
         {
             {"consolidator-stream-query-size", std::int64_t{2097152}},
             {"consolidator-stream-total-size", std::int64_t{134217728}},
         }},
        {"heartbeats are written all the time or not at all",
         {
             {"heartbeat_on_demand_duration", Duration(0)},
         }},
        {"build labels are never added",
         {
             {"vttablet_skip_buildinfo_tags", std::string("/.*/")},
         }},
        {"serving records are not cached",
         {
             {"srv_topo_cache_refresh", Duration(std::chrono::seconds(1))},
             {"srv_topo_cache_ttl", Duration(std::chrono::seconds(1))},
             {"srv_topo_timeout", Duration(std::chrono::seconds(5))},
         }},
        {"addresses are looked up for each connection",
         {
             {"pool_hostname_resolve_interval", Duration(0)},
         }},
        {"answers carry no such text",
         {
             {"db_conn_query_info", false},
         }},
        {"versions are those of the server",
         {
             {"mysql_server_version", std::string("8.0.30-Vitess")},
         }},
    };
}

// Flags of families that this program shares with others.
const InertNames shared_flags[] = {
    {"this tablet calls no other tablets",
     {"tablet_grpc_ca", "tablet_grpc_cert", "tablet_grpc_key", "tablet_grpc_crl",
      "tablet_grpc_server_name", "grpc-dial-concurrency-limit", "grpc_keepalive_time",
      "grpc_keepalive_timeout", "grpc_initial_conn_window_size", "grpc_initial_window_size",
      "grpc_compression", "grpc_auth_static_client_creds"}},
    {"there is no query log",
     {"log_queries_to_file", "querylog-format", "querylog-filter-tag", "querylog-row-threshold",
      "querylog-sample-rate"}},
    {"pages show statements whole, or not at all", {"sql-max-length-ui"}},
    {"profiles are taken with perf, from outside", {"pprof", "pprof-http"}},
    {"certificates must carry the server's address", {"db_server_name"}},
    {"calls are always counted", {"grpc_prometheus"}},
    {"two-phase commit is refused", {"twopc_abandon_age"}},
    {no_backups, {"restore_from_backup"}},
    {"a record is tried again each second", {"shard_sync_retry_delay", "publish_retry_interval"}},
};

}  // namespace

void add_vttablet_inert_flags(FlagSet& flags, std::deque<InertValue>& into) {
    detail::mark_common_inert(flags);
    detail::mark_inert(flags, shared_flags);
    detail::add_inert(flags, into, detail::inert_backup_stores(no_backups));
    for (InertGroup (*group)() : {backup_tools, xtrabackup, streams, schema_migrations, own_server,
                                  other_tablets, transaction_throttler, vault})
        detail::add_inert(flags, into, group());
    for (InertGroup& group : single_flags()) detail::add_inert(flags, into, std::move(group));
}

}  // namespace sluice::servenv
