#pragma once
// ClientCall: one call of a channel, of any kind: messages go out, messages come in, then the
// status. For one request and one answer Channel::unary is shorter.
#include <optional>
#include <string>

#include "async/timer_wheel.h"
#include "rpc/detail/exchange.h"
#include "rpc/metadata.h"
#include "rpc/options.h"

namespace sluice::rpc {

class Channel;

struct CallOptions {
    // After this the call ends with DEADLINE_EXCEEDED; the server is told. Zero: never.
    Duration timeout{0};
    const Metadata* metadata = nullptr;  // read when the call starts
    // Of our messages; nullopt: as the channel has it.
    std::optional<Compression> compression;
    // What received messages are charged to instead of the channel's budget; outlives them.
    Budget* budget = nullptr;
    // Waits while the channel cannot connect, instead of failing at once.
    bool wait_for_ready = false;
    // Where the server's metadata go, for those who read them; outlive the call.
    Metadata* headers = nullptr;
    Metadata* trailers = nullptr;
};

class ClientCall : detail::Exchange {
 public:
    // Started by Channel::start, which outlives it.
    ClientCall() = default;
    // Cancels what has not ended.
    ~ClientCall() override;

    // Sends one message, which may lie in several pieces. Small messages are copied; large ones are
    // sent from where they lie, which takes as long as the server's window asks. An error says only
    // that the call is over: receive() says how.
    Task<Result<void>> send(std::span<const Bytes> pieces, Stop* stop);
    Task<Result<void>> send(Bytes message, Stop* stop);
    // The one message of a call that sends no other, and the end of the requests, without waiting.
    // `pieces` and what they point at stay until the call is over. Errors: it is too large.
    Result<void> send_only(std::span<const Bytes> pieces);
    // No further message. Must be said for the server to see the end of the requests.
    void finish_sending() {
        if (!concluded_) finish();
    }

    // The next message; nullopt when the call has ended well. The status of a call that has not, or
    // the stop's error (the call goes on then, unless it is destroyed).
    Task<Result<std::optional<Message>>> receive(Stop* stop);
    // Exactly one message, then the end: the answer of a call that has one.
    Task<Result<Message>> single_answer(Stop* stop);
    // Waits for the server's headers (CallOptions::headers), or for the end of the call.
    Task<Result<void>> wait_for_headers(Stop* stop);
    // Ends the call with CANCELED on both sides.
    void cancel() { abandon(make_error(Code::canceled, "context canceled")); }

    bool ended() const { return concluded_; }
    // grpc-status-details-bin as it came, decoded from base64.
    const std::string& details() const { return details_; }
    // True if the server has certainly not looked at the call, so that it may be sent again.
    bool unprocessed() const { return unprocessed_; }
    // The longest message that may be sent.
    std::size_t send_limit() const { return limits_.send; }

 private:
    friend class Channel;
    struct DeadlineTimer : async::Timer {
        explicit DeadlineTimer(ClientCall* of) : Timer(&DeadlineTimer::ring), call(of) {}
        static void ring(Timer* timer);
        ClientCall* call;
    };

    void on_header(std::string_view name, std::string_view value) override;
    void on_headers_end(bool end_of_stream) override;
    void on_closed(std::uint32_t http2_code, const Error* lost) override;
    void on_message() override;
    Error status_of_end() const;
    // The call is over for us; the stream is reset if it is not over for the server.
    void conclude(std::optional<Error> status);
    void abandon(Error status);

    Metadata* headers_ = nullptr;
    Metadata* trailers_ = nullptr;
    int http_status_ = 0;
    bool is_grpc_ = false;  // by its content type
    bool headers_done_ = false;
    bool concluded_ = false;
    bool abandoned_ = false;  // by us: what waits is not delivered
    bool unprocessed_ = false;
    bool unknown_compression_ = false;
    std::optional<std::uint32_t> grpc_status_;
    std::string grpc_message_;
    std::string details_;
    std::optional<Error> status_;  // none when concluded: OK
    DeadlineTimer deadline_{this};
};

}  // namespace sluice::rpc
