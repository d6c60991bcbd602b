// The server's half of a call: a statement from another gate, a question to a tablet.
#include "rpc/server_call.h"

#include "rpc/detail/headers.h"
#include "rpc/detail/server_connection.h"
#include "rpc/status.h"
#include "rpc/timeout.h"

namespace sluice::rpc {

using detail::Header;
using detail::literal;

void ServerCall::DeadlineTimer::ring(Timer* timer) {
    ServerCall* call = static_cast<DeadlineTimer*>(timer)->call;
    if (call->state_ != State::arriving) {
        call->stop_.request(deadline_error());
        return;
    }
    call->refusal_ = deadline_error();  // its request will never be whole
    call->become_ready();
    call->connection_->run_ready();
}

const Peer& ServerCall::peer() const {
    return connection_->peer();
}

void ServerCall::restart(MessageLimits limits) {
    prepare(limits);
    path_.clear();
    metadata_.clear();
    user_.clear();
    is_post_ = is_grpc_ = malformed_ = bad_timeout_ = false;
    unknown_compression_.clear();
    timeout_ = Duration::zero();
    method_ = nullptr;
    refusal_.reset();
    state_ = State::arriving;
    headers_sent_ = false;
    answer_headers_.clear();
    answer_trailers_.clear();
    details_.clear();
    status_.reset();
    stop_.reset();
}

void ServerCall::on_header(std::string_view name, std::string_view value) {
    if (name.starts_with("grpc-")) {
        on_grpc_header(name, value);
    } else if (name == ":path") {
        path_ = value;
    } else if (name == ":method") {
        is_post_ = value == "POST";
    } else if (name == "content-type") {
        is_grpc_ = detail::is_grpc_content(value);
    } else if (!name.starts_with(':') && name != "te") {
        malformed_ |= !metadata_.add_received(name, value);
    }
}

void ServerCall::on_grpc_header(std::string_view name, std::string_view value) {
    if (name == "grpc-timeout") {
        const auto timeout = timeout_of(value);
        bad_timeout_ = !timeout;
        // Zero means none here, and a deadline that has passed is one.
        timeout_ = timeout ? std::max<Duration>(*timeout, Nanoseconds(1)) : Duration::zero();
    } else if (name == "grpc-encoding") {
        const auto known = compression_of(value);
        if (!known) unknown_compression_ = value;
        incoming_compression_ = outgoing_compression_ = known.value_or(Compression::none);
    } else if (name != "grpc-accept-encoding") {
        malformed_ |= !metadata_.add_received(name, value);  // such as grpc-trace-bin
    }
}

std::optional<Error> ServerCall::what_is_wrong() const {
    if (malformed_) return make_error(Code::internal, "malformed binary metadata");
    if (bad_timeout_) return make_error(Code::internal, "malformed grpc-timeout");
    if (!unknown_compression_.empty()) {
        return make_error(Code::unimplemented,
                          "grpc: Decompressor is not installed for grpc-encoding \"" +
                              unknown_compression_ + "\"");
    }
    if (method_ == nullptr) return connection_->services().unknown(path_);
    return std::nullopt;
}

void ServerCall::on_headers_end(bool) {
    if (!is_post_ || !is_grpc_) {
        refuse_http(is_post_ ? "415" : "405");
        return;
    }
    method_ = connection_->services().find(path_);
    refusal_ = what_is_wrong();
    if (timeout_ > Duration::zero()) {
        async::Loop::current().set_timer(&deadline_, std::min<Duration>(timeout_, longest_wait));
    }
    awaits_first_ = true;
    if (refusal_ || method_->requests == Requests::stream) become_ready();
}

void ServerCall::become_ready() {
    state_ = State::ready;
    connection_->ready(this);
}

void ServerCall::on_message() {
    if (state_ == State::arriving && method_ != nullptr) become_ready();
}

void ServerCall::on_closed(std::uint32_t, const Error* lost) {
    deadline_.clear();
    if (state_ == State::arriving || state_ == State::ended) {
        connection_->release(this);
    } else {
        stop_.request(lost != nullptr ? *lost : canceled_error());
    }
}

Task<Result<std::optional<Message>>> ServerCall::receive() {
    auto message = co_await next_message(&stop_);
    if (message && *message) ++connection_->counters(*method_).received;
    co_return message;
}

Result<Message> ServerCall::only_message() {
    VT_ASSERT(method_->requests == Requests::one);
    if (message_waits()) {
        ++connection_->counters(*method_).received;
        return take_message();
    }
    if (input_error()) return std::unexpected(*input_error());
    if (stop_.requested()) return std::unexpected(stop_.error());
    return fail(Code::internal, "cardinality violation: the call has no request");
}

bool ServerCall::send_now(std::span<const Bytes> pieces) {
    if (stop_.requested() || !attached() || !takes_now(pieces)) return false;
    send_headers();
    const Result<void> posted = post_message(pieces);
    VT_ASSERT(posted.has_value());
    ++connection_->counters(*method_).sent;
    return true;
}

Task<Result<void>> ServerCall::send(std::span<const Bytes> pieces) {
    if (stop_.requested()) co_return std::unexpected(stop_.error());
    send_headers();
    CO_TRY(co_await send_message(pieces, &stop_));
    ++connection_->counters(*method_).sent;
    co_return Result<void>{};
}

Task<Result<void>> ServerCall::send(Bytes message) {
    const Bytes pieces[] = {message};
    co_return co_await send(std::span<const Bytes>(pieces));
}

namespace {

// An answer's headers, with room for its metadata.
struct AnswerHeaders {
    std::vector<std::string> encoded;
    detail::HeaderList all;

    explicit AnswerHeaders(std::size_t metadata) {
        encoded.reserve(metadata);
        all.reserve(6 + metadata);
    }
    void add(const Metadata& metadata) { detail::append_metadata(metadata, &encoded, &all); }
};

constexpr std::string_view code_texts[] = {"0",  "1",  "2",  "3",  "4",  "5",  "6",  "7",  "8", "9",
                                           "10", "11", "12", "13", "14", "15", "16", "17", "18"};

// The status, as trailers. `text` keeps the encoded message.
void add_status(const std::optional<Error>& status, const std::string& details, std::string* text,
                AnswerHeaders* headers) {
    const auto code = status ? static_cast<std::size_t>(status->code) : 0;
    headers->all.push_back(literal("grpc-status", code_texts[code]));
    if (!status) return;
    *text = percent_encoded(status->text);
    if (!text->empty()) headers->all.push_back({.name = "grpc-message", .value = *text});
    if (details.empty()) return;
    headers->encoded.push_back(base64_encoded(details));
    headers->all.push_back({.name = "grpc-status-details-bin", .value = headers->encoded.back()});
}

}  // namespace

void ServerCall::send_headers() {
    if (headers_sent_ || !attached()) return;
    headers_sent_ = true;
    AnswerHeaders headers(answer_headers_.size());
    headers.all.push_back(literal(":status", "200"));
    headers.all.push_back(literal("content-type", "application/grpc"));
    if (outgoing_compression_ != Compression::none) {
        headers.all.push_back(literal("grpc-encoding", compression_name(outgoing_compression_)));
    }
    headers.add(answer_headers_);
    session()->respond(this, headers.all, false);
}

void ServerCall::refuse_http(std::string_view status) {
    headers_sent_ = true;
    const Header headers[] = {{.name = ":status", .value = status}};
    session()->respond(this, headers, true);
}

void ServerCall::on_last_byte() {
    AnswerHeaders headers(answer_trailers_.size() + 1);
    std::string text;
    add_status(status_, details_, &text, &headers);
    headers.add(answer_trailers_);
    session()->trailers(this, headers.all);
}

// Without any message, headers and trailers are one.
void ServerCall::answer_at_once() {
    headers_sent_ = true;
    AnswerHeaders headers(answer_headers_.size() + answer_trailers_.size() + 1);
    headers.all.push_back(literal(":status", "200"));
    headers.all.push_back(literal("content-type", "application/grpc"));
    std::string text;
    add_status(status_, details_, &text, &headers);
    headers.add(answer_headers_);
    headers.add(answer_trailers_);
    session()->respond(this, headers.all, true);
}

void ServerCall::end(Result<void> result) {
    deadline_.clear();
    state_ = State::ended;
    if (!result) status_ = std::move(result).error();
    if (!attached()) return;
    const bool too_many = answer_headers_.size() + answer_trailers_.size() > detail::most_metadata;
    if (too_many) {
        answer_headers_.clear();
        answer_trailers_.clear();
        status_ = make_error(Code::internal, "metadata: too many values for one answer");
    }
    ignore_input();
    if (!headers_sent_ && status_) {
        answer_at_once();
        return;
    }
    send_headers();
    finish();
}

}  // namespace sluice::rpc
