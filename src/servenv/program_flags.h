#pragma once
// The flags of our programs as plain structs with v21's names and defaults (vtgate-contract 1.1,
// vttablet-contract 3.1). Programs fill them at start and hand the parts on to rooms.
#include <string>
#include <vector>

#include "servenv/flags.h"

namespace sluice::servenv {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""min;

struct ProcessFlags {
    std::int64_t port = 0;  // of the admin web server; 0: the kernel's choice
    std::string bind_address;
    Duration lameduck_period = 50ms;
    Duration onterm_timeout = 10s;
    Duration onclose_timeout = 10s;
    std::string pid_file;
    bool catch_sigpipe = false;
    std::int64_t loops = 0;         // 0: from the machine's and the container's limits
    std::int64_t memory_limit = 0;  // bytes; 0: from the container's limit
};

struct LogFlags {
    bool logtostderr = false;
    bool alsologtostderr = false;
    log::Severity stderrthreshold = log::Severity::warning;
    std::string log_dir;  // empty: the system's folder for temporary files
    std::uint64_t log_rotate_max_size = 1'887'436'800;
};

struct TopologyFlags {
    std::string implementation;
    std::string global_server_address;
    std::string global_root;
    Duration lock_timeout = 45s;
    Duration remote_operation_timeout = 15s;
};

struct MysqlServerFlags {
    std::int64_t port = -1;  // negative: no TCP
    std::string bind_address;
    std::string socket_path;
    std::string tcp_version = "tcp";
    std::string version = "8.0.30-Vitess";
    Duration read_timeout{0};
    Duration write_timeout{0};
    Duration query_timeout{0};
    Duration keepalive_period{0};
    Duration slow_connect_warn_threshold{0};
    bool drain_onterm = false;
    std::string default_workload = "OLTP";
    std::string ssl_cert;
    std::string ssl_key;
    std::string ssl_ca;
    std::string ssl_crl;
    std::string ssl_server_ca;
    bool require_secure_transport = false;
    std::string tls_min_version;
    std::string auth_server_impl = "static";
    std::string auth_static_file;
    std::string auth_static_string;
    Duration auth_static_reload_interval{0};
    bool allow_clear_text_without_tls = false;
};

struct DiscoveryFlags {
    std::string cell;
    std::string cells_to_watch;
    std::vector<std::string> tablet_types_to_wait;
    std::string tablet_protocol = "grpc";
    Duration gateway_initial_tablet_timeout = 30s;
    Duration tablet_refresh_interval = 1min;
    bool tablet_refresh_known_tablets = true;
    std::vector<std::string> keyspaces_to_watch;
    std::vector<std::string> tablet_filters;
    std::vector<std::string> allowed_tablet_types;
    Duration srv_topo_cache_ttl = 1s;
    Duration srv_topo_cache_refresh = 1s;
};

struct ExecutorFlags {
    bool normalize_queries = true;
    std::string planner_version;
    std::int64_t gate_query_cache_memory = 33'554'432;
    bool no_scatter = false;
    std::int64_t max_memory_rows = 300'000;
    std::int64_t warn_memory_rows = 30'000;
    std::int64_t max_payload_size = 0;
    std::int64_t warn_payload_size = 0;
    std::int64_t query_timeout_ms = 0;
    std::int64_t retry_count = 2;
    std::int64_t stream_buffer_size = 32'768;
    std::string dbddl_plugin = "fail";
    std::string foreign_key_mode = "allow";
    std::string ddl_strategy = "direct";
    bool enable_direct_ddl = true;
    std::string vschema_ddl_authorized_users;
    bool allow_kill_statement = false;
    bool warn_sharded_only = false;
    std::int64_t truncate_error_length = 0;
    std::string transaction_mode = "MULTI";
    bool schema_change_signal = true;
    std::int64_t statement_memory_limit = 0;   // bytes; 0: a share of the process's limit
    std::int64_t connection_memory_limit = 0;  // bytes; 0: a share of the process's limit
};

// How a straight gate (--tablet_protocol=mysql) and a tablet log in to MySQL and what they allow
// there.
struct TabletFlags {
    std::string app_user = "vt_app";
    std::string app_password;
    bool app_use_ssl = true;
    std::string credentials_file;
    std::string ssl_mode;
    std::string ssl_ca;
    std::string ssl_cert;
    std::string ssl_key;
    std::string tls_min_version;
    std::string server_name;
    std::int64_t connect_timeout_ms = 0;
    Duration transaction_timeout = 30s;
    Duration query_timeout = 30s;
    Duration query_pool_timeout{0};
    Duration transaction_pool_timeout = 1s;
    std::int64_t pool_size = 16;
    std::int64_t stream_pool_size = 200;
    std::int64_t transaction_cap = 20;
    std::int64_t max_result_size = 10'000;
    std::int64_t warn_result_size = 0;
    Duration idle_timeout = 30min;
    Duration mysql_pool_idle_timeout = 1min;  // ours: idle backend connections above the floor
};

struct VtgateFlags {
    ProcessFlags process;
    LogFlags log;
    TopologyFlags topology;
    MysqlServerFlags mysql_server;
    DiscoveryFlags discovery;
    ExecutorFlags executor;
    TabletFlags tablet;
};

void add_flags(FlagSet& flags, ProcessFlags& into);
void add_flags(FlagSet& flags, LogFlags& into);
void add_flags(FlagSet& flags, TopologyFlags& into);
void add_flags(FlagSet& flags, MysqlServerFlags& into);
void add_flags(FlagSet& flags, DiscoveryFlags& into);
void add_flags(FlagSet& flags, ExecutorFlags& into);
void add_flags(FlagSet& flags, TabletFlags& into);
// All of a gateway's, with tablet_types_to_wait required.
void add_flags(FlagSet& flags, VtgateFlags& into);

// What v21 checks of single flags after parsing (contract 1.0.1); the text is what it prints.
Result<void> validate(const VtgateFlags& flags);

}  // namespace sluice::servenv
