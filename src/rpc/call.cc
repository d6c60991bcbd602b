// The client's half of a call: to a tablet, to another gate, to etcd.
#include "rpc/call.h"

#include <charconv>

#include <nghttp2/nghttp2.h>

#include "rpc/detail/headers.h"
#include "rpc/detail/session.h"
#include "rpc/status.h"

namespace sluice::rpc {

namespace {

template <class Number>
std::optional<Number> number_of(std::string_view text) {
    Number value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

ClientCall::~ClientCall() {
    if (!concluded_ || attached()) abandon(canceled_error());
}

void ClientCall::DeadlineTimer::ring(Timer* timer) {
    static_cast<DeadlineTimer*>(timer)->call->abandon(deadline_error());
}

void ClientCall::on_header(std::string_view name, std::string_view value) {
    if (name.starts_with("grpc-")) {
        if (name == "grpc-status") {
            grpc_status_ = number_of<std::uint32_t>(value).value_or(2);
        } else if (name == "grpc-message") {
            grpc_message_ = percent_decoded(value);
        } else if (name == "grpc-status-details-bin") {
            details_ = base64_decoded(value).value_or("");
        } else if (name == "grpc-encoding") {
            const auto known = compression_of(value);
            unknown_compression_ = !known;
            incoming_compression_ = known.value_or(Compression::none);
        }
    } else if (name == "content-type") {
        is_grpc_ = detail::is_grpc_content(value);
    } else if (name == ":status") {
        http_status_ = number_of<int>(value).value_or(0);
    } else if (Metadata* into = headers_done_ ? trailers_ : headers_; into != nullptr) {
        if (!into->add_received(name, value)) {
            abandon(make_error(Code::internal, "malformed metadata '" + std::string(name) + "'"));
        }
    }
}

void ClientCall::on_headers_end(bool end_of_stream) {
    if (concluded_) return;
    if (http_status_ >= 100 && http_status_ < 200 && !end_of_stream) return;  // more will come
    const bool first = !headers_done_;
    headers_done_ = true;
    if (first && end_of_stream && headers_ != nullptr && trailers_ != nullptr) {
        std::swap(*headers_, *trailers_);  // an answer without messages has trailers only
    }
    if (end_of_stream || !first) return;
    if (http_status_ != 200 || !is_grpc_) {
        abandon(status_of_end());
    } else if (unknown_compression_) {
        abandon(
            make_error(Code::internal, "grpc: the answer's grpc-encoding is none that we know"));
    } else {
        wake();
    }
}

Error ClientCall::status_of_end() const {
    if (grpc_status_) return make_error(code_of(*grpc_status_), grpc_message_);
    if (http_status_ != 200) {
        return make_error(
            code_of_http(http_status_),
            "unexpected HTTP status code received from server: " + std::to_string(http_status_));
    }
    if (!is_grpc_) return make_error(Code::unknown, "the answer's content type is not gRPC's");
    return make_error(Code::internal, "server closed the stream without sending trailers");
}

void ClientCall::on_message() {
    if (!input_over() || concluded_) return;
    const bool ended_well = grpc_status_ == 0U && is_grpc_;
    if (input_error() && (ended_well || !grpc_status_)) {
        abandon(*input_error());
    } else if (ended_well) {
        conclude(std::nullopt);
    } else {
        conclude(status_of_end());
    }
}

void ClientCall::on_closed(std::uint32_t http2_code, const Error* lost) {
    if (concluded_) return;
    if (lost != nullptr) {
        conclude(*lost);
    } else if (http2_code == NGHTTP2_REFUSED_STREAM) {
        unprocessed_ = true;
        conclude(unavailable_error("the server takes no new calls on this connection"));
    } else {
        conclude(reset_error(http2_code));
    }
}

void ClientCall::conclude(std::optional<Error> status) {
    concluded_ = true;
    status_ = std::move(status);
    deadline_.clear();
    drop_outgoing();
    // Without a reset the server would wait for the rest of our messages.
    if (attached() && !session()->sent_everything(stream_id())) session()->detach(this);
    arrived_.wake_all();
}

void ClientCall::abandon(Error status) {
    if (!concluded_) {
        concluded_ = abandoned_ = true;
        status_ = std::move(status);
        deadline_.clear();
        drop_outgoing();
        arrived_.wake_all();
    }
    if (attached()) session()->detach(this);
}

Task<Result<void>> ClientCall::send(std::span<const Bytes> pieces, Stop* stop) {
    if (concluded_) co_return std::unexpected(status_.value_or(canceled_error()));
    co_return co_await send_message(pieces, stop);
}

Task<Result<void>> ClientCall::send(Bytes message, Stop* stop) {
    const Bytes pieces[] = {message};
    co_return co_await send(std::span<const Bytes>(pieces), stop);
}

Result<void> ClientCall::send_only(std::span<const Bytes> pieces) {
    if (!concluded_) TRY(post_message(pieces));
    finish_sending();
    return {};
}

Task<Result<std::optional<Message>>> ClientCall::receive(Stop* stop) {
    for (;;) {
        if (message_waits() && !abandoned_) {
            Result<Message> message = take_message();
            if (message) co_return std::optional<Message>(std::move(*message));
            abandon(message.error());
            abandoned_ = true;
            status_ = message.error();
            co_return std::unexpected(std::move(message).error());
        }
        if (concluded_ && status_) co_return std::unexpected(*status_);
        if (concluded_) co_return std::optional<Message>();
        wants_ = Wants::message;
        auto wait = arrived_.wait(stop);
        CO_TRY(co_await wait);
    }
}

Task<Result<void>> ClientCall::wait_for_headers(Stop* stop) {
    while (!headers_done_ && !concluded_) {
        wants_ = Wants::message;
        auto wait = arrived_.wait(stop);
        CO_TRY(co_await wait);
    }
    if (concluded_ && status_) co_return std::unexpected(*status_);
    co_return Result<void>{};
}

Task<Result<Message>> ClientCall::single_answer(Stop* stop) {
    while (!concluded_) {
        wants_ = Wants::end;
        auto wait = arrived_.wait(stop);
        CO_TRY(co_await wait);
    }
    if (status_) co_return std::unexpected(*status_);
    if (!message_waits()) co_return fail(Code::internal, "cardinality violation: no answer");
    Result<Message> message = take_message();
    if (message && message_waits()) {
        co_return fail(Code::internal, "cardinality violation: more than one answer");
    }
    co_return message;
}

}  // namespace sluice::rpc
