// Start and end of vtctld.
#include "vtctld.h"

#include "rpc/reflection.h"
#include "servenv/rpc_settings.h"
#include "vtctl/console.h"
#include "vtctl/rpc_caller.h"

namespace sluice::vtctld {
namespace {

topo::TopologyOptions topology_options(const servenv::TopologyFlags& flags) {
    topo::TopologyOptions where;
    where.implementation = flags.implementation;
    where.global_server_address = flags.global_server_address;
    where.global_root = flags.global_root;
    where.lock_timeout = std::chrono::ceil<std::chrono::milliseconds>(flags.lock_timeout);
    where.lock_lease = topo::lease_of(flags.etcd_lease_ttl);
    where.program = "vtctld";
    where.etcd = {.tls_ca = flags.etcd_tls_ca,
                  .tls_certificate = flags.etcd_tls_cert,
                  .tls_key = flags.etcd_tls_key,
                  .call_timeout =
                      std::chrono::ceil<std::chrono::milliseconds>(flags.remote_operation_timeout)};
    return where;
}

// How tablets are called: the TLS is that of their managers, the rest is every client's.
servenv::RpcClientFlags tablet_flags(const servenv::VtctldFlags& flags) {
    servenv::RpcClientFlags made = flags.rpc_client;
    made.ca = flags.tablet_manager.ca;
    made.cert = flags.tablet_manager.cert;
    made.key = flags.tablet_manager.key;
    made.crl = flags.tablet_manager.crl;
    made.server_name = flags.tablet_manager.server_name;
    return made;
}

}  // namespace

Task<Result<void>> Vtctld::start(Stop* stop) {
    auto topology = CO_TRY(co_await topo::Topology::open(topology_options(flags_->topology), stop));
    tablets_ = std::make_unique<vtctl::RpcTablets>(CO_TRY(
        servenv::rpc_channel_options(tablet_flags(*flags_), flags_->rpc_server.max_message_size)));
    service_ = std::make_unique<vtctl::Service>(
        vtctl::Control{.topology = std::move(topology),
                       .tablets = tablets_.get(),
                       .now = vtctl::wall_clock,
                       .call_timeout = flags_->topology.remote_operation_timeout,
                       .backups = {.implementation = flags_->backup_storage_implementation,
                                   .folder = flags_->file_backup_storage_root}});
    co_return Result<void>{};
}

Task<Result<void>> Vtctld::open_rpc(Stop*) {
    if (servenv::offers(flags_->rpc_server, "grpc-vtctl"))
        vtctl::add_console(&services_, service_->control());
    if (servenv::offers(flags_->rpc_server, "grpc-vtctld")) service_->add_to(&services_);
    rpc::Health::add_to(&services_, [this] { return &health_; });
    rpc::add_reflection(&services_);
    const rpc::ServerOptions options = CO_TRY(servenv::rpc_server_options(flags_->rpc_server));
    health_.set_all(services_, rpc::Health::Status::serving);
    if (flags_->rpc_server.port == 0) co_return Result<void>{};
    listeners_ =
        CO_TRY(async::Listener::open({.host = flags_->rpc_server.bind_address,
                                      .port = static_cast<std::uint16_t>(flags_->rpc_server.port)},
                                     1));
    rpc_ = std::make_unique<rpc::Server>(&services_, options);
    scope_.spawn("rpc", rpc_->serve(&listeners_.front()));
    co_return Result<void>{};
}

// A reparent that is under way ends by itself: cut in the middle it would leave a shard without a
// primary.
Task<Result<void>> Vtctld::drain(Stop*) {
    if (rpc_) co_await rpc_->drain(flags_->process.onterm_timeout);
    co_return Result<void>{};
}

Task<void> Vtctld::close() {
    if (rpc_) co_await rpc_->drain(std::chrono::milliseconds(1));
    co_await scope_.join();
    rpc_.reset();
    if (tablets_) co_await tablets_->close();
}

}  // namespace sluice::vtctld
