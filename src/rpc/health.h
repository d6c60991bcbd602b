#pragma once
// grpc.health.v1: which services are ready. One Health for each loop's server, fed on that loop.
#include <map>
#include <string>

#include "async/wait_queue.h"
#include "rpc/services.h"

namespace sluice::rpc {

class Health {
 public:
    enum class Status : std::uint8_t { unknown, serving, not_serving };  // the protocol's numbers

    Health() = default;
    Health(const Health&) = delete;
    Health& operator=(const Health&) = delete;

    // "" is the server as a whole. Watchers hear of a change at once.
    void set(std::string service, Status status);
    // The server as a whole and every service registered so far.
    void set_all(const Services& services, Status status);
    // Adds Check and Watch. `of_this_loop` gives the Health of the loop that runs the call.
    static void add_to(Services* services, std::function<Health*()> of_this_loop);

 private:
    struct Calls;
    std::map<std::string, Status, std::less<>> statuses_;
    async::WaitQueue changed_;
};

}  // namespace sluice::rpc
