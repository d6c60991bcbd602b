// Start of a process: flags of the MySQL server. Before: servenv/flags.cc. After: apps/*/main.cc.
#include "servenv/mysql_server_flags.h"

namespace sluice::servenv {
namespace {

void add_tls_flags(FlagSet& flags, MysqlServerFlags& into) {
    flags.add(std::vector<Flag>{
        {"mysql_server_ssl_cert", &into.ssl_cert,
         "server certificate; with the key it turns on TLS"},
        {"mysql_server_ssl_key", &into.ssl_key, "key of the server certificate"},
        {"mysql_server_ssl_ca", &into.ssl_ca,
         "CA that client certificates must come from; every client must have one then"},
        {"mysql_server_ssl_crl", &into.ssl_crl, "revoked client certificates"},
        {"mysql_server_ssl_server_ca", &into.ssl_server_ca,
         "CA sent to clients with the server certificate, in PEM"},
        {"mysql_server_require_secure_transport", &into.require_secure_transport,
         "refuse clients without TLS; needs --mysql_server_ssl_cert and --mysql_server_ssl_key"},
        {"mysql_server_tls_min_version", &into.tls_min_version,
         "lowest TLS version: TLSv1.0, TLSv1.1, TLSv1.2 or TLSv1.3; empty is TLSv1.2"},
    });
}

}  // namespace

void add_flags(FlagSet& flags, MysqlServerFlags& into) {
    add_tls_flags(flags, into);
    flags.add(std::vector<Flag>{
        {"mysql_server_port", &into.port, "TCP port for MySQL clients; negative for none"},
        {"mysql_server_bind_address", &into.bind_address,
         "address for MySQL clients, such as 127.0.0.1; empty is all"},
        {"mysql_server_socket_path", &into.socket_path,
         "unix socket for MySQL clients of this machine; empty is none"},
        {"mysql_tcp_version", &into.tcp_version, "family of the TCP socket: tcp, tcp4 or tcp6"},
        {"mysql_server_version", &into.version, "version that MySQL clients see"},
        {"mysql_server_read_timeout", &into.read_timeout,
         "longest silence of a client; 0 is no limit"},
        {"mysql_server_write_timeout", &into.write_timeout,
         "how long a client may take nothing of its answer"},
        {"mysql_server_query_timeout", &into.query_timeout,
         "limit of a statement of a MySQL client; 0 is none"},
        {"mysql_server_flush_delay", &into.flush_delay,
         "how long rows may wait for more before they are sent"},
        {"mysql-server-keepalive-period", &into.keepalive_period,
         "time between TCP keepalives to a silent client; 0 is 15s"},
        {"mysql-server-pool-conn-read-buffers", &into.pool_read_buffers,
         "clients share read buffers"},
        {"mysql_slow_connect_warn_threshold", &into.slow_connect_warn_threshold,
         "count and log logins that take longer; 0 is none"},
        {"mysql-server-drain-onterm", &into.drain_onterm,
         "after SIGTERM clients go on as before, until they have left or onterm_timeout is over"},
        {"proxy_protocol", &into.proxy_protocol,
         "TCP clients come through a proxy that names them in a PROXY protocol header"},
        {"mysql_default_workload", &into.default_workload,
         "first workload of a session: OLTP, OLAP, DBA or UNSPECIFIED"},
        {"mysql_allow_clear_text_without_tls", &into.allow_clear_text_without_tls,
         "take passwords in clear without TLS"},
    });
    flags.add(
        std::vector<Flag>{
            {"connection_memory_limit", &into.connection_memory_limit,
             "bytes that one connection may hold; 0 is a share of memory_limit"},
        },
        own_group);
}

void add_flags(FlagSet& flags, MysqlAuthFlags& into) {
    flags.add(std::vector<Flag>{
        {"mysql_auth_server_impl", &into.server_impl,
         "who checks passwords: none or static (ldap, clientcert and vault are refused)"},
        {"mysql_auth_server_static_file", &into.static_file, "JSON file of users"},
        {"mysql_auth_server_static_string", &into.static_string, "JSON of users"},
        {"mysql_auth_static_reload_interval", &into.static_reload_interval,
         "how often the file of users is read again, changed or not; 0 is never"},
        {"mysql_clientcert_auth_method", &into.clientcert_method,
         "for clientcert: mysql_clear_password or dialog"},
        {"mysql_ldap_auth_config_file", &into.ldap_config_file,
         "for ldap: JSON file of the server"},
        {"mysql_ldap_auth_config_string", &into.ldap_config_string, "for ldap: JSON of the server"},
        {"mysql_ldap_auth_method", &into.ldap_method, "for ldap: mysql_clear_password or dialog"},
        {"mysql_auth_vault_addr", &into.vault_addr, "for vault: URL of the server"},
        {"mysql_auth_vault_path", &into.vault_path, "for vault: path of the users' JSON"},
        {"mysql_auth_vault_role_mountpoint", &into.vault_role_mountpoint,
         "for vault: where AppRole is mounted; VAULT_MOUNTPOINT names it too"},
        {"mysql_auth_vault_roleid", &into.vault_roleid,
         "for vault: AppRole's role; VAULT_ROLEID names it too"},
        {"mysql_auth_vault_role_secretidfile", &into.vault_role_secretidfile,
         "for vault: file of AppRole's secret; VAULT_SECRETID holds it too"},
        {"mysql_auth_vault_tokenfile", &into.vault_tokenfile,
         "for vault: file of the token; VAULT_TOKEN holds it too"},
        {"mysql_auth_vault_timeout", &into.vault_timeout, "for vault: limit of a call"},
        {"mysql_auth_vault_tls_ca", &into.vault_tls_ca, "for vault: CA of its certificate"},
        {"mysql_auth_vault_ttl", &into.vault_ttl, "for vault: how long users are kept"},
    });
}

}  // namespace sluice::servenv
