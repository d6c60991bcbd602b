#pragma once
// Channel: the way to one server for one loop. It connects when the first call asks for it, fails
// calls at once while the server cannot be reached, tries again with growing pauses, and moves to a
// new connection when the server says that it is going away.
#include <memory>
#include <string>
#include <vector>

#include "async/scope.h"
#include "async/socket.h"
#include "async/tls.h"
#include "rpc/call.h"
#include "rpc/detail/connection.h"

namespace sluice::rpc {

// What grpc-go waits between attempts: 1 s, then 1.6 times as long each time, up to 120 s, each
// spread by a fifth.
struct BackoffOptions {
    Duration first = std::chrono::seconds(1);
    double factor = 1.6;
    double spread = 0.2;
    Duration longest = std::chrono::seconds(120);
    // For TCP, TLS and the server's first frame together.
    Duration connect_timeout = std::chrono::seconds(20);
};

struct ChannelOptions {
    async::Address address;
    std::string authority;                         // empty: the address
    std::shared_ptr<const async::TlsContext> tls;  // null: in clear
    std::string server_name;  // whom the certificate must name; empty: the address's host
    KeepaliveOptions keepalive;
    WindowOptions windows;
    MessageLimits limits;
    Compression compression = Compression::none;
    BackoffOptions backoff;
    Chance chance;         // for the spread; empty: none
    Metadata credentials;  // sent with each call: static authentication's user and password
    std::string user_agent = "grpc-sluice/1";
};

struct ChannelCounters {
    std::uint64_t calls = 0;
    std::uint64_t failed_fast = 0;  // no connection was to be had
    std::uint64_t retried = 0;      // moved unseen to another connection
    std::uint64_t connects = 0;
    std::uint64_t connect_failures = 0;
    std::uint64_t goaways = 0;
    detail::ConnectionCounters wire;
};

class Channel {
 public:
    // For the current loop.
    explicit Channel(ChannelOptions options);
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;
    ~Channel();
    // Ends all calls with CANCELED and all connections. Once, before the channel is destroyed.
    Task<void> close();

    // One request, one answer. `method` is "/package.Service/Method". `request` stays valid until
    // the task has ended.
    Task<Result<Message>> unary(std::string_view method, std::span<const Bytes> request,
                                CallOptions options, Stop* stop);
    // Begins a call of any kind. `call` is fresh and does not move.
    Task<Result<void>> start(ClientCall* call, std::string_view method, CallOptions options,
                             Stop* stop);
    // Connects now instead of with the first call.
    Task<Result<void>> connect(Stop* stop);

    const ChannelOptions& options() const { return options_; }
    const ChannelCounters& counters() const { return counters_; }
    bool connected() const { return current_ != nullptr; }

 private:
    class Link;  // a connection to the server
    Task<Result<Link*>> link(bool wait_for_ready, Stop* stop);
    Task<void> connect_loop();
    Task<Result<void>> open_link();
    Task<Result<async::Stream>> open_stream(Stop* stop);
    Task<void> run_link(Link* link);
    Result<void> begin(ClientCall* call, Link* link, std::string_view method,
                       const CallOptions& options);
    Duration pause_before(int attempt) const;

    ChannelOptions options_;
    std::string authority_;
    ChannelCounters counters_;
    std::vector<std::unique_ptr<Link>> links_;
    Link* current_ = nullptr;
    bool connecting_ = false;
    std::optional<Error> failure_;     // the last attempt's
    async::Clock::time_point wanted_;  // when a call last asked for a connection in vain
    async::WaitQueue changed_;
    Stop closing_;
    async::Scope scope_;
};

}  // namespace sluice::rpc
