#pragma once
// Protobuf messages over calls: the thin typed door. `M` is any google::protobuf::MessageLite.
#include "rpc/channel.h"
#include "rpc/server_call.h"
#include "rpc/status.h"

namespace sluice::rpc {

template <class M>
Result<Message> encode(const M& message, std::size_t limit) {
    const std::size_t size = message.ByteSizeLong();
    // What the protobuf library cannot write is beyond every limit.
    if (size > limit || size > 0x7fffffffU) return std::unexpected(sending_too_large(size, limit));
    Message out;
    TRY(out.reserve(size));
    out.resize(size);
    message.SerializeWithCachedSizesToArray(out.bytes().data());
    return out;
}

template <class M>
Result<void> decode(Bytes bytes, M* message) {
    if (!message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return fail(Code::internal,
                    "grpc: failed to unmarshal the received message: " + message->GetTypeName());
    }
    return {};
}

// `request` outlives the task.
template <class Response, class Request>
Task<Result<Response>> unary(Channel* channel, std::string_view method, const Request* request,
                             CallOptions options, Stop* stop) {
    const Message encoded = CO_TRY(encode(*request, channel->options().limits.send));
    const Bytes pieces[] = {encoded.view()};
    const Message answer = CO_TRY(co_await channel->unary(method, pieces, options, stop));
    Response response;
    CO_TRY(decode(answer.view(), &response));
    co_return response;
}

// `call` is a ClientCall or a ServerCall; `message` outlives the task.
template <class M>
Task<Result<void>> send(ClientCall* call, const M* message, Stop* stop) {
    const Message encoded = CO_TRY(encode(*message, call->send_limit()));
    co_return co_await call->send(encoded.view(), stop);
}
template <class M>
Task<Result<void>> send(ServerCall* call, const M* message) {
    const Message encoded = CO_TRY(encode(*message, call->send_limit()));
    co_return co_await call->send(encoded.view());
}

// The next message of a stream; false when there is none any more.
template <class M>
Task<Result<bool>> receive(ClientCall* call, M* into, Stop* stop) {
    const std::optional<Message> message = CO_TRY(co_await call->receive(stop));
    if (!message) co_return false;
    CO_TRY(decode(message->view(), into));
    co_return true;
}
template <class M>
Task<Result<bool>> receive(ServerCall* call, M* into) {
    const std::optional<Message> message = CO_TRY(co_await call->receive());
    if (!message) co_return false;
    CO_TRY(decode(message->view(), into));
    co_return true;
}

// The one request of a call with one.
template <class Request>
Task<Result<Request>> only_request(ServerCall* call) {
    Request request;
    const bool there = CO_TRY(co_await receive(call, &request));
    if (!there) co_return fail(Code::internal, "cardinality violation: the call has no request");
    co_return request;
}

namespace detail {

template <class Request, class Response, class Run>
Task<Result<void>> run_unary(const Run* run, ServerCall* call) {
    const Request request = CO_TRY(co_await only_request<Request>(call));
    const Response response = CO_TRY(co_await (*run)(call, &request));
    co_return co_await send(call, &response);
}

template <class Request, class Run>
Task<Result<void>> run_server_stream(const Run* run, ServerCall* call) {
    const Request request = CO_TRY(co_await only_request<Request>(call));
    co_return co_await (*run)(call, &request);
}

}  // namespace detail

// `run` is called as run(ServerCall*, const Request*) and gives a Task<Result<Response>>.
template <class Request, class Response, class Run>
void add_unary(Services* services, std::string name, Run run) {
    services->add(std::move(name), Requests::one, [run = std::move(run)](ServerCall* call) {
        return detail::run_unary<Request, Response, Run>(&run, call);
    });
}

// `run` is called as run(ServerCall*, const Request*), sends what it wants, and gives a
// Task<Result<void>>.
template <class Request, class Run>
void add_server_stream(Services* services, std::string name, Run run) {
    services->add(std::move(name), Requests::one, [run = std::move(run)](ServerCall* call) {
        return detail::run_server_stream<Request, Run>(&run, call);
    });
}

}  // namespace sluice::rpc
