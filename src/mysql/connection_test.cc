#include "mysql/connection.h"

#include <gtest/gtest.h>

#include "async/deadline.h"
#include "async/wait_queue.h"
#include "mysql/error_code.h"
#include "mysql/fake_server.h"
#include "mysql/gathered_rows.h"
#include "mysql/run.h"

namespace sluice::mysql {
namespace {

using namespace std::chrono_literals;
using wire::capability::deprecate_eof;

TEST(ErrorCode, FollowsTheTabletsTable) {
    for (const auto& [number, code] : std::vector<std::pair<std::uint16_t, Code>>{
             {1062, Code::already_exists},
             {1213, Code::aborted},
             {1205, Code::deadline_exceeded},
             {1146, Code::not_found},
             {1045, Code::permission_denied},
             {1040, Code::resource_exhausted},
             {2006, Code::unavailable},
             {2013, Code::canceled},
             {1290, Code::cluster_event},
             {1235, Code::unimplemented},
             {1064, Code::invalid_argument},
             {3819, Code::invalid_argument},
             {2027, Code::unknown},
         }) {
        EXPECT_EQ(code_of(number), code) << number;
    }
}

TEST(Server, TlsModesByName) {
    EXPECT_EQ(parse_tls_mode("verify_identity"), TlsMode::verify_identity);
    EXPECT_FALSE(parse_tls_mode("maybe").has_value());
}

TEST(Handles, TheLongestUnusedMakesRoom) {
    auto server = std::make_shared<ServerHandles>();
    Handles handles;
    handles.set_limits(server, 2);
    EXPECT_EQ(handles.evict(), 0U);
    handles.add(1, "select 1", 11);
    handles.add(2, "select 2", 12);
    EXPECT_NE(handles.find(1, "select 1"), nullptr);
    EXPECT_EQ(handles.find(1, "select 3"), nullptr);   // same key, other text
    EXPECT_EQ(handles.find(77, "select 2")->id, 12U);  // other key, same text
    EXPECT_NE(handles.find(1, "select 1"), nullptr);
    EXPECT_EQ(handles.evict(), 12U);
    EXPECT_EQ(server->count.load(), 1);
    server->limit = 1;  // other connections have used the rest
    EXPECT_EQ(handles.evict(), 11U);
    EXPECT_EQ(handles.evict(), 0U);
    EXPECT_EQ(server->count.load(), 0);
}

// What the script does to the n-th command.
struct Plan {
    int die_at = -1;      // hang up instead of answering this command
    int die_inside = -1;  // hang up after half of this answer
    int commands = 0;
    std::uint16_t refuse_execute = 0;  // number for the first execute
    std::uint32_t handles = 0;
};

Task<bool> script(FakeSession* session, std::string command, void* state) {
    auto* const plan = static_cast<Plan*>(state);
    const int number = plan->commands++;
    if (number == plan->die_at) co_return false;
    const std::string text = command.substr(1);
    if (command[0] == 0x16) {
        const wire::ColumnDefinition column{.name = "v"};
        wire::write_prepare_response(session->writer, ++plan->handles, 1, {&column, 1},
                                     session->capabilities, 0);
    } else if (command[0] == 0x17) {
        if (const std::uint16_t refused = std::exchange(plan->refuse_execute, std::uint16_t{0})) {
            session->err(refused, "prepare it again");
        } else {
            session->rows({"bound" + std::to_string(static_cast<int>(command[11]))}, 0,
                          wire::RowFormat::binary);
        }
    } else if (text == "select 2") {
        session->rows({"one", "two"});
    } else if (text == "begin") {
        session->ok(wire::status::in_transaction);
    } else if (text == "bad") {
        session->err(1064, "You have an error");
    } else if (text == "large") {
        session->rows({"a", std::string(17U << 20U, 'x'), "b"});
    } else if (text == "call") {
        session->rows({"first"}, wire::status::more_results);
        session->ok();
    } else if (text == "call two") {
        session->rows({"first"}, wire::status::more_results);
        session->rows({"second"}, wire::status::more_results);
        session->ok();
    } else if (text == "infile") {
        session->writer.packet(wire::bytes_of("\xfb/etc/passwd"));
    } else if (text == "garbage") {
        session->writer.packet(wire::bytes_of({"\0\xfc", 2}));  // an OK that is cut off
    } else {
        session->ok();
    }
    if (number == plan->die_inside) {
        const wire::ByteView half = session->out.view().first(session->out.size() / 2);
        static_cast<void>(co_await session->stream.write(half, {}, nullptr));
        co_return false;
    }
    co_return true;
}

using Check = Task<void> (*)(Connection* connection, FakeServer* fake, Plan* plan);

Task<void> with_fake(Check check, wire::Capabilities capabilities) {
    Plan plan;
    FakeServer fake(script, &plan, capabilities);
    fake.start();
    const Server server = fake.server();
    Result<std::unique_ptr<Connection>> opened = co_await Connection::open(&server, {}, nullptr);
    EXPECT_TRUE(opened.has_value());
    if (opened) {
        EXPECT_EQ((*opened)->capabilities() & deprecate_eof, capabilities & deprecate_eof);
        EXPECT_EQ((*opened)->capabilities() &
                      (wire::capability::multi_statements | wire::capability::local_files),
                  0U);
        co_await check(opened->get(), &fake, &plan);
        opened->reset();
    }
    co_await fake.stop();
}

void run_check(Check check) {
    for (const wire::Capabilities capabilities :
         {wire::capability::gate, wire::capability::gate & ~deprecate_eof}) {
        async::Loop loop;
        run_until_done(loop, with_fake(check, capabilities));
    }
}

Task<void> check_queries(Connection* connection, FakeServer*, Plan*) {
    GatheredRows rows;
    rows.sequence = 7;
    rows.drain_each = true;
    const Result<Reply> two = co_await connection->query("select 2", &rows, nullptr);
    EXPECT_TRUE(two.has_value());
    EXPECT_EQ(two->columns, 1U);
    EXPECT_EQ(two->rows, 2U);
    EXPECT_EQ(rows.drains, 1U);
    EXPECT_EQ(rows.sequence, 9);
    EXPECT_EQ(rows.bytes[3], 7);  // stamped
    EXPECT_EQ(rows.column_count, 1U);
    EXPECT_EQ(rows.definitions[3], 2);  // definitions are as they came
    const Result<Reply> bad = co_await connection->query("bad", &rows, nullptr);
    EXPECT_EQ(bad.error().number, 1064);
    EXPECT_EQ(bad.error().sqlstate(), "42000");
    EXPECT_EQ(bad.error().code, Code::invalid_argument);
    EXPECT_TRUE(connection->in_order());
    EXPECT_TRUE((co_await connection->ping(nullptr)).has_value());
    // Two in one write, answers in turn.
    connection->queue_query("begin");
    EXPECT_TRUE((co_await connection->send_query("select 2", nullptr)).has_value());
    EXPECT_EQ(connection->due(), 2U);
    EXPECT_TRUE((co_await connection->read(nullptr, nullptr)).has_value());
    EXPECT_TRUE(connection->in_transaction());
    GatheredRows again;
    EXPECT_TRUE((co_await connection->read(&again, nullptr)).has_value());
    EXPECT_EQ(again.cells(), (std::vector<std::string>{"one", "two"}));
    EXPECT_TRUE(connection->in_order());
}

TEST(Connection, AnswersAreReadInTurn) {
    run_check(check_queries);
}

Task<void> check_large(Connection* connection, FakeServer*, Plan*) {
    GatheredRows rows;
    const Result<Reply> reply = co_await connection->query("large", &rows, nullptr);
    EXPECT_TRUE(reply.has_value());
    EXPECT_EQ(reply->rows, 3U);
    EXPECT_EQ(rows.starts, 3U);
    EXPECT_TRUE(rows.in_pieces);
    const std::vector<std::string> cells = rows.cells();
    EXPECT_EQ(cells.size(), 3U);
    EXPECT_EQ(cells[1].size(), 17U << 20U);
    EXPECT_EQ(cells[2], "b");
    EXPECT_TRUE(connection->in_order());
}

TEST(Connection, RowsOf17MiBPassInPieces) {
    run_check(check_large);
}

Task<void> check_breaches(Connection* connection, FakeServer* fake, Plan*) {
    GatheredRows rows;
    const Result<Reply> call = co_await connection->query("call", &rows, nullptr);
    EXPECT_TRUE(call.has_value());
    EXPECT_EQ(call->rows, 1U);
    EXPECT_TRUE(connection->in_order());
    // A sink that has had enough leaves the answer due; it can be dropped.
    GatheredRows full;
    full.refuse_rows = true;
    const Result<Reply> cut = co_await connection->query("select 2", &full, nullptr);
    EXPECT_EQ(cut.error().number, er::net_packet_too_large);
    EXPECT_EQ(connection->due(), 1U);
    EXPECT_TRUE((co_await connection->read(nullptr, nullptr)).has_value());
    EXPECT_TRUE(connection->in_order());
    full.refuse_columns = true;
    EXPECT_FALSE((co_await connection->query("select 2", &full, nullptr)).has_value());
    EXPECT_TRUE((co_await connection->read(nullptr, nullptr)).has_value());
    EXPECT_TRUE(connection->in_order());

    const Result<Reply> two = co_await connection->query("call two", &rows, nullptr);
    EXPECT_EQ(two.error().text, "Multi-Resultset not supported in stored procedure");
    EXPECT_EQ(two.error().code, Code::unimplemented);
    EXPECT_TRUE(connection->broken());
    const Server server = fake->server();
    for (const char* text : {"infile", "garbage"}) {
        auto other = co_await Connection::open(&server, {}, nullptr);
        EXPECT_FALSE((co_await (*other)->query(text, &rows, nullptr)).has_value()) << text;
        EXPECT_TRUE((*other)->broken()) << text;
    }
}

TEST(Connection, WhatBreaksTheProtocolBreaksTheConnection) {
    run_check(check_breaches);
}

Task<void> check_prepared(Connection* connection, FakeServer* fake, Plan* plan) {
    const std::uint8_t types[] = {3, 0}, nulls[] = {0}, values[] = {7, 0, 0, 0};
    const Execution execution{.statement = "select ?",
                              .key = 5,
                              .parameters = 1,
                              .null_bitmap = nulls,
                              .types = types,
                              .values = values};
    Request request;
    request.execution = &execution;
    GatheredRows rows;
    Ran ran = co_await run(connection, &request, &rows, nullptr);
    EXPECT_TRUE(ran.reply.has_value());
    EXPECT_TRUE(ran.delivered);
    EXPECT_EQ(rows.bytes.back(), '1');  // types were sent
    ran = co_await run(connection, &request, &rows, nullptr);
    EXPECT_EQ(rows.bytes.back(), '0');  // and are known now
    for (const std::uint16_t number : {er::unknown_stmt_handler, std::uint16_t{1615}}) {
        plan->refuse_execute = number;
        fake->log.clear();
        ran = co_await run(connection, &request, &rows, nullptr);
        EXPECT_TRUE(ran.reply.has_value()) << number;
        EXPECT_EQ(rows.bytes.back(), '1');
        EXPECT_EQ(fake->log,
                  (std::vector<std::string>{"1: execute", "1: prepare select ?", "1: execute"}));
    }
    plan->refuse_execute = 1062;  // an error like any other
    ran = co_await run(connection, &request, &rows, nullptr);
    EXPECT_EQ(ran.reply.error().number, 1062);
    Execution wrong = execution;
    wrong.parameters = 2;
    wrong.statement = "select ?, ?";
    request.execution = &wrong;
    ran = co_await run(connection, &request, &rows, nullptr);
    EXPECT_EQ(ran.reply.error().number, er::wrong_arguments);
    EXPECT_TRUE(connection->in_order());
}

TEST(Run, PreparedOnceAndAgainWhenLost) {
    run_check(check_prepared);
}

Task<void> check_settings(Connection* connection, FakeServer* fake, Plan*) {
    const std::vector<std::string> begin = {"begin"};
    Request request;
    request.text = "select 2";
    request.before = begin;
    request.settings = {.key = 9, .set_statement = "set a = 1", .reset_statement = "set a = 0"};
    Ran ran = co_await run(connection, &request, nullptr, nullptr);
    EXPECT_TRUE(ran.reply.has_value());
    EXPECT_TRUE(ran.opened);
    request.settings = {.key = 8, .set_statement = "set b = 1", .reset_statement = "set b = 0"};
    request.settings_proven = true;
    ran = co_await run(connection, &request, nullptr, nullptr);
    request.settings = {};
    request.before = {};
    ran = co_await run(connection, &request, nullptr, nullptr);
    ran = co_await run(connection, &request, nullptr, nullptr);
    EXPECT_EQ(fake->log,
              (std::vector<std::string>{"1: set a = 1", "1: begin", "1: select 2", "1: set a = 0",
                                        "1: set b = 1", "1: begin", "1: select 2", "1: set b = 0",
                                        "1: select 2", "1: select 2"}));
    // A SET that the server refuses leaves the connection at the defaults; the statement does not
    // run.
    fake->log.clear();
    request.settings = {.key = 7, .set_statement = "bad", .reset_statement = "set c = 0"};
    request.settings_proven = false;
    ran = co_await run(connection, &request, nullptr, nullptr);
    EXPECT_EQ(ran.reply.error().number, 1064);
    EXPECT_FALSE(ran.sent);
    EXPECT_TRUE(connection->in_order());
    EXPECT_EQ(connection->settings_key, 0U);
    EXPECT_EQ(fake->log, (std::vector<std::string>{"1: bad"}));
    // Behind a `begin` that failed nothing may go on.
    const std::vector<std::string> bad = {"bad"};
    request.settings = {};
    request.before = bad;
    ran = co_await run(connection, &request, nullptr, nullptr);
    EXPECT_EQ(ran.reply.error().number, 1064);
    EXPECT_FALSE(ran.opened);
    EXPECT_TRUE(connection->broken());
}

TEST(Run, SettingsAreRepairedInOneWrite) {
    run_check(check_settings);
}

// Killed before the answer, and in the middle of it, at each command of set + begin + statement.
Task<void> check_deaths(Connection*, FakeServer* fake, Plan* plan) {
    const Server server = fake->server();
    const std::vector<std::string> begin = {"begin"};
    for (int at = 0; at < 3; ++at) {
        for (const bool inside : {false, true}) {
            plan->commands = 0;
            plan->die_at = inside ? -1 : at;
            plan->die_inside = inside ? at : -1;
            auto opened = co_await Connection::open(&server, {}, nullptr);
            EXPECT_TRUE(opened.has_value());
            Request request;
            request.text = "select 2";
            request.before = begin;
            request.settings = {.key = 1, .set_statement = "set a = 1", .reset_statement = "x"};
            request.settings_proven = true;
            GatheredRows rows;
            const Ran ran = co_await run(opened->get(), &request, &rows, nullptr);
            EXPECT_EQ(ran.reply.error().number, er::cr_server_lost) << at << inside;
            EXPECT_TRUE(ran.sent);
            EXPECT_EQ(ran.opened, at == 2);
            EXPECT_TRUE((*opened)->broken());
        }
    }
    plan->die_at = plan->die_inside = -1;
}

TEST(Run, AServerThatDiesIsNoticedAtEachPoint) {
    run_check(check_deaths);
}

}  // namespace
}  // namespace sluice::mysql
