// Rules, hot rows and limits of transactions in a whole tablet.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tabletserver/follow_rules.h"
#include "tabletserver/test_world.h"

namespace sluice::tabletserver {
namespace {

QueryRules rules_of(std::string_view json) {
    return QueryRules::parse(json).value();
}

Task<Code> stream_end(World* world, std::string sql) {
    auto request = request_for<::query::StreamExecuteRequest>(*world, sql);
    rpc::ClientCall call;
    EXPECT_TRUE(
        (co_await world->channel->start(&call, "/queryservice.Query/StreamExecute", {}, nullptr))
            .has_value());
    EXPECT_TRUE((co_await rpc::send(&call, &request, nullptr)).has_value());
    call.finish_sending();
    for (;;) {
        ::query::StreamExecuteResponse part;
        const Result<bool> more = co_await rpc::receive(&call, &part, nullptr);
        if (!more) co_return more.error().code;
        if (!*more) co_return Code::ok;
    }
}

Task<void> check_rules_in_force(World* world) {
    EXPECT_EQ(text_of(co_await execute_sql(world, "select 1")), "1");
    co_await world->server->set_rules(
        file_source, rules_of(R"([{"Description": "no", "Query": "select 1", "User": "app"},
            {"Description": "later", "Action": "FAIL_RETRY", "RequestIP": "127\\.0\\.0\\.1",
             "LeadingComment": "/\\* slow \\*/ ?"}])"));
    const auto refused = co_await execute_sql(world, "select 1");
    EXPECT_EQ(refused.error().code, Code::invalid_argument);
    EXPECT_EQ(refused.error().text, "disallowed due to rule: no (CallerID: app)");
    EXPECT_EQ(co_await stream_end(world, "select 1"), Code::invalid_argument);
    const auto later = co_await execute_sql(world, "/* slow */ select 2");
    EXPECT_EQ(later.error().code, Code::failed_precondition);
    EXPECT_EQ(co_await stream_end(world, "/* slow */ select 2"), Code::failed_precondition);
    EXPECT_EQ(text_of(co_await execute_sql(world, "select 2")), "2");
    EXPECT_EQ(co_await stream_end(world, "select 2"), Code::ok);
    co_await world->server->set_rules(file_source, QueryRules());
    EXPECT_EQ(text_of(co_await execute_sql(world, "select 1")), "1");
}

TEST(Protection, RulesRefuseStatementsAndStreams) {
    World world;
    if (!run_world(&world, check_rules_in_force)) GTEST_SKIP() << "no server";
}

Task<void> check_denied_tables(World* world) {
    EXPECT_EQ(text_of(co_await execute_sql(world, "drop table if exists d")), "");
    EXPECT_EQ(text_of(co_await execute_sql(world, "create table d(id bigint primary key)")), "");
    Wanted wanted = world->server->wanted();
    wanted.denied_tables = {"d"};
    world->server->want(wanted);
    EXPECT_TRUE((co_await world->server->settle(nullptr)).has_value());
    const auto denied = co_await execute_sql(world, "select id from d");
    EXPECT_EQ(denied.error().code, Code::failed_precondition);
    EXPECT_EQ(denied.error().text, "disallowed due to rule: enforce denied tables (CallerID: app)");
    wanted.denied_tables.clear();
    world->server->want(wanted);
    EXPECT_TRUE((co_await world->server->settle(nullptr)).has_value());
    EXPECT_EQ(text_of(co_await execute_sql(world, "select id from d")), "");
}

TEST(Protection, TheShardsRecordDeniesTables) {
    World world;
    if (!run_world(&world, check_denied_tables)) GTEST_SKIP() << "no server";
}

// Waits until a statement is refused, or is not; false if that does not happen.
Task<bool> becomes(World* world, std::string sql, bool refused) {
    for (int i = 0; i < 1000; ++i) {
        const auto answer = co_await execute_sql(world, sql);
        if (answer.has_value() != refused) co_return true;
        static_cast<void>(co_await async::pause(10ms, nullptr));
    }
    co_return false;
}

void write_file(const std::filesystem::path& path, std::string_view text) {
    std::ofstream(path.string() + ".new") << text;
    std::filesystem::rename(path.string() + ".new", path);
}

Task<void> check_file(World* world) {
    const std::filesystem::path path = std::filesystem::temp_directory_path() /
                                       ("sluice_rules_" + std::to_string(::getpid()) + ".json");
    EXPECT_EQ((co_await load_rules(world->server.get(), path)).error().code, Code::not_found);
    write_file(path, R"([{"Query": "select 1"}])");
    const auto loaded = co_await load_rules(world->server.get(), path);
    EXPECT_TRUE(loaded.has_value());
    EXPECT_FALSE((co_await execute_sql(world, "select 1")).has_value());
    Stop stop;
    async::Scope scope;
    scope.spawn("follow", follow_rules_file(world->server.get(), path, *loaded, &stop));
    write_file(path, R"([{"Query": "select 2"}])");
    EXPECT_TRUE(co_await becomes(world, "select 2", true));
    EXPECT_TRUE((co_await execute_sql(world, "select 1")).has_value());
    write_file(path, "[");
    const auto broken = co_await load_rules(world->server.get(), path);
    EXPECT_EQ(broken.error().code, Code::invalid_argument);
    EXPECT_TRUE(broken.error().text.starts_with(path.string() + ": query rules are no JSON"));
    EXPECT_FALSE((co_await execute_sql(world, "select 2")).has_value());
    std::filesystem::remove(path);
    stop.request(make_error(Code::canceled, "end"));
    co_await scope.join();
}

TEST(Protection, RulesFollowTheirFile) {
    World world;
    if (!run_world(&world, check_file)) GTEST_SKIP() << "no server";
}

Task<void> check_record(World* world) {
    const std::string path = "internal/rules";
    topo::Store& store = world->topology->global();
    EXPECT_TRUE((co_await store.create(path, R"([{"Query": "select 1"}])", nullptr)).has_value());
    Stop stop;
    async::Scope scope;
    scope.spawn("follow", follow_rules_record(world->server.get(), world->topology,
                                              {.cell = "global", .path = path}, &stop));
    EXPECT_TRUE(co_await becomes(world, "select 1", true));
    const auto now = co_await store.get(path, nullptr);
    EXPECT_TRUE((co_await store.update(path, R"([{"Query": "select 2"}])", now->version, nullptr))
                    .has_value());
    EXPECT_TRUE(co_await becomes(world, "select 2", true));
    EXPECT_TRUE((co_await execute_sql(world, "select 1")).has_value());
    stop.request(make_error(Code::canceled, "end"));
    co_await scope.join();
}

TEST(Protection, RulesFollowTheirRecord) {
    World world;
    if (!run_world(&world, check_record)) GTEST_SKIP() << "no server";
}

Task<void> change_and_commit(World* world, int* done) {
    auto begin = request_for<::query::BeginExecuteRequest>(
        *world, "update h set a = a + 1 + sleep(0.05) where id = 1");
    const auto begun = co_await send<::query::BeginExecuteResponse>(world, "BeginExecute", &begin);
    EXPECT_TRUE(begun.has_value()) << begun.error().text;
    if (!begun) co_return;
    ::query::CommitRequest commit;
    fill(&commit, *world);
    commit.set_transaction_id(begun->transaction_id());
    EXPECT_TRUE((co_await send<::query::CommitResponse>(world, "Commit", &commit)).has_value());
    ++*done;
}

Task<void> check_hot_rows(World* world) {
    EXPECT_EQ(text_of(co_await execute_sql(world, "drop table if exists h")), "");
    EXPECT_EQ(text_of(co_await execute_sql(
                  world, "create table h(id bigint primary key, a bigint not null)")),
              "");
    EXPECT_EQ(text_of(co_await execute_sql(world, "insert into h values (1, 0)")), "");
    async::Scope scope;
    int done = 0;
    for (int i = 0; i < 5; ++i) scope.spawn("change", change_and_commit(world, &done));
    co_await scope.join();
    EXPECT_EQ(done, 5);
    EXPECT_EQ(text_of(co_await execute_sql(world, "select a from h")), "5");
    HotRows& hot = *world->server->cores().front()->hot_rows;
    EXPECT_GE(hot.waits.at("h").get(), 1U);
    EXPECT_TRUE(hot.recent().contains("h where id = 1"));
}

TEST(Protection, HotRowsWaitForEachOther) {
    World world;
    // More than there are connections for transactions.
    world.options.transaction_wait = 2s;
    world.options.hot_rows = {.enabled = true, .concurrent = 1};
    if (!run_world(&world, check_hot_rows)) GTEST_SKIP() << "no server";
}

Task<void> check_transaction_limit(World* world) {
    ::query::BeginRequest begin;
    fill(&begin, *world);
    const auto first = co_await send<::query::BeginResponse>(world, "Begin", &begin);
    EXPECT_TRUE(first.has_value());
    const auto second = co_await send<::query::BeginResponse>(world, "Begin", &begin);
    EXPECT_EQ(second.error().code, Code::resource_exhausted);
    EXPECT_EQ(second.error().text,
              "per-user transaction pool connection limit exceeded (CallerID: app)");
    auto third = request_for<::query::BeginExecuteRequest>(*world, "select 1");
    EXPECT_EQ(
        (co_await send<::query::BeginExecuteResponse>(world, "BeginExecute", &third)).error().text,
        "per-user transaction pool connection limit exceeded (CallerID: app)");
    ::query::CommitRequest commit;
    fill(&commit, *world);
    commit.set_transaction_id(first->transaction_id());
    EXPECT_TRUE((co_await send<::query::CommitResponse>(world, "Commit", &commit)).has_value());
    // A transaction that does not come to be takes no place.
    third.mutable_query()->set_sql("select 1 from nothing");
    for (int i = 0; i < 2; ++i) {
        const auto failed =
            co_await send<::query::BeginExecuteResponse>(world, "BeginExecute", &third);
        EXPECT_TRUE(failed.has_value());
        if (!failed) continue;
        ::query::RollbackRequest rollback;
        fill(&rollback, *world);
        rollback.set_transaction_id(failed->transaction_id());
        EXPECT_TRUE(
            (co_await send<::query::RollbackResponse>(world, "Rollback", &rollback)).has_value());
    }
    const auto last = co_await send<::query::BeginResponse>(world, "Begin", &begin);
    EXPECT_TRUE(last.has_value());
}

TEST(Protection, AUserHasSomeTransactionsOnly) {
    World world;
    world.options.transaction_limits = {.enabled = true, .each = 1, .by_principal = false};
    if (!run_world(&world, check_transaction_limit)) GTEST_SKIP() << "no server";
}

}  // namespace
}  // namespace sluice::tabletserver
