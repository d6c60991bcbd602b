// Connections and pools against a real server.
#include "mysql/real_server.h"

#include <gtest/gtest.h>

#include "async/deadline.h"
#include "async/loop.h"
#include "async/tls.h"
#include "async/wait_queue.h"
#include "mysql/gathered_rows.h"
#include "mysql/pool.h"
#include "mysql/run.h"

namespace sluice::mysql {
namespace {

using namespace std::chrono_literals;
using Cells = std::vector<std::string>;

Task<Cells> ask(Connection* connection, std::string text) {
    GatheredRows rows;
    const Result<Reply> reply = co_await connection->query(text, &rows, nullptr);
    EXPECT_TRUE(reply.has_value()) << text << ": " << (reply ? "" : reply.error().text);
    co_return rows.cells();
}

Task<std::unique_ptr<Connection>> open(const Server* server, Connection::Login login = {}) {
    auto opened = co_await Connection::open(server, login, nullptr);
    EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().text);
    if (!opened) co_return nullptr;
    co_return std::move(*opened);
}

Task<void> check_logins(const Server* admin_server) {
    auto admin = co_await open(admin_server);
    if (!admin) co_return;
    EXPECT_EQ(co_await ask(admin.get(), "select @@character_set_client, @@character_set_results"),
              (Cells{"utf8mb4", "utf8mb4"}));
    co_await ask(admin.get(), "drop user if exists app@'127.0.0.1', app@localhost");
    for (const char* host : {"127.0.0.1", "localhost"}) {
        const std::string user = std::string("app@'") + host + "'";
        co_await ask(admin.get(), "create user " + user + " identified by 'sec ret'");
        co_await ask(admin.get(), "grant all on *.* to " + user);
    }
    Server tcp = RealServer::get().over_tcp();
    tcp.user = "app";
    const auto denied = co_await Connection::open(&tcp, {}, nullptr);
    EXPECT_EQ(denied.error().number, er::access_denied);
    EXPECT_EQ(denied.error().sqlstate(), "28000");
    tcp.password = "sec ret";
    tcp.database = "mysql";
    // The second login of caching_sha2_password is the fast one.
    for (int i = 0; i < 2; ++i) {
        auto app = co_await open(&tcp, {.found_rows = i == 1});
        EXPECT_EQ(co_await ask(app.get(), "select database()"), (Cells{"mysql"}));
        EXPECT_EQ(app->found_rows(), i == 1);
    }
    tcp.database = "nowhere";
    EXPECT_EQ((co_await Connection::open(&tcp, {}, nullptr)).error().number, er::bad_db);
}

Task<void> check_statements(const Server* server) {
    auto connection = co_await open(server);
    if (!connection) co_return;
    co_await ask(connection.get(), "drop database if exists vt_mysql_test");
    co_await ask(connection.get(), "create database vt_mysql_test");
    co_await ask(connection.get(), "create table vt_mysql_test.t(id int primary key, v longtext)");
    auto reply = co_await connection->query(
        "insert into vt_mysql_test.t values (1, 'a'), (2, null)", nullptr, nullptr);
    EXPECT_EQ(reply->affected_rows, 2U);
    EXPECT_EQ(reply->text, "Records: 2  Duplicates: 0  Warnings: 0");
    EXPECT_EQ(co_await ask(connection.get(), "select * from vt_mysql_test.t order by id"),
              (Cells{"1", "a", "2", "NULL"}));
    // Three commands in one write.
    connection->queue_query("begin");
    connection->queue_query("insert into vt_mysql_test.t values (3, 'c')");
    EXPECT_TRUE((co_await connection->send_query("select count(*) from vt_mysql_test.t", nullptr))
                    .has_value());
    EXPECT_TRUE((co_await connection->read(nullptr, nullptr)).has_value());
    EXPECT_EQ((co_await connection->read(nullptr, nullptr))->affected_rows, 1U);
    GatheredRows counted;
    EXPECT_TRUE((co_await connection->read(&counted, nullptr)).has_value());
    EXPECT_EQ(counted.cells(), (Cells{"3"}));
    EXPECT_TRUE(connection->in_transaction());
    co_await ask(connection.get(), "rollback");
    EXPECT_FALSE(connection->in_transaction());
    // A text of 17 MiB goes out in two packets, and comes back as a row in pieces.
    const std::string large(17U << 20U, 'x');
    reply = co_await connection->query("insert into vt_mysql_test.t values (4, '" + large + "')",
                                       nullptr, nullptr);
    EXPECT_TRUE(reply.has_value()) << (reply ? "" : reply.error().text);
    GatheredRows rows;
    reply = co_await connection->query("select v from vt_mysql_test.t order by id", &rows, nullptr);
    EXPECT_EQ(reply->rows, 3U);
    EXPECT_TRUE(rows.in_pieces);
    EXPECT_TRUE(rows.cells() == (Cells{"a", "NULL", large}));
}

Task<void> check_prepared(const Server* server) {
    auto connection = co_await open(server);
    if (!connection) co_return;
    auto handles = std::make_shared<ServerHandles>();
    connection->handles().set_limits(handles, 2);
    const std::uint8_t nulls[] = {0}, types[] = {3, 0};
    for (int turn = 0; turn < 2; ++turn) {
        for (const char* text : {"select ? + 1", "select ? + 2", "select ? + 3", "select ? + 3"}) {
            const std::uint8_t values[] = {5, 0, 0, 0};
            const Execution execution{.statement = text,
                                      .key = statement_key(text),
                                      .parameters = 1,
                                      .null_bitmap = nulls,
                                      .types = types,
                                      .values = values};
            Request request;
            request.execution = &execution;
            GatheredRows rows;
            const Ran ran = co_await run(connection.get(), &request, &rows, nullptr);
            EXPECT_TRUE(ran.reply.has_value()) << (ran.reply ? "" : ran.reply.error().text);
            EXPECT_EQ(rows.bytes.at(6), 5 + text[11] - '0');
        }
    }
    EXPECT_EQ(connection->handles().size(), 2U);
    EXPECT_EQ(handles->count.load(), 2);
    const Cells held = co_await ask(connection.get(), "show status like 'Prepared_stmt_count'");
    EXPECT_EQ(held.back(), "2");
    Request request;
    request.text = "select id, v from vt_mysql_test.t where id = ?";
    GatheredRows columns;
    const Ran prepared = co_await prepare(connection.get(), &request, &columns, nullptr);
    EXPECT_EQ(prepared.reply->columns, 2U);
    EXPECT_EQ(columns.column_count, 2U);
    request.text = "select nothing from vt_mysql_test.nowhere";
    const Ran refused = co_await prepare(connection.get(), &request, &columns, nullptr);
    EXPECT_EQ(refused.reply.error().number, er::no_such_table);
    EXPECT_TRUE(connection->in_order());
    // The server forgets: prepared again unseen, also when it is another table now.
    const std::string text = "select * from vt_mysql_test.t where id < ?";
    const std::uint8_t two[] = {2, 0, 0, 0};
    const Execution execution{.statement = text,
                              .key = 1,
                              .parameters = 1,
                              .null_bitmap = nulls,
                              .types = types,
                              .values = two};
    request.execution = &execution;
    for (const char* between : {"do 1", "alter table vt_mysql_test.t add column w int", "close"}) {
        if (std::string_view(between) == "close") {
            const Handle* handle = connection->handles().find(1, text);
            connection->queue_close(handle->id);
        } else {
            co_await ask(connection.get(), between);
        }
        GatheredRows rows;
        const Ran ran = co_await run(connection.get(), &request, &rows, nullptr);
        EXPECT_TRUE(ran.reply.has_value()) << between;
        EXPECT_EQ(ran.reply->rows, 1U);
        EXPECT_EQ(ran.reply->columns, std::string_view(between) == "do 1" ? 2U : 3U);
    }
}

Task<void> check_interrupt(const Server* server) {
    auto limits = std::make_shared<ServerLimits>(1, 1);
    Pool pool(*server, {.name = "x/0"}, limits->pooled);
    auto taken = co_await pool.take({}, nullptr);
    EXPECT_TRUE(taken.has_value());
    if (!taken) co_return;
    const std::uint32_t id = (*taken)->id();
    Stop stop;
    const async::Deadline deadline(&stop, 100ms, make_error(Code::canceled, "client gone"));
    const auto slept = co_await (*taken)->query("select sleep(100)", nullptr, &stop);
    EXPECT_EQ(slept.error().text, "client gone");
    pool.cancel(std::move(*taken));
    taken = co_await pool.take({}, nullptr);  // as soon as it is in order again
    EXPECT_TRUE(taken.has_value());
    EXPECT_EQ((*taken)->id(), id);
    EXPECT_EQ(co_await ask(taken->get(),
                           "select count(*) from information_schema.processlist "
                           "where info like '%sleep(100)%' and id <> "
                           "connection_id()"),
              (Cells{"0"}));
    // Killed while idle: seen before it is used.
    auto killer = co_await open(server);
    pool.give(std::move(*taken));
    EXPECT_EQ(pool.idle(), 1U);
    co_await ask(killer.get(), "kill " + std::to_string(id));
    for (int i = 0; i < 200 && pool.idle() > 0; ++i)
        EXPECT_TRUE((co_await async::pause(10ms, nullptr)).has_value());
    EXPECT_EQ(pool.idle(), 0U);
    co_await pool.close();
}

// Two sessions share one connection; each statement sees its own session's settings.
Task<void> check_mixed_settings(const Server* server) {
    auto limits = std::make_shared<ServerLimits>(1, 1);
    Pool pool(*server, {.name = "x/0"}, limits->pooled);
    const Settings sessions[] = {
        {.key = 0, .set_statement = "", .reset_statement = ""},
        {.key = 1,
         .set_statement = "set time_zone = '+03:00', sql_mode = 'ANSI'",
         .reset_statement = "set time_zone = default, sql_mode = default"},
        {.key = 2,
         .set_statement = "set time_zone = '-05:00', div_precision_increment = 9",
         .reset_statement = "set time_zone = default, div_precision_increment = default",
         .collation = 8},
    };
    const char* const zones[] = {"SYSTEM", "+03:00", "-05:00"};
    const char* const charsets[] = {"utf8mb4", "utf8mb4", "latin1"};
    const char* const divided[] = {"0.3333", "0.3333", "0.333333333"};
    for (unsigned i = 0; i < 300; ++i) {
        const unsigned which = (i * 7 + i / 3) % 3;
        auto taken = co_await pool.take({.settings_key = sessions[which].key}, nullptr);
        EXPECT_TRUE(taken.has_value());
        if (!taken) break;
        Request request;
        request.text =
            "select @@time_zone, @@character_set_results, 1 / 3, "
            "@@sql_mode like '%ANSI_QUOTES%'";
        request.settings = sessions[which];
        request.settings_proven = pool.proven(request.settings.key);
        GatheredRows rows;
        const Ran ran = co_await run(taken->get(), &request, &rows, nullptr);
        EXPECT_TRUE(ran.reply.has_value()) << (ran.reply ? "" : ran.reply.error().text);
        pool.prove(request.settings.key);
        EXPECT_EQ(rows.cells(),
                  (Cells{zones[which], charsets[which], divided[which], which == 1 ? "1" : "0"}));
        pool.give(std::move(*taken));
    }
    EXPECT_EQ(pool.made(), 1U);
    co_await pool.close();
}

// A MySQL makes certificates for itself; a MariaDB has none unless told.
Task<void> check_tls(const Server*) {
    Server tcp = RealServer::get().over_tcp();
    tcp.tls_context = async::TlsContext::client({.ca = "",
                                                 .certificate = "",
                                                 .key = "",
                                                 .verify = async::TlsContext::Verify::none,
                                                 .min_version = ""})
                          .value();
    tcp.tls = TlsMode::preferred;
    auto preferred = co_await open(&tcp);
    if (!preferred) co_return;
    tcp.tls = TlsMode::required;
    const auto required = co_await Connection::open(&tcp, {}, nullptr);
    EXPECT_EQ(required.has_value(), preferred->is_tls());
    if (!required) {
        EXPECT_EQ(required.error().number, 2026);
        co_return;
    }
    const std::string large(3U << 20U, 'y');
    EXPECT_TRUE(co_await ask(required->get(), "select '" + large + "'") == Cells{large});
    EXPECT_EQ((co_await ask(required->get(), "show status like 'Ssl_version'")).back(), "TLSv1.3");
}

void run_all(const Server& server) {
    for (const auto check : {check_logins, check_statements, check_prepared, check_interrupt,
                             check_mixed_settings, check_tls}) {
        async::Loop loop;
        run_until_done(loop, check(&server));
    }
}

TEST(RealServer, LoginsStatementsHandlesInterruptsSettings) {
    RealServer& real = RealServer::get();
    if (!real.present()) GTEST_SKIP() << "no MySQL server could be started";
    run_all(real.over_socket());
}

}  // namespace
}  // namespace sluice::mysql
