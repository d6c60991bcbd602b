// Start of a process: the flags of vtctld. Before: servenv/flags.cc. After: apps/vtctld.
#include "servenv/vtctld_flags.h"

#include "servenv/detail/inert_flags.h"

namespace sluice::servenv {
namespace {

using Entry = detail::InertFlag;
// Flags that only vtctld has and that change nothing here.
struct Group {
    std::string_view why;
    std::vector<Entry> entries;
};

Group group_0() {
    return {"backups are not made or read",
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
                {"builtinbackup-file-read-buffer-size", std::uint64_t{0}},
                {"builtinbackup-file-write-buffer-size", std::uint64_t{2097152}},
                {"builtinbackup-incremental-restore-path", std::string("")},
                {"builtinbackup_mysqld_timeout", Duration(std::chrono::seconds(600))},
                {"builtinbackup_progress", Duration(std::chrono::seconds(5))},
                {"ceph_backup_storage_config", std::string("ceph_backup_config.json")},
                {"file_backup_storage_root", std::string("")},
                {"gcs_backup_storage_bucket", std::string("")},
                {"gcs_backup_storage_root", std::string("")},
                {"s3_backup_aws_endpoint", std::string("")},
                {"s3_backup_aws_region", std::string("us-east-1")},
                {"s3_backup_aws_retries", std::int64_t{-1}},
                {"s3_backup_force_path_style", false},
                {"s3_backup_log_level", std::string("LogOff")},
                {"s3_backup_server_side_encryption", std::string("")},
                {"s3_backup_storage_bucket", std::string("")},
                {"s3_backup_storage_root", std::string("")},
                {"s3_backup_tls_skip_verify_cert", false},
            }};
}

Group group_1() {
    return {"schemas are changed by ApplySchema",
            {
                {"schema_change_check_interval", Duration(std::chrono::seconds(60))},
                {"schema_change_controller", std::string("")},
                {"schema_change_dir", std::string("")},
                {"schema_change_replicas_timeout", Duration(std::chrono::seconds(10))},
                {"schema_change_user", std::string("")},
            }};
}

Group group_2() {
    return {"pages show tablets by their records",
            {
                {"proxy_tablets", false},
                {"tablet_url_template", std::string("http://{{.GetTabletHostPort}}")},
                {"tablet_health_keep_alive", Duration(std::chrono::seconds(300))},
                {"tablet_refresh_interval", Duration(std::chrono::seconds(60))},
                {"tablet_refresh_known_tablets", true},
                {"tablet_protocol", std::string("grpc")},
            }};
}

Group group_3() {
    return {"the topology is read when it is asked for",
            {
                {"cell", std::string("")},
            }};
}

Group group_4() {
    return {"each command has its own time limit",
            {
                {"action_timeout", Duration(std::chrono::seconds(60))},
            }};
}

Group group_5() {
    return {"one connection to each tablet is kept",
            {
                {"tablet_manager_grpc_concurrency", std::int64_t{8}},
                {"tablet_manager_grpc_connpool_size", std::int64_t{100}},
            }};
}

Group group_6() {
    return {"log lines carry no statements",
            {
                {"vtctld_sanitize_log_messages", false},
            }};
}

Group group_7() {
    return {"versions are those of the servers",
            {
                {"mysql_server_version", std::string("8.0.30-Vitess")},
            }};
}

Group group_8() {
    return {"there are no files of tablets here",
            {
                {"tablet_dir", std::string("")},
            }};
}

void add_group(FlagSet& flags, std::deque<InertValue>& into, Group group) {
    detail::add_inert(flags, into, group.why, std::move(group.entries));
}

// Flags of families that it shares with other programs.
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
    {"it calls the tablets' managers only, see --tablet_manager_grpc_ca",
     {"tablet_grpc_ca", "tablet_grpc_cert", "tablet_grpc_key", "tablet_grpc_crl",
      "tablet_grpc_server_name", "grpc-dial-concurrency-limit"}},
    {"records are read one after another", {"topo_read_concurrency"}},
    {"nothing is traced",
     {"tracer", "tracing-enable-logging", "tracing-sampling-rate", "tracing-sampling-type",
      "jaeger-agent-host", "datadog-agent-host", "datadog-agent-port", "grpc_enable_tracing"}},
    {"metrics are read from /metrics, not pushed",
     {"emit_stats", "stats_backend", "stats_emit_period", "stats_combine_dimensions",
      "stats_drop_variables", "stats_common_tags", "opentsdb_uri"}},
    {"there are no log lines behind a verbosity", {"v", "vmodule"}},
    {"only fatal errors are logged with a stack", {"log_backtrace_at", "log_err_stacks"}},
    {"profiles are taken with perf, from outside", {"pprof", "pprof-http"}},
    {"the status page is not renewed by itself", {"table-refresh-interval"}},
    {"the kernel's limit holds", {"max-stack-size"}},
    {"SIGPIPE is always ignored", {"catch-sigpipe"}},
    {"calls are always counted", {"grpc_prometheus"}},
    {"no statement is shown", {"sql-max-length-errors", "sql-max-length-ui"}},
};

void add_tablet_manager_flags(FlagSet& flags, VtctldFlags& into) {
    RpcClientFlags& rpc = into.tablet_manager;
    flags.add(std::vector<Flag>{
        {"tablet_manager_grpc_ca", &rpc.ca,
         "CA of the tablets' certificates; turns on TLS to tablets"},
        {"tablet_manager_grpc_cert", &rpc.cert, "certificate to show to tablets"},
        {"tablet_manager_grpc_key", &rpc.key, "key of --tablet_manager_grpc_cert"},
        {"tablet_manager_grpc_crl", &rpc.crl, "revoked certificates of tablets"},
        {"tablet_manager_grpc_server_name", &rpc.server_name,
         "name that the tablets' certificates must carry"},
        {"tablet_manager_protocol", &into.tablet_manager_protocol,
         "how tablets' managers are called; only grpc"},
        {"disable_active_reparents", &into.disable_active_reparents,
         "primaries are changed by another tool only; not supported"},
        {"sql-max-length-errors", &into.sql_max_length_errors,
         "longest statement text in logged errors (default unlimited)"},
        {"sql-max-length-ui", &into.sql_max_length_ui, "longest statement text on web pages"}});
}

}  // namespace

void add_flags(FlagSet& flags, VtctldFlags& into) {
    add_flags(flags, into.process);
    add_flags(flags, into.log);
    add_flags(flags, into.config);
    add_flags(flags, into.stats);
    add_flags(flags, into.tracing);
    add_flags(flags, into.topology);
    add_flags(flags, into.consul);
    add_flags(flags, into.zookeeper);
    add_flags(flags, into.rpc_server);
    add_flags(flags, into.rpc_client);
    for (const std::string_view others :
         {"grpc_use_effective_callerid", "grpc-use-effective-groups",
          "grpc-use-static-authentication-callerid", "grpc-send-session-in-streaming",
          "healthcheck-dial-concurrency", "statsd_address", "statsd_sample_rate", "loops"}) {
        if (flags.find_entry(others) != nullptr) flags.remove(others);
    }
    add_tablet_manager_flags(flags, into);
    for (const Shared& group : shared_flags) {
        for (const std::string_view name : group.names) flags.inert(name, group.why);
    }
    for (Group (*group)() :
         {group_0, group_1, group_2, group_3, group_4, group_5, group_6, group_7, group_8}) {
        add_group(flags, into.inert, group());
    }
}

std::optional<Invalid> validate(const VtctldFlags& flags) {
    if (flags.tablet_manager_protocol != "grpc")
        return Invalid{1, "--tablet_manager_protocol=" + flags.tablet_manager_protocol +
                              ": tablets are called by grpc only"};
    if (flags.disable_active_reparents)
        return Invalid{1,
                       "--disable_active_reparents: reparents cannot be switched off; give the "
                       "right to call vtctld only to who may"};
    return std::nullopt;
}

}  // namespace sluice::servenv
