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

// What a long command says while it runs.
struct Told {
    enum class Level : std::uint8_t { info, warning, error, console };
    Level level = Level::info;
    std::string text;  // of `console`: with its line ends
};
using Listener = std::function<void(const Told&)>;

// Where backups are kept, by vtctld's flags.
struct BackupStore {
    std::string implementation;  // "file", the name of another one, or none
    std::string folder;          // of "file"
};

struct Control {
    std::shared_ptr<topo::Topology> topology;
    Tablets* tablets = nullptr;  // outlives the control plane
    std::function<topo::Time()> now;
    // Of one call to a tablet or to the topology (--remote_operation_timeout).
    Duration call_timeout = std::chrono::seconds(15);
    // Hears what commands tell, at once; their answers have none of it then. Empty: answers have
    // it.
    Listener listener = {};
    BackupStore backups = {};
};

}  // namespace sluice::vtctl
