#pragma once
// Flags of the gRPC server and of gRPC calls (rpc_settings.cc); vtgate-contract 1.1.
#include <string>
#include <vector>

#include "servenv/process_flags.h"

namespace sluice::servenv {

struct RpcServerFlags {
    std::int64_t port = 0;  // 0: none
    std::string bind_address;
    std::string cert;
    std::string key;
    std::string ca;
    std::string crl;
    std::string server_ca;
    bool enable_optional_tls = false;
    std::string auth_mode;
    std::string auth_static_password_file;
    std::string auth_mtls_allowed_substrings;
    std::int64_t max_message_size = 16'777'216;  // of clients too
    Duration max_connection_age = Duration::max();
    Duration max_connection_age_grace = Duration::max();
    Duration keepalive_enforcement_min_time = 10s;
    bool keepalive_enforcement_permit_without_stream = false;
    Duration keepalive_time = 10s;
    Duration keepalive_timeout = 10s;
    std::int64_t initial_conn_window_size = 0;
    std::int64_t initial_window_size = 0;
    bool enable_tracing = false;
    bool prometheus = false;
    bool use_effective_callerid = false;
    bool use_effective_groups = false;
    bool use_static_authentication_callerid = false;
    bool send_session_in_streaming = false;
    std::vector<std::string> service_map;
};

struct RpcClientFlags {
    std::string ca;
    std::string cert;
    std::string key;
    std::string crl;
    std::string server_name;
    std::int64_t dial_concurrency_limit = 1024;
    Duration keepalive_time = 10s;
    Duration keepalive_timeout = 10s;
    std::int64_t initial_conn_window_size = 0;
    std::int64_t initial_window_size = 0;
    std::string compression;
    std::string auth_static_client_creds;
};

void add_flags(FlagSet& flags, RpcServerFlags& into);
void add_flags(FlagSet& flags, RpcClientFlags& into);

}  // namespace sluice::servenv
