#pragma once
// Control: one control plane over one topology. Belongs to one loop.
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "async/deadline.h"
#include "async/scope.h"
#include "topo/topology.h"

namespace sluice::vtctl {

using async::Stop;
using async::Task;
using Duration = async::Clock::duration;

// Calls the tablet managers of tablets (vttablet-contract 4).
class Tablets {
 public:
    // Where a tablet listens for gRPC. `alias` is its name, for errors.
    struct Place {
        std::string alias;
        std::string host;
        std::uint16_t port = 0;
        auto operator<=>(const Place&) const = default;
    };
    Tablets() = default;
    Tablets(const Tablets&) = delete;
    Tablets& operator=(const Tablets&) = delete;
    virtual ~Tablets() = default;

    // `method` is a method's name, "Ping"; request and answer are protobuf. UNAVAILABLE if the
    // tablet cannot be reached; otherwise the tablet's own error.
    virtual Task<Result<std::string>> call(Place place, std::string method, std::string request,
                                           Duration timeout, Stop* stop) = 0;
    // The body of a page of the tablet's web server, on `host`:`port`.
    virtual Task<Result<std::string>> page(Place web, std::string path, Duration timeout,
                                           Stop* stop) = 0;
};

struct Control {
    std::shared_ptr<topo::Topology> topology;
    Tablets* tablets = nullptr;  // outlives the control plane
    std::function<topo::Time()> now;
    // Of one call to a tablet or to the topology (--remote_operation_timeout).
    Duration call_timeout = std::chrono::seconds(15);
};

}  // namespace sluice::vtctl
