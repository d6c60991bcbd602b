// Start of a process: flags of gRPC. Before: servenv/flags.cc. After: apps/*/main.cc.
#include "servenv/rpc_flags.h"

namespace sluice::servenv {
namespace {

void add_connection_flags(FlagSet& flags, RpcServerFlags& into) {
    flags.add(std::vector<Flag>{
        {"grpc_max_message_size", &into.max_message_size,
         "largest message in bytes, of servers and clients"},
        {"grpc_max_connection_age", &into.max_connection_age,
         "age at which a client's connection is told to go away"},
        {"grpc_max_connection_age_grace", &into.max_connection_age_grace,
         "how long a connection may go on after it was told to go away"},
        {"grpc_server_keepalive_enforcement_policy_min_time", &into.keepalive_enforcement_min_time,
         "clients that ping more often are cut"},
        {"grpc_server_keepalive_enforcement_policy_permit_without_stream",
         &into.keepalive_enforcement_permit_without_stream, "clients may ping without open calls"},
        {"grpc_server_keepalive_time", &into.keepalive_time,
         "silence after which the server pings a client"},
        {"grpc_server_keepalive_timeout", &into.keepalive_timeout,
         "how long the server waits for the answer to a ping"},
        {"grpc_server_initial_conn_window_size", &into.initial_conn_window_size,
         "HTTP/2 window of a client's connection; 0 is the default"},
        {"grpc_server_initial_window_size", &into.initial_window_size,
         "HTTP/2 window of a client's call; 0 is the default"},
    });
}

}  // namespace

void add_flags(FlagSet& flags, RpcServerFlags& into) {
    add_connection_flags(flags, into);
    flags.add(std::vector<Flag>{
        {"grpc_port", &into.port, "port for gRPC clients; 0 is none"},
        {"grpc_bind_address", &into.bind_address, "address for gRPC clients; empty is all"},
        {"grpc_cert", &into.cert, "server certificate; with the key it turns on TLS"},
        {"grpc_key", &into.key, "key of the server certificate"},
        {"grpc_ca", &into.ca, "CA that client certificates must come from; needs TLS"},
        {"grpc_crl", &into.crl, "PEM file of revoked client certificates"},
        {"grpc_server_ca", &into.server_ca, "CA sent with the server certificate"},
        {"grpc_enable_optional_tls", &into.enable_optional_tls,
         "take clients with and without TLS on one port"},
        {"grpc_auth_mode", &into.auth_mode, "who checks gRPC clients: static, mtls or nobody"},
        {"grpc_auth_static_password_file", &into.auth_static_password_file,
         "JSON file of users and passwords for static"},
        {"grpc_auth_mtls_allowed_substrings", &into.auth_mtls_allowed_substrings,
         "for mtls: texts of which a certificate's subject must have one, with colons"},
        {"grpc_enable_tracing", &into.enable_tracing, "trace gRPC calls"},
        {"grpc_prometheus", &into.prometheus, "count gRPC calls for Prometheus"},
        {"grpc_use_effective_callerid", &into.use_effective_callerid,
         "without client certificates a call acts as its effective caller"},
        {"grpc-use-effective-groups", &into.use_effective_groups,
         "with the former: the effective caller's groups are taken too"},
        {"grpc-use-static-authentication-callerid", &into.use_static_authentication_callerid,
         "a call acts as the user that static authentication has found"},
        {"grpc-send-session-in-streaming", &into.send_session_in_streaming,
         "the last message of a stream carries the session, for transactions"},
        {"service_map", &into.service_map,
         "gRPC services to offer, or not with '-' before the name, with commas: "
         "grpc-vtgateservice"},
    });
}

void add_flags(FlagSet& flags, RpcClientFlags& into) {
    flags.add(std::vector<Flag>{
        {"tablet_grpc_ca", &into.ca, "CA of the tablets' certificates; turns on TLS to tablets"},
        {"tablet_grpc_cert", &into.cert, "certificate to show to tablets"},
        {"tablet_grpc_key", &into.key, "key of --tablet_grpc_cert"},
        {"tablet_grpc_crl", &into.crl, "revoked certificates of tablets"},
        {"tablet_grpc_server_name", &into.server_name,
         "name that the tablets' certificates must carry"},
        {"grpc-dial-concurrency-limit", &into.dial_concurrency_limit,
         "connections to tablets that may be in the making at once"},
        {.name = "healthcheck-dial-concurrency",
         .target = &into.dial_concurrency_limit,
         .help = "the old name of --grpc-dial-concurrency-limit",
         .deprecated = "use --grpc-dial-concurrency-limit instead."},
        {"grpc_keepalive_time", &into.keepalive_time, "silence after which a tablet is pinged"},
        {"grpc_keepalive_timeout", &into.keepalive_timeout,
         "how long the answer to a ping is waited for"},
        {"grpc_initial_conn_window_size", &into.initial_conn_window_size,
         "HTTP/2 window of a connection to a tablet; 0 is the default"},
        {"grpc_initial_window_size", &into.initial_window_size,
         "HTTP/2 window of a call to a tablet; 0 is the default"},
        {"grpc_compression", &into.compression,
         "how calls are compressed: snappy, or empty for not at all"},
        {"grpc_auth_static_client_creds", &into.auth_static_client_creds,
         "JSON file of the user and password for tablets that ask for them"},
    });
}

}  // namespace sluice::servenv
