// Start of a process: the flags of mysqlctl and mysqlctld. Before: servenv/flags.cc. After:
// apps/mysqlctl, apps/mysqlctld.
#include "servenv/mysqlctl_flags.h"

#include "servenv/detail/flag_values.h"
#include "servenv/detail/inert_flags.h"

namespace sluice::servenv {
namespace {

// number = unsigned integer below 2^32, as strconv reads it
Result<std::string> parse_uint32(std::string_view text) {
    const std::uint64_t number = TRY(detail::parse_unsigned(text));
    if (number > 0xffffffff)
        return fail(Code::invalid_argument,
                    "strconv.ParseUint: parsing " + detail::quoted(text) + ": value out of range");
    return std::to_string(number);
}
constexpr WordType uint32_words{"uint32", &parse_uint32};

constexpr std::string_view by_socket = "the server is on this machine and is asked by its socket";

void add_server_flags(FlagSet& flags, OwnServerFlags& into) {
    flags.add(std::vector<Flag>{
        {"tablet_uid", &into.tablet_uid, "number of the tablet that the server belongs to",
         &uint32_words},
        {"mysql_port", &into.mysql_port, "port that a new server gets"},
        {"mysql_socket", &into.mysql_socket,
         "unix socket that a new server gets; empty: mysql.sock in its folder"},
        {"tablet_dir", &into.tablet_dir,
         "the server's folder in $VTDATAROOT, instead of vt_<tablet_uid>"},
        {"mysqlctl_mycnf_template", &into.mycnf_template,
         "template of my.cnf for a new server, instead of the one built in"},
        {"mysqlctl_socket", &into.mysqlctl_socket,
         "unix socket of a mysqlctld that does the work; empty: the work is done here"},
        {"db_dba_user", &into.dba_user, "user who may stop the server"},
        {"db_dba_password", &into.dba_password, "its password"},
        {"db_host", &into.db_host, "host of the server, instead of my.cnf's socket"},
        {"db_port", &into.db_port, "port of the server, with db_host"},
        {"db_socket", &into.db_socket, "unix socket of the server, instead of my.cnf's"},
        {"db-credentials-server", &into.credentials_server,
         "where users and passwords come from: file"},
        {"db_ssl_ca_path", &into.ssl_ca_path, "folder of CA certificates; refused"},
        {"socket_file", &into.socket_file, "unix socket on which to answer gRPC calls"},
    });
}

// Those of the family that have a meaning for who only starts and stops a server.
void add_database_flags(FlagSet& flags, TabletFlags& into) {
    add_flags(flags, into);
    flags.regroup(straight_group, "");
    for (const std::string_view others :
         {"db_app_user", "db_app_password", "db_app_use_ssl",
          "queryserver-config-transaction-timeout", "queryserver-config-query-timeout",
          "queryserver-config-query-pool-timeout", "queryserver-config-txpool-timeout",
          "queryserver-config-pool-size", "queryserver-config-stream-pool-size",
          "queryserver-config-transaction-cap", "queryserver-config-max-result-size",
          "queryserver-config-warn-result-size", "queryserver-config-idle-timeout",
          "mysql_pool_idle_timeout"})
        flags.remove(others);
    for (const std::string_view name : {"db_ssl_mode", "db_ssl_ca", "db_ssl_cert", "db_ssl_key",
                                        "db_tls_min_version", "db_server_name"})
        flags.inert(name, by_socket);
}

void add_inert_flags(FlagSet& flags, std::deque<InertValue>& into) {
    const auto second = [](int count) { return Duration(std::chrono::seconds(count)); };
    detail::add_inert(flags, into, by_socket,
                      {{"app_idle_timeout", second(60)},
                       {"app_pool_size", std::int64_t{40}},
                       {"dba_idle_timeout", second(60)},
                       {"dba_pool_size", std::int64_t{20}},
                       {"db_charset", std::string("utf8mb4")},
                       {"db_conn_query_info", false},
                       {"db_dba_use_ssl", true},
                       {"db_flags", std::uint64_t{0}},
                       {"db_flavor", std::string()},
                       {"pool_hostname_resolve_interval", second(0)}});
    detail::add_inert(flags, into, "passwords come from a file",
                      {{"db-credentials-vault-addr", std::string()},
                       {"db-credentials-vault-path", std::string()},
                       {"db-credentials-vault-role-mountpoint", std::string("approle")},
                       {"db-credentials-vault-role-secretidfile", std::string()},
                       {"db-credentials-vault-roleid", std::string()},
                       {"db-credentials-vault-timeout", second(10)},
                       {"db-credentials-vault-tls-ca", std::string()},
                       {"db-credentials-vault-tokenfile", std::string()},
                       {"db-credentials-vault-ttl", second(1800)}});
    detail::add_inert(flags, into, "the tablet says who replicates from whom",
                      {{"replication_connect_retry", second(10)}});
    detail::add_inert(flags, into, "the server says its version itself",
                      {{"mysql_server_version", std::string("8.0.30-Vitess")}});
}

void mark(FlagSet& flags, std::string_view why, std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) flags.inert(name, why);
}

void add_common(FlagSet& flags, MysqlctlFlags& into) {
    add_flags(flags, into.process);
    add_flags(flags, into.log);
    add_flags(flags, into.config);
    add_database_flags(flags, into.database);
    add_server_flags(flags, into.own);
    add_inert_flags(flags, into.inert);
    detail::mark_common_inert(flags);
    mark(flags, "profiles are taken with perf, from outside", {"pprof", "pprof-http"});
    for (const std::string_view others : {"loops", "memory_limit"}) flags.remove(others);
}

constexpr std::string_view start_help = "how long the server's start may take";
constexpr std::string_view end_help = "how long the server's end may take";

Flag wait_time(OwnServerFlags& into, std::string_view help) {
    return {"wait_time", &into.wait_time, help};
}

Flag init_file(OwnServerFlags& into) {
    return {"init_db_sql_file", &into.init_db_sql_file,
            "file of SQL that runs once on a new server, instead of the one built in"};
}

Flag mysqld_args(OwnServerFlags& into) {
    return {"mysqld_args", &into.mysqld_args, "more arguments for the server, with commas"};
}

Flag force(OwnServerFlags& into) {
    return {.name = "force",
            .target = &into.force,
            .help = "remove the data even if the server cannot be shut down",
            .letter = 'f'};
}

}  // namespace

// Longer than a server may take to end.
MysqlctldFlags::MysqlctldFlags() {
    process.onterm_timeout = own.shutdown_wait_time + 10s;
}

void add_flags(FlagSet& flags, MysqlctlFlags& into) {
    add_common(flags, into);
    for (const std::string_view others : {"port", "bind-address"}) flags.remove(others);
    mark(flags, "a command starts, works and ends",
         {"lameduck-period", "onterm_timeout", "onclose_timeout", "pid_file", "security_policy",
          "table-refresh-interval", "socket_file"});
    detail::add_inert(flags, into.inert, "a command answers no calls",
                      {{"service_map", std::vector<std::string>{}}});
    flags.add(std::vector<Flag>{{"mysqlctl_client_protocol", &into.own.client_protocol,
                                 "how mysqlctld is called; only grpc"}});
}

void add_flags(FlagSet& flags, MysqlctldFlags& into) {
    add_common(flags, into);
    add_flags(flags, into.rpc_server);
    add_flags(flags, into.rpc_client);
    for (const std::string_view others :
         {"grpc_max_message_size", "grpc_enable_tracing", "grpc_prometheus",
          "grpc_use_effective_callerid", "grpc-use-effective-groups",
          "grpc-use-static-authentication-callerid", "grpc-send-session-in-streaming",
          "tablet_grpc_ca", "tablet_grpc_cert", "tablet_grpc_key", "tablet_grpc_crl",
          "tablet_grpc_server_name", "healthcheck-dial-concurrency"})
        flags.remove(others);
    mark(flags, "it calls nobody",
         {"grpc-dial-concurrency-limit", "grpc_keepalive_time", "grpc_keepalive_timeout",
          "grpc_initial_conn_window_size", "grpc_initial_window_size", "grpc_compression",
          "grpc_auth_static_client_creds", "mysqlctl_socket"});
    flags.add(std::vector<Flag>{init_file(into.own),
                                wait_time(into.own, start_help),
                                {"shutdown-wait-time", &into.own.shutdown_wait_time, end_help}});
}

void add_command_flags(FlagSet& flags, OwnServerFlags& into, MysqlctlCommand command) {
    switch (command) {
        case MysqlctlCommand::init:
            flags.add(std::vector{init_file(into), wait_time(into, start_help)});
            return;
        case MysqlctlCommand::start:
            flags.add(std::vector{mysqld_args(into), wait_time(into, start_help)});
            return;
        case MysqlctlCommand::teardown:
            flags.add(std::vector{force(into), wait_time(into, end_help)});
            return;
        case MysqlctlCommand::shutdown:
            flags.add(std::vector{wait_time(into, end_help)});
            return;
        case MysqlctlCommand::init_config:
        case MysqlctlCommand::position:
        case MysqlctlCommand::reinit_config:
            return;
    }
}

void add_all_command_flags(FlagSet& flags, OwnServerFlags& into) {
    flags.add(std::vector{init_file(into), mysqld_args(into), force(into),
                          wait_time(into, "how long the server's start or end may take")},
              "Flags of commands");
}

std::optional<Invalid> validate(const MysqlctlFlags& flags) {
    const OwnServerFlags& own = flags.own;
    if (own.client_protocol != "grpc")
        return Invalid{1, "--mysqlctl_client_protocol=" + own.client_protocol +
                              ": mysqlctld is called by grpc only"};
    if (own.credentials_server != "file")
        return Invalid{1, "--db-credentials-server=" + own.credentials_server +
                              ": users and passwords come from a file only"};
    if (!own.ssl_ca_path.empty())
        return Invalid{1, "--db_ssl_ca_path: the server is asked without TLS"};
    if (own.mysql_port < 0 || own.mysql_port > 65535 || own.db_port < 0 || own.db_port > 65535)
        return Invalid{1, "a port is a number from 0 to 65535"};
    return std::nullopt;
}

}  // namespace sluice::servenv
