// Start of a process: the gRPC port and channels by flags. Before: apps/*. After: rpc/server.cc,
// rpc/channel.cc.
#include "servenv/rpc_settings.h"

#include <algorithm>

#include "async/file_version.h"
#include "rpc/auth.h"
#include "rpc/chance.h"
#include "rpc/compression.h"

namespace sluice::servenv {
namespace {

constexpr std::size_t largest_password_file = 1 << 20;

// Durations beyond a year are never.
rpc::Duration or_never(Duration flag) {
    return flag >= rpc::longest_wait ? rpc::Duration::zero()
                                     : std::max(rpc::Duration(flag), rpc::Duration::zero());
}

std::uint32_t window(std::int64_t flag, std::uint32_t otherwise) {
    constexpr std::int64_t largest = (std::int64_t{1} << 31) - 1;  // RFC 9113, 6.9.1
    return flag <= 0 ? otherwise : static_cast<std::uint32_t>(std::min(flag, largest));
}

// Larger than HTTP/2's 64 KiB, with which a large result would wait for every 64 KiB.
constexpr std::uint32_t least_window_of_channels = 1 << 20;

std::uint32_t channel_window(std::int64_t flag, std::uint32_t otherwise) {
    return flag <= 0 ? otherwise : std::max(window(flag, otherwise), least_window_of_channels);
}

rpc::MessageLimits limits(std::int64_t max_message_size) {
    rpc::MessageLimits made;
    made.receive = made.send =
        static_cast<std::size_t>(std::max<std::int64_t>(max_message_size, 0));
    return made;
}

Result<std::shared_ptr<const async::TlsContext>> channel_tls(const RpcClientFlags& flags) {
    const bool own = !flags.cert.empty() && !flags.key.empty();
    if (!own && flags.ca.empty()) return nullptr;
    return async::TlsContext::client({.ca = flags.ca,
                                      .certificate = own ? flags.cert : "",
                                      .key = own ? flags.key : "",
                                      .verify = async::TlsContext::Verify::identity,
                                      .min_version = {},
                                      .crl = flags.crl,
                                      .alpn = "h2"});
}

Result<std::shared_ptr<const rpc::Authenticator>> authenticator(const RpcServerFlags& flags) {
    if (flags.auth_mode == "static") {
        const std::string& path = flags.auth_static_password_file;
        return rpc::static_authenticator(TRY(async::read_file(path, largest_password_file)), path);
    }
    if (flags.auth_mode == "mtls")
        return rpc::mtls_authenticator(flags.auth_mtls_allowed_substrings);
    if (flags.auth_mode.empty()) return nullptr;
    return fail(Code::invalid_argument,
                "no AuthServer name " + flags.auth_mode + " registered (static, mtls)");
}

}  // namespace

Result<rpc::ServerOptions> rpc_server_options(const RpcServerFlags& flags) {
    rpc::ServerOptions made;
    if (!flags.cert.empty() && !flags.key.empty()) {
        made.tls = TRY(async::TlsContext::server({.certificate = flags.cert,
                                                  .key = flags.key,
                                                  .client_ca = flags.ca,
                                                  .crl = flags.crl,
                                                  .server_ca = flags.server_ca,
                                                  .min_version = "TLSv1.2",
                                                  .alpn = "h2"}));
        made.tls_optional = flags.enable_optional_tls;
    } else if (!flags.cert.empty() || !flags.key.empty() || !flags.ca.empty()) {
        // v21 would speak clear text then.
        return fail(Code::invalid_argument,
                    "TLS on the gRPC port needs both --grpc_cert and --grpc_key");
    }
    made.authenticator = TRY(authenticator(flags));
    made.keepalive = {.time = or_never(flags.keepalive_time),
                      .timeout = or_never(flags.keepalive_timeout),
                      .without_calls = true};
    made.ping_rules = {.min_time = or_never(flags.keepalive_enforcement_min_time),
                       .without_calls = flags.keepalive_enforcement_permit_without_stream};
    made.max_connection_age = or_never(flags.max_connection_age);
    made.max_connection_age_grace = or_never(flags.max_connection_age_grace);
    made.chance = &rpc::uniform_chance;
    made.windows.stream = window(flags.initial_window_size, made.windows.stream);
    made.windows.connection = window(flags.initial_conn_window_size, made.windows.connection);
    made.limits = limits(flags.max_message_size);
    return made;
}

Result<rpc::ChannelOptions> rpc_channel_options(const RpcClientFlags& flags,
                                                std::int64_t max_message_size) {
    rpc::ChannelOptions made;
    made.tls = TRY(channel_tls(flags));
    made.server_name = flags.server_name;
    made.keepalive = {.time = or_never(flags.keepalive_time),
                      .timeout = or_never(flags.keepalive_timeout),
                      .without_calls = true};
    made.windows.stream = channel_window(flags.initial_window_size, made.windows.stream);
    made.windows.connection =
        channel_window(flags.initial_conn_window_size, made.windows.connection);
    made.limits = limits(max_message_size);
    const auto compression =
        flags.compression.empty() ? rpc::Compression::none : rpc::compression_of(flags.compression);
    if (!compression)
        return fail(Code::invalid_argument, "unknown --grpc_compression: " + flags.compression);
    made.compression = *compression;
    made.chance = &rpc::uniform_chance;
    if (const std::string& file = flags.auth_static_client_creds; !file.empty())
        made.credentials =
            TRY(rpc::static_credentials(TRY(async::read_file(file, largest_password_file)), file));
    return made;
}

bool offers(const RpcServerFlags& flags, std::string_view service) {
    bool offered = false;
    for (const std::string_view name : flags.service_map) {
        if (name == service) offered = true;
        if (name.starts_with('-') && name.substr(1) == service) offered = false;
    }
    return offered;
}

}  // namespace sluice::servenv
