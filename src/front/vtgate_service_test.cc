// Clients of the gRPC door over a gate of scripted shards.
#include <gtest/gtest.h>

#include "executor/session_test.h"
#include "front/vtgate_server.h"
#include "rpc/messages.h"
#include "vtgate.pb.h"

namespace sluice::front {
namespace {

using executor::Gate;
using executor::Journal;
using ::vtgate::Session;

gateway::ScriptedAnswer rows(const std::vector<std::string>& cells) {
    gateway::ScriptedAnswer answer;
    answer.columns = gateway::scripted_columns({{.schema = "vt_ks",
                                                 .table = "t",
                                                 .org_table = "t",
                                                 .name = "n",
                                                 .org_name = "n",
                                                 .charset = 45,
                                                 .length = 40,
                                                 .flags = wire::column_flag::not_null}});
    answer.column_count = 1;
    answer.runs.push_back(gateway::scripted_rows(cells));
    answer.end.columns = 1;
    answer.end.rows = cells.size();
    return answer;
}

// A gate with the door open, and a client.
struct World {
    Gate gate;
    VtgateServerOptions options;
    std::unique_ptr<VtgateServer> server;
    std::unique_ptr<rpc::Channel> channel;

    template <class Response, class Request>
    Task<Result<Response>> ask(std::string method, Request request) {
        co_return co_await rpc::unary<Response>(channel.get(), "/vtgateservice.Vitess/" + method,
                                                &request, {}, nullptr);
    }
    Task<Result<::vtgate::ExecuteResponse>> execute(Session session, std::string text) {
        ::vtgate::ExecuteRequest request;
        *request.mutable_session() = std::move(session);
        request.mutable_query()->set_sql(std::move(text));
        return ask<::vtgate::ExecuteResponse>("Execute", std::move(request));
    }
    // Runs `text` in `session`, which becomes what the gate sends back: "ok 1", the rows' values
    // without borders, or "code text".
    Task<std::string> run(Session* session, std::string text) {
        const auto answer = co_await execute(*session, std::move(text));
        if (!answer) co_return "status " + answer.error().text;
        *session = answer->session();
        if (answer->has_error()) {
            co_return ::vtrpc::Code_Name(answer->error().code()) + " " + answer->error().message();
        }
        const ::query::QueryResult& result = answer->result();
        std::string shown =
            result.fields().empty() ? "ok " + std::to_string(result.rows_affected()) : "";
        for (const ::query::Row& row : result.rows()) shown += row.values() + ";";
        co_return shown;
    }
};

Session session_on(const std::string& target) {
    Session session;
    session.set_autocommit(true);
    session.set_target_string(target);
    return session;
}

Task<void> play(World* world, Task<void> (*scenario)(World*)) {
    world->options.listen.host = "127.0.0.1";
    world->options.offers_vtgateservice = true;
    world->options.service.held_on_loops = true;
    std::vector<executor::Core*> cores{&world->gate.core};
    auto opened = co_await VtgateServer::open(world->options, std::move(cores));
    EXPECT_TRUE(opened.has_value());
    if (!opened) co_return;
    world->server = std::move(*opened);
    rpc::ChannelOptions channel;
    channel.address = {.host = "127.0.0.1", .port = world->server->port()};
    world->channel = std::make_unique<rpc::Channel>(std::move(channel));
    co_await scenario(world);
    co_await world->channel->close();
    co_await world->server->drain(std::chrono::seconds(5));
    world->server.reset();
    co_await executor::close(&world->gate);
}

void run_world(Task<void> (*scenario)(World*), VtgateServiceOptions service = {}) {
    async::Loop loop;
    const auto all = [](Task<void> (*check)(World*), VtgateServiceOptions how) -> Task<void> {
        World world;
        world.options.service = how;
        co_await play(&world, check);
    };
    async::run_until_done(loop, all(scenario, service));
}

Task<void> check_execute(World* world) {
    world->gate.answer_everywhere(rows({"7", "", "it's"}));
    Session session = session_on("ks");
    ::vtgate::ExecuteRequest request;
    *request.mutable_session() = session;
    request.mutable_query()->set_sql("select n from t where k = :k");
    auto& variable = (*request.mutable_query()->mutable_bind_variables())["k"];
    variable.set_type(::query::VARCHAR);
    variable.set_value("a");
    const auto answer = co_await world->ask<::vtgate::ExecuteResponse>("Execute", request);
    EXPECT_TRUE(answer.has_value());
    if (!answer) co_return;
    EXPECT_FALSE(answer->has_error()) << answer->error().message();
    const Journal sent = {"60-: select n from t where k = 'a'"};
    EXPECT_EQ(world->gate.take_journal(), sent);
    EXPECT_EQ(answer->result().fields_size(), 1);
    EXPECT_EQ(answer->result().fields(0).ShortDebugString(), "name: \"n\" type: VARCHAR");
    EXPECT_EQ(answer->result().rows_size(), 3);
    EXPECT_EQ(answer->result().rows(0).ShortDebugString(), "lengths: 1 values: \"7\"");
    EXPECT_EQ(answer->result().rows(1).ShortDebugString(), "lengths: 0");
    EXPECT_EQ(answer->result().rows(2).values(), "it's");
    EXPECT_EQ(answer->session().target_string(), "ks");
    EXPECT_EQ(answer->session().found_rows(), 3u);
    EXPECT_EQ(answer->session().row_count(), -1);

    request.mutable_session()->mutable_options()->set_included_fields(::query::ExecuteOptions::ALL);
    const auto all = co_await world->ask<::vtgate::ExecuteResponse>("Execute", request);
    EXPECT_EQ(all->result().fields(0).ShortDebugString(),
              "name: \"n\" type: VARCHAR table: \"t\" org_table: \"t\" database: \"vt_ks\" "
              "org_name: \"n\" column_length: 40 charset: 45 flags: 1");
}
TEST(VtgateService, Execute) {
    run_world(check_execute);
}

Task<void> check_errors(World* world) {
    Session session = session_on("ks");
    EXPECT_EQ((co_await world->run(&session, "select n from")).substr(0, 16), "INVALID_ARGUMENT");
    EXPECT_EQ(session.target_string(), "ks");
    world->gate.answer_everywhere(gateway::ScriptedAnswer::failure(
        make_error(Code::already_exists, 1062, "Duplicate entry")));
    EXPECT_EQ(co_await world->run(&session, "insert into t(k) values ('a')"),
              "ALREADY_EXISTS Duplicate entry (errno 1062) (sqlstate 23000)");
    Session nowhere = session_on("nowhere");
    const std::string refused = co_await world->run(&nowhere, "select 1");
    EXPECT_TRUE(refused.starts_with("NOT_FOUND VT05003")) << refused;
    EXPECT_EQ(nowhere.target_string(), "nowhere");
    Session killer = session_on("ks");
    world->gate.options.allow_kill = true;
    EXPECT_EQ(co_await world->run(&killer, "kill 1"),
              "UNIMPLEMENTED VT12001: unsupported: kill statement works with access through mysql "
              "protocol");
    Session wrong = session_on("ks");
    (*wrong.mutable_system_variables())["sql_mode"] = "''; drop table t";
    EXPECT_EQ(co_await world->run(&wrong, "select 1"),
              "INVALID_ARGUMENT the session's variable sql_mode has no value");
    Session lookups = session_on("ks");
    lookups.add_pre_sessions()->set_transaction_id(1);
    EXPECT_TRUE((co_await world->run(&lookups, "select 1")).starts_with("UNIMPLEMENTED"));
}
TEST(VtgateService, ErrorsAreInTheBody) {
    run_world(check_errors);
}

Task<void> check_transaction(World* world) {
    Session session = session_on("ks");
    world->gate.answer_everywhere(gateway::ScriptedAnswer::written(1));
    EXPECT_EQ(co_await world->run(&session, "begin"), "ok 0");
    EXPECT_TRUE(session.in_transaction());
    EXPECT_EQ(session.shard_sessions_size(), 0);
    EXPECT_EQ(co_await world->run(&session, "insert into t(k) values ('a')"), "ok 1");
    EXPECT_EQ(session.shard_sessions_size(), 1);
    if (session.shard_sessions_size() != 1) co_return;
    const auto& held = session.shard_sessions(0);
    EXPECT_EQ(held.target().ShortDebugString(),
              "keyspace: \"ks\" shard: \"60-\" tablet_type: PRIMARY");
    EXPECT_EQ(held.tablet_alias().ShortDebugString(), "cell: \"zone1\" uid: 102");
    EXPECT_NE(held.transaction_id(), 0);
    EXPECT_EQ(held.reserved_id(), 0);
    EXPECT_EQ(co_await world->run(&session, "savepoint x"), "ok 0");
    EXPECT_EQ(session.savepoints_size(), 1);
    EXPECT_EQ(co_await world->run(&session, "update t set n = 1 where k = 'a'"), "ok 1");
    EXPECT_EQ(co_await world->run(&session, "insert into t(k) values ('A')"), "ok 1");
    EXPECT_EQ(session.shard_sessions_size(), 2);
    EXPECT_EQ(co_await world->run(&session, "rollback to x"), "ok 0");
    EXPECT_EQ(co_await world->run(&session, "commit"), "ok 0");
    EXPECT_FALSE(session.in_transaction());
    EXPECT_EQ(session.shard_sessions_size(), 0);
    EXPECT_EQ(session.savepoints_size(), 0);
    const Journal sent = {"60-: begin; insert into t(k) values ('a')",
                          "60-: savepoint `x`",
                          "60-: update t set n = 1 where k = 'a'",
                          "40-60: begin; savepoint `x`; insert into t(k) values ('A')",
                          "60-: rollback to `x`",
                          "40-60: rollback to `x`",
                          "60-: commit",
                          "40-60: commit"};
    EXPECT_EQ(world->gate.take_journal(), sent);
}
TEST(VtgateService, TransactionsLiveInTheMessage) {
    run_world(check_transaction);
}

Task<void> check_close(World* world) {
    Session session = session_on("ks");
    world->gate.answer_everywhere(gateway::ScriptedAnswer::written(1));
    co_await world->run(&session, "begin");
    co_await world->run(&session, "insert into t(k) values ('a')");
    world->gate.take_journal();
    ::vtgate::CloseSessionRequest request;
    *request.mutable_session() = session;
    const auto closed =
        co_await world->ask<::vtgate::CloseSessionResponse>("CloseSession", request);
    EXPECT_TRUE(closed.has_value() && !closed->has_error());
    EXPECT_EQ(world->gate.take_journal(), Journal{"60-: release"});
    // A tablet that nobody knows: the transaction is over, what is left of it is given up.
    Session lost = session;
    lost.mutable_shard_sessions(0)->mutable_tablet_alias()->set_uid(999);
    EXPECT_EQ(co_await world->run(&lost, "insert into t(k) values ('a')"),
              "NOT_FOUND tablet: cell:\"zone1\" uid:999 is either down or nonexistent");
    EXPECT_FALSE(lost.in_transaction());
    EXPECT_EQ(lost.shard_sessions_size(), 0);
}
TEST(VtgateService, CloseSessionReleases) {
    run_world(check_close);
}

Task<void> check_state(World* world) {
    Session session = session_on("ks");
    session.set_enable_system_settings(true);
    world->gate.answer_everywhere(rows({"5"}));
    EXPECT_EQ(co_await world->run(&session, "set @a = 5, @b = 'x'"), "ok 0");
    EXPECT_EQ(session.user_defined_variables().at("a").ShortDebugString(),
              "type: INT64 value: \"5\"");
    EXPECT_EQ(co_await world->run(&session, "set sql_select_limit = 3"), "ok 0");
    EXPECT_EQ(session.options().sql_select_limit(), 3);
    EXPECT_EQ(co_await world->run(&session, "set sql_mode = 'ANSI_QUOTES'"), "ok 0");
    EXPECT_EQ(session.system_variables().at("sql_mode"), "'ANSI_QUOTES'");
    EXPECT_EQ(co_await world->run(&session, "set transaction_mode = 'single'"), "ok 0");
    EXPECT_EQ(session.transaction_mode(), ::vtgate::SINGLE);
    EXPECT_EQ(co_await world->run(&session, "set names latin1"), "ok 0");
    EXPECT_EQ(session.beyond().collation(), 8u);
    EXPECT_EQ(co_await world->run(&session, "set names utf8mb4 collate utf8mb4_general_ci"),
              "ok 0");
    EXPECT_EQ(co_await world->run(&session, "set autocommit = 0"), "ok 0");
    EXPECT_FALSE(session.autocommit());
    EXPECT_EQ(co_await world->run(&session, "prepare p from 'select n from t where k = ?'"),
              "ok 0");
    EXPECT_EQ(session.prepare_statement().at("p").params_count(), 1);
    EXPECT_EQ(co_await world->run(&session, "set transaction isolation level read committed"),
              "ok 0");
    EXPECT_EQ(session.beyond().isolation(), "read committed");
    EXPECT_EQ(co_await world->run(&session, "use `ks@replica`"), "ok 0");
    EXPECT_EQ(session.target_string(), "ks@replica");
    EXPECT_EQ(co_await world->run(&session, "use ks"), "ok 0");
    world->gate.take_journal();
    EXPECT_EQ(co_await world->run(&session, "execute p using @b"), "5;");
    const Journal sent = {
        "60-: set transaction isolation level read committed; begin; "
        "select n from t where k = 'x' limit 3"};
    EXPECT_EQ(world->gate.take_journal(), sent);
    EXPECT_TRUE(session.in_transaction());
    EXPECT_EQ(co_await world->run(&session, "rollback"), "ok 0");
    EXPECT_FALSE(session.has_beyond());
}
TEST(VtgateService, TheSessionRemembers) {
    run_world(check_state);
}

Task<void> check_settings_in_transaction(World* world) {
    Session session = session_on("ks");
    session.set_enable_system_settings(true);
    world->gate.answer_everywhere(gateway::ScriptedAnswer::written(1));
    co_await world->run(&session, "begin");
    co_await world->run(&session, "insert into t(k) values ('a')");
    world->gate.take_journal();
    co_await world->run(&session, "set sql_safe_updates = 1");
    const Journal sent = world->gate.take_journal();
    EXPECT_FALSE(sent.empty());
    // The held connection was brought up to date before the session left.
    if (!sent.empty()) EXPECT_EQ(sent.back(), "60-: select 1 from dual where 1 != 1");
    co_await world->run(&session, "rollback");
}
TEST(VtgateService, HeldConnectionsHaveTheSessionsSettings) {
    run_world(check_settings_in_transaction);
}

Task<void> check_batch(World* world) {
    world->gate.answer_everywhere(gateway::ScriptedAnswer::written(1));
    ::vtgate::ExecuteBatchRequest request;
    *request.mutable_session() = session_on("ks");
    for (const char* text : {"insert into t(k) values ('a')", "wrong", "begin",
                             "update t set n = 2 where k = 'a'", "commit"})
        request.add_queries()->set_sql(text);
    const auto answer =
        co_await world->ask<::vtgate::ExecuteBatchResponse>("ExecuteBatch", request);
    EXPECT_TRUE(answer.has_value());
    if (!answer) co_return;
    EXPECT_FALSE(answer->has_error());
    EXPECT_EQ(answer->results_size(), 5);
    if (answer->results_size() != 5) co_return;
    EXPECT_EQ(answer->results(0).result().rows_affected(), 1u);
    EXPECT_EQ(answer->results(1).error().code(), ::vtrpc::INVALID_ARGUMENT);
    EXPECT_FALSE(answer->results(1).has_result());
    EXPECT_EQ(answer->results(3).result().rows_affected(), 1u);
    EXPECT_FALSE(answer->session().in_transaction());
    const Journal sent = {"60-: insert into t(k) values ('a')",
                          "60-: begin; update t set n = 2 where k = 'a'", "60-: commit"};
    EXPECT_EQ(world->gate.take_journal(), sent);
}
TEST(VtgateService, OneErrorDoesNotStopABatch) {
    run_world(check_batch);
}

Task<void> check_stream(World* world) {
    gateway::ScriptedAnswer answer = rows({"1", "2"});
    answer.runs.push_back(gateway::scripted_rows({"3"}));
    world->gate.answer_everywhere(answer);
    ::vtgate::StreamExecuteRequest request;
    *request.mutable_session() = session_on("ks");
    request.mutable_query()->set_sql("select n from t where k = 'a'");
    rpc::ClientCall call;
    EXPECT_TRUE(
        (co_await world->channel->start(&call, "/vtgateservice.Vitess/StreamExecute", {}, nullptr))
            .has_value());
    EXPECT_TRUE((co_await rpc::send(&call, &request, nullptr)).has_value());
    call.finish_sending();
    std::vector<std::string> got;
    for (::vtgate::StreamExecuteResponse part;;) {
        const Result<bool> more = co_await rpc::receive(&call, &part, nullptr);
        if (!more || !*more) {
            got.push_back(more ? "end" : more.error().text);
            break;
        }
        got.push_back(std::to_string(part.result().fields_size()) + " fields, " +
                      std::to_string(part.result().rows_size()) + " rows" +
                      (part.has_session() ? ", session" : ""));
    }
    const std::vector<std::string> want = {"1 fields, 0 rows", "0 fields, 2 rows",
                                           "0 fields, 1 rows", "0 fields, 0 rows, session", "end"};
    EXPECT_EQ(got, want);
}
TEST(VtgateService, StreamsColumnsThenRowsThenTheSession) {
    run_world(check_stream, {.send_session_in_streaming = true, .stream_part = 1});
}

Task<void> check_prepare(World* world) {
    world->gate.answer_everywhere(rows({}));
    ::vtgate::PrepareRequest request;
    *request.mutable_session() = session_on("ks");
    request.mutable_query()->set_sql("select n from t where k = :k");
    const auto answer = co_await world->ask<::vtgate::PrepareResponse>("Prepare", request);
    EXPECT_TRUE(answer.has_value() && !answer->has_error());
    if (!answer) co_return;
    EXPECT_EQ(answer->fields_size(), 1);
    EXPECT_EQ(world->gate.take_journal(), Journal{"-40: select n from t where k = ? {v1=NULL}"});
}
TEST(VtgateService, PrepareTellsTheColumns) {
    run_world(check_prepare);
}

Task<void> check_callers(World* world) {
    world->gate.answer_everywhere(rows({"x"}));
    ::vtgate::ExecuteRequest request;
    *request.mutable_session() = session_on("ks");
    request.mutable_query()->set_sql("select user() from t where k = 'a'");
    request.mutable_caller_id()->set_principal("alice");
    co_await world->ask<::vtgate::ExecuteResponse>("Execute", request);
    EXPECT_EQ(world->gate.take_journal(), Journal{"60-: select 'alice@localhost' from t where k = "
                                                  "'a'"});
    request.clear_caller_id();
    co_await world->ask<::vtgate::ExecuteResponse>("Execute", request);
    EXPECT_EQ(world->gate.take_journal(),
              Journal{"60-: select 'unsecure_grpc_client@localhost' from t where k = 'a'"});
}
// A tablet is told both: whom the application calls for, and who has called.
Task<void> check_callers_of_tablets(World* world) {
    std::string told;
    world->gate.cluster.tablet("60-").script = [&told](const tablet::Call& call) {
        if (call.caller == nullptr) return rows({"x"});
        told =
            call.caller->user + " for " + call.caller->principal + " of " + call.caller->component;
        for (const std::string& group : call.caller->principal_groups) told += " in " + group;
        return rows({"x"});
    };
    ::vtgate::ExecuteRequest request;
    *request.mutable_session() = session_on("ks");
    request.mutable_query()->set_sql("select n from t where k = 'a'");
    request.mutable_caller_id()->set_principal("alice");
    request.mutable_caller_id()->set_component("shop");
    request.mutable_caller_id()->add_groups("buyers");
    co_await world->ask<::vtgate::ExecuteResponse>("Execute", request);
    EXPECT_EQ(told, "unsecure_grpc_client for alice of shop in buyers");
}
TEST(VtgateService, WhoCallsIsToldToTablets) {
    run_world(check_callers_of_tablets);
}

TEST(VtgateService, WhoCalls) {
    run_world(check_callers, {.use_effective_callerid = true});
}

Task<void> check_refusals(World* world) {
    const auto stream =
        co_await world->ask<::vtgate::VStreamResponse>("VStream", ::vtgate::VStreamRequest());
    EXPECT_EQ(stream.error().text, "VT12001: unsupported: VStream");
    EXPECT_EQ(stream.error().code, Code::unimplemented);
    const auto resolve = co_await world->ask<::vtgate::CloseSessionResponse>(
        "ResolveTransaction", ::vtgate::CloseSessionRequest());
    EXPECT_EQ(resolve.error().text,
              "unknown method ResolveTransaction for service vtgateservice.Vitess");
}
TEST(VtgateService, Refusals) {
    run_world(check_refusals);
}

}  // namespace
}  // namespace sluice::front
