// The gRPC port, by flags (vtgate-contract 12.3).
#include <algorithm>
#include <random>

#include "async/file_version.h"
#include "base/log.h"
#include "gate.h"

namespace sluice::vtgate {
namespace {

constexpr std::size_t largest_password_file = 1 << 20;

// Durations beyond a year are never.
rpc::Duration or_never(servenv::Duration flag) {
    return flag >= rpc::longest_wait ? rpc::Duration::zero()
                                     : std::max(rpc::Duration(flag), rpc::Duration::zero());
}

std::uint32_t window(std::int64_t flag, std::uint32_t otherwise) {
    constexpr std::int64_t largest = (std::int64_t{1} << 31) - 1;  // RFC 9113, 6.9.1
    return flag <= 0 ? otherwise : static_cast<std::uint32_t>(std::min(flag, largest));
}

Result<std::shared_ptr<const rpc::Authenticator>> authenticator(
    const servenv::RpcServerFlags& flags) {
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

Result<rpc::ServerOptions> server_options(const servenv::RpcServerFlags& flags) {
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
    }
    made.authenticator = TRY(authenticator(flags));
    made.keepalive = {.time = or_never(flags.keepalive_time),
                      .timeout = or_never(flags.keepalive_timeout),
                      .without_calls = true};
    made.ping_rules = {.min_time = or_never(flags.keepalive_enforcement_min_time),
                       .without_calls = flags.keepalive_enforcement_permit_without_stream};
    made.max_connection_age = or_never(flags.max_connection_age);
    made.max_connection_age_grace = or_never(flags.max_connection_age_grace);
    made.chance = [] {
        thread_local std::minstd_rand source(std::random_device{}());
        return std::uniform_real_distribution<double>()(source);
    };
    made.windows.stream = window(flags.initial_window_size, made.windows.stream);
    made.windows.connection = window(flags.initial_conn_window_size, made.windows.connection);
    made.limits.receive = made.limits.send =
        static_cast<std::size_t>(std::max<std::int64_t>(flags.max_message_size, 0));
    return made;
}

// The last word about a service counts.
bool offers_vtgateservice(const std::vector<std::string>& service_map) {
    bool offered = false;
    for (const std::string& name : service_map) {
        if (name == "grpc-vtgateservice") offered = true;
        if (name == "-grpc-vtgateservice") offered = false;
    }
    return offered;
}

}  // namespace

Task<Result<void>> Gate::open_rpc_server(Stop*) {
    const servenv::RpcServerFlags& flags = flags_->rpc_server;
    if (flags.port <= 0) co_return Result<void>{};
    front::VtgateServerOptions options;
    options.listen = {.host = flags.bind_address,
                      .port = static_cast<std::uint16_t>(flags.port),
                      .unix_path = {}};
    options.server = CO_TRY(server_options(flags));
    options.offers_vtgateservice = offers_vtgateservice(flags.service_map);
    options.service = {.use_effective_callerid = flags.use_effective_callerid,
                       .use_effective_groups = flags.use_effective_groups,
                       .use_static_callerid = flags.use_static_authentication_callerid,
                       .send_session_in_streaming = flags.send_session_in_streaming,
                       .stream_part = static_cast<std::size_t>(std::clamp<std::int64_t>(
                           flags_->executor.stream_buffer_size, 1, 16 << 20)),
                       .connection_memory = front_.connection_memory,
                       .held_on_loops = flags_->discovery.tablet_protocol == "mysql"};
    std::vector<executor::Core*> cores;
    for (const auto& core : cores_) cores.push_back(&core->executor);
    rpc_server_ = CO_TRY(co_await front::VtgateServer::open(std::move(options), std::move(cores)));
    log::info("gRPC server listens on port " + std::to_string(rpc_server_->port()));
    co_return Result<void>{};
}

Task<Result<void>> Gate::close_rpc_server(Stop*) {
    if (!rpc_server_) co_return Result<void>{};
    co_await rpc_server_->drain(flags_->process.onterm_timeout);
    rpc_server_.reset();
    co_return Result<void>{};
}

}  // namespace sluice::vtgate
