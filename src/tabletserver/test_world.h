#pragma once
// For tests: a whole tablet in one process: gRPC client, query service, a real server, topology in
// memory.
#include <gtest/gtest.h>

#include "async/deadline.h"
#include "async/listener.h"
#include "mysql/real_server.h"
#include "query.pb.h"
#include "rpc/messages.h"
#include "rpc/server.h"
#include "tabletserver/detail/ask.h"
#include "tabletserver/lifecycle.h"
#include "tabletserver/server.h"
#include "topo/paths.h"

namespace sluice::tabletserver {

using namespace std::chrono_literals;
using mysql::RealServer;

inline constexpr const char* database = "vt_tabletserver";

inline Options options_for_tests() {
    Options options;
    options.alias = {"zone1", 100};
    options.keyspace = "ks";
    options.shard = "0";
    options.server = RealServer::get().over_socket();
    options.dba = options.server;
    options.server.database = database;
    options.pool_size = 2;
    options.transaction_cap = 2;
    options.transaction_wait = 50ms;
    options.transaction_timeout = 2s;
    options.query_timeout = 2s;
    options.shutdown_grace = 200ms;
    options.max_rows = 10;
    options.health_interval = 50ms;
    options.enforce_strict = false;
    return options;
}

// The tablet and its one client.
struct World {
    Options options = options_for_tests();
    std::unique_ptr<Server> server;
    std::shared_ptr<topo::Topology> topology;
    std::unique_ptr<Lifecycle> life;
    rpc::Services services;
    std::unique_ptr<rpc::Server> door;
    std::unique_ptr<rpc::Channel> channel;
    bool primary = true;
};
using Scenario = Task<void> (*)(World*);

inline Task<void> prepare_topology(World* world) {
    topo::TopologyOptions options;
    options.implementation = "memory";
    options.global_root = "/vitess/global";
    world->topology = (co_await topo::Topology::open(options, nullptr)).value();
    const topo::CellLocation location{"", "/vitess/zone1"};
    EXPECT_TRUE((co_await world->topology->write("global", topo::path::cell_location("zone1"),
                                                 location, 0, nullptr))
                    .has_value());
    if (!world->primary) co_return;
    topo::Shard shard;
    shard.is_primary_serving = true;
    shard.primary_alias = TabletAlias{"zone1", 100};
    EXPECT_TRUE((co_await world->topology->write("global", topo::path::keyspace("ks"),
                                                 topo::Keyspace{}, 0, nullptr))
                    .has_value());
    EXPECT_TRUE(
        (co_await world->topology->write("global", topo::path::shard("ks", "0"), shard, 0, nullptr))
            .has_value());
}

inline Task<void> play(World* world, Scenario scenario) {
    world->server = std::make_unique<Server>(world->options,
                                             std::vector<async::Loop*>{&async::Loop::current()});
    co_await prepare_topology(world);
    EXPECT_TRUE((co_await world->server->start(nullptr)).has_value());
    const std::string create = std::string("create database if not exists ") + database;
    // A primary makes it itself.
    if (!world->primary)
        EXPECT_TRUE((co_await ask(world->server->admin(), {.text = create}, nullptr)).has_value());
    world->server->service().add_to(&world->services);
    auto listeners = async::Listener::open({.host = "127.0.0.1"}, 1);
    EXPECT_TRUE(listeners.has_value());
    if (!listeners) co_return;
    world->door = std::make_unique<rpc::Server>(&world->services, rpc::ServerOptions{});
    async::Scope scope;
    scope.spawn("serve", world->door->serve(&listeners->front()));
    LifecycleOptions life;
    life.record.alias = world->options.alias;
    life.record.hostname = "127.0.0.1";
    life.record.port_map = {{"grpc", listeners->front().port()}};
    life.record.keyspace = "ks";
    life.record.shard = "0";
    life.record.type = TabletType::replica;
    life.record.db_name_override = database;
    world->life =
        std::make_unique<Lifecycle>(std::move(life), world->topology, world->server.get());
    EXPECT_TRUE((co_await world->life->start(nullptr)).has_value());
    EXPECT_TRUE((co_await world->server->settle(nullptr)).has_value());
    rpc::ChannelOptions channel;
    channel.address = {.host = "127.0.0.1", .port = listeners->front().port()};
    world->channel = std::make_unique<rpc::Channel>(std::move(channel));
    co_await scenario(world);
    co_await world->life->stop();
    co_await world->channel->close();
    co_await world->server->stop_serving();
    co_await world->door->drain(0s);
    co_await scope.join();
    co_await world->server->close();
    world->channel.reset();
    world->door.reset();
    world->life.reset();
    world->server.reset();
}

inline bool run_world(World* world, Scenario scenario) {
    if (!RealServer::get().present()) return false;
    async::Loop loop;
    async::run_until_done(loop, play(world, scenario));
    return true;
}

template <class Message>
void fill(Message* message, const World& world) {
    message->mutable_target()->set_keyspace("ks");
    message->mutable_target()->set_shard("0");
    message->mutable_target()->set_tablet_type(world.primary ? ::topodata::PRIMARY
                                                             : ::topodata::REPLICA);
    message->mutable_immediate_caller_id()->set_username("app");
}

template <class Request>
Request request_for(const World& world, const std::string& sql) {
    Request request;
    fill(&request, world);
    request.mutable_query()->set_sql(sql);
    request.mutable_options()->set_included_fields(::query::ExecuteOptions::ALL);
    return request;
}

template <class Response, class Request>
Task<Result<Response>> send(World* world, std::string method, const Request* request) {
    co_return co_await rpc::unary<Response>(world->channel.get(), "/queryservice.Query/" + method,
                                            request, {}, nullptr);
}

inline Task<Result<::query::QueryResult>> execute_sql(World* world, std::string sql,
                                                      std::int64_t transaction = 0) {
    auto request = request_for<::query::ExecuteRequest>(*world, sql);
    request.set_transaction_id(transaction);
    const auto response =
        CO_TRY(co_await send<::query::ExecuteResponse>(world, "Execute", &request));
    co_return response.result();
}

inline std::string text_of(const Result<::query::QueryResult>& result) {
    if (!result) return result.error().text;
    std::string text;
    for (const auto& row : result->rows()) {
        std::size_t at = 0;
        for (const std::int64_t length : row.lengths()) {
            if (!text.empty()) text += ",";
            text += length < 0 ? "NULL" : row.values().substr(at, static_cast<std::size_t>(length));
            at += length < 0 ? 0 : static_cast<std::size_t>(length);
        }
    }
    return text;
}

}  // namespace sluice::tabletserver
