#pragma once
// vtgateservice.Vitess: the gate for gRPC clients. It keeps nothing between calls: sessions come
// and go with the messages, transactions live in the tablets (vtgate-contract 12.1, 12.2).
#include <memory>
#include <string>
#include <vector>

#include "async/scope.h"
#include "executor/core.h"
#include "rpc/server_call.h"
#include "rpc/services.h"

namespace sluice::front {

using async::Stop;
using async::Task;

// Settings from flags, shared by all loops.
struct VtgateServiceOptions {
    bool use_effective_callerid = false;
    bool use_effective_groups = false;
    bool use_static_callerid = false;
    bool send_session_in_streaming = false;
    std::size_t stream_part = 32 * 1024;  // bytes of rows in one message of a stream
    std::size_t connection_memory = 0;    // of one call; 0: no limit of its own
    // The tablets' held connections live on loops (MysqlTablet): a session's calls must run there.
    bool held_on_loops = false;
};

// What the service has on one loop.
struct VtgateServiceLoop {
    async::Loop* loop = nullptr;
    executor::Core* core = nullptr;
    async::Scope visits;  // of calls whose connection is on another loop
};

class VtgateService {
 public:
    // `loops`, by index, outlive the service; so does the service its calls.
    VtgateService(VtgateServiceOptions options, std::vector<VtgateServiceLoop*> loops);
    VtgateService(const VtgateService&) = delete;
    VtgateService& operator=(const VtgateService&) = delete;

    void add_to(rpc::Services* services);

    const VtgateServiceOptions& options() const { return options_; }

 private:
    struct Calls;

    VtgateServiceOptions options_;
    std::vector<VtgateServiceLoop*> loops_;
};

}  // namespace sluice::front
