// Our side of tests/rpc: `sluice_peer server` prints "port N" and serves until its standard input
// ends; `sluice_peer client PORT` calls the other side and says what was wrong. Options in the
// environment: PEER_TLS (a folder of certificates), PEER_COMPRESSION, PEER_CODES (the highest
// code).
#include <cstdlib>
#include <iostream>

#include <google/protobuf/wrappers.pb.h>
#include <grpc/health/v1/health.pb.h>

#include "async/cross.h"
#include "async/loop.h"
#include "rpc/health.h"
#include "rpc/messages.h"
#include "rpc/reflection.h"
#include "rpc/server.h"

using namespace sluice;
using namespace std::chrono_literals;
using async::Task;
using google::protobuf::BytesValue;

namespace {

const std::string service = "/sluice.tests.Echo/";

std::string option(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

BytesValue value_of(std::string bytes) {
    BytesValue value;
    value.set_value(std::move(bytes));
    return value;
}

int number_in(const rpc::Metadata& metadata, std::string_view name) {
    return std::atoi(std::string(metadata.find(name).value_or("0")).c_str());
}

// ---- The service.

Task<Result<BytesValue>> unary(rpc::ServerCall* call, const BytesValue* request) {
    for (std::size_t i = 0; i < call->metadata().size(); ++i) {
        const auto pair = call->metadata().at(i);
        if (!pair.name.starts_with("echo-")) continue;
        CO_TRY(call->headers()->add(pair.name, pair.value));
        CO_TRY(call->trailers()->add(pair.name, pair.value));
    }
    co_return *request;
}

Task<Result<BytesValue>> failure(rpc::ServerCall* call, const BytesValue* request) {
    call->set_details("details");
    co_return fail(static_cast<Code>(number_in(call->metadata(), "code")), request->value());
}

Task<Result<void>> many(rpc::ServerCall* call, const BytesValue*) {
    const BytesValue answer =
        value_of(std::string(static_cast<std::size_t>(number_in(call->metadata(), "size")), 'x'));
    for (int left = number_in(call->metadata(), "count"); left > 0; --left) {
        CO_TRY(co_await rpc::send(call, &answer));
    }
    co_return Result<void>{};
}

Task<Result<void>> sum(rpc::ServerCall* call) {
    std::size_t bytes = 0;
    BytesValue request;
    while (CO_TRY(co_await rpc::receive(call, &request))) bytes += request.value().size();
    const BytesValue answer = value_of(std::to_string(bytes));
    co_return co_await rpc::send(call, &answer);
}

Task<Result<void>> talk(rpc::ServerCall* call) {
    BytesValue request;
    while (CO_TRY(co_await rpc::receive(call, &request))) {
        CO_TRY(co_await rpc::send(call, &request));
    }
    co_return Result<void>{};
}

Task<Result<BytesValue>> hang(rpc::ServerCall* call, const BytesValue*) {
    async::WaitQueue never;
    auto wait = never.wait(call->stop());
    CO_TRY(co_await wait);
    co_return BytesValue();
}

Result<std::shared_ptr<const async::TlsContext>> server_tls() {
    const std::string folder = option("PEER_TLS");
    if (folder.empty()) return std::shared_ptr<const async::TlsContext>();
    return async::TlsContext::server({.certificate = folder + "/server.pem",
                                      .key = folder + "/server.key",
                                      .client_ca = folder + "/ca.pem",
                                      .alpn = "h2"});
}

Task<void> serve() {
    rpc::Services services;
    rpc::add_unary<BytesValue, BytesValue>(&services, service + "Unary", unary);
    rpc::add_unary<BytesValue, BytesValue>(&services, service + "Fail", failure);
    rpc::add_server_stream<BytesValue>(&services, service + "Many", many);
    services.add(service + "Sum", rpc::Requests::stream, sum);
    services.add(service + "Talk", rpc::Requests::stream, talk);
    rpc::add_unary<BytesValue, BytesValue>(&services, service + "Hang", hang);
    rpc::Health health;
    rpc::Health::add_to(&services, [&health] { return &health; });
    rpc::add_reflection(&services);
    health.set_all(services, rpc::Health::Status::serving);
    const auto tls = server_tls();
    auto listeners = async::Listener::open({.host = "127.0.0.1"}, 1);
    if (!tls || !listeners) {
        std::cerr << (tls ? listeners.error().text : tls.error().text) << std::endl;
        co_return;
    }
    rpc::Server server(&services, {.tls = *tls});
    async::Scope scope;
    scope.spawn("serve", server.serve(&listeners->front()));
    std::cout << "port " << listeners->front().port() << std::endl;
    co_await async::blocking([] {
        while (std::cin.get() != std::char_traits<char>::eof()) {
        }
        return true;
    });
    co_await server.drain(5s);
    co_await scope.join();
}

// ---- The client's checks.

int wrong = 0;

void expect(bool right, const std::string& what) {
    if (right) return;
    ++wrong;
    std::cerr << "wrong: " << what << std::endl;
}

template <class T>
bool expect_ok(const Result<T>& result, const std::string& what) {
    expect(result.has_value(), what + (result ? "" : ": " + result.error().text));
    return result.has_value();
}

Task<void> check_unary(rpc::Channel* channel) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{5'000'000}}) {
        const BytesValue request = value_of(std::string(size, 'u'));
        const auto answer =
            co_await rpc::unary<BytesValue>(channel, service + "Unary", &request, {}, nullptr);
        if (expect_ok(answer, "unary")) expect(answer->value() == request.value(), "unary's bytes");
    }
    rpc::Metadata sent;
    rpc::Metadata headers;
    rpc::Metadata trailers;
    const std::string raw("\0\1\xff", 3);
    expect_ok(sent.add("echo-text", "a b"), "metadata");
    expect_ok(sent.add("echo-raw-bin", raw), "metadata");
    const BytesValue request;
    expect_ok(co_await rpc::unary<BytesValue>(
                  channel, service + "Unary", &request,
                  {.metadata = &sent, .headers = &headers, .trailers = &trailers}, nullptr),
              "unary with metadata");
    for (const auto* each : {&headers, &trailers}) {
        expect(each->find("echo-text") == "a b" && each->find("echo-raw-bin") == raw, "metadata");
    }
}

Task<void> check_failures(rpc::Channel* channel) {
    const std::string highest = option("PEER_CODES");
    for (int code = 1; code <= (highest.empty() ? 18 : std::stoi(highest)); ++code) {
        rpc::Metadata sent;
        expect_ok(sent.add("code", std::to_string(code)), "metadata");
        const BytesValue request = value_of("n\xc3\xa4her: 100%\n");
        rpc::ClientCall call;
        const auto started =
            co_await channel->start(&call, service + "Fail", {.metadata = &sent}, nullptr);
        if (!expect_ok(started, "fail")) continue;
        expect_ok(co_await rpc::send(&call, &request, nullptr), "fail's request");
        call.finish_sending();
        BytesValue answer;
        const auto failed = co_await rpc::receive(&call, &answer, nullptr);
        expect(!failed && static_cast<int>(failed.error().code) == code &&
                   failed.error().text == request.value(),
               "code " + std::to_string(code) + (failed ? "" : ": " + failed.error().text));
        expect(call.details() == "details", "details of code " + std::to_string(code));
    }
}

Task<Result<void>> check_streams(rpc::Channel* channel) {
    rpc::Metadata sent;
    CO_TRY(sent.add("count", "1000"));
    CO_TRY(sent.add("size", "10000"));
    BytesValue value;
    rpc::ClientCall many_call;
    CO_TRY(co_await channel->start(&many_call, service + "Many", {.metadata = &sent}, nullptr));
    CO_TRY(co_await rpc::send(&many_call, &value, nullptr));
    many_call.finish_sending();
    int count = 0;
    for (; CO_TRY(co_await rpc::receive(&many_call, &value, nullptr)); ++count) {
        expect(value.value().size() == 10000, "many's size");
    }
    expect(count == 1000, "many's count");

    rpc::ClientCall sum_call;
    CO_TRY(co_await channel->start(&sum_call, service + "Sum", {}, nullptr));
    value = value_of(std::string(3000, 's'));
    for (int i = 0; i < 1000; ++i) CO_TRY(co_await rpc::send(&sum_call, &value, nullptr));
    sum_call.finish_sending();
    expect(CO_TRY(co_await rpc::receive(&sum_call, &value, nullptr)), "sum");
    expect(value.value() == "3000000", "sum: " + value.value());

    rpc::ClientCall talk_call;
    CO_TRY(co_await channel->start(&talk_call, service + "Talk", {}, nullptr));
    for (int i = 0; i < 100; ++i) {
        const BytesValue word = value_of(std::to_string(i));
        CO_TRY(co_await rpc::send(&talk_call, &word, nullptr));
        expect(CO_TRY(co_await rpc::receive(&talk_call, &value, nullptr)), "talk");
        expect(value.value() == word.value(), "talk's bytes");
    }
    talk_call.finish_sending();
    expect(!CO_TRY(co_await rpc::receive(&talk_call, &value, nullptr)), "talk's end");
    co_return Result<void>{};
}

Task<void> check_ends(rpc::Channel* channel) {
    const BytesValue request;
    const auto late = co_await rpc::unary<BytesValue>(channel, service + "Hang", &request,
                                                      {.timeout = 200ms}, nullptr);
    expect(!late && late.error().code == Code::deadline_exceeded, "deadline");
    const auto unknown =
        co_await rpc::unary<BytesValue>(channel, service + "Nothing", &request, {}, nullptr);
    expect(!unknown && unknown.error().code == Code::unimplemented, "unknown method");
    const BytesValue huge = value_of(std::string(17'000'000, 'h'));
    const auto over =
        co_await rpc::unary<BytesValue>(channel, service + "Unary", &huge, {}, nullptr);
    expect(!over && over.error().code == Code::resource_exhausted, "a message over the limit");
    grpc::health::v1::HealthCheckRequest health;
    const auto answer = co_await rpc::unary<grpc::health::v1::HealthCheckResponse>(
        channel, "/grpc.health.v1.Health/Check", &health, {}, nullptr);
    if (expect_ok(answer, "health")) expect(answer->status() == 1, "health's status");
}

Task<void> ask(std::uint16_t port) {
    rpc::ChannelOptions options;
    options.address = {.host = "127.0.0.1", .port = port};
    options.compression =
        rpc::compression_of(option("PEER_COMPRESSION")).value_or(rpc::Compression::none);
    // The other side, too, shall meet what is larger than its limit.
    options.limits.send = 32 * 1024 * 1024;
    if (const std::string folder = option("PEER_TLS"); !folder.empty()) {
        auto tls = async::TlsContext::client({.ca = folder + "/ca.pem",
                                              .certificate = folder + "/client.pem",
                                              .key = folder + "/client.key",
                                              .verify = async::TlsContext::Verify::identity,
                                              .alpn = "h2"});
        if (!expect_ok(tls, "tls")) co_return;
        options.tls = *tls;
    }
    rpc::Channel channel(options);
    co_await check_unary(&channel);
    co_await check_failures(&channel);
    expect_ok(co_await check_streams(&channel), "streams");
    co_await check_ends(&channel);
    co_await channel.close();
}

}  // namespace

int main(int argc, char** argv) {
    const std::string what = argc > 1 ? argv[1] : "";
    async::Loop loop;
    if (what == "server") {
        async::run_until_done(loop, serve());
        return 0;
    }
    if (what != "client" || argc != 3) {
        std::cerr << "sluice_peer server | client PORT" << std::endl;
        return 2;
    }
    async::run_until_done(loop, ask(static_cast<std::uint16_t>(std::atoi(argv[2]))));
    return wrong == 0 ? 0 : 1;
}
