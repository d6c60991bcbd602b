// RpcHealth against a scripted peer, both on one loop.
#include "tablet/health_stream.h"

#include <gtest/gtest.h>

#include "async/deadline.h"
#include "async/listener.h"
#include "async/scope.h"
#include "query.pb.h"
#include "rpc/messages.h"
#include "rpc/server.h"

namespace sluice::tablet {
namespace {

using namespace std::chrono_literals;

struct Peer {
    rpc::Services services;
    std::unique_ptr<rpc::Server> server;
    std::vector<::query::StreamHealthResponse> messages;
    std::optional<Error> end;  // after the messages; none: the stream stays open
    std::string asked;         // the last GetSchemaRequest
    std::size_t streams = 0;

    Peer() {
        rpc::add_server_stream<::query::StreamHealthRequest>(
            &services, "/queryservice.Query/StreamHealth",
            [this](rpc::ServerCall* call, const ::query::StreamHealthRequest*) {
                return health(this, call);
            });
        rpc::add_server_stream<::query::GetSchemaRequest>(
            &services, "/queryservice.Query/GetSchema",
            [this](rpc::ServerCall* call, const ::query::GetSchemaRequest* request) {
                return schema(this, call, request);
            });
    }

 private:
    static Task<Result<void>> health(Peer* self, rpc::ServerCall* call) {
        ++self->streams;
        for (const auto& message : self->messages) CO_TRY(co_await rpc::send(call, &message));
        if (self->end) co_return fail(*self->end);
        async::WaitQueue never;
        co_return co_await never.wait(call->stop());
    }
    static Task<Result<void>> schema(Peer* self, rpc::ServerCall* call,
                                     const ::query::GetSchemaRequest* request) {
        self->asked = request->ShortDebugString();
        ::query::GetSchemaResponse part;
        (*part.mutable_table_definition())["a"] = "create table a";
        CO_TRY(co_await rpc::send(call, &part));
        part.Clear();
        (*part.mutable_table_definition())["b"] = "create table b";
        auto* udf = part.add_udfs();
        udf->set_name("f");
        udf->set_aggregating(true);
        udf->set_return_type(::query::INT64);
        co_return co_await rpc::send(call, &part);
    }
};

struct World {
    Peer peer;
    std::unique_ptr<RpcHealth> health;
};

Task<void> play(World* world, Task<void> (*scenario)(World*)) {
    auto listeners = async::Listener::open({.host = "127.0.0.1"}, 1);
    EXPECT_TRUE(listeners.has_value());
    if (!listeners) co_return;
    world->peer.server = std::make_unique<rpc::Server>(&world->peer.services, rpc::ServerOptions());
    rpc::ChannelOptions options;
    options.address = {.host = "127.0.0.1", .port = listeners->front().port()};
    world->health = std::make_unique<RpcHealth>(options);
    async::Scope scope;
    scope.spawn("serve", world->peer.server->serve(&listeners->front()));
    co_await scenario(world);
    co_await world->health->close();
    co_await world->peer.server->drain(0s);
    co_await scope.join();
    world->health.reset();
}
void run_world(Task<void> (*scenario)(World*)) {
    World world;
    async::Loop loop;
    async::run_until_done(loop, play(&world, scenario));
}

::query::StreamHealthResponse full_message() {
    ::query::StreamHealthResponse message;
    message.mutable_target()->set_keyspace("ks");
    message.mutable_target()->set_shard("-80");
    message.mutable_target()->set_tablet_type(::topodata::REPLICA);
    message.set_serving(true);
    message.set_primary_term_start_timestamp(7);
    auto* stats = message.mutable_realtime_stats();
    stats->set_health_error("e");
    stats->set_replication_lag_seconds(3);
    stats->set_binlog_players_count(2);
    stats->set_filtered_replication_lag_seconds(4);
    stats->set_cpu_usage(0.5);
    stats->set_qps(1.5);
    stats->add_table_schema_changed("t");
    stats->add_view_schema_changed("v");
    stats->set_udfs_changed(true);
    stats->set_tx_unresolved(true);
    message.mutable_tablet_alias()->set_cell("zone1");
    message.mutable_tablet_alias()->set_uid(100);
    return message;
}

Task<void> check_messages(World* w) {
    w->peer.messages = {full_message(), ::query::StreamHealthResponse()};
    w->peer.end = make_error(Code::unavailable, "tabletserver is shutdown");
    EXPECT_TRUE((co_await w->health->open(nullptr)).has_value());
    const auto first = co_await w->health->next(nullptr);
    EXPECT_TRUE(first.has_value());
    if (!first) co_return;
    EXPECT_EQ(first->target, (HealthTarget{"ks", "-80", vindex::TabletType::replica, ""}));
    EXPECT_TRUE(first->serving);
    EXPECT_EQ(first->primary_term_start, 7);
    const HealthStats want{.health_error = "e",
                           .replication_lag_seconds = 3,
                           .binlog_players_count = 2,
                           .filtered_replication_lag_seconds = 4,
                           .cpu_usage = 0.5,
                           .qps = 1.5,
                           .table_schema_changed = {"t"},
                           .view_schema_changed = {"v"},
                           .udfs_changed = true,
                           .tx_unresolved = true};
    EXPECT_EQ(first->stats, want);
    EXPECT_EQ(first->alias, (vindex::TabletAlias{"zone1", 100}));
    const auto second = co_await w->health->next(nullptr);
    EXPECT_TRUE(second && !second->target && !second->stats && !second->alias);
    const auto third = co_await w->health->next(nullptr);
    EXPECT_FALSE(third.has_value());
    EXPECT_EQ(third.error().code, Code::unavailable);
    // It may be opened again, and waits no longer than it is let.
    w->peer.end.reset();
    EXPECT_TRUE((co_await w->health->open(nullptr)).has_value());
    EXPECT_TRUE((co_await w->health->next(nullptr)).has_value());
    EXPECT_TRUE((co_await w->health->next(nullptr)).has_value());
    async::Stop stop;
    const async::Deadline deadline(&stop, 20ms, make_error(Code::deadline_exceeded, "silence"));
    const auto silent = co_await w->health->next(&stop);
    EXPECT_EQ(silent.error().text, "silence");
    EXPECT_EQ(w->peer.streams, 2U);
}
TEST(RpcHealth, ReadsMessages) {
    run_world(check_messages);
}

Task<void> check_schema(World* w) {
    const HealthTarget target{"ks", "-80", vindex::TabletType::primary, ""};
    const auto early = co_await w->health->schema(target, SchemaKind::tables, {}, nullptr);
    EXPECT_EQ(early.error().code, Code::unavailable) << "not connected";
    EXPECT_TRUE((co_await w->health->open(nullptr)).has_value());
    const auto parts = co_await w->health->schema(target, SchemaKind::udfs, {"a", "b"}, nullptr);
    EXPECT_TRUE(parts.has_value());
    if (!parts) co_return;
    EXPECT_EQ(w->peer.asked,
              "target { keyspace: \"ks\" shard: \"-80\" tablet_type: PRIMARY } table_type: UDFS "
              "table_names: \"a\" table_names: \"b\"");
    EXPECT_EQ(parts->definitions.size(), 2U);
    EXPECT_EQ(parts->definitions.at("b"), "create table b");
    EXPECT_EQ(parts->udfs, (std::vector<Udf>{{"f", true, Type::int64}}));
}
TEST(RpcHealth, AsksForSchemas) {
    run_world(check_schema);
}

}  // namespace
}  // namespace sluice::tablet
