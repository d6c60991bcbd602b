// The gRPC port, by flags (vtgate-contract 12.3).
#include <algorithm>

#include "base/log.h"
#include "gate.h"
#include "servenv/rpc_settings.h"

namespace sluice::vtgate {

Task<Result<void>> Gate::open_rpc_server(Stop*) {
    const servenv::RpcServerFlags& flags = flags_->rpc_server;
    if (flags.port <= 0) co_return Result<void>{};
    front::VtgateServerOptions options;
    options.listen = {.host = flags.bind_address,
                      .port = static_cast<std::uint16_t>(flags.port),
                      .unix_path = {}};
    options.server = CO_TRY(servenv::rpc_server_options(flags));
    options.offers_vtgateservice = servenv::offers(flags, "grpc-vtgateservice");
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
