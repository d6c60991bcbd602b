// Where requests of other programs come in: from a batch of frames to running handlers.
#include "rpc/detail/server_connection.h"

#include <nghttp2/nghttp2.h>

#include "async/deadline.h"
#include "rpc/status.h"

namespace sluice::rpc::detail {

using async::Clock;
using async::Loop;

namespace {

constexpr std::uint64_t drain_ping = 0x736c756963652121U;
// After the notice, how long calls that were on their way may still come in.
constexpr std::chrono::seconds drain_notice{1};
constexpr int allowed_strikes = 2;
// What a client without calls may ping, unless the rules allow it (grpc-go).
constexpr std::chrono::hours idle_ping_time{2};

Error drained() {
    return unavailable_error("the server is shutting down");
}

}  // namespace

ServerConnection::ServerConnection(Server* server, async::Stream stream, Peer peer)
    : Connection(std::move(stream),
                 {.side = Side::server,
                  .stream_window = server->options_.windows.stream,
                  .connection_window = server->options_.windows.connection,
                  .max_streams = server->options_.max_calls},
                 server->options_.keepalive, &server->counters_.wire),
      server_(server),
      peer_(std::move(peer)) {}

const ServerOptions& ServerConnection::options() const {
    return server_->options_;
}

const Services& ServerConnection::services() const {
    return *server_->services_;
}

MethodCounters& ServerConnection::counters(const Method& method) const {
    return server_->counters_.methods[method.index];
}

Task<void> ServerConnection::serve() {
    chores_.spawn("rpc settings", await_settings());
    if (options().max_connection_age > Duration::zero()) chores_.spawn("rpc age", grow_old());
    co_await run();
    ended_.request(why_over());
    co_await handlers_.join();
    co_await chores_.join();
}

Exchange* ServerConnection::on_request(std::int32_t) {
    if (free_.empty()) {
        calls_.push_back(std::make_unique<ServerCall>(this));
        free_.push_back(calls_.back().get());
    }
    ServerCall* call = free_.back();
    free_.pop_back();
    call->restart(options().limits);
    return call;
}

void ServerConnection::release(ServerCall* call) {
    call->ignore_input();
    call->drop_outgoing();
    free_.push_back(call);
}

void ServerConnection::run_ready() {
    for (std::size_t i = 0; i < ready_.size(); ++i) {
        handlers_.spawn("rpc call", run_call(ready_[i]));
    }
    ready_.clear();
}

Result<void> ServerConnection::authenticate(ServerCall* call) {
    if (call->refusal_) return std::unexpected(*call->refusal_);
    if (options().authenticator == nullptr) return {};
    call->user_ = TRY(options().authenticator->check(call->metadata(), peer_));
    return {};
}

Task<void> ServerConnection::run_call(ServerCall* call) {
    call->state_ = ServerCall::State::running;
    const Method* method = call->method_;
    ServerCounters& all = server_->counters_;
    if (method != nullptr) {
        ++counters(*method).started;
    } else {
        ++all.unknown_methods;
    }
    Result<void> result = authenticate(call);
    if (!call->attached()) {
        result = std::unexpected(call->stop_.error());
    } else if (result) {
        result = co_await method->handler(call);
    }
    if (method != nullptr) {
        const Code code = result ? Code::ok : result.error().code;
        ++counters(*method).handled[static_cast<std::size_t>(code)];
    }
    call->end(std::move(result));
    if (!call->attached()) release(call);
}

bool ServerConnection::too_lively() {
    const PingRules& rules = options().ping_rules;
    if (rules.min_time == Duration::zero()) return false;
    const Clock::time_point now = Clock::now();
    const bool idle = session().exchanges() == 0 && !rules.without_calls;
    // A tenth less than the rule: pings that left in time may arrive closer together.
    const Duration rule = idle ? Duration(idle_ping_time) : rules.min_time;
    const Duration least = rule - rule / 10;
    const bool early = !progress_ && last_ping_ != Clock::time_point() && now - last_ping_ < least;
    if (progress_) strikes_ = 0;
    if (early) ++strikes_;
    progress_ = false;
    last_ping_ = now;
    return strikes_ > allowed_strikes;
}

void ServerConnection::on_ping(bool acknowledged, std::uint64_t opaque) {
    Connection::on_ping(acknowledged, opaque);
    if (acknowledged) {
        if (opaque == drain_ping) drain_seen_.wake_all();
    } else if (too_lively() && !draining_) {
        draining_ = true;
        ++server_->counters_.too_many_pings;
        session().refuse_new_streams(NGHTTP2_ENHANCE_YOUR_CALM, "too_many_pings");
        end_after_output(unavailable_error("too many pings"));
    }
}

void ServerConnection::drain(std::string_view why, Duration grace) {
    if (draining_ || over()) return;
    draining_ = true;
    chores_.spawn("rpc drain", drain_slowly(why, grace));
}

// The notice first: calls that cross it on the wire are still taken, so that none fails.
Task<void> ServerConnection::drain_slowly(std::string_view why, Duration grace) {
    session().announce_shutdown();
    session().ping(drain_ping);
    {
        async::LinkedStop noticed(&ended_);
        const async::Deadline deadline(noticed.get(), drain_notice, drained());
        auto wait = drain_seen_.wait(noticed.get());
        (void)co_await wait;  // seen, or not: the final word follows
    }
    if (over()) co_return;
    session().refuse_new_streams(NGHTTP2_NO_ERROR, why);
    end_when_idle();
    if (grace > Duration::zero()) {
        const Result<void> paused = co_await async::pause(std::min(grace, longest_wait), &ended_);
        if (paused) end(drained());
    }
}

Task<void> ServerConnection::await_settings() {
    const Result<void> paused = co_await async::pause(options().handshake_timeout, &ended_);
    if (paused && !has_settings_) end(unavailable_error("the client says nothing"));
}

Task<void> ServerConnection::grow_old() {
    double spread = 1;
    if (options().chance) spread += 0.1 * (2 * options().chance() - 1);
    const Duration age = std::min(options().max_connection_age, longest_wait);
    const auto spread_age =
        std::chrono::duration_cast<Duration>(std::chrono::duration<double>(age) * spread);
    if (!co_await async::pause(spread_age, &ended_)) co_return;
    drain("max_age", options().max_connection_age_grace);
}

}  // namespace sluice::rpc::detail
