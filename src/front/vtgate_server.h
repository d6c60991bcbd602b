#pragma once
// The gate's gRPC port: a server on each loop with vtgateservice, health and reflection.
#include <array>
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
    // Calls of one method on all loops, and how they ended.
    struct MethodTotals {
        std::string name;  // "/vtgateservice.Vitess/Execute"
        std::uint64_t started = 0;
        std::array<std::uint64_t, 19> handled{};  // by status code
        std::uint64_t received = 0;               // messages
        std::uint64_t sent = 0;
    };
    std::vector<MethodTotals> totals() const;
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
