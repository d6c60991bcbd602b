// From flags to the rooms' own settings.
#include <sstream>

#include <unistd.h>

#include "async/file_version.h"
#include "base/log.h"
#include "mysql/server.h"
#include "mysqlctl/my_cnf.h"
#include "tablet/credentials.h"
#include "vindex/key_range.h"
#include "vttablet.h"

namespace sluice::vttablet {
namespace {

std::chrono::milliseconds milliseconds(servenv::Duration duration) {
    return std::chrono::ceil<std::chrono::milliseconds>(duration);
}

std::uint32_t count(std::int64_t flag) {
    return static_cast<std::uint32_t>(flag);
}

// This machine's name, as it knows it.
std::string machine_name() {
    char name[256] = {};
    return ::gethostname(name, sizeof(name) - 1) == 0 ? std::string(name) : "localhost";
}

bool is_named(const servenv::TabletProcessFlags& tablet) {
    return !tablet.db_host.empty() || !tablet.db_socket.empty();
}

// What is known of the tablet's own server before anything is read.
Result<mysqlctl::MyCnf> planned(const servenv::TabletProcessFlags& tablet) {
    const topo::TabletAlias alias = TRY(vindex::parse_tablet_alias(tablet.tablet_path));
    mysqlctl::MyCnf cnf = mysqlctl::planned_my_cnf(alias.uid, 0, tablet.tablet_dir, "");
    if (!tablet.mycnf_file.empty()) cnf.path = tablet.mycnf_file;
    return cnf;
}

// By the flags alone if they say all that is needed, else by the file.
Result<mysqlctl::MyCnf> own_my_cnf(const servenv::TabletProcessFlags& tablet) {
    mysqlctl::MyCnf cnf = TRY(planned(tablet));
    const bool named = tablet.mycnf_server_id != 0;
    if (named && tablet.mycnf_socket_file.empty())
        return fail(Code::failed_precondition,
                    "--mycnf_server_id is given, but --mycnf_socket_file is not");
    if (!named && tablet.mycnf_socket_file.empty())
        cnf = TRY(mysqlctl::read_my_cnf(std::move(cnf)));
    if (!tablet.mycnf_socket_file.empty()) cnf.socket = tablet.mycnf_socket_file;
    if (tablet.mycnf_mysql_port != 0) cnf.port = tablet.mycnf_mysql_port;
    return cnf;
}

// Where the server is and how its users come there; whose connection it is comes later.
Result<mysql::Server> server_of(const servenv::VttabletFlags& flags, bool use_ssl) {
    mysql::Server server;
    server.address.host = flags.tablet.db_host;
    server.address.port = static_cast<std::uint16_t>(flags.tablet.db_port);
    server.address.unix_path = flags.tablet.db_socket;
    if (!is_named(flags.tablet)) server.address.unix_path = TRY(own_my_cnf(flags.tablet)).socket;
    if (flags.server.connect_timeout_ms > 0)
        server.connect_timeout = std::chrono::milliseconds(flags.server.connect_timeout_ms);
    constexpr std::uint64_t client_ssl = 2048;  // of MySQL's capabilities
    const std::string& mode = flags.server.ssl_mode;
    if (mode.empty() && (flags.tablet.db_flags & client_ssl) != 0) {
        server.tls = mysql::TlsMode::verify_identity;
    } else if (!mode.empty() && use_ssl) {
        server.tls = TRY(mysql::parse_tls_mode(mode));
    }
    if (server.tls == mysql::TlsMode::disabled) return server;
    using Verify = async::TlsContext::Verify;
    const Verify verify = server.tls == mysql::TlsMode::verify_identity ? Verify::identity
                          : server.tls == mysql::TlsMode::verify_ca     ? Verify::ca
                                                                        : Verify::none;
    server.tls_context =
        TRY(async::TlsContext::client({.ca = flags.server.ssl_ca,
                                       .certificate = flags.server.ssl_cert,
                                       .key = flags.server.ssl_key,
                                       .verify = verify,
                                       .min_version = flags.server.tls_min_version}));
    return server;
}

Result<std::string> password_of(const servenv::VttabletFlags& flags, const std::string& user,
                                const std::string& given) {
    if (flags.server.credentials_file.empty()) return given;
    const auto credentials = TRY(
        tablet::Credentials::parse(TRY(async::read_file(flags.server.credentials_file, 1 << 20))));
    const std::string* const found = credentials.password_of(user);
    return found == nullptr ? given : *found;
}

Result<void> fill_servers(const servenv::VttabletFlags& flags, tabletserver::Options* into) {
    into->server = TRY(server_of(flags, flags.server.app_use_ssl));
    into->dba = TRY(server_of(flags, flags.tablet.dba_use_ssl));
    into->server.user = flags.server.app_user;
    into->server.password =
        TRY(password_of(flags, flags.server.app_user, flags.server.app_password));
    into->server.database = TRY(tablet_record(flags)).database();
    const servenv::TabletProcessFlags& tablet = flags.tablet;
    into->dba.user = tablet.dba_user;
    into->dba.password = TRY(password_of(flags, tablet.dba_user, tablet.dba_password));
    // Somebody else's server need not have users for each purpose.
    const bool stands_in = into->dba.password.empty() && !tablet.db_host.empty() &&
                           tablet.dba_user == servenv::TabletProcessFlags().dba_user;
    if (stands_in || (tablet.unmanaged && into->dba.password.empty())) {
        into->dba = into->server;
        into->dba.database.clear();
    }
    return {};
}

void fill_protections(const servenv::VttabletFlags& flags, tabletserver::Options* into) {
    const servenv::TabletProcessFlags& tablet = flags.tablet;
    into->hot_rows = {.enabled = tablet.hot_rows,
                      .dry_run = tablet.hot_rows_dry_run,
                      .queue = static_cast<std::size_t>(tablet.hot_rows_queue),
                      .all_queues = static_cast<std::size_t>(tablet.hot_rows_global_queue),
                      .concurrent = static_cast<std::size_t>(tablet.hot_rows_concurrent),
                      .hide_in_errors = tablet.terse_errors,
                      .hide_in_logs = tablet.sanitize_logs};
    into->transaction_limits = {
        .enabled = tablet.transaction_limit || tablet.transaction_limit_dry_run,
        .dry_run = tablet.transaction_limit_dry_run,
        .each = static_cast<std::uint64_t>(static_cast<double>(flags.server.transaction_cap) *
                                           tablet.transaction_limit_share),
        .by_username = tablet.transaction_limit_by_username,
        .by_principal = tablet.transaction_limit_by_principal,
        .by_component = tablet.transaction_limit_by_component,
        .by_subcomponent = tablet.transaction_limit_by_subcomponent};
    into->acl = {.strict = tablet.strict_table_acl,
                 .dry_run = tablet.table_acl_dry_run,
                 .exempt = tablet.acl_exempt};
}

}  // namespace

std::string awaited_my_cnf(const servenv::VttabletFlags& flags) {
    const servenv::TabletProcessFlags& tablet = flags.tablet;
    if (is_named(tablet) || !tablet.mycnf_socket_file.empty() || tablet.mycnf_server_id != 0)
        return "";
    const auto cnf = planned(tablet);
    return cnf ? cnf->path : "";
}

Result<tabletserver::Options> server_options(const servenv::VttabletFlags& flags) {
    const servenv::TabletProcessFlags& tablet = flags.tablet;
    const servenv::TabletFlags& server = flags.server;
    tabletserver::Options made;
    made.alias = TRY(vindex::parse_tablet_alias(tablet.tablet_path));
    made.keyspace = tablet.keyspace;
    made.shard = TRY(vindex::validate_shard_name(tablet.shard)).name;
    TRY(fill_servers(flags, &made));
    made.pool_size = count(server.pool_size);
    made.admin_pool_size = count(std::max<std::int64_t>(tablet.dba_pool_size, 4));
    made.stream_pool_size = count(server.stream_pool_size);
    made.transaction_cap = count(server.transaction_cap);
    made.pool_wait = milliseconds(server.query_pool_timeout);
    made.stream_wait = milliseconds(tablet.stream_pool_timeout);
    made.transaction_wait = milliseconds(server.transaction_pool_timeout);
    made.idle_timeout = milliseconds(server.idle_timeout);
    made.admin_idle_timeout = milliseconds(tablet.dba_idle_timeout);
    made.max_lifetime = milliseconds(tablet.max_lifetime);
    made.query_timeout = milliseconds(server.query_timeout);
    made.transaction_timeout = milliseconds(server.transaction_timeout);
    made.olap_transaction_timeout = milliseconds(tablet.olap_transaction_timeout);
    made.shutdown_grace = milliseconds(tablet.shutdown_grace_period);
    made.state_grace = milliseconds(tablet.serving_state_grace_period);
    made.max_rows = static_cast<std::uint64_t>(server.max_result_size);
    made.warn_rows = static_cast<std::uint64_t>(std::max<std::int64_t>(server.warn_result_size, 0));
    made.stream_chunk =
        static_cast<std::size_t>(std::max<std::int64_t>(tablet.stream_buffer_size, 1));
    made.plan_memory =
        static_cast<std::size_t>(std::max<std::int64_t>(tablet.query_cache_memory, 0));
    made.passthrough_writes = tablet.passthrough_dmls;
    made.annotate = tablet.annotate_queries;
    made.terse_errors = tablet.terse_errors;
    made.workload_metrics = tablet.workload_metrics;
    made.log_text_limit =
        static_cast<std::size_t>(std::max<std::int64_t>(flags.query_log.sql_max_length_errors, 0));
    made.sanitize_logs = tablet.sanitize_logs;
    made.redact_pages = flags.query_log.redact_debug_ui_queries;
    made.truncate_errors =
        static_cast<std::size_t>(std::max<std::int64_t>(tablet.truncate_error_length, 0));
    using Consolidate = tabletserver::Options::Consolidate;
    made.consolidate = tablet.consolidator_replicas ? Consolidate::not_on_primary
                       : tablet.consolidator        ? Consolidate::always
                                                    : Consolidate::never;
    made.health_interval = milliseconds(tablet.health_check_interval);
    made.degraded_lag = milliseconds(tablet.degraded_threshold);
    made.unhealthy_lag = milliseconds(tablet.unhealthy_threshold);
    made.health_buffer = std::max<std::uint64_t>(tablet.stream_health_buffer_size, 1);
    made.replication_reporter = tablet.replication_reporter;
    made.heartbeat = tablet.heartbeat_enable;
    made.heartbeat_interval = milliseconds(tablet.heartbeat_interval);
    made.schema_interval = milliseconds(tablet.schema_reload_time);
    made.schema_reload_timeout = milliseconds(tablet.schema_reload_timeout);
    made.schema_signal = tablet.schema_change_signal;
    made.views = tablet.enable_views;
    made.enforce_strict = tablet.enforce_strict;
    fill_protections(flags, &made);
    return made;
}

Result<topo::Tablet> tablet_record(const servenv::VttabletFlags& flags) {
    const servenv::TabletProcessFlags& tablet = flags.tablet;
    topo::Tablet record;
    record.alias = TRY(vindex::parse_tablet_alias(tablet.tablet_path));
    record.hostname = tablet.hostname.empty() ? machine_name() : tablet.hostname;
    record.port_map = {{"vt", static_cast<std::int32_t>(flags.process.port)},
                       {"grpc", static_cast<std::int32_t>(flags.rpc_server.port)}};
    record.keyspace = tablet.keyspace;
    vindex::ShardName shard = TRY(vindex::validate_shard_name(tablet.shard));
    record.shard = std::move(shard.name);
    record.key_range = std::move(shard.range);
    record.type = TRY(tabletserver::initial_type(tablet.type));
    record.db_name_override = tablet.db_name_override;
    record.mysql_hostname = tablet.db_host.empty() ? record.hostname : tablet.db_host;
    record.mysql_port = static_cast<std::int32_t>(tablet.db_port);
    if (!is_named(tablet))
        record.mysql_port = static_cast<std::int32_t>(TRY(own_my_cnf(tablet)).port);
    constexpr std::uint32_t utf8mb4_0900_ai_ci = 255;  // --db_charset's default
    record.default_conn_collation = utf8mb4_0900_ai_ci;
    std::istringstream tags(tablet.tags);
    for (std::string pair; std::getline(tags, pair, ',');) {
        const std::size_t colon = pair.find(':');
        if (colon != pair.npos) record.tags[pair.substr(0, colon)] = pair.substr(colon + 1);
    }
    return record;
}

Result<tabletserver::ReplicationLogin> replication_login(const servenv::VttabletFlags& flags) {
    const servenv::TabletProcessFlags& tablet = flags.tablet;
    const std::string& mode = flags.server.ssl_mode;
    return tabletserver::ReplicationLogin{
        .user = tablet.repl_user,
        .password = TRY(password_of(flags, tablet.repl_user, tablet.repl_password)),
        .tls = tablet.repl_use_ssl && !mode.empty() && mode != "disabled",
        .connect_retry = std::chrono::floor<std::chrono::seconds>(tablet.connect_retry)};
}

Result<tablet::MysqlTabletOptions> all_privileges_options(const servenv::VttabletFlags& flags) {
    tablet::MysqlTabletOptions options;
    tabletserver::Options servers;
    TRY(fill_servers(flags, &servers));
    options.server = servers.dba;
    options.primary = false;
    options.query_timeout = std::chrono::milliseconds(0);
    const std::string password =
        TRY(password_of(flags, flags.tablet.allprivs_user, flags.tablet.allprivs_password));
    if (password.empty() && (flags.tablet.unmanaged || !flags.tablet.db_host.empty()))
        return options;
    options.server = TRY(server_of(flags, flags.tablet.allprivs_use_ssl));
    options.server.user = flags.tablet.allprivs_user;
    options.server.password = password;
    return options;
}

topo::TopologyOptions topology_options(const servenv::TopologyFlags& flags) {
    topo::TopologyOptions where;
    where.implementation = flags.implementation;
    where.global_server_address = flags.global_server_address;
    where.global_root = flags.global_root;
    where.lock_timeout = milliseconds(flags.lock_timeout);
    where.lock_lease = topo::lease_of(flags.etcd_lease_ttl);
    where.program = "vttablet";
    where.etcd = {.tls_ca = flags.etcd_tls_ca,
                  .tls_certificate = flags.etcd_tls_cert,
                  .tls_key = flags.etcd_tls_key,
                  .call_timeout = milliseconds(flags.remote_operation_timeout)};
    return where;
}

}  // namespace sluice::vttablet
