#pragma once
// Tablets by gRPC, and their pages by HTTP. Belongs to one loop.
#include <functional>
#include <map>
#include <memory>

#include "rpc/channel.h"
#include "vtctl/control.h"

namespace sluice::vtctl {

class RpcTablets : public Tablets {
 public:
    // `common` is what all channels have: TLS, limits, credentials.
    explicit RpcTablets(rpc::ChannelOptions common) : common_(std::move(common)) {}

    Task<Result<std::string>> call(Place place, std::string method, std::string request,
                                   Duration timeout, Stop* stop) override;
    Task<Result<std::string>> page(Place web, std::string path, Duration timeout,
                                   Stop* stop) override;
    // Once, before it is destroyed, when no call runs.
    Task<void> close();

 private:
    rpc::ChannelOptions common_;
    std::map<Place, std::unique_ptr<rpc::Channel>> channels_;
};

}  // namespace sluice::vtctl
