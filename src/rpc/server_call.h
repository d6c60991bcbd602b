#pragma once
// ServerCall: one call as its handler sees it: requests come in, answers go out, the handler's
// result is the status.
#include <optional>
#include <string>

#include "async/stop.h"
#include "async/timer_wheel.h"
#include "rpc/auth.h"
#include "rpc/detail/exchange.h"
#include "rpc/metadata.h"
#include "rpc/services.h"

namespace sluice::rpc {

namespace detail {
class ServerConnection;
}

class ServerCall : detail::Exchange {
 public:
    explicit ServerCall(detail::ServerConnection* connection) : connection_(connection) {}
    ~ServerCall() override = default;

    const std::string& method() const { return path_; }
    const Metadata& metadata() const { return metadata_; }
    const Peer& peer() const;
    // Whom the authenticator has found; empty without one.
    const std::string& user() const { return user_; }
    // Requested when the client cancels, its deadline passes, or the connection is gone.
    Stop* stop() { return &stop_; }

    // The next request; nullopt after the last one.
    Task<Result<std::optional<Message>>> receive();
    // The request of a method with one (Requests::one), whose handler begins when it has come.
    // Errors: there is none, or what came is broken (INTERNAL), too large.
    Result<Message> only_message();
    // Sends one answer, which may lie in several pieces. Small answers are copied; large ones are
    // sent from where they lie, which takes as long as the client's window asks.
    Task<Result<void>> send(std::span<const Bytes> pieces);
    Task<Result<void>> send(Bytes message);
    // True if the answer is small and there is room for it, so that it is on its way and `pieces`
    // need not stay. False: nothing has been done, send() is to do it.
    bool send_now(std::span<const Bytes> pieces);
    // Sends the headers now instead of with the first answer.
    void send_headers();

    // Metadata of the answer: headers until something is sent, trailers until the handler ends.
    Metadata* headers() { return &answer_headers_; }
    Metadata* trailers() { return &answer_trailers_; }
    // grpc-status-details-bin of an error, as bytes.
    void set_details(std::string details) { details_ = std::move(details); }
    // Answers are compressed as the requests were, unless this says otherwise.
    void set_compression(Compression compression) { outgoing_compression_ = compression; }
    // The longest message that may be sent.
    std::size_t send_limit() const { return limits_.send; }

 private:
    friend class detail::ServerConnection;
    struct DeadlineTimer : async::Timer {
        explicit DeadlineTimer(ServerCall* of) : Timer(&DeadlineTimer::ring), call(of) {}
        static void ring(Timer* timer);
        ServerCall* call;
    };

    void restart(MessageLimits limits);
    void on_header(std::string_view name, std::string_view value) override;
    void on_grpc_header(std::string_view name, std::string_view value);
    void on_headers_end(bool end_of_stream) override;
    void on_closed(std::uint32_t http2_code, const Error* lost) override;
    void on_message() override;
    void on_last_byte() override;
    void become_ready();
    std::optional<Error> what_is_wrong() const;
    void refuse_http(std::string_view status);
    // The handler's result, to the client.
    void end(Result<void> result);
    void answer_at_once();

    detail::ServerConnection* connection_;
    std::string path_;
    Metadata metadata_;
    std::string user_;
    bool is_post_ = false;
    bool is_grpc_ = false;
    bool malformed_ = false;
    bool bad_timeout_ = false;
    std::string unknown_compression_;
    Duration timeout_{0};
    const Method* method_ = nullptr;
    std::optional<Error> refusal_;  // instead of the handler
    enum class State : std::uint8_t { arriving, ready, running, ended } state_ = State::arriving;
    bool headers_sent_ = false;
    Metadata answer_headers_;
    Metadata answer_trailers_;
    std::string details_;
    std::optional<Error> status_;  // of the ended handler; none: OK
    Stop stop_;
    DeadlineTimer deadline_{this};
};

}  // namespace sluice::rpc
