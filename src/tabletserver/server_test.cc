// A whole tablet in one process: gRPC client, query service, a real server, topology in memory.
#include "tabletserver/server.h"

#include <gtest/gtest.h>

#include "tabletserver/test_world.h"

namespace sluice::tabletserver {
namespace {

Task<void> check_statements(World* world) {
    EXPECT_EQ(text_of(co_await execute_sql(world, "drop table if exists t, seq")), "");
    EXPECT_EQ(text_of(co_await execute_sql(
                  world, "create table t(id bigint primary key, name varchar(20))")),
              "");
    const auto inserted =
        co_await execute_sql(world, "insert into t(id, name) values (1, 'a'), (2, null)");
    EXPECT_TRUE(inserted.has_value());
    if (inserted) EXPECT_EQ(inserted->rows_affected(), 2U);
    const auto rows = co_await execute_sql(world, "select id, name from t order by id");
    EXPECT_EQ(text_of(rows), "1,a,2,NULL");
    if (rows) {
        EXPECT_EQ(rows->fields(0).type(), ::query::INT64);
        EXPECT_EQ(rows->fields(0).database(), "ks");
        EXPECT_EQ(rows->fields(1).type(), ::query::VARCHAR);
        EXPECT_EQ(rows->fields(1).org_name(), "name");
    }
    auto bound = request_for<::query::ExecuteRequest>(
        *world, "select id from t where name = :v1 or id in ::ids");
    auto& variables = *bound.mutable_query()->mutable_bind_variables();
    variables["v1"].set_type(::query::VARCHAR);
    variables["v1"].set_value("' or 1=1 -- \\");
    variables["ids"].set_type(::query::TUPLE);
    for (const char* id : {"2", "3"}) {
        auto* value = variables["ids"].add_values();
        value->set_type(::query::INT64);
        value->set_value(id);
    }
    const auto found = co_await send<::query::ExecuteResponse>(world, "Execute", &bound);
    EXPECT_TRUE(found.has_value());
    if (found) EXPECT_EQ(text_of(found->result()), "2");
    variables["ids"].mutable_values(0)->set_value("2) or (1=1");
    const auto refused = co_await send<::query::ExecuteResponse>(world, "Execute", &bound);
    EXPECT_EQ(refused.error().code, Code::invalid_argument);
    const auto updated = co_await execute_sql(world, "update t set name = 'b' where id = 1");
    EXPECT_TRUE(updated.has_value());
    if (updated) {
        EXPECT_EQ(updated->rows_affected(), 1U);
        EXPECT_EQ(updated->info(), "Rows matched: 1  Changed: 1  Warnings: 0");
    }
    EXPECT_EQ(world->server->cores().front()->statements->figures().held, 0U);
}

TEST(Server, RunsStatements) {
    World world;
    if (!run_world(&world, check_statements)) GTEST_SKIP() << "no server";
}

Task<void> check_errors(World* world) {
    EXPECT_EQ(text_of(co_await execute_sql(world, "drop table if exists e")), "");
    EXPECT_EQ(text_of(co_await execute_sql(world, "create table e(id bigint primary key)")), "");
    EXPECT_EQ(text_of(co_await execute_sql(world, "insert into e(id) values (1)")), "");
    const auto twice = co_await execute_sql(world, "insert into e(id) values (1)");
    EXPECT_EQ(twice.error().code, Code::already_exists);
    EXPECT_TRUE(twice.error().text.starts_with("Duplicate entry '1' for key '"));
    EXPECT_TRUE(twice.error().text.ends_with(
        "' (errno 1062) (sqlstate 23000) (CallerID: app): Sql: \"insert into e(id) values (1)\", "
        "BindVars: {}"))
        << twice.error().text;
    const auto missing = co_await execute_sql(world, "select 1 from nothing");
    EXPECT_EQ(missing.error().code, Code::not_found);
    EXPECT_TRUE(missing.error().text.contains("(errno 1146) (sqlstate 42S02)"));
    const auto lock = co_await execute_sql(world, "select get_lock('a', 1)");
    EXPECT_EQ(lock.error().code, Code::failed_precondition);
    EXPECT_EQ(lock.error().text,
              "SelectLockFunc not allowed without reserved connection (CallerID: app)");
    const auto slow = co_await execute_sql(world, "select sleep(5)");
    EXPECT_EQ(slow.error().code, Code::canceled);
    EXPECT_TRUE(slow.error().text.contains(
        "(errno 3024) (sqlstate HY000): Query execution was interrupted"))
        << slow.error().text;
    const auto gone = co_await execute_sql(world, "select 1 from e", 12345);
    EXPECT_EQ(gone.error().code, Code::aborted);
    EXPECT_EQ(gone.error().text,
              "transaction 12345: not found (potential transaction timeout) (CallerID: app)");
    std::string many = "insert into e(id) values (2)";
    for (int i = 3; i < 20; ++i) many += ", (" + std::to_string(i) + ")";
    EXPECT_EQ(text_of(co_await execute_sql(world, many)), "");
    const auto too_many = co_await execute_sql(world, "select id from e");
    EXPECT_EQ(too_many.error().code, Code::aborted);
    EXPECT_TRUE(too_many.error().text.contains("row count exceeded 10")) << too_many.error().text;
    EXPECT_TRUE((co_await execute_sql(world, "delete from e"))
                    .error()
                    .text.contains("row count exceeded 10"));
    EXPECT_EQ(text_of(co_await execute_sql(world, "select count(*) from e")), "19");
    EXPECT_EQ(world->server->cores().front()->statements->figures().held, 0U);
}

TEST(Server, TellsErrorsInV21sWords) {
    World world;
    if (!run_world(&world, check_errors)) GTEST_SKIP() << "no server";
}

Task<void> check_targets(World* world) {
    struct Case {
        const char *keyspace, *shard;
        ::topodata::TabletType type;
        Code code;
        const char* text;
    };
    for (const Case& one : {Case{"other", "0", ::topodata::PRIMARY, Code::invalid_argument,
                                 "invalid keyspace other does not match expected ks"},
                            Case{"ks", "-80", ::topodata::PRIMARY, Code::invalid_argument,
                                 "invalid shard -80 does not match expected 0"},
                            Case{"ks", "0", ::topodata::REPLICA, Code::failed_precondition,
                                 "wrong tablet type: REPLICA, want: PRIMARY or []"}}) {
        auto request = request_for<::query::ExecuteRequest>(*world, "select 1");
        request.mutable_target()->set_keyspace(one.keyspace);
        request.mutable_target()->set_shard(one.shard);
        request.mutable_target()->set_tablet_type(one.type);
        const auto answer = co_await send<::query::ExecuteResponse>(world, "Execute", &request);
        EXPECT_EQ(answer.error().code, one.code);
        EXPECT_EQ(answer.error().text, one.text);
    }
    auto nowhere = request_for<::query::ExecuteRequest>(*world, "select 1");
    nowhere.clear_target();
    EXPECT_EQ((co_await send<::query::ExecuteResponse>(world, "Execute", &nowhere)).error().text,
              "No target");
    EXPECT_TRUE((co_await world->life->change_type(TabletType::replica, nullptr)).has_value());
    const auto moved = co_await execute_sql(world, "select 1");
    EXPECT_EQ(moved.error().text, "wrong tablet type: PRIMARY, want: REPLICA or []");
    EXPECT_TRUE((co_await world->life->change_type(TabletType::spare, nullptr)).has_value());
    const auto spare = co_await execute_sql(world, "select 1");
    EXPECT_EQ(spare.error().code, Code::cluster_event);
    EXPECT_EQ(spare.error().text, "operation not allowed in state NOT_SERVING");
    const auto record = co_await world->topology->tablet({"zone1", 100}, nullptr);
    EXPECT_TRUE(record.has_value());
    if (record) EXPECT_EQ(record->value.type, TabletType::spare);
}

TEST(Server, ChecksTargets) {
    World world;
    if (!run_world(&world, check_targets)) GTEST_SKIP() << "no server";
}

Task<void> check_transactions(World* world) {
    EXPECT_EQ(text_of(co_await execute_sql(world, "drop table if exists x")), "");
    EXPECT_EQ(text_of(co_await execute_sql(world, "create table x(id bigint primary key)")), "");
    auto begin = request_for<::query::BeginExecuteRequest>(*world, "insert into x(id) values (1)");
    const auto begun =
        (co_await send<::query::BeginExecuteResponse>(world, "BeginExecute", &begin)).value();
    EXPECT_NE(begun.transaction_id(), 0);
    EXPECT_EQ(begun.tablet_alias().uid(), 100U);
    EXPECT_EQ(begun.result().rows_affected(), 1U);
    EXPECT_EQ(text_of(co_await execute_sql(world, "select count(*) from x")), "0");
    EXPECT_EQ(
        text_of(co_await execute_sql(world, "select count(*) from x", begun.transaction_id())),
        "1");
    ::query::CommitRequest commit;
    fill(&commit, *world);
    commit.set_transaction_id(begun.transaction_id());
    EXPECT_EQ((co_await send<::query::CommitResponse>(world, "Commit", &commit))->reserved_id(), 0);
    const auto again = co_await send<::query::CommitResponse>(world, "Commit", &commit);
    EXPECT_EQ(again.error().code, Code::aborted);
    EXPECT_TRUE(again.error().text.contains("(transaction committed)")) << again.error().text;
    // The statement fails, the transaction is open and named.
    auto failing =
        request_for<::query::BeginExecuteRequest>(*world, "insert into x(id) values (1)");
    const auto failed =
        (co_await send<::query::BeginExecuteResponse>(world, "BeginExecute", &failing)).value();
    EXPECT_EQ(failed.error().code(), ::vtrpc::ALREADY_EXISTS);
    EXPECT_NE(failed.transaction_id(), 0);
    ::query::RollbackRequest rollback;
    fill(&rollback, *world);
    rollback.set_transaction_id(failed.transaction_id());
    EXPECT_TRUE(
        (co_await send<::query::RollbackResponse>(world, "Rollback", &rollback)).has_value());
    // The pool holds two.
    std::vector<std::int64_t> open;
    for (int i = 0; i < 2; ++i) {
        ::query::BeginRequest request;
        fill(&request, *world);
        open.push_back(
            (co_await send<::query::BeginResponse>(world, "Begin", &request))->transaction_id());
    }
    ::query::BeginRequest third;
    fill(&third, *world);
    const auto full = co_await send<::query::BeginResponse>(world, "Begin", &third);
    EXPECT_EQ(full.error().code, Code::resource_exhausted);
    EXPECT_TRUE(full.error().text.contains("transaction pool connection limit exceeded"));
    for (const std::int64_t id : open) {
        rollback.set_transaction_id(id);
        EXPECT_TRUE(
            (co_await send<::query::RollbackResponse>(world, "Rollback", &rollback)).has_value());
    }
}

Task<void> begin_slowly(World* world, Result<::query::BeginExecuteResponse>* answer) {
    auto begin = request_for<::query::BeginExecuteRequest>(*world, "select sleep(0.3)");
    *answer = co_await send<::query::BeginExecuteResponse>(world, "BeginExecute", &begin);
}

// A transaction that is being opened while the tablet steps down is not left behind.
Task<void> check_stepping_down(World* world) {
    const Core& core = *world->server->cores().front();
    const std::uint64_t begins = core.counters.begins;
    Result<::query::BeginExecuteResponse> answer;
    async::Scope scope;
    scope.spawn("begin", begin_slowly(world, &answer));
    while (core.counters.begins == begins) static_cast<void>(co_await async::pause(1ms, nullptr));
    EXPECT_TRUE((co_await world->life->set_demoted(true, nullptr)).has_value());
    co_await scope.join();
    const bool told = answer && answer->has_error();
    const std::string text = !answer ? answer.error().text : answer->error().message();
    EXPECT_TRUE(!answer || told);
    EXPECT_TRUE(text.find("operation not allowed in state") != text.npos) << text;
    EXPECT_EQ(core.statements->figures().held, 0U);
    EXPECT_TRUE((co_await world->life->set_demoted(false, nullptr)).has_value());
}

TEST(Server, EndsTransactionsThatBeginWhileItStepsDown) {
    World world;
    if (!run_world(&world, check_stepping_down)) GTEST_SKIP() << "no server";
}

TEST(Server, KeepsTransactions) {
    World world;
    if (!run_world(&world, check_transactions)) GTEST_SKIP() << "no server";
}

Task<void> check_reservations(World* world) {
    // A setting alone reserves nothing.
    auto setting = request_for<::query::ReserveExecuteRequest>(*world, "select @@sql_mode");
    setting.add_pre_queries("set @@sql_mode = 'ANSI_QUOTES'");
    const auto set =
        (co_await send<::query::ReserveExecuteResponse>(world, "ReserveExecute", &setting)).value();
    EXPECT_EQ(set.reserved_id(), 0);
    EXPECT_EQ(text_of(set.result()), "ANSI_QUOTES");
    EXPECT_NE(text_of(co_await execute_sql(world, "select @@sql_mode")), "ANSI_QUOTES");
    // A lock does, and the connection has the setting.
    auto lock = request_for<::query::ReserveExecuteRequest>(*world, "select get_lock('l', 1)");
    lock.add_pre_queries("set @@sql_mode = 'ANSI_QUOTES'");
    const auto locked =
        (co_await send<::query::ReserveExecuteResponse>(world, "ReserveExecute", &lock)).value();
    EXPECT_NE(locked.reserved_id(), 0);
    auto again = request_for<::query::ExecuteRequest>(*world, "select @@sql_mode");
    again.set_reserved_id(locked.reserved_id());
    EXPECT_EQ(
        text_of((co_await send<::query::ExecuteResponse>(world, "Execute", &again))->result()),
        "ANSI_QUOTES");
    // A transaction on it; its end renumbers the connection.
    auto begin = request_for<::query::BeginExecuteRequest>(*world, "select 1 from dual");
    begin.set_reserved_id(locked.reserved_id());
    const auto begun =
        (co_await send<::query::BeginExecuteResponse>(world, "BeginExecute", &begin)).value();
    EXPECT_EQ(begun.transaction_id(), locked.reserved_id());
    ::query::CommitRequest commit;
    fill(&commit, *world);
    commit.set_transaction_id(begun.transaction_id());
    const auto committed =
        (co_await send<::query::CommitResponse>(world, "Commit", &commit)).value();
    EXPECT_NE(committed.reserved_id(), 0);
    EXPECT_NE(committed.reserved_id(), locked.reserved_id());
    ::query::ReleaseRequest release;
    fill(&release, *world);
    release.set_reserved_id(committed.reserved_id());
    EXPECT_TRUE((co_await send<::query::ReleaseResponse>(world, "Release", &release)).has_value());
    EXPECT_EQ(world->server->cores().front()->statements->figures().held, 0U);
    ::query::ReleaseRequest nothing;
    fill(&nothing, *world);
    EXPECT_EQ((co_await send<::query::ReleaseResponse>(world, "Release", &nothing)).error().text,
              "connection ID and transaction ID do not exist");
}

TEST(Server, ReservesConnections) {
    World world;
    if (!run_world(&world, check_reservations)) GTEST_SKIP() << "no server";
}

Task<void> check_streams(World* world) {
    auto request = request_for<::query::StreamExecuteRequest>(
        *world,
        "select a.n, repeat('x', 1000) from (select 1 as n union all select 2 union all "
        "select 3) as a, (select 1 union all select 2 union all select 3) as b, (select 1 "
        "union all select 2 union all select 3 union all select 4 union all select 5) as c");
    rpc::ClientCall call;
    EXPECT_TRUE(
        (co_await world->channel->start(&call, "/queryservice.Query/StreamExecute", {}, nullptr))
            .has_value());
    EXPECT_TRUE((co_await rpc::send(&call, &request, nullptr)).has_value());
    call.finish_sending();
    int messages = 0, rows = 0;
    for (;;) {
        ::query::StreamExecuteResponse part;
        const Result<bool> more = co_await rpc::receive(&call, &part, nullptr);
        EXPECT_TRUE(more.has_value()) << more.error().text;
        if (!more || !*more) break;
        ++messages;
        rows += part.result().rows_size();
        EXPECT_EQ(part.result().fields_size(), messages == 1 ? 2 : 0);
        if (messages == 1) EXPECT_EQ(part.result().rows_size(), 0);
    }
    EXPECT_EQ(rows, 45);
    EXPECT_GE(messages, 3);
}

TEST(Server, Streams) {
    World world;
    if (!run_world(&world, check_streams)) GTEST_SKIP() << "no server";
}

Task<void> check_sequences(World* world) {
    EXPECT_EQ(text_of(co_await execute_sql(world, "drop table if exists seq")), "");
    EXPECT_EQ(text_of(co_await execute_sql(
                  world,
                  "create table seq(id int primary key, next_id bigint, cache bigint) "
                  "comment 'vitess_sequence'")),
              "");
    EXPECT_EQ(text_of(co_await execute_sql(world, "insert into seq values (0, 100, 10)")), "");
    EXPECT_EQ(text_of(co_await execute_sql(world, "select next 3 values from seq")), "100");
    EXPECT_EQ(text_of(co_await execute_sql(world, "select next value from seq")), "103");
    EXPECT_EQ(text_of(co_await execute_sql(world, "select next_id from seq")), "110");
    EXPECT_EQ(text_of(co_await execute_sql(world, "select next 25 values from seq")), "104");
    EXPECT_EQ(text_of(co_await execute_sql(world, "select next_id from seq")), "130");
    const auto plain = co_await execute_sql(world, "select next value from nothing");
    EXPECT_EQ(plain.error().text, "nothing is not a sequence (CallerID: app)");
}

TEST(Server, GivesOutNumbers) {
    World world;
    if (!run_world(&world, check_sequences)) GTEST_SKIP() << "no server";
}

Task<void> check_health(World* world) {
    EXPECT_EQ(text_of(co_await execute_sql(world, "drop table if exists fresh")), "");
    rpc::ClientCall call;
    EXPECT_TRUE(
        (co_await world->channel->start(&call, "/queryservice.Query/StreamHealth", {}, nullptr))
            .has_value());
    const ::query::StreamHealthRequest request;
    EXPECT_TRUE((co_await rpc::send(&call, &request, nullptr)).has_value());
    call.finish_sending();
    ::query::StreamHealthResponse first;
    EXPECT_TRUE((co_await rpc::receive(&call, &first, nullptr)).value());
    EXPECT_EQ(first.target().keyspace(), "ks");
    EXPECT_EQ(first.target().tablet_type(), ::topodata::PRIMARY);
    EXPECT_TRUE(first.serving());
    EXPECT_NE(first.primary_term_start_timestamp(), 0);
    EXPECT_EQ(first.tablet_alias().uid(), 100U);
    EXPECT_TRUE(first.has_realtime_stats());
    EXPECT_EQ(text_of(co_await execute_sql(world, "create table fresh(id int)")), "");
    bool told = false;
    while (!told) {
        ::query::StreamHealthResponse next;
        EXPECT_TRUE((co_await rpc::receive(&call, &next, nullptr)).value());
        for (const std::string& name : next.realtime_stats().table_schema_changed())
            told = told || name == "fresh";
    }
    ::query::GetSchemaRequest schema;
    schema.mutable_target()->set_keyspace("ks");
    schema.mutable_target()->set_shard("0");
    schema.mutable_target()->set_tablet_type(::topodata::PRIMARY);
    schema.set_table_type(::query::TABLES);
    schema.add_table_names("fresh");
    const auto definition = co_await send<::query::GetSchemaResponse>(world, "GetSchema", &schema);
    EXPECT_TRUE(definition.has_value());
    if (definition) {
        EXPECT_TRUE(definition->table_definition().at("fresh").starts_with("CREATE TABLE `fresh`"));
    }
    call.cancel();
}

TEST(Server, TellsItsHealth) {
    World world;
    if (!run_world(&world, check_health)) GTEST_SKIP() << "no server";
}

Task<void> check_records(World* world) {
    const auto record = co_await world->topology->tablet({"zone1", 100}, nullptr);
    EXPECT_TRUE(record.has_value());
    if (record) EXPECT_EQ(record->value.type, TabletType::replica);
    EXPECT_TRUE((co_await world->topology->keyspace("ks", nullptr)).has_value());
    const auto shard = co_await world->topology->shard("ks", "0", nullptr);
    EXPECT_TRUE(shard.has_value());
    if (shard) EXPECT_TRUE(shard->value.is_primary_serving);
    EXPECT_EQ(text_of(co_await execute_sql(world, "select 1 from dual")), "1");
    EXPECT_TRUE((co_await world->life->change_type(TabletType::primary, nullptr)).has_value());
    const auto claimed = co_await world->topology->shard("ks", "0", nullptr);
    EXPECT_TRUE(claimed.has_value());
    if (claimed) EXPECT_EQ(claimed->value.primary_alias, (TabletAlias{"zone1", 100}));
}

TEST(Server, MakesItsRecords) {
    World world;
    world.primary = false;
    if (!run_world(&world, check_records)) GTEST_SKIP() << "no server";
}

}  // namespace
}  // namespace sluice::tabletserver
