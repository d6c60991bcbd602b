// Start of a process: all flags of a tablet, and what is wrong with their values. Before:
// servenv/flags.cc. After: apps/vttablet/main.cc.
#include "servenv/vttablet_flags.h"

#include <sstream>

#include "servenv/detail/flag_values.h"

namespace sluice::servenv {
namespace {

// tags = [ key ":" value *( "," key ":" value ) ]
Result<std::string> parse_string_map(std::string_view text) {
    for (const std::string& pair : TRY(detail::parse_list(text))) {
        if (pair.find(':') == pair.npos)
            return fail(Code::invalid_argument, "not a list of key:value pairs with commas");
    }
    return std::string(text);
}
constexpr WordType string_map_words{"StringMap", &parse_string_map};

void add_place_flags(FlagSet& flags, TabletProcessFlags& into) {
    flags.add(std::vector<Flag>{
        {"tablet-path", &into.tablet_path, "the tablet's alias, cell-number"},
        {"tablet_hostname", &into.hostname,
         "the name that gates reach this tablet by; empty: the machine's"},
        {"init_keyspace", &into.keyspace, "the keyspace that the tablet belongs to"},
        {"init_shard", &into.shard, "the shard that the tablet belongs to"},
        {"init_tablet_type", &into.type,
         "what the tablet is while it is not a primary: replica, rdonly or spare"},
        {"init_db_name_override", &into.db_name_override,
         "the database's name, instead of vt_<keyspace>"},
        {"init_tags", &into.tags, "labels of the tablet's record, as key:value with commas",
         &string_map_words},
        {"init_timeout", &into.init_timeout,
         "longest time that the first steps in the topology may take"},
        {"unmanaged", &into.unmanaged, "the server is somebody else's: the tablet only asks it"},
        {"disable_active_reparents", &into.disable_active_reparents,
         "the tablet does not change who replicates from whom", nullptr,
         "Use --unmanaged flag instead for unmanaged tablets."},
        {"db_host", &into.db_host, "host of the MySQL server"},
        {"db_port", &into.db_port, "port of the MySQL server"},
        {"db_socket", &into.db_socket, "unix socket of the MySQL server, instead of host and port"},
        {"db_dba_user", &into.dba_user,
         "user for kills and for the sidecar database; without a password the application's user "
         "stands in"},
        {"db_dba_password", &into.dba_password, "its password"},
        {"db_dba_use_ssl", &into.dba_use_ssl, "it uses TLS if db_ssl_mode asks for it"},
        {"db_allprivs_user", &into.allprivs_user,
         "user for creating the sidecar database; without a password the application's user stands "
         "in"},
        {"db_allprivs_password", &into.allprivs_password, "its password"},
        {"db_allprivs_use_ssl", &into.allprivs_use_ssl, "it uses TLS if db_ssl_mode asks for it"},
        {"db_flags", &into.db_flags,
         "capabilities of MySQL's protocol as a number; 2048 asks for TLS with a verified name"},
        {"db_charset", &into.charset, "character set of connections: utf8mb4"},
        {"health_check_interval", &into.health_check_interval,
         "how often the tablet looks at its health and tells those who watch"},
    });
}

void add_managed_flags(FlagSet& flags, TabletProcessFlags& into) {
    flags.add(std::vector<Flag>{
        {"db_repl_user", &into.repl_user, "user that replicas log in to their source with"},
        {"db_repl_password", &into.repl_password, "its password"},
        {"db_repl_use_ssl", &into.repl_use_ssl, "replicas use TLS if db_ssl_mode asks for it"},
        {"dba_pool_size", &into.dba_pool_size,
         "connections of the user for administration, at most"},
        {"dba_idle_timeout", &into.dba_idle_timeout,
         "age at which an idle connection of the user for administration is replaced"},
        {"lock_tables_timeout", &into.lock_tables_timeout,
         "how long tables stay locked at most when the control plane has locked them"},
        {"mycnf-file", &into.mycnf_file,
         "my.cnf of the tablet's own server; empty: the one in $VTDATAROOT/vt_<uid>"},
        {"mycnf_socket_file", &into.mycnf_socket_file,
         "unix socket of the tablet's own server, instead of what my.cnf says"},
        {"mycnf_mysql_port", &into.mycnf_mysql_port,
         "port of the tablet's own server, instead of what my.cnf says"},
        {"mycnf_server_id", &into.mycnf_server_id,
         "server-id of the tablet's own server; if it is given, no my.cnf is read and the other "
         "mycnf flags say everything"},
        {"tablet_dir", &into.tablet_dir,
         "folder of the tablet's own server in $VTDATAROOT, instead of vt_<uid>"},
        {"replication_connect_retry", &into.connect_retry,
         "how long a replica waits before it connects to its source again; whole seconds"},
        {"mysqlctl_socket", &into.mysqlctl_socket,
         "unix socket of mysqlctld; the tablet itself needs no more than the server's"},
    });
}

void add_query_flags(FlagSet& flags, TabletProcessFlags& into) {
    flags.add(std::vector<Flag>{
        {"degraded_threshold", &into.degraded_threshold,
         "lag from which on the tablet calls itself degraded"},
        {"unhealthy_threshold", &into.unhealthy_threshold,
         "lag from which on the tablet does not serve"},
        {"shutdown_grace_period", &into.shutdown_grace_period,
         "how long transactions may go on when the tablet stops serving; 0 is without limit"},
        {"serving_state_grace_period", &into.serving_state_grace_period,
         "how long the former type is still accepted after a change"},
        {"stream_health_buffer_size", &into.stream_health_buffer_size,
         "health messages that may wait for one watcher"},
        {"heartbeat_enable", &into.heartbeat_enable,
         "a primary writes heartbeats, from which replicas know their lag"},
        {"heartbeat_interval", &into.heartbeat_interval, "time between two heartbeats"},
        {"enable_replication_reporter", &into.replication_reporter, "ask the server for its lag"},
        {"queryserver-config-olap-transaction-timeout", &into.olap_transaction_timeout,
         "longest life of a transaction of the OLAP workload"},
        {"queryserver-config-stream-buffer-size", &into.stream_buffer_size,
         "bytes of rows in one message of a stream"},
        {"queryserver-config-query-cache-memory", &into.query_cache_memory,
         "bytes that cached plans may take"},
        {"queryserver-config-schema-reload-time", &into.schema_reload_time,
         "how often the schema is read again"},
        {"schema-change-reload-timeout", &into.schema_reload_timeout,
         "how long reading the schema after a change may take"},
        {"queryserver-config-stream-pool-timeout", &into.stream_pool_timeout,
         "longest wait for a stream's connection; 0 is without limit"},
        {"queryserver-config-schema-change-signal", &into.schema_change_signal,
         "health messages name tables that have changed"},
        {"queryserver-enable-views", &into.enable_views,
         "views are told apart from tables in signals and schemas"},
        {"queryserver-config-pool-conn-max-lifetime", &into.max_lifetime,
         "age at which a connection is replaced; 0 is never"},
        {"queryserver-config-passthrough-dmls", &into.passthrough_dmls,
         "UPDATE and DELETE run without a limit of rows"},
        {"queryserver-config-annotate-queries", &into.annotate_queries,
         "statements begin with a comment of user and tablet type"},
        {"queryserver-config-terse-errors", &into.terse_errors,
         "errors do not show statements and values"},
    });
}

void add_access_flags(FlagSet& flags, TabletProcessFlags& into) {
    flags.add(std::vector<Flag>{
        {"queryserver-config-truncate-error-len", &into.truncate_error_length,
         "longest text of an error; 0 is without limit"},
        {"sanitize_log_messages", &into.sanitize_logs,
         "log lines do not show statements and values"},
        {"queryserver-config-strict-table-acl", &into.strict_table_acl,
         "callers without a name, and tables without a rule, are refused"},
        {"queryserver-config-enable-table-acl-dry-run", &into.table_acl_dry_run,
         "refusals by the table ACL are counted, not made"},
        {"queryserver-config-acl-exempt-acl", &into.acl_exempt,
         "a user or group that the table ACL does not bind"},
        {"table-acl-config", &into.table_acl_config,
         "JSON file of who may read and write which tables"},
        {"enforce-tableacl-config", &into.enforce_table_acl,
         "without a valid file of the table ACL the program ends"},
        {"table-acl-config-reload-interval", &into.table_acl_reload_interval,
         "how often the file of the table ACL is read again; 0 is on SIGHUP only"},
        {"filecustomrules", &into.rules_file, "JSON file of query rules"},
        {"filecustomrules_watch", &into.rules_watch, "follow changes of the file of query rules"},
        {"enable-consolidator", &into.consolidator,
         "equal reads that run at the same time share one result"},
        {"enable-consolidator-replicas", &into.consolidator_replicas, "the same, on replicas only"},
        {"enable_hot_row_protection", &into.hot_rows,
         "transactions on the same rows wait in the tablet, not in the server"},
        {"enable_hot_row_protection_dry_run", &into.hot_rows_dry_run, "the same, only counted"},
        {"hot_row_protection_max_queue_size", &into.hot_rows_queue,
         "transactions that may wait for the same rows"},
        {"hot_row_protection_max_global_queue_size", &into.hot_rows_global_queue,
         "transactions that may wait for rows in all"},
        {"hot_row_protection_concurrent_transactions", &into.hot_rows_concurrent,
         "transactions on the same rows that go to the server at once"},
        {"enable_transaction_limit", &into.transaction_limit,
         "one user may take a share of the transactions only"},
        {"enable_transaction_limit_dry_run", &into.transaction_limit_dry_run,
         "the same, only counted"},
    });
}

void add_protection_flags(FlagSet& flags, TabletProcessFlags& into) {
    flags.add(std::vector<Flag>{
        {"enable-per-workload-table-metrics", &into.workload_metrics,
         "figures of tables and plans differ by the workload's name too"},
        {"transaction_limit_per_user", &into.transaction_limit_share,
         "the share of one user, 0 to 1"},
        {"transaction_limit_by_username", &into.transaction_limit_by_username,
         "users differ by their name"},
        {"transaction_limit_by_principal", &into.transaction_limit_by_principal,
         "users differ by the principal that the application names"},
        {"transaction_limit_by_component", &into.transaction_limit_by_component,
         "users differ by the component that the application names"},
        {"transaction_limit_by_subcomponent", &into.transaction_limit_by_subcomponent,
         "users differ by the subcomponent that the application names"},
        {"enforce_strict_trans_tables", &into.enforce_strict,
         "serve only if the server is in a strict mode"},
        {"shard_sync_retry_delay", &into.shard_sync_retry_delay,
         "pause before the shard's record is tried again"},
        {"publish_retry_interval", &into.publish_retry_interval,
         "pause before the tablet's record is written again"},
        {"twopc_enable", &into.twopc_enable,
         "transactions over several shards commit in two phases; refused at start"},
        {"twopc_abandon_age", &into.twopc_abandon_age,
         "seconds after which a prepared transaction is resolved"},
        {"restore_from_backup", &into.restore_from_backup,
         "fill an empty server from a backup; not with a server that is somebody else's"},
        {"enable_tx_throttler", &into.tx_throttler,
         "hold back transactions while replicas lag; refused at start"},
        {"topocustomrule_cell", &into.topo_rules_cell,
         "cell whose topology has the record of query rules"},
        {"topocustomrule_path", &into.topo_rules_path, "record of query rules in the topology"},
        {"db-credentials-server", &into.credentials_server,
         "where users and passwords come from: file"},
        {"db_ssl_ca_path", &into.ssl_ca_path,
         "folder of CA certificates; refused at start, see db_ssl_ca"},
        {"tablet_config", &into.tablet_config, "YAML file of settings; refused at start"},
    });
}

}  // namespace

void add_flags(FlagSet& flags, TabletProcessFlags& into) {
    add_place_flags(flags, into);
    add_managed_flags(flags, into);
    add_query_flags(flags, into);
    add_access_flags(flags, into);
    add_protection_flags(flags, into);
}

void add_flags(FlagSet& flags, VttabletFlags& into) {
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
    add_flags(flags, into.query_log);
    add_flags(flags, into.server);
    flags.regroup(straight_group, "");
    for (const std::string_view gateway_only :
         {"grpc_use_effective_callerid", "grpc-use-effective-groups",
          "grpc-use-static-authentication-callerid", "grpc-send-session-in-streaming",
          "healthcheck-dial-concurrency", "topo_read_concurrency", "mysql_pool_idle_timeout",
          "querylog-buffer-size"}) {
        if (flags.find_entry(gateway_only) != nullptr) flags.remove(gateway_only);
    }
    add_flags(flags, into.tablet);
    add_vttablet_inert_flags(flags, into.inert);
    flags.require("tablet-path");
}

namespace {

std::optional<Invalid> refuse(std::string text) {
    return Invalid{1, std::move(text)};
}

// What would be less than the operator asks for.
std::optional<Invalid> check_safety(const TabletProcessFlags& flags) {
    if (flags.twopc_enable) return refuse("--twopc_enable: two-phase commit is not supported yet");
    if (flags.tx_throttler)
        return refuse("--enable_tx_throttler: the transaction throttler is not supported yet");
    if (flags.credentials_server != "file")
        return refuse("--db-credentials-server=" + flags.credentials_server +
                      ": users and passwords come from a file only");
    if (!flags.ssl_ca_path.empty())
        return refuse("--db_ssl_ca_path: give the CA's file by --db_ssl_ca");
    if (!flags.tablet_config.empty())
        return refuse("--tablet_config: settings come from flags only");
    if (flags.charset != "utf8mb4" && flags.charset != "utf8")
        return refuse("--db_charset=" + flags.charset + ": connections speak utf8mb4 only");
    if (flags.enforce_table_acl && flags.table_acl_config.empty()) {
        return refuse(
            "table acl config has to be specified with table-acl-config flag because "
            "enforce-tableacl-config is set.");
    }
    return std::nullopt;
}

std::optional<Invalid> check_transaction_limit(const VttabletFlags& flags) {
    const TabletProcessFlags& tablet = flags.tablet;
    const bool limited = tablet.transaction_limit, dry_run = tablet.transaction_limit_dry_run;
    if (limited && dry_run)
        return refuse(
            "invalid config: only one of two flags allowed: --enable_transaction_limit or "
            "--enable_transaction_limit_dry_run");
    if (!limited && !dry_run) return std::nullopt;
    const bool told_apart =
        tablet.transaction_limit_by_username || tablet.transaction_limit_by_principal ||
        tablet.transaction_limit_by_component || tablet.transaction_limit_by_subcomponent;
    if (!told_apart)
        return refuse(
            "invalid config: no user discriminating fields selected for transaction limiter, "
            "everyone would share single chunk of transaction pool. Override with at least one of "
            "--transaction_limit_by flags set to true");
    const double share = tablet.transaction_limit_share;
    if (!(share > 0 && share < 1)) {
        std::ostringstream shown;
        shown << share;
        return refuse(
            "invalid config: --transaction_limit_per_user should be a fraction within range (0, 1) "
            "(specified value: " +
            shown.str() + ")");
    }
    if (share * static_cast<double>(flags.server.transaction_cap) < 1)
        return refuse(
            "invalid config: effective transaction limit per user is 0 due to rounding, increase "
            "--transaction_limit_per_user");
    return std::nullopt;
}

std::optional<Invalid> check_limits(const VttabletFlags& flags) {
    const TabletProcessFlags& tablet = flags.tablet;
    const auto number = [](std::int64_t value) { return std::to_string(value); };
    if (tablet.hot_rows_queue <= 0)
        return refuse(
            "invalid config: --hot_row_protection_max_queue_size must be > 0 (specified "
            "value: " +
            number(tablet.hot_rows_queue) + ")");
    if (tablet.hot_rows_global_queue <= 0)
        return refuse(
            "invalid config: --hot_row_protection_max_global_queue_size must be > 0 "
            "(specified value: " +
            number(tablet.hot_rows_global_queue) + ")");
    if (tablet.hot_rows_global_queue < tablet.hot_rows_queue)
        return refuse(
            "invalid config: global queue size must be >= per row (range) queue size: "
            "-hot_row_protection_max_global_queue_size < hot_row_protection_max_queue_size (" +
            number(tablet.hot_rows_global_queue) + " < " + number(tablet.hot_rows_queue) + ")");
    if (tablet.hot_rows_concurrent <= 0)
        return refuse(
            "invalid config: --hot_row_protection_concurrent_transactions must be > 0 "
            "(specified value: " +
            number(tablet.hot_rows_concurrent) + ")");
    if (flags.server.pool_size <= 0 || flags.server.transaction_cap <= 0 ||
        flags.server.stream_pool_size <= 0)
        return refuse("invalid config: pools need room for at least one connection");
    if (flags.server.max_result_size <= 0)
        return refuse("invalid config: --queryserver-config-max-result-size must be > 0");
    return std::nullopt;
}

}  // namespace

std::optional<Invalid> validate(const VttabletFlags& flags) {
    const TabletProcessFlags& tablet = flags.tablet;
    if (tablet.unmanaged) {
        if (tablet.db_host.empty() && tablet.db_socket.empty())
            return refuse(
                "invalid config: no connection parameters specified but unmanaged mode "
                "specified");
        if (flags.server.app_user.empty())
            return refuse("invalid config: database app user not specified");
        if (flags.server.app_password.empty() && flags.server.credentials_file.empty())
            return refuse("invalid config: database app user password not specified");
    }
    if (tablet.keyspace.empty() || tablet.shard.empty())
        return refuse(
            "failed to parse --tablet-path: init_keyspace and init_shard must be specified");
    if (auto invalid = check_safety(tablet)) return invalid;
    if (auto invalid = check_transaction_limit(flags)) return invalid;
    return check_limits(flags);
}

}  // namespace sluice::servenv
