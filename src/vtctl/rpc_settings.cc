// Start of vtctld: from flags to the gRPC server's settings. Before: apps/vtctld.
#include "vtctl/rpc_settings.h"

#include "async/file_version.h"
#include "rpc/auth.h"

namespace sluice::vtctl {
namespace {

// Flags' "for ever" is the server's zero.
rpc::Duration bounded(servenv::Duration duration) {
    return duration > rpc::longest_wait ? rpc::Duration(0) : rpc::Duration(duration);
}

Result<std::shared_ptr<const rpc::Authenticator>> authenticator(
    const servenv::RpcServerFlags& flags) {
    if (flags.auth_mode.empty()) return std::shared_ptr<const rpc::Authenticator>();
    if (flags.auth_mode == "static") {
        return rpc::static_authenticator(
            TRY(async::read_file(flags.auth_static_password_file, 1 << 20)),
            flags.auth_static_password_file);
    }
    if (flags.auth_mode == "mtls")
        return rpc::mtls_authenticator(flags.auth_mtls_allowed_substrings);
    return fail(Code::invalid_argument,
                "no AuthServerBuilder named " + flags.auth_mode + " registered");
}

}  // namespace

Result<rpc::ServerOptions> server_options(const servenv::RpcServerFlags& flags) {
    rpc::ServerOptions options;
    if (!flags.cert.empty() && !flags.key.empty()) {
        options.tls = TRY(async::TlsContext::server({.certificate = flags.cert,
                                                     .key = flags.key,
                                                     .client_ca = flags.ca,
                                                     .crl = flags.crl,
                                                     .server_ca = flags.server_ca,
                                                     .min_version = {},
                                                     .alpn = "h2"}));
        options.tls_optional = flags.enable_optional_tls;
    } else if (!flags.cert.empty() || !flags.key.empty() || !flags.ca.empty()) {
        return fail(Code::invalid_argument, "--grpc_cert and --grpc_key are of use only together");
    }
    options.authenticator = TRY(authenticator(flags));
    options.keepalive.time = flags.keepalive_time;
    options.keepalive.timeout = flags.keepalive_timeout;
    options.ping_rules.min_time = flags.keepalive_enforcement_min_time;
    options.ping_rules.without_calls = flags.keepalive_enforcement_permit_without_stream;
    options.max_connection_age = bounded(flags.max_connection_age);
    options.max_connection_age_grace = bounded(flags.max_connection_age_grace);
    if (flags.initial_window_size > 0)
        options.windows.stream = static_cast<std::uint32_t>(flags.initial_window_size);
    if (flags.initial_conn_window_size > 0)
        options.windows.connection = static_cast<std::uint32_t>(flags.initial_conn_window_size);
    options.limits.receive = options.limits.send =
        static_cast<std::size_t>(std::max<std::int64_t>(flags.max_message_size, 0));
    return options;
}

}  // namespace sluice::vtctl
