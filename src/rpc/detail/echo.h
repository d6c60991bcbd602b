#pragma once
// A service that answers what it is asked to: for this room's tests, fuzzers and benchmark.
#include <charconv>
#include <string>

#include "rpc/server_call.h"
#include "rpc/services.h"

namespace sluice::rpc::detail {

inline Bytes bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string text_of(const Message& message) {
    const Bytes bytes = message.view();
    return {bytes.begin(), bytes.end()};
}

inline std::uint64_t number_in(const Metadata& metadata, std::string_view name) {
    const std::string_view text = metadata.find(name).value_or("0");
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

// Every request comes back; so do metadata whose names begin with "echo-", as headers and trailers.
inline Task<Result<void>> echo_all(ServerCall* call) {
    for (std::size_t i = 0; i < call->metadata().size(); ++i) {
        const Metadata::Pair pair = call->metadata().at(i);
        if (!pair.name.starts_with("echo-")) continue;
        CO_TRY(call->headers()->add(pair.name, pair.value));
        CO_TRY(call->trailers()->add(pair.name, pair.value));
    }
    for (;;) {
        const std::optional<Message> message = CO_TRY(co_await call->receive());
        if (!message) co_return Result<void>{};
        CO_TRY(co_await call->send(message->view()));
    }
}

// Fails with the metadata's "code", the request as text and as details.
inline Task<Result<void>> echo_failure(ServerCall* call) {
    const std::optional<Message> message = CO_TRY(co_await call->receive());
    const std::string text = message ? text_of(*message) : "";
    call->set_details("details of " + text);
    co_return fail(static_cast<Code>(number_in(call->metadata(), "code")), text);
}

// Sends "count" answers of "size" bytes, in two pieces each.
inline Task<Result<void>> echo_many(ServerCall* call) {
    CO_TRY(co_await call->receive());
    const std::uint64_t count = number_in(call->metadata(), "count");
    const std::string text(number_in(call->metadata(), "size"), 'x');
    const std::string_view all = text;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::size_t cut = all.size() / 3;
        const Bytes pieces[] = {bytes_of(all.substr(0, cut)), bytes_of(all.substr(cut))};
        CO_TRY(co_await call->send(pieces));
    }
    co_return Result<void>{};
}

// One answer: how many bytes came in all.
inline Task<Result<void>> echo_sum(ServerCall* call) {
    std::size_t sum = 0;
    for (;;) {
        const std::optional<Message> message = CO_TRY(co_await call->receive());
        if (!message) break;
        sum += message->size();
    }
    const std::string text = std::to_string(sum);
    co_return co_await call->send(bytes_of(text));
}

// Reads one request and no more, until it is stopped.
inline Task<Result<void>> echo_hang(ServerCall* call) {
    CO_TRY(co_await call->receive());
    async::WaitQueue never;
    auto wait = never.wait(call->stop());
    co_return co_await wait;
}

inline void add_echo(Services* services) {
    services->add("/test.Echo/Unary", Requests::one, echo_all);
    services->add("/test.Echo/Fail", Requests::one, echo_failure);
    services->add("/test.Echo/Many", Requests::one, echo_many);
    services->add("/test.Echo/Sum", Requests::stream, echo_sum);
    services->add("/test.Echo/Talk", Requests::stream, echo_all);
    services->add("/test.Echo/Hang", Requests::stream, echo_hang);
}

}  // namespace sluice::rpc::detail
