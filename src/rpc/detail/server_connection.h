#pragma once
// ServerConnection: the server's end of one connection: starts calls, keeps the client to the rules
// for pings, and drains.
#include <memory>
#include <vector>

#include "rpc/detail/connection.h"
#include "rpc/server.h"
#include "rpc/server_call.h"

namespace sluice::rpc::detail {

class ServerConnection : public Connection {
 public:
    // `server` outlives the connection.
    ServerConnection(Server* server, async::Stream stream, Peer peer);

    // Until the connection is over and all its handlers have ended.
    Task<void> serve();
    // Takes no new calls, lets the others end, and closes; after `grace` (zero: never) by force.
    void drain(std::string_view why, Duration grace);

    const Peer& peer() const { return peer_; }
    const ServerOptions& options() const;
    const Services& services() const;
    std::size_t running() const { return handlers_.running(); }

    MethodCounters& counters(const Method& method) const;

    // The call can be run: after this batch, or by run_ready().
    void ready(ServerCall* call) { ready_.push_back(call); }
    void run_ready();
    // The stream is over and the handler has ended, or never began.
    void release(ServerCall* call);

 private:
    Exchange* on_request(std::int32_t stream_id) override;
    void on_batch() override { run_ready(); }
    void on_settings() override { has_settings_ = true; }
    void on_ping(bool acknowledged, std::uint64_t opaque) override;
    void on_progress() override { progress_ = true; }
    std::string_view read_error_words() const override { return "the client is gone"; }

    bool too_lively();
    Result<void> authenticate(ServerCall* call);
    Task<void> run_call(ServerCall* call);
    Task<void> drain_slowly(std::string_view why, Duration grace);
    Task<void> grow_old();
    Task<void> await_settings();

    Server* server_;
    Peer peer_;
    async::Scope handlers_;
    async::Scope chores_;
    Stop ended_;
    std::vector<std::unique_ptr<ServerCall>> calls_;
    std::vector<ServerCall*> free_;
    std::vector<ServerCall*> ready_;

    bool has_settings_ = false;
    bool progress_ = false;  // since the last ping
    async::Clock::time_point last_ping_;
    int strikes_ = 0;
    bool draining_ = false;
    async::WaitQueue drain_seen_;
};

}  // namespace sluice::rpc::detail
