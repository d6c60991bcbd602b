#pragma once
// The ways from a client to a control plane: by gRPC, and within one process.
#include "rpc/channel.h"
#include "vtctl/client.h"
#include "vtctl/console.h"
#include "vtctl/service.h"

namespace sluice::vtctl {

// Errors read as Go's gRPC prints them: "rpc error: code = NotFound desc = text".
class RpcCaller : public Caller {
 public:
    explicit RpcCaller(rpc::ChannelOptions options) : channel_(std::move(options)) {}
    Task<Result<std::string>> call(std::string method, std::string request, Stop* stop) override;
    Task<Result<void>> run_command(std::vector<std::string> words, Listener listener,
                                   Stop* stop) override;
    // Once, before it is destroyed.
    Task<void> close() { co_await channel_.close(); }

 private:
    rpc::Channel channel_;
};

class LocalCaller : public Caller {
 public:
    // `service` outlives the caller.
    explicit LocalCaller(Service* service) : service_(service) {}
    Task<Result<std::string>> call(std::string method, std::string request, Stop* stop) override {
        return service_->call(std::move(method), std::move(request), stop);
    }
    Task<Result<void>> run_command(std::vector<std::string> words, Listener listener,
                                   Stop* stop) override {
        return run_command_line(service_->control(), std::move(words), std::move(listener), stop);
    }

 private:
    Service* service_;
};

// "host:port", "[::1]:port".
Result<void> set_address(std::string_view text, rpc::ChannelOptions* into);

topo::Time wall_clock();

}  // namespace sluice::vtctl
