#pragma once
// tabletmanagerservice.TabletManager: what the control plane asks of the tablet (vttablet-contract
// 4.2), as far as a tablet over somebody else's server can do it; the rest is refused by name.
#include <memory>

#include "rpc/services.h"
#include "tabletserver/lifecycle.h"

namespace sluice::tabletserver {

class ControlService {
 public:
    // Both belong to the main loop, whose `visits` take the calls of other loops.
    ControlService(Server* server, Lifecycle* lifecycle) : server_(server), lifecycle_(lifecycle) {}

    // The service outlives what is registered.
    void add_to(rpc::Services* services);

 private:
    template <class Work>
    Task<Result<void>> on_main(Stop* stop, Work work);
    Task<Result<void>> ping(rpc::ServerCall* call);
    Task<Result<void>> change_type(rpc::ServerCall* call);
    Task<Result<void>> refresh(rpc::ServerCall* call);
    Task<Result<void>> reload_schema(rpc::ServerCall* call);
    Task<Result<void>> check_health(rpc::ServerCall* call);
    Task<Result<void>> set_writable(rpc::ServerCall* call, bool writable);

    Server* server_;
    Lifecycle* lifecycle_;
};

}  // namespace sluice::tabletserver
