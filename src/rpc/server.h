#pragma once
// Server: answers gRPC calls on the connections of one loop. A program has one for each loop, over
// the same Services.
#include <memory>
#include <vector>

#include "async/counters.h"
#include "async/listener.h"
#include "async/scope.h"
#include "async/tls.h"
#include "base/limits.h"
#include "rpc/auth.h"
#include "rpc/detail/connection.h"
#include "rpc/services.h"

namespace sluice::rpc {

namespace detail {
class ServerConnection;
}

// What clients may ping; more than two pings against it end the connection with ENHANCE_YOUR_CALM
// and "too_many_pings", as grpc-go does.
struct PingRules {
    Duration min_time{0};  // between pings; zero: no rules
    bool without_calls = false;
};

struct ServerOptions {
    std::shared_ptr<const async::TlsContext> tls;
    bool tls_optional = false;  // clients in clear may come in by the same port
    std::shared_ptr<const Authenticator> authenticator;  // null: everybody
    KeepaliveOptions keepalive;
    PingRules ping_rules;
    // For the TLS handshake, and again for the client's HTTP/2 preface and settings.
    Duration handshake_timeout = limits::handshake;
    Duration max_connection_age{0};
    Duration max_connection_age_grace{0};
    Chance chance;  // spreads ages by a tenth; empty: not
    WindowOptions windows;
    MessageLimits limits;
    std::uint32_t max_calls = 16 * 1024;      // at a time on one connection
    std::size_t max_connections = 16 * 1024;  // more are closed
};

// Of one method; grpc_server_started_total, grpc_server_handled_total and so on.
struct MethodCounters {
    async::Count started;
    async::Count handled[19];  // by status code
    async::Count received;     // messages
    async::Count sent;
};

struct ServerCounters {
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;  // too many connections
    std::uint64_t tls_failures = 0;
    std::uint64_t too_many_pings = 0;
    std::uint64_t unknown_methods = 0;
    std::vector<MethodCounters> methods;  // by Method::index
    detail::ConnectionCounters wire;
};

class Server {
 public:
    // For the current loop. `services` outlive the server.
    Server(const Services* services, ServerOptions options);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    // Serves an accepted socket.
    void adopt(int descriptor);
    // Accepts until the server drains. `listener` outlives the task.
    Task<void> serve(async::Listener* listener);
    // Accepts no more, tells every client to go elsewhere, waits up to `grace` for running calls,
    // then cuts. Must have ended before the server is destroyed.
    Task<void> drain(Duration grace);

    std::size_t connections() const { return connections_.size(); }
    // Those of methods may be read by any thread.
    const ServerCounters& counters() const { return counters_; }

 private:
    friend class detail::ServerConnection;
    struct CutTimer : async::Timer {
        explicit CutTimer(Server* of) : Timer(&CutTimer::ring), server(of) {}
        static void ring(Timer* timer) { static_cast<CutTimer*>(timer)->server->cut(); }
        Server* server;
    };

    Task<void> run_connection(int descriptor);
    Task<Result<void>> greet(async::Stream* stream, Peer* peer);
    void cut();

    const Services* services_;
    ServerOptions options_;
    ServerCounters counters_;
    std::vector<detail::ServerConnection*> connections_;
    std::size_t greeting_ = 0;  // sockets whose TLS handshake is under way
    Stop accepting_;            // requested: no new connections
    async::Scope scope_;
};

}  // namespace sluice::rpc
