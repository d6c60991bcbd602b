#pragma once
// The gate's gRPC port: a server on each loop with vtgateservice, health and reflection.
#include <atomic>
#include <memory>
#include <vector>

#include "async/listener.h"
#include "front/vtgate_service.h"
#include "rpc/health.h"
#include "rpc/server.h"

namespace sluice::front {

struct VtgateServerOptions {
    async::ListenOptions listen;
    rpc::ServerOptions server;  // limits.budget is replaced by each loop's
    VtgateServiceOptions service;
    bool offers_vtgateservice = false;  // --service_map
};

class VtgateServer {
 public:
    // Listens on behalf of every core, and serves at once; the cores outlive the server. Errors
    // name the address.
    static Task<Result<std::unique_ptr<VtgateServer>>> open(VtgateServerOptions options,
                                                            std::vector<executor::Core*> cores);
    VtgateServer(const VtgateServer&) = delete;
    VtgateServer& operator=(const VtgateServer&) = delete;
    // After drain().
    ~VtgateServer();

    std::uint16_t port() const;
    // Takes no more connections, tells clients to go elsewhere, waits up to `grace` for running
    // calls, then ends them.
    Task<void> drain(rpc::Duration grace);

 private:
    struct PerLoop;
    VtgateServer() = default;
    static Task<void> accept(VtgateServer* self, PerLoop* own);
    static bool begin(VtgateServer* self, PerLoop* own, const rpc::ServerOptions* options);
    static Task<Result<void>> end(PerLoop* own, rpc::Duration grace);
    static Task<Result<void>> drain_one(PerLoop* own, rpc::Duration grace);

    std::unique_ptr<VtgateService> service_;
    rpc::Services services_;
    std::vector<std::unique_ptr<PerLoop>> loops_;
    std::atomic<std::size_t> next_{0};  // the loop of the next connection
};

}  // namespace sluice::front
