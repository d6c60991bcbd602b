#pragma once
// For tests: a server and a channel on one loop, joined by TCP on this machine.
#include <gtest/gtest.h>

#include "async/loop.h"
#include "rpc/channel.h"
#include "rpc/detail/echo.h"
#include "rpc/server.h"

namespace sluice::rpc::detail {

struct World {
    Services services;
    ServerOptions server_options;
    ChannelOptions channel_options;
    std::unique_ptr<Server> server;
    std::unique_ptr<Channel> channel;
    std::uint16_t port = 0;
};

using Scenario = Task<Result<void>> (*)(World*);

inline Task<void> play(World* world, Scenario scenario) {
    auto listeners = async::Listener::open({.host = "127.0.0.1"}, 1);
    EXPECT_TRUE(listeners.has_value());
    if (!listeners) co_return;
    world->port = listeners->front().port();
    world->server = std::make_unique<Server>(&world->services, world->server_options);
    world->channel_options.address = {.host = "127.0.0.1", .port = world->port};
    world->channel = std::make_unique<Channel>(world->channel_options);
    async::Scope scope;
    scope.spawn("serve", world->server->serve(&listeners->front()));
    const Result<void> played = co_await scenario(world);
    EXPECT_TRUE(played.has_value()) << (played ? "" : played.error().text);
    co_await world->channel->close();
    co_await world->server->drain(std::chrono::seconds(5));
    co_await scope.join();
}

// Runs `scenario` against an echo server with the world's options.
inline void run_world(World* world, Scenario scenario) {
    if (world->services.methods().empty()) add_echo(&world->services);
    async::Loop loop;
    async::run_until_done(loop, play(world, scenario));
}

inline Task<Result<std::string>> ask(Channel* channel, std::string method, std::string request,
                                     CallOptions options) {
    const Bytes pieces[] = {bytes_of(request)};
    const Message answer =
        CO_TRY(co_await channel->unary("/test.Echo/" + method, pieces, options, nullptr));
    co_return text_of(answer);
}

}  // namespace sluice::rpc::detail
