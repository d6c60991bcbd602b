// What happens to connections: draining, ages, pings, lost and unreachable servers, rubbish.
#include <nghttp2/nghttp2.h>

#include "async/deadline.h"
#include "rpc/detail/session.h"
#include "rpc/detail/world.h"
#include "rpc/status.h"

namespace sluice::rpc {
namespace {

using namespace std::chrono_literals;
using detail::ask;
using detail::bytes_of;
using detail::run_world;
using detail::World;

Task<void> drain_and_note(Server* server, Duration grace, bool* done) {
    co_await server->drain(grace);
    *done = true;
}

// A running call ends well while its server drains; a new one finds nobody.
Task<Result<void>> drain(World* world) {
    ClientCall call;
    CO_TRY(co_await world->channel->start(&call, "/test.Echo/Talk", {}, nullptr));
    CO_TRY(co_await call.send(bytes_of("one"), nullptr));
    CO_TRY(co_await call.receive(nullptr));
    bool done = false;
    async::Scope scope;
    scope.spawn("drain", drain_and_note(world->server.get(), 30s, &done));
    while (world->channel->counters().goaways < 2) CO_TRY(co_await async::pause(1ms, nullptr));
    CO_TRY(co_await call.send(bytes_of("two"), nullptr));
    EXPECT_EQ(detail::text_of(*CO_TRY(co_await call.receive(nullptr))), "two");
    EXPECT_FALSE(done);
    call.finish_sending();
    EXPECT_FALSE(CO_TRY(co_await call.receive(nullptr)).has_value());
    co_await scope.join();
    EXPECT_TRUE(done);
    co_return Result<void>{};
}

TEST(RpcConnection, Drain) {
    World world;
    run_world(&world, drain);
}

Task<Result<void>> drain_by_force(World* world) {
    ClientCall call;
    CO_TRY(co_await world->channel->start(&call, "/test.Echo/Hang", {}, nullptr));
    CO_TRY(co_await call.send(bytes_of("x"), nullptr));
    while (world->server->counters().methods[5].received.get() == 0) {
        CO_TRY(co_await async::pause(1ms, nullptr));
    }
    bool done = false;
    async::Scope scope;
    scope.spawn("drain", drain_and_note(world->server.get(), 50ms, &done));
    EXPECT_EQ((co_await call.receive(nullptr)).error().code, Code::unavailable);
    co_await scope.join();
    co_return Result<void>{};
}

TEST(RpcConnection, DrainEndsByForce) {
    World world;
    run_world(&world, drain_by_force);
}

// Connections are replaced all the time, and no call notices.
Task<Result<void>> ages(World* world) {
    const ChannelCounters& counters = world->channel->counters();
    while (counters.connects < 4) {
        EXPECT_EQ(CO_TRY(co_await ask(world->channel.get(), "Unary", "x", {})), "x");
    }
    EXPECT_EQ(counters.connect_failures, 0U);
    co_return Result<void>{};
}

TEST(RpcConnection, MaxAge) {
    World world;
    world.server_options.max_connection_age = 30ms;
    world.server_options.max_connection_age_grace = 10s;
    run_world(&world, ages);
}

Task<Result<void>> too_many_pings(World* world) {
    CO_TRY(co_await world->channel->connect(nullptr));
    while (world->channel->counters().goaways == 0) CO_TRY(co_await async::pause(5ms, nullptr));
    EXPECT_EQ(world->server->counters().too_many_pings, 1U);
    EXPECT_EQ(world->channel->options().keepalive.time, Duration(20ms));  // the client calms down
    while (world->channel->connected()) CO_TRY(co_await async::pause(5ms, nullptr));
    EXPECT_EQ(CO_TRY(co_await ask(world->channel.get(), "Unary", "x", {})), "x");
    co_return Result<void>{};
}

TEST(RpcConnection, TooManyPings) {
    World world;
    world.server_options.ping_rules = {.min_time = 1h};
    world.channel_options.keepalive = {.time = 10ms, .timeout = 10s, .without_calls = true};
    run_world(&world, too_many_pings);
}

Task<Result<void>> allowed_pings(World* world) {
    CO_TRY(co_await world->channel->connect(nullptr));
    while (world->channel->counters().wire.pings_sent < 6 ||
           world->server->counters().wire.pings_sent < 6) {
        CO_TRY(co_await async::pause(5ms, nullptr));
    }
    EXPECT_TRUE(world->channel->connected());
    EXPECT_EQ(world->channel->counters().goaways, 0U);
    co_return Result<void>{};
}

TEST(RpcConnection, AllowedPingsOfBothSides) {
    World world;
    world.server_options.ping_rules = {.min_time = 1ms, .without_calls = true};
    world.server_options.keepalive = {.time = 10ms, .timeout = 10s, .without_calls = true};
    world.channel_options.keepalive = {.time = 10ms, .timeout = 10s, .without_calls = true};
    run_world(&world, allowed_pings);
}

// A server by hand: what it says is written as bytes.
struct Script {
    async::Listener listener;
    std::string says;            // after the client's preface has come
    std::string needle, answer;  // what is said when the client's bytes hold the needle
    std::size_t connections = 0;
    bool hang_up = false;
};

Task<void> hold(Script* script, int descriptor, Stop* stop) {
    async::Stream stream{async::Socket(descriptor)};
    if (!co_await stream.fill(stop)) co_return;
    (void)co_await stream.write(bytes_of(script->says), {}, stop);
    while (!script->hang_up && co_await stream.fill(stop)) {
        const auto bytes = stream.received();
        const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        if (!script->needle.empty() && text.contains(script->needle)) {
            (void)co_await stream.write(bytes_of(script->answer), {}, stop);
        }
        stream.consume(bytes.size());
    }
}

Task<void> run_script(Script* script, Stop* stop) {
    async::Scope scope;
    for (;;) {
        const auto accepted = co_await script->listener.accept(stop);
        if (!accepted) break;
        ++script->connections;
        scope.spawn("hold", hold(script, accepted->descriptor, stop));
    }
    co_await scope.join();
}

const std::string settings("\0\0\0\4\0\0\0\0\0", 9);
const std::string goaway_nothing_done("\0\0\x08\7\0\0\0\0\0\0\0\0\0\0\0\0\0", 17);

struct Scripted {
    World* world;
    Script script;
    Stop stop;
    async::Scope scope;
    std::unique_ptr<Channel> channel;

    explicit Scripted(World* of, std::string says)
        : world(of),
          script{.listener = std::move(async::Listener::open({.host = "127.0.0.1"}, 1)->front()),
                 .says = std::move(says)} {
        ChannelOptions options = of->channel_options;
        options.address.port = script.listener.port();
        channel = std::make_unique<Channel>(options);
        scope.spawn("script", run_script(&script, &stop));
    }
};

Task<void> end_scripted(Scripted* scripted) {
    co_await scripted->channel->close();
    scripted->stop.request(canceled_error());
    co_await scripted->scope.join();
}

Task<Result<void>> dead_server(World* world) {
    Scripted scripted(world, settings);
    const auto answer = co_await ask(scripted.channel.get(), "Unary", "x", {.timeout = 10s});
    EXPECT_EQ(answer.error().code, Code::unavailable);
    EXPECT_EQ(answer.error().text, "keepalive ping failed to receive ACK within timeout");
    co_await end_scripted(&scripted);
    co_return Result<void>{};
}

TEST(RpcConnection, KeepaliveFindsTheDead) {
    World world;
    world.channel_options.keepalive = {.time = 20ms, .timeout = 30ms};
    run_world(&world, dead_server);
}

// A server that has not looked at the call: it is sent again, once. One that goes away at once is
// asked again after the pause only.
Task<Result<void>> unprocessed(World* world) {
    {
        Scripted scripted(world, settings);
        scripted.script.needle = "the request";
        scripted.script.answer = goaway_nothing_done;
        const auto answer =
            co_await ask(scripted.channel.get(), "Unary", "the request", {.timeout = 10s});
        EXPECT_EQ(answer.error().code, Code::unavailable);
        EXPECT_EQ(scripted.channel->counters().retried, 1U);
        EXPECT_EQ(scripted.script.connections, 2U);
        co_await end_scripted(&scripted);
    }
    Scripted scripted(world, settings + goaway_nothing_done);
    const auto answer = co_await ask(scripted.channel.get(), "Unary", "x", {.timeout = 10s});
    EXPECT_EQ(answer.error().code, Code::unavailable);
    EXPECT_EQ(scripted.script.connections, 1U);
    co_await end_scripted(&scripted);
    co_return Result<void>{};
}

TEST(RpcConnection, UnprocessedCalls) {
    World world;
    run_world(&world, unprocessed);
}

Task<Result<void>> no_grpc_server(World* world) {
    for (const std::string& says :
         {std::string("HTTP/1.1 400 Bad Request\r\n\r\n"), std::string("\xff\xff\xff\xff\xff", 5),
          std::string(70'000, 'x')}) {
        Scripted scripted(world, says);
        scripted.script.hang_up = true;
        const auto answer = co_await ask(scripted.channel.get(), "Unary", "x", {.timeout = 10s});
        EXPECT_EQ(answer.error().code, Code::unavailable);
        EXPECT_TRUE(answer.error().text.starts_with(
            "connection error: desc = \"transport: Error while dialing: "))
            << answer.error().text;
        co_await end_scripted(&scripted);
    }
    co_return Result<void>{};
}

TEST(RpcConnection, WhatIsNoGrpcServer) {
    World world;
    run_world(&world, no_grpc_server);
}

Task<Result<void>> fails_fast(World* world) {
    ChannelOptions options = world->channel_options;
    auto listeners = CO_TRY(async::Listener::open({.host = "127.0.0.1"}, 1));
    options.address.port = listeners[0].port();
    listeners.clear();  // nobody listens there
    options.backoff = {.first = 100ms, .factor = 1};
    Channel channel(options);
    for (int i = 0; i < 3; ++i) {
        const auto answer = co_await ask(&channel, "Unary", "x", {});
        EXPECT_EQ(answer.error().code, Code::unavailable);
        EXPECT_TRUE(answer.error().text.contains("Connection refused")) << answer.error().text;
        EXPECT_EQ(channel.counters().connects, 1U);  // the pause is not over
    }
    EXPECT_EQ(channel.counters().failed_fast, 3U);
    auto again =
        CO_TRY(async::Listener::open({.host = "127.0.0.1", .port = options.address.port}, 1));
    async::Scope scope;
    Server server(&world->services, {});
    scope.spawn("serve", server.serve(&again.front()));
    EXPECT_EQ(
        CO_TRY(co_await ask(&channel, "Unary", "x", {.timeout = 10s, .wait_for_ready = true})),
        "x");
    EXPECT_GE(channel.counters().connects, 2U);
    co_await channel.close();
    co_await server.drain(1s);
    co_await scope.join();
    co_return Result<void>{};
}

TEST(RpcConnection, FailsFastAndComesBack) {
    World world;
    run_world(&world, fails_fast);
}

// A client by hand, over nghttp2 or with bytes alone.
struct RawCall : detail::Exchange {
    std::map<std::string, std::string, std::less<>> headers;
    bool over = false;
    std::uint32_t code = 0;
    void on_header(std::string_view name, std::string_view value) override {
        headers[std::string(name)] = value;
    }
    void on_headers_end(bool) override {}
    void on_closed(std::uint32_t http2_code, const Error*) override {
        over = true;
        code = http2_code;
    }
};

struct RawEvents : detail::SessionEvents {
    detail::Exchange* on_request(std::int32_t) override { return nullptr; }
    void on_settings() override {}
    void on_ping(bool, std::uint64_t) override {}
    void on_goaway(std::uint32_t, std::string_view) override {}
    void on_progress() override {}
    void on_exchange_over() override {}
    void on_output() override {}
};

// Sends a request with these headers and these bytes as data, and waits for its end.
Task<Result<void>> raw_request(World* world, std::vector<detail::Header> headers, RawCall* call) {
    async::Stream stream{
        CO_TRY(co_await async::connect({.host = "127.0.0.1", .port = world->port}, nullptr))};
    RawEvents events;
    detail::Session session({.side = detail::Side::client}, &events);
    CO_TRY(session.request(call, headers));
    Stop stop;
    const async::Deadline deadline(&stop, 5s, deadline_error());
    Result<void> result;
    while (result && !call->over) {
        detail::Output out;
        result = session.pull(&out);
        if (result) result = co_await stream.write(out.view(), {}, &stop);
        if (result) result = co_await stream.fill(&stop);
        if (result) result = session.feed(stream.received());
        stream.consume(stream.received().size());
    }
    session.lose(canceled_error());
    co_return result;
}

Task<Result<void>> odd_requests(World* world) {
    using H = detail::Header;
    const H path{.name = ":path", .value = "/test.Echo/Unary"};
    const H method{.name = ":method", .value = "POST"};
    const H scheme{.name = ":scheme", .value = "http"};
    const H type{.name = "content-type", .value = "application/grpc+proto"};
    const H host{.name = ":authority", .value = "test"};
    struct Case {
        std::vector<H> headers;
        std::string name, want;
    };
    for (const auto& [headers, name, want] : {
             Case{
                 {{.name = ":method", .value = "GET"}, scheme, host, path, type}, ":status", "405"},
             Case{{method, scheme, host, path}, ":status", "415"},
             Case{{method,
                   scheme,
                   host,
                   path,
                   {.name = "content-type", .value = "application/grpc-web"}},
                  ":status",
                  "415"},
             Case{{method, scheme, host, path, type, {.name = "grpc-timeout", .value = "1x"}},
                  "grpc-message",
                  "malformed grpc-timeout"},
             Case{{method, scheme, host, path, type, {.name = "x-bin", .value = "?"}},
                  "grpc-message",
                  "malformed binary metadata"},
             Case{{method, scheme, host, path, type, {.name = "grpc-encoding", .value = "zip"}},
                  "grpc-status",
                  "12"},
             Case{{method, scheme, host, {.name = ":path", .value = "/nothing"}, type},
                  "grpc-message",
                  "malformed method name: \"/nothing\""},
         }) {
        RawCall call;
        CO_TRY(co_await raw_request(world, headers, &call));
        EXPECT_EQ(call.headers[name], want);
    }
    // Without what HTTP/2 demands, and with too much, the stream is reset.
    for (const std::vector<H>& headers :
         {std::vector<H>{method, scheme, type},
          std::vector<H>{method, scheme, host, path, type, {.name = "a b", .value = "x"}}}) {
        RawCall call;
        CO_TRY(co_await raw_request(world, headers, &call));
        EXPECT_NE(call.code, 0U);
    }
    const std::string long_value(30'000, 'v');
    RawCall call;
    std::vector<H> many = {method, scheme, host, path, type};
    for (int i = 0; i < 2; ++i) many.push_back({.name = "long", .value = long_value});
    many.push_back({.name = "long", .value = std::string_view(long_value).substr(0, 10'000)});
    const auto refused = co_await raw_request(world, many, &call);
    EXPECT_TRUE(!refused || call.code != 0);
    EXPECT_EQ(CO_TRY(co_await ask(world->channel.get(), "Unary", "x", {})), "x");
    co_return Result<void>{};
}

TEST(RpcConnection, OddRequests) {
    World world;
    run_world(&world, odd_requests);
}

// A client that connects and says nothing, and a request that never becomes whole.
Task<Result<void>> silent_client(World* world) {
    async::Stream stream{
        CO_TRY(co_await async::connect({.host = "127.0.0.1", .port = world->port}, nullptr))};
    Stop stop;
    const async::Deadline deadline(&stop, 10s, deadline_error());
    while (co_await stream.fill(&stop)) stream.consume(stream.received().size());
    EXPECT_FALSE(stop.requested());

    RawCall call;
    CO_TRY(co_await raw_request(world,
                                {{.name = ":method", .value = "POST"},
                                 {.name = ":scheme", .value = "http"},
                                 {.name = ":authority", .value = "test"},
                                 {.name = ":path", .value = "/test.Echo/Unary"},
                                 {.name = "content-type", .value = "application/grpc"},
                                 {.name = "grpc-timeout", .value = "20m"}},
                                &call));
    EXPECT_EQ(call.headers["grpc-status"], "4");
    co_return Result<void>{};
}

TEST(RpcConnection, SilentClients) {
    World world;
    world.server_options.handshake_timeout = 50ms;
    run_world(&world, silent_client);
}

Task<Result<void>> rubbish(World* world) {
    const std::string preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    for (const std::string& bytes :
         {std::string("GET / HTTP/1.1\r\n\r\n"),
          preface + std::string("\xff\xff\xff\1\5\0\0\0\1", 9),
          preface + settings + std::string("\0\0\1\1\5\0\0\0\1\xff", 10),  // broken HPACK
          preface + settings + std::string("\0\0\1\0\1\0\0\0\1x", 10),     // DATA of no stream
          preface + settings + std::string("\0\0\4\x08\0\0\0\0\0\0\0\0\0", 13),  // window of 0
          preface + settings + std::string("\0\0\1\6\0\0\0\0\0x", 10)}) {        // a short PING
        async::Stream stream{
            CO_TRY(co_await async::connect({.host = "127.0.0.1", .port = world->port}, nullptr))};
        CO_TRY(co_await stream.write(bytes_of(bytes), {}, nullptr));
        Stop stop;
        const async::Deadline deadline(&stop, 5s, deadline_error());
        while (co_await stream.fill(&stop)) stream.consume(stream.received().size());
        EXPECT_FALSE(stop.requested());  // the server has closed it
        EXPECT_EQ(CO_TRY(co_await ask(world->channel.get(), "Unary", "x", {})), "x");
    }
    co_return Result<void>{};
}

TEST(RpcConnection, Rubbish) {
    World world;
    run_world(&world, rubbish);
}

}  // namespace
}  // namespace sluice::rpc
