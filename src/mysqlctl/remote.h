#pragma once
// A mysqlctld's client: the work of --mysqlctl_socket is done there.
#include <string>
#include <vector>

#include "rpc/channel.h"

namespace sluice::mysqlctl {

using async::Stop;
using async::Task;

class Remote {
 public:
    // `socket`: the mysqlctld's --socket_file.
    explicit Remote(std::string socket);
    // Errors are the mysqlctld's; UNAVAILABLE if nobody listens.
    Task<Result<void>> start(std::vector<std::string> arguments, Stop* stop);
    Task<Result<void>> shutdown(std::chrono::nanoseconds limit, Stop* stop);
    Task<Result<void>> reinit_config(Stop* stop);
    Task<void> close() { return channel_.close(); }

 private:
    rpc::Channel channel_;
};

}  // namespace sluice::mysqlctl
