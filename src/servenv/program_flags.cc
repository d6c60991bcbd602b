// Start of a process: which flags there are. Before: servenv/flags.cc. After: apps/*/main.cc.
#include "servenv/program_flags.h"

namespace sluice::servenv {

void add_flags(FlagSet& flags, ProcessFlags& into) {
    flags.add(std::vector<Flag>{
        {"port", &into.port, "port of the web pages; 0 lets the kernel choose"},
        {"bind-address", &into.bind_address, "address of the web pages; empty is all"},
        {"lameduck-period", &into.lameduck_period,
         "shortest time between SIGTERM and the end of the web pages"},
        {"onterm_timeout", &into.onterm_timeout, "how long SIGTERM waits for clients to finish"},
        {"onclose_timeout", &into.onclose_timeout, "how long the last clean-up may take"},
        {"pid_file", &into.pid_file, "file for the process id; must not exist"},
        {"catch-sigpipe", &into.catch_sigpipe, "ignore SIGPIPE on stdout and stderr"},
        {"loops", &into.loops,
         "event loops, one thread each; 0 takes them from CPUs, container limits and memory"},
        {"memory_limit", &into.memory_limit,
         "bytes that statements and connections may hold together; 0 takes the container's limit"},
    });
}

void add_flags(FlagSet& flags, LogFlags& into) {
    flags.add(std::vector<Flag>{
        {"logtostderr", &into.logtostderr, "log to stderr and not to files"},
        {"alsologtostderr", &into.alsologtostderr, "log to stderr and to files"},
        {"stderrthreshold", &into.stderrthreshold,
         "lines of this severity or above go to stderr too: 0 info, 1 warning, 2 error, 3 fatal"},
        {"log_dir", &into.log_dir, "folder of the log files"},
        {"log_rotate_max_size", &into.log_rotate_max_size,
         "bytes after which a new log file is begun"},
    });
}

void add_flags(FlagSet& flags, TopologyFlags& into) {
    flags.add(std::vector<Flag>{
        {"topo_implementation", &into.implementation, "kind of topology store: embedded or memory"},
        {"topo_global_server_address", &into.global_server_address,
         "where the global topology is; the file of an embedded one"},
        {"topo_global_root", &into.global_root, "path of the global topology in its store"},
        {"lock-timeout", &into.lock_timeout, "how long to wait for a lock in the topology"},
        {"remote_operation_timeout", &into.remote_operation_timeout,
         "limit of one call to the topology"},
    });
}

void add_flags(FlagSet& flags, MysqlServerFlags& into) {
    flags.add(std::vector<Flag>{
        {"mysql_server_port", &into.port, "TCP port for MySQL clients; negative for none"},
        {"mysql_server_bind_address", &into.bind_address,
         "address for MySQL clients; empty is all"},
        {"mysql_server_socket_path", &into.socket_path,
         "unix socket for MySQL clients; empty is none"},
        {"mysql_tcp_version", &into.tcp_version, "tcp, tcp4 or tcp6"},
        {"mysql_server_version", &into.version, "version that MySQL clients see"},
        {"mysql_server_read_timeout", &into.read_timeout, "limit of one read from a client"},
        {"mysql_server_write_timeout", &into.write_timeout, "limit of one write to a client"},
        {"mysql_server_query_timeout", &into.query_timeout,
         "limit of a statement of a MySQL client"},
        {"mysql-server-keepalive-period", &into.keepalive_period, "TCP keepalive of MySQL clients"},
        {"mysql_slow_connect_warn_threshold", &into.slow_connect_warn_threshold,
         "warn about logins that take longer"},
        {"mysql-server-drain-onterm", &into.drain_onterm,
         "after SIGTERM clients go on until onterm_timeout"},
        {"mysql_default_workload", &into.default_workload,
         "first workload of a session: OLTP, OLAP, DBA or UNSPECIFIED"},
        {"mysql_server_ssl_cert", &into.ssl_cert,
         "server certificate; with the key it turns on TLS"},
        {"mysql_server_ssl_key", &into.ssl_key, "key of the server certificate"},
        {"mysql_server_ssl_ca", &into.ssl_ca, "CA that client certificates must come from"},
        {"mysql_server_ssl_crl", &into.ssl_crl, "revoked client certificates"},
        {"mysql_server_ssl_server_ca", &into.ssl_server_ca, "CA sent with the server certificate"},
        {"mysql_server_require_secure_transport", &into.require_secure_transport,
         "refuse clients without TLS"},
        {"mysql_server_tls_min_version", &into.tls_min_version, "lowest TLS version"},
        {"mysql_auth_server_impl", &into.auth_server_impl, "who checks passwords: none or static"},
        {"mysql_auth_server_static_file", &into.auth_static_file, "JSON file of users"},
        {"mysql_auth_server_static_string", &into.auth_static_string, "JSON of users"},
        {"mysql_auth_static_reload_interval", &into.auth_static_reload_interval,
         "how often the file of users is read again"},
        {"mysql_allow_clear_text_without_tls", &into.allow_clear_text_without_tls,
         "take passwords in clear without TLS"},
    });
}

void add_flags(FlagSet& flags, DiscoveryFlags& into) {
    flags.add(std::vector<Flag>{
        {"cell", &into.cell, "the cell of this process"},
        {"cells_to_watch", &into.cells_to_watch, "cells whose tablets are used, with commas"},
        {"tablet_types_to_wait", &into.tablet_types_to_wait,
         "start waits for tablets of these types, with commas"},
        {"tablet_protocol", &into.tablet_protocol,
         "how shards are reached: grpc (through tablets) or mysql (their servers)"},
        {"gateway_initial_tablet_timeout", &into.gateway_initial_tablet_timeout,
         "how long start waits for tablets"},
        {"tablet_refresh_interval", &into.tablet_refresh_interval,
         "how often the tablets of a cell are listed"},
        {"tablet_refresh_known_tablets", &into.tablet_refresh_known_tablets,
         "follow changed addresses of known tablets"},
        {"keyspaces_to_watch", &into.keyspaces_to_watch, "only these keyspaces"},
        {"tablet_filters", &into.tablet_filters, "only tablets of keyspace|shard-or-range"},
        {"allowed_tablet_types", &into.allowed_tablet_types,
         "tablet types that clients may ask for"},
        {"srv_topo_cache_ttl", &into.srv_topo_cache_ttl, "how long a lost record stays in use"},
        {"srv_topo_cache_refresh", &into.srv_topo_cache_refresh, "pause between topology queries"},
    });
}

void add_flags(FlagSet& flags, ExecutorFlags& into) {
    flags.add(std::vector<Flag>{
        {"normalize_queries", &into.normalize_queries,
         "share plans between statements that differ "
         "in literals"},
        {"planner-version", &into.planner_version, "planner of sessions that name none"},
        {"gate_query_cache_memory", &into.gate_query_cache_memory, "bytes of cached plans"},
        {"no_scatter", &into.no_scatter, "refuse statements that go to all shards"},
        {"max_memory_rows", &into.max_memory_rows, "rows that a statement may hold in memory"},
        {"warn_memory_rows", &into.warn_memory_rows, "rows in memory after which to warn"},
        {"max_payload_size", &into.max_payload_size, "longest statement text; 0 is no limit"},
        {"warn_payload_size", &into.warn_payload_size, "statement text after which to warn"},
        {"query-timeout", &into.query_timeout_ms,
         "limit of a statement in milliseconds; 0 is none"},
        {"retry-count", &into.retry_count, "further tries after a shard's failure"},
        {"stream_buffer_size", &into.stream_buffer_size, "bytes of rows sent at once"},
        {"dbddl_plugin", &into.dbddl_plugin, "what CREATE and DROP DATABASE do: fail or noop"},
        {"foreign_key_mode", &into.foreign_key_mode, "allow, or disallow foreign keys everywhere"},
        {"ddl_strategy", &into.ddl_strategy, "first ddl_strategy of a session"},
        {"enable_direct_ddl", &into.enable_direct_ddl, "allow DDL that runs at once"},
        {"vschema_ddl_authorized_users", &into.vschema_ddl_authorized_users,
         "who may ALTER VSCHEMA, with commas; % is everybody"},
        {"allow-kill-statement", &into.allow_kill_statement, "allow KILL"},
        {"warn_sharded_only", &into.warn_sharded_only,
         "warn about what needs an unsharded keyspace"},
        {"truncate-error-len", &into.truncate_error_length, "longest error text; 0 is no limit"},
        {"transaction_mode", &into.transaction_mode, "SINGLE, MULTI or TWOPC"},
        {"schema_change_signal", &into.schema_change_signal,
         "follow the shards' table definitions"},
        {"statement_memory_limit", &into.statement_memory_limit,
         "bytes that one statement may hold; 0 is a share of memory_limit"},
        {"connection_memory_limit", &into.connection_memory_limit,
         "bytes that one connection may hold; 0 is a share of memory_limit"},
    });
}

void add_flags(FlagSet& flags, TabletFlags& into) {
    flags.add(std::vector<Flag>{
        {"db_app_user", &into.app_user, "user for the shards' servers"},
        {"db_app_password", &into.app_password, "its password"},
        {"db_app_use_ssl", &into.app_use_ssl, "use TLS if db_ssl_mode asks for it"},
        {"db-credentials-file", &into.credentials_file, "JSON file of users and passwords"},
        {"db_ssl_mode", &into.ssl_mode,
         "TLS to the shards' servers: disabled, preferred, required, verify_ca or verify_identity"},
        {"db_ssl_ca", &into.ssl_ca, "CA of the servers' certificates"},
        {"db_ssl_cert", &into.ssl_cert, "client certificate"},
        {"db_ssl_key", &into.ssl_key, "key of the client certificate"},
        {"db_tls_min_version", &into.tls_min_version, "lowest TLS version"},
        {"db_server_name", &into.server_name, "name that the servers' certificates must carry"},
        {"db_connect_timeout_ms", &into.connect_timeout_ms, "limit of a connect in milliseconds"},
        {"queryserver-config-transaction-timeout", &into.transaction_timeout,
         "longest life of a transaction"},
        {"queryserver-config-query-timeout", &into.query_timeout, "longest run of one query"},
        {"queryserver-config-query-pool-timeout", &into.query_pool_timeout,
         "longest wait for a connection; 0 is the query's limit"},
        {"queryserver-config-txpool-timeout", &into.transaction_pool_timeout,
         "longest wait for a transaction's connection"},
        {"queryserver-config-pool-size", &into.pool_size, "connections of a shard for queries"},
        {"queryserver-config-stream-pool-size", &into.stream_pool_size,
         "connections of a shard for streams"},
        {"queryserver-config-transaction-cap", &into.transaction_cap,
         "connections of a shard for transactions"},
        {"queryserver-config-max-result-size", &into.max_result_size, "rows of one result"},
        {"queryserver-config-warn-result-size", &into.warn_result_size, "rows after which to warn"},
        {"queryserver-config-idle-timeout", &into.idle_timeout,
         "age at which an idle connection is replaced"},
        {"mysql_pool_idle_timeout", &into.mysql_pool_idle_timeout,
         "age at which a straight gate closes an idle connection that it does not need"},
    });
}

void add_flags(FlagSet& flags, VtgateFlags& into) {
    add_flags(flags, into.process);
    add_flags(flags, into.log);
    add_flags(flags, into.topology);
    add_flags(flags, into.mysql_server);
    add_flags(flags, into.discovery);
    add_flags(flags, into.executor);
    add_flags(flags, into.tablet);
    flags.require("tablet_types_to_wait");
}

namespace {

bool same_word(std::string_view text, std::string_view upper) {
    if (text.size() != upper.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if ((c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c) != upper[i]) return false;
    }
    return true;
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    for (const std::string_view word : words) {
        if (same_word(text, word)) return true;
    }
    return false;
}

}  // namespace

Result<void> validate(const VtgateFlags& flags) {
    const auto invalid = [](std::string text) {
        return fail(Code::invalid_argument, std::move(text));
    };
    bool serving = false;
    for (const std::string& type : flags.discovery.tablet_types_to_wait) {
        serving |= is_one_of(type, {"PRIMARY", "MASTER", "REPLICA", "RDONLY", "BATCH"});
    }
    if (!serving) {
        return invalid("tablet_types_to_wait must contain at least one serving tablet type");
    }
    if (!is_one_of(flags.executor.transaction_mode, {"SINGLE", "MULTI", "TWOPC"})) {
        return invalid("Invalid option: " + flags.executor.transaction_mode +
                       "\nUsage: -transaction_mode {SINGLE | MULTI | TWOPC}");
    }
    if (flags.discovery.srv_topo_cache_refresh > flags.discovery.srv_topo_cache_ttl) {
        return invalid("srv_topo_cache_refresh must be less than or equal to srv_topo_cache_ttl");
    }
    if (!flags.discovery.keyspaces_to_watch.empty() && !flags.discovery.tablet_filters.empty()) {
        return invalid(
            "only one of --keyspaces_to_watch and --tablet_filters may be specified at a time");
    }
    return {};
}

}  // namespace sluice::servenv
