#pragma once
// The control plane put together: one loop, its gRPC server, the topology, the tablets.
#include <memory>
#include <vector>

#include "async/listener.h"
#include "async/loop.h"
#include "async/scope.h"
#include "rpc/health.h"
#include "rpc/server.h"
#include "rpc/services.h"
#include "servenv/vtctld_flags.h"
#include "vtctl/rpc_tablets.h"
#include "vtctl/service.h"

namespace sluice::vtctld {

using async::Stop;
using async::Task;

class Vtctld {
 public:
    explicit Vtctld(const servenv::VtctldFlags* flags) : flags_(flags) {}
    Vtctld(const Vtctld&) = delete;
    Vtctld& operator=(const Vtctld&) = delete;

    async::Loop& loop() { return loop_; }
    // On the loop, in this order.
    Task<Result<void>> start(Stop* stop);  // the topology
    Task<Result<void>> open_rpc(Stop* stop);
    Task<Result<void>> drain(Stop* stop);
    Task<void> close();

    // Null until the topology is open.
    vtctl::Control* control() { return service_ ? service_->control() : nullptr; }

 private:
    const servenv::VtctldFlags* flags_;
    async::Loop loop_;
    std::unique_ptr<vtctl::RpcTablets> tablets_;
    std::unique_ptr<vtctl::Service> service_;
    rpc::Services services_;
    rpc::Health health_;
    std::vector<async::Listener> listeners_;
    std::unique_ptr<rpc::Server> rpc_;
    async::Scope scope_;
};

}  // namespace sluice::vtctld
