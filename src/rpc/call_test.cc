// Calls of every kind, client and server on one loop.
#include "rpc/call.h"

#include "rpc/detail/world.h"
#include "rpc/status.h"

namespace sluice::rpc {
namespace {

using namespace std::chrono_literals;
using detail::ask;
using detail::bytes_of;
using detail::run_world;
using detail::text_of;
using detail::World;

Task<Result<void>> unary(World* world) {
    EXPECT_EQ(CO_TRY(co_await ask(world->channel.get(), "Unary", "hello", {})), "hello");
    EXPECT_EQ(CO_TRY(co_await ask(world->channel.get(), "Unary", "", {})), "");
    // Larger than windows and frames, sent from where it lies.
    const std::string large(5'000'000, 'a');
    EXPECT_EQ(CO_TRY(co_await ask(world->channel.get(), "Unary", large, {})), large);
    co_return Result<void>{};
}

TEST(RpcCall, Unary) {
    World world;
    run_world(&world, unary);
    EXPECT_EQ(world.server->counters().methods[0].handled[0].get(), 3U);
    EXPECT_EQ(world.server->counters().methods[0].received.get(), 3U);
    EXPECT_EQ(world.channel->counters().connects, 1U);
}

Task<Result<void>> metadata(World* world) {
    Metadata sent;
    CO_TRY(sent.add("echo-text", "a b"));
    CO_TRY(sent.add("echo-raw-bin", std::string_view("\0\xff,", 3)));
    Metadata headers;
    Metadata trailers;
    CO_TRY(co_await ask(world->channel.get(), "Unary", "x",
                        {.metadata = &sent, .headers = &headers, .trailers = &trailers}));
    for (const Metadata* each : {&headers, &trailers}) {
        EXPECT_EQ(each->find("echo-text"), "a b");
        EXPECT_EQ(each->find("echo-raw-bin"), std::string_view("\0\xff,", 3));
        EXPECT_EQ(each->size(), 2U);
    }
    co_return Result<void>{};
}

TEST(RpcCall, MetadataBothWays) {
    World world;
    run_world(&world, metadata);
}

Task<Result<void>> failures(World* world) {
    const std::string text = "näher: 100%\n";
    for (int code = 1; code <= 18; ++code) {
        Metadata sent;
        CO_TRY(sent.add("code", std::to_string(code)));
        ClientCall call;
        CO_TRY(
            co_await world->channel->start(&call, "/test.Echo/Fail", {.metadata = &sent}, nullptr));
        CO_TRY(co_await call.send(bytes_of(text), nullptr));
        call.finish_sending();
        const auto answer = co_await call.receive(nullptr);
        EXPECT_FALSE(answer.has_value());
        if (answer) continue;
        EXPECT_EQ(static_cast<int>(answer.error().code), code);
        EXPECT_EQ(answer.error().text, text);
        EXPECT_EQ(call.details(), "details of " + text);
    }
    co_return Result<void>{};
}

TEST(RpcCall, EveryCodeWithTextAndDetails) {
    World world;
    run_world(&world, failures);
    EXPECT_EQ(world.server->counters().methods[1].handled[17].get(), 1U);
    EXPECT_EQ(world.server->counters().methods[1].handled[18].get(), 1U);
}

Task<Result<void>> unknown(World* world) {
    const auto method = co_await ask(world->channel.get(), "Nothing", "", {});
    EXPECT_EQ(method.error().code, Code::unimplemented);
    EXPECT_EQ(method.error().text, "unknown method Nothing for service test.Echo");
    const auto service = co_await world->channel->unary("/x.Y/Z", {}, {}, nullptr);
    EXPECT_EQ(service.error().text, "unknown service x.Y");
    co_return Result<void>{};
}

TEST(RpcCall, UnknownMethods) {
    World world;
    run_world(&world, unknown);
    EXPECT_EQ(world.server->counters().unknown_methods, 2U);
}

Task<Result<void>> server_stream(World* world) {
    Metadata sent;
    CO_TRY(sent.add("count", "300"));
    CO_TRY(sent.add("size", "30000"));
    ClientCall call;
    CO_TRY(co_await world->channel->start(&call, "/test.Echo/Many", {.metadata = &sent}, nullptr));
    CO_TRY(co_await call.send(bytes_of("go"), nullptr));
    call.finish_sending();
    std::size_t count = 0;
    for (;; ++count) {
        const auto message = CO_TRY(co_await call.receive(nullptr));
        if (!message) break;
        EXPECT_EQ(text_of(*message), std::string(30000, 'x'));
    }
    EXPECT_EQ(count, 300U);
    co_return Result<void>{};
}

TEST(RpcCall, ServerStream) {
    World world;
    run_world(&world, server_stream);
}

Task<Result<void>> client_stream(World* world) {
    ClientCall call;
    CO_TRY(co_await world->channel->start(&call, "/test.Echo/Sum", {}, nullptr));
    std::size_t sum = 0;
    for (std::size_t size = 0; size < 2000; ++size) {
        CO_TRY(co_await call.send(bytes_of(std::string(size, 's')), nullptr));
        sum += size;
    }
    call.finish_sending();
    const auto message = CO_TRY(co_await call.receive(nullptr));
    EXPECT_TRUE(message.has_value());
    if (message) EXPECT_EQ(text_of(*message), std::to_string(sum));
    EXPECT_FALSE(CO_TRY(co_await call.receive(nullptr)).has_value());
    co_return Result<void>{};
}

TEST(RpcCall, ClientStream) {
    World world;
    run_world(&world, client_stream);
}

Task<Result<void>> both_ways(World* world) {
    ClientCall call;
    CO_TRY(co_await world->channel->start(&call, "/test.Echo/Talk", {}, nullptr));
    for (int i = 0; i < 100; ++i) {
        const std::string text = "message " + std::to_string(i);
        CO_TRY(co_await call.send(bytes_of(text), nullptr));
        const auto message = CO_TRY(co_await call.receive(nullptr));
        EXPECT_TRUE(message.has_value());
        if (message) EXPECT_EQ(text_of(*message), text);
    }
    call.finish_sending();
    EXPECT_FALSE(CO_TRY(co_await call.receive(nullptr)).has_value());
    co_return Result<void>{};
}

TEST(RpcCall, BothWays) {
    World world;
    run_world(&world, both_ways);
}

Task<Result<void>> deadline(World* world) {
    const auto answer = co_await ask(world->channel.get(), "Hang", "x", {.timeout = 50ms});
    EXPECT_EQ(answer.error().code, Code::deadline_exceeded);
    EXPECT_EQ(answer.error().text, "context deadline exceeded");
    while (world->server->counters().methods[5].handled[4].get() +
               world->server->counters().methods[5].handled[1].get() ==
           0) {
        CO_TRY(co_await async::pause(10ms, nullptr));
    }
    co_return Result<void>{};
}

TEST(RpcCall, DeadlineEndsBothSides) {
    World world;
    run_world(&world, deadline);
}

Task<void> ask_and_note(Channel* channel, Stop* stop, Result<Message>* into) {
    const Bytes pieces[] = {bytes_of("x")};
    *into = co_await channel->unary("/test.Echo/Hang", pieces, {}, stop);
}

Task<Result<void>> cancel(World* world) {
    const async::Count& canceled = world->server->counters().methods[5].handled[1];
    Stop stop;
    Result<Message> answer;
    async::Scope scope;
    scope.spawn("ask", ask_and_note(world->channel.get(), &stop, &answer));
    while (world->server->counters().methods[5].received.get() == 0) {
        CO_TRY(co_await async::pause(1ms, nullptr));
    }
    stop.request(make_error(Code::canceled, "enough"));
    co_await scope.join();
    EXPECT_EQ(answer.error().text, "enough");
    while (canceled.get() != 1) CO_TRY(co_await async::pause(1ms, nullptr));
    // A call that is destroyed, and one that is canceled by hand.
    for (const bool by_hand : {false, true}) {
        ClientCall call;
        CO_TRY(co_await world->channel->start(&call, "/test.Echo/Hang", {}, nullptr));
        CO_TRY(co_await call.send(bytes_of("x"), nullptr));
        const std::uint64_t received = world->server->counters().methods[5].received.get();
        while (world->server->counters().methods[5].received.get() == received) {
            CO_TRY(co_await async::pause(1ms, nullptr));
        }
        if (!by_hand) continue;
        call.cancel();
        EXPECT_EQ((co_await call.receive(nullptr)).error().code, Code::canceled);
    }
    while (canceled.get() != 3) CO_TRY(co_await async::pause(1ms, nullptr));
    co_return Result<void>{};
}

TEST(RpcCall, CancelReachesTheHandler) {
    World world;
    run_world(&world, cancel);
}

// One call that nobody reads does not keep others from getting through, and holds no more than its
// window.
Task<Result<void>> stalled_reader(World* world) {
    Metadata sent;
    CO_TRY(sent.add("count", "100000"));
    CO_TRY(sent.add("size", "1000"));
    std::vector<std::unique_ptr<ClientCall>> stalled;
    for (int i = 0; i < 8; ++i) {
        ClientCall* call = stalled.emplace_back(std::make_unique<ClientCall>()).get();
        CO_TRY(
            co_await world->channel->start(call, "/test.Echo/Many", {.metadata = &sent}, nullptr));
        CO_TRY(co_await call->send(bytes_of("go"), nullptr));
        call->finish_sending();
    }
    std::uint64_t before = 0;
    do {  // until everything that may come has come
        before = world->channel->counters().wire.bytes_received;
        CO_TRY(co_await async::pause(50ms, nullptr));
    } while (world->channel->counters().wire.bytes_received != before);
    const std::size_t window = world->channel_options.windows.stream;
    EXPECT_LT(before, 8 * (window + 20'000));
    EXPECT_GT(before, 8 * (window - 20'000));
    const std::string large(3'000'000, 'b');
    EXPECT_EQ(CO_TRY(co_await ask(world->channel.get(), "Unary", large, {.timeout = 10s})), large);
    for (int i = 0; i < 5000; ++i) {  // the stalled ones go on where they stood
        const auto message = CO_TRY(co_await stalled[0]->receive(nullptr));
        EXPECT_EQ(message->size(), 1000U);
    }
    co_return Result<void>{};
}

TEST(RpcCall, StalledReaderStallsNobodyElse) {
    World world;
    world.channel_options.windows = {.stream = 128 * 1024, .connection = 256 * 1024};
    run_world(&world, stalled_reader);
}

Task<Result<void>> sizes(World* world) {
    const auto too_large = co_await ask(world->channel.get(), "Unary", std::string(1001, 'x'), {});
    EXPECT_EQ(too_large.error().code, Code::resource_exhausted);
    EXPECT_EQ(too_large.error().number, er::net_packet_too_large);
    EXPECT_EQ(too_large.error().text,
              "grpc: trying to send message larger than max (1001 vs. 1000)");
    Metadata sent;
    CO_TRY(sent.add("count", "1"));
    CO_TRY(sent.add("size", "1500"));
    const auto received = co_await ask(world->channel.get(), "Many", "", {.metadata = &sent});
    EXPECT_EQ(received.error().text, "grpc: received message larger than max (1500 vs. 1000)");
    // Refused by the server: the text crosses the wire.
    const auto refused = co_await ask(world->channel.get(), "Unary", std::string(600, 'x'), {});
    EXPECT_EQ(refused.error().code, Code::resource_exhausted);
    EXPECT_EQ(refused.error().text, "grpc: received message larger than max (600 vs. 500)");
    EXPECT_EQ(CO_TRY(co_await ask(world->channel.get(), "Unary", std::string(500, 'x'), {})),
              std::string(500, 'x'));
    co_return Result<void>{};
}

TEST(RpcCall, MessageSizes) {
    World world;
    world.server_options.limits.receive = 500;
    world.channel_options.limits = {.receive = 1000, .send = 1000};
    run_world(&world, sizes);
}

Task<Result<void>> budget(World* world) {
    const auto answer = co_await ask(world->channel.get(), "Unary", std::string(200'000, 'x'), {});
    EXPECT_EQ(answer.error().code, Code::resource_exhausted);
    EXPECT_EQ(CO_TRY(co_await ask(world->channel.get(), "Unary", std::string(1000, 'x'), {})),
              std::string(1000, 'x'));
    EXPECT_EQ(world->server_options.limits.budget->used(), 0U);
    co_return Result<void>{};
}

TEST(RpcCall, ReceivedMessagesAreCharged) {
    Budget limited(nullptr, 100'000, "--rpc_limit");
    World world;
    world.server_options.limits.budget = &limited;
    run_world(&world, budget);
}

Task<Result<void>> compressed(World* world) {
    const std::string text(300'000, 'z');
    for (const auto compression : {Compression::gzip, Compression::snappy}) {
        const std::uint64_t before = world->channel->counters().wire.bytes_sent;
        EXPECT_EQ(
            CO_TRY(co_await ask(world->channel.get(), "Unary", text, {.compression = compression})),
            text);
        EXPECT_LT(world->channel->counters().wire.bytes_sent - before, 40'000U);
    }
    EXPECT_LT(world->server->counters().wire.bytes_sent, 80'000U);  // answered alike
    const auto bomb = co_await ask(world->channel.get(), "Unary", std::string(3'000'000, 0),
                                   {.compression = Compression::gzip});
    EXPECT_EQ(bomb.error().text,
              "grpc: received message after decompression larger than max (2000001 vs. 2000000)");
    co_return Result<void>{};
}

TEST(RpcCall, Compression) {
    World world;
    world.server_options.limits.receive = 2'000'000;
    run_world(&world, compressed);
}

}  // namespace
}  // namespace sluice::rpc
