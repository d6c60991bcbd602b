// Start of a process: flags without effect. Before: servenv/vttablet_inert_flags.cc and its like.
#include "servenv/detail/inert_flags.h"

#include <utility>

namespace sluice::servenv::detail {
namespace {

const InertNames common[] = {
    {"there is no such topology store",
     {"consul_auth_static_file", "topo_consul_lock_delay", "topo_consul_lock_session_checks",
      "topo_consul_lock_session_ttl", "topo_consul_watch_poll_duration", "topo_zk_auth_file",
      "topo_zk_base_timeout", "topo_zk_max_concurrency", "topo_zk_tls_ca", "topo_zk_tls_cert",
      "topo_zk_tls_key"}},
    {"nothing is traced",
     {"tracer", "tracing-enable-logging", "tracing-sampling-rate", "tracing-sampling-type",
      "jaeger-agent-host", "datadog-agent-host", "datadog-agent-port", "grpc_enable_tracing"}},
    {"metrics are read from /metrics, not pushed",
     {"emit_stats", "stats_backend", "stats_emit_period", "stats_combine_dimensions",
      "stats_drop_variables", "stats_common_tags", "statsd_address", "statsd_sample_rate",
      "opentsdb_uri"}},
    {"there are no log lines behind a verbosity", {"v", "vmodule"}},
    {"only fatal errors are logged with a stack", {"log_backtrace_at", "log_err_stacks"}},
    {"the status page is not renewed by itself", {"table-refresh-interval"}},
    {"the kernel's limit holds", {"max-stack-size"}},
    {"SIGPIPE is always ignored", {"catch-sigpipe"}},
};

}  // namespace

void add_inert(FlagSet& flags, std::deque<InertValue>& into, std::string_view why,
               std::vector<InertFlag> added) {
    for (InertFlag& one : added) {
        InertValue& value = into.emplace_back(std::move(one.initial));
        const FlagTarget target = std::visit([](auto& held) -> FlagTarget { return &held; }, value);
        const Flag flag{.name = one.name, .target = target, .help = "accepted"};
        flags.add(std::span(&flag, 1));
        flags.inert(one.name, why);
    }
}

void mark_inert(FlagSet& flags, std::span<const InertNames> groups) {
    for (const InertNames& group : groups) {
        for (const std::string_view name : group.names) flags.inert(name, group.why);
    }
}

void mark_common_inert(FlagSet& flags) {
    for (const InertNames& group : common) {
        for (const std::string_view name : group.names) {
            if (flags.find_entry(name) != nullptr) flags.inert(name, group.why);
        }
    }
}

InertGroup inert_backup_stores(std::string_view why) {
    return {why,
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

}  // namespace sluice::servenv::detail
