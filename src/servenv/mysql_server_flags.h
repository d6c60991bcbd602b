#pragma once
// Flags of the MySQL server, its TLS and its users (vtgate-contract 1.1). "none" behind a field:
// accepted, without effect (inert_flags.cc).
#include <string>

#include "servenv/process_flags.h"

namespace sluice::servenv {

struct MysqlServerFlags {
    std::int64_t port = -1;                     // front/mysql_listener.cc; negative: no TCP
    std::string bind_address;                   // front/mysql_listener.cc
    std::string socket_path;                    // front/mysql_listener.cc
    std::string tcp_version = "tcp";            // async/listener.cc
    std::string version = "8.0.30-Vitess";      // wire/server_handshake.cc, executor/variables.cc
    bool version_given = false;                 // apps/vtgate/settings.cc; not a flag itself
    Duration read_timeout{0};                   // front/mysql_session.cc
    Duration write_timeout{0};                  // async/stream.cc
    Duration query_timeout{0};                  // front/commands.cc, front/statements.cc
    Duration flush_delay = 100ms;               // front/client_reply.cc
    Duration keepalive_period{0};               // front/mysql_listener.cc
    Duration slow_connect_warn_threshold{0};    // front/login.cc
    bool pool_read_buffers = false;             // none
    bool drain_onterm = false;                  // front/commands.cc
    bool proxy_protocol = false;                // front/proxy_header.cc
    std::string default_workload = "OLTP";      // executor/session.cc
    std::string ssl_cert;                       // async/tls.cc
    std::string ssl_key;                        // async/tls.cc
    std::string ssl_ca;                         // async/tls.cc
    std::string ssl_crl;                        // async/tls.cc
    std::string ssl_server_ca;                  // async/tls.cc
    bool require_secure_transport = false;      // wire/server_handshake.cc
    std::string tls_min_version;                // async/tls.cc
    bool allow_clear_text_without_tls = false;  // wire/server_handshake.cc
    std::int64_t connection_memory_limit = 0;   // ours; front/mysql_session.cc; bytes; 0: none
};

struct MysqlAuthFlags {
    std::string server_impl = "static";  // apps/vtgate/users.cc
    std::string static_file;             // apps/vtgate/users.cc
    std::string static_string;           // apps/vtgate/users.cc
    Duration static_reload_interval{0};  // apps/vtgate/users.cc
    // The rest belongs to kinds of users that start refuses: none.
    std::string clientcert_method = "mysql_clear_password";
    std::string ldap_config_file;
    std::string ldap_config_string;
    std::string ldap_method = "mysql_clear_password";
    std::string vault_addr;
    std::string vault_path;
    std::string vault_role_mountpoint = "approle";
    std::string vault_roleid;
    std::string vault_role_secretidfile;
    std::string vault_tokenfile;
    Duration vault_timeout = 10s;
    std::string vault_tls_ca;
    Duration vault_ttl = 30min;
};

void add_flags(FlagSet& flags, MysqlServerFlags& into);
void add_flags(FlagSet& flags, MysqlAuthFlags& into);

}  // namespace sluice::servenv
