// Step 9 of a request when tablets are apart: the call goes out here. One channel per loop and
// server.
#include "rpc/channel.h"

#include <algorithm>

#include "async/deadline.h"
#include "rpc/detail/headers.h"
#include "rpc/status.h"
#include "rpc/timeout.h"

namespace sluice::rpc {

using detail::Header;
using detail::literal;

// Nobody asked for this long: attempts to connect end (grpc-go's idle time-out).
static constexpr std::chrono::minutes idle_after{30};
static constexpr std::string_view too_many_pings = "too_many_pings";

class Channel::Link : public detail::Connection {
 public:
    Link(Channel* channel, async::Stream stream)
        : Connection(std::move(stream),
                     {.side = detail::Side::client,
                      .stream_window = channel->options_.windows.stream,
                      .connection_window = channel->options_.windows.connection},
                     channel->options_.keepalive, &channel->counters_.wire),
          channel_(channel) {}

    async::WaitQueue& settled() { return settled_; }
    bool is_settled() const { return is_settled_; }

 private:
    detail::Exchange* on_request(std::int32_t) override { return nullptr; }
    void on_settings() override {
        is_settled_ = true;
        settled_.wake_all();
    }
    void on_goaway(std::uint32_t, std::string_view text) override {
        ++channel_->counters_.goaways;
        if (text == too_many_pings) {
            // The server finds us too lively; grpc-go halves its rate as well.
            channel_->options_.keepalive.time *= 2;
        }
        if (channel_->current_ == this) channel_->current_ = nullptr;
        end_when_idle();
    }
    std::string_view read_error_words() const override { return "error reading from server"; }

    Channel* channel_;
    bool is_settled_ = false;
    async::WaitQueue settled_;
};

Channel::Channel(ChannelOptions options)
    : options_(std::move(options)),
      authority_(!options_.authority.empty()          ? options_.authority
                 : options_.address.unix_path.empty() ? options_.address.text()
                                                      : "localhost") {}

Channel::~Channel() {
    VT_ASSERT(scope_.running() == 0);
}

Task<void> Channel::close() {
    closing_.request(make_error(Code::canceled, "grpc: the client connection is closing"));
    current_ = nullptr;
    for (const auto& link : links_) link->end(closing_.error());
    changed_.wake_all();
    co_await scope_.join();
}

Duration Channel::pause_before(int attempt) const {
    double pause = std::chrono::duration<double>(options_.backoff.first).count();
    const double longest = std::chrono::duration<double>(options_.backoff.longest).count();
    for (int i = 0; i < attempt && pause < longest; ++i) pause *= options_.backoff.factor;
    pause = std::min(pause, longest);
    if (options_.chance) pause *= 1 + options_.backoff.spread * (2 * options_.chance() - 1);
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(pause));
}

Task<Result<async::Stream>> Channel::open_stream(Stop* stop) {
    async::Stream stream{CO_TRY(co_await async::connect(options_.address, stop, "gRPC server"))};
    if (options_.tls != nullptr) {
        const std::string& name =
            options_.server_name.empty() ? options_.address.host : options_.server_name;
        CO_TRY(co_await stream.connect_tls(options_.tls.get(), name, stop));
    }
    co_return stream;
}

// A link counts as open when the server has sent its settings: what accepts and says nothing is no
// gRPC server.
Task<Result<void>> Channel::open_link() {
    async::LinkedStop both(&closing_);
    const async::Deadline deadline(both.get(), options_.backoff.connect_timeout,
                                   make_error(Code::unavailable, "timed out"));
    auto opened = co_await open_stream(both.get());
    if (!opened) co_return std::unexpected(std::move(opened).error());
    Link* link = links_.emplace_back(std::make_unique<Link>(this, std::move(*opened))).get();
    scope_.spawn("rpc link", run_link(link));
    if (!link->is_settled() && !link->over()) {
        auto wait = link->settled().wait(both.get());
        const Result<void> settled = co_await wait;
        if (!settled) {
            link->end(settled.error());
            co_return settled;
        }
    }
    if (link->over()) co_return std::unexpected(link->why_over());
    if (!link->session().peer_allows_streams())
        co_return fail(Code::unavailable, "the server is going away");
    current_ = link;
    co_return Result<void>{};
}

Task<void> Channel::run_link(Link* link) {
    co_await link->run();
    if (current_ == link) current_ = nullptr;
    link->settled().wake_all();
    // Whoever waits for its settings looks at it once more, so it goes when they have.
    co_await async::yield();
    std::erase_if(links_, [&](const auto& each) { return each.get() == link; });
}

Task<void> Channel::connect_loop() {
    for (int attempt = 0; !closing_.requested(); ++attempt) {
        ++counters_.connects;
        const Result<void> opened = co_await open_link();
        if (opened) {
            failure_.reset();
            break;
        }
        ++counters_.connect_failures;
        failure_ = unavailable_error("connection error: desc = \"transport: Error while dialing: " +
                                     opened.error().text + "\"");
        changed_.wake_all();
        const bool stopped = !co_await async::pause(pause_before(attempt), &closing_);
        if (stopped || async::Clock::now() - wanted_ > idle_after) {
            failure_.reset();
            break;
        }
    }
    connecting_ = false;
    changed_.wake_all();
}

Task<Result<Channel::Link*>> Channel::link(bool wait_for_ready, Stop* stop) {
    while (current_ == nullptr || !current_->session().peer_allows_streams()) {
        if (closing_.requested()) co_return std::unexpected(closing_.error());
        if (current_ != nullptr) std::exchange(current_, nullptr)->end_when_idle();
        wanted_ = async::Clock::now();
        if (!connecting_) {
            connecting_ = true;
            scope_.spawn("rpc connect", connect_loop());
            continue;
        }
        if (failure_ && !wait_for_ready) {
            ++counters_.failed_fast;
            co_return std::unexpected(*failure_);
        }
        auto wait = changed_.wait(stop);
        CO_TRY(co_await wait);
    }
    co_return current_;
}

Task<Result<void>> Channel::connect(Stop* stop) {
    CO_TRY(co_await link(false, stop));
    co_return Result<void>{};
}

Result<void> Channel::begin(ClientCall* call, Link* link, std::string_view method,
                            const CallOptions& options) {
    MessageLimits limits = options_.limits;
    if (options.budget != nullptr) limits.budget = options.budget;
    call->prepare(limits);
    call->headers_ = options.headers;
    call->trailers_ = options.trailers;
    call->outgoing_compression_ = options.compression.value_or(options_.compression);

    const std::size_t extra =
        options_.credentials.size() + (options.metadata == nullptr ? 0 : options.metadata->size());
    if (extra > detail::most_metadata)
        return fail(Code::invalid_argument, "metadata: too many values for one call");
    std::vector<std::string> encoded;
    encoded.reserve(extra);
    detail::HeaderList headers;
    headers.reserve(10 + extra);
    headers.push_back(literal(":method", "POST"));
    headers.push_back(literal(":scheme", options_.tls != nullptr ? "https" : "http"));
    headers.push_back({.name = ":path", .value = method});
    headers.push_back(literal(":authority", authority_));
    headers.push_back(literal("te", "trailers"));
    headers.push_back(literal("content-type", "application/grpc"));
    headers.push_back(literal("user-agent", options_.user_agent));
    headers.push_back(literal("grpc-accept-encoding", accepted_compressions));
    if (call->outgoing_compression_ != Compression::none) {
        headers.push_back(literal("grpc-encoding", compression_name(call->outgoing_compression_)));
    }
    TimeoutText timeout{};
    if (options.timeout > Duration::zero()) {
        timeout = timeout_text(options.timeout);
        headers.push_back({.name = "grpc-timeout", .value = timeout.view(), .varies = true});
    }
    detail::append_metadata(options_.credentials, &encoded, &headers);
    if (options.metadata != nullptr) {
        detail::append_metadata(*options.metadata, &encoded, &headers);
    }
    ++counters_.calls;
    return link->session().request(call, headers);
}

Task<Result<void>> Channel::start(ClientCall* call, std::string_view method, CallOptions options,
                                  Stop* stop) {
    if (options.timeout > Duration::zero()) {
        async::Loop::current().set_timer(&call->deadline_, options.timeout);
    }
    Link* link = current_;
    if (link == nullptr || !link->session().peer_allows_streams()) {
        // The deadline also bounds the wait for a connection.
        async::LinkedStop both(stop);
        const async::Deadline deadline(both.get(), options.timeout, deadline_error());
        link = CO_TRY(co_await this->link(options.wait_for_ready, both.get()));
    }
    co_return begin(call, link, method, options);
}

Task<Result<Message>> Channel::unary(std::string_view method, std::span<const Bytes> request,
                                     CallOptions options, Stop* stop) {
    const auto started =
        options.timeout > Duration::zero() ? async::Clock::now() : async::Clock::time_point();
    for (bool again = true;; again = false) {
        ClientCall call;
        CO_TRY(co_await start(&call, method, options, stop));
        CO_TRY(call.send_only(request));
        Result<Message> answer = co_await call.single_answer(stop);
        // Never looked at by a server that is going away: sent again once, unseen by the caller.
        if (answer || !call.unprocessed() || !again) co_return answer;
        ++counters_.retried;
        if (options.timeout > Duration::zero()) {
            options.timeout -= async::Clock::now() - started;
            if (options.timeout <= Duration::zero()) co_return std::unexpected(deadline_error());
        }
    }
}

}  // namespace sluice::rpc
