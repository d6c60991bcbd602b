#pragma once
// Listening sockets. TCP listeners may share a port over loops (SO_REUSEPORT); the port is first
// bound without it, so that a port in use is an error and not a silent share.
#include <memory>
#include <string>
#include <vector>

#include "async/socket.h"

namespace sluice::async {

struct Accepted {
    int descriptor = -1;  // owned by the taker; give it to a Socket on the loop of its choice
};

struct ListenOptions {
    std::string host;  // empty: all addresses
    std::uint16_t port = 0;
    std::string unix_path;
    std::string family = "tcp";  // tcp, tcp4 or tcp6
    int backlog = 1024;
};

class Listener {
 public:
    // Opens `count` descriptors that share the address, one for each loop; a unix socket gives one
    // descriptor `count` times. Errors name the address: "listen tcp 127.0.0.1:15306: bind: address
    // already in use".
    static Result<std::vector<Listener>> open(const ListenOptions& options, std::size_t count);

    Listener(Listener&&) noexcept;
    Listener& operator=(Listener&&) noexcept;
    ~Listener();

    // The port that the kernel chose if 0 was asked for.
    std::uint16_t port() const;
    // Waits for a connection on the current loop. EMFILE and the like pause and go on; an error
    // means stopped.
    Task<Result<Accepted>> accept(Stop* stop);
    void close();

 private:
    struct State;
    explicit Listener(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace sluice::async
