#include "tablet/mysql_tablet.h"

#include <gtest/gtest.h>

#include "async/deadline.h"
#include "async/scope.h"
#include "async/wait_queue.h"
#include "mysql/fake_server.h"
#include "tablet/credentials.h"
#include "tablet/detail/names.h"

namespace sluice::tablet {
namespace {

using namespace std::chrono_literals;
using mysql::FakeServer;
using mysql::FakeSession;

TEST(Credentials, FirstPasswordOfEachUser) {
    const auto parsed = Credentials::parse(R"({"vt_app": ["one", "two"], "vt_dba": [""]})");
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(*parsed->password_of("vt_app"), "one");
    EXPECT_EQ(*parsed->password_of("vt_dba"), "");
    EXPECT_EQ(parsed->password_of("vt_repl"), nullptr);
    for (const char* bad : {"", "[]", "{", R"({"a": "b"})", R"({"a": []})", R"({"a": [1]})"})
        EXPECT_FALSE(Credentials::parse(bad).has_value()) << bad;
}

TEST(Names, AreTheClients) {
    struct Case {
        std::uint16_t number;
        const char* text;
        const char* want;
    };
    for (const auto& [number, text, want] : {
             Case{1146, "Table 'vt_customer_-80.t' doesn't exist",
                  "Table 'customer.t' doesn't exist"},
             Case{1049, "Unknown database 'vt_customer_-80'", "Unknown database 'customer'"},
             Case{1452, "fails (`vt_customer_-80`.`c`, CONSTRAINT `x`)",
                  "fails (`customer`.`c`, CONSTRAINT `x`)"},
             // A cell is not a name, and a longer name is another one.
             Case{1062, "Duplicate entry 'vt_customer_-80' for key 'PRIMARY'",
                  "Duplicate entry 'vt_customer_-80' for key 'PRIMARY'"},
             Case{1146, "Table 'xvt_customer_-80.t'", "Table 'xvt_customer_-80.t'"},
             Case{1146, "Table 'vt_customer_-800.t'", "Table 'vt_customer_-800.t'"},
         }) {
        EXPECT_EQ(with_client_names(text, number, "vt_customer_-80", "customer"), want);
    }
    EXPECT_EQ(with_client_names("Table 'vt_x.t'", 1146, "vt_x", ""), "Table 'vt_x.t'");
}

// A server that hangs up when it gets the statement `die_at`, `deaths` times.
struct Plan {
    std::string die_at;
    int deaths = 0;
    bool half = false;  // in the middle of its answer
    FakeSession* asleep = nullptr;
};

Task<bool> script(FakeSession* session, std::string command, void* state) {
    auto* const plan = static_cast<Plan*>(state);
    const std::string text = command.substr(1);
    if (text.starts_with("select")) {
        session->rows({"one", "two"});
    } else if (text == "sleep") {
        plan->asleep = session;
        co_return true;
    } else if (text.starts_with("kill") && plan->asleep != nullptr) {
        FakeSession* const woken = std::exchange(plan->asleep, nullptr);
        woken->err(1317, "Query execution was interrupted");
        co_await woken->send();
        session->ok();
    } else if (text == "begin") {
        session->ok(wire::status::in_transaction);
    } else if (text == "insert again") {
        session->err(1062, "Duplicate entry '1' for key 'vt_db.t.PRIMARY'");
    } else if (text == "refused") {
        session->err(1290, "The MySQL server is running with the --super-read-only option");
    } else {
        session->ok();
    }
    if (text == plan->die_at && plan->deaths > 0) {
        --plan->deaths;
        if (plan->half) {
            const wire::ByteView half = session->out.view().first(session->out.size() - 20);
            static_cast<void>(co_await session->stream.write(half, {}, nullptr));
        }
        co_return false;
    }
    co_return true;
}

struct Bench {
    explicit Bench(MysqlTabletOptions options = {}) : fake(script, &plan) {
        fake.start();
        options.server = fake.server();
        options.keyspace = "db";
        options.shard = "-80";
        tablet = std::make_unique<MysqlTablet>(std::move(options), limits);
    }
    Task<void> end() {
        co_await tablet->close();
        tablet.reset();
        EXPECT_EQ(limits->pooled->in_use(), 0U);
        EXPECT_EQ(limits->transactions->in_use(), 0U);
        co_await fake.stop();
    }
    Task<Outcome> run(std::string text, HeldId held = not_held, bool begin = false,
                      Stop* stop = nullptr) {
        Call call;
        call.text = text;
        call.held = held;
        call.is_write = text.starts_with("insert") || text == "refused";
        const std::vector<std::string> before = {"begin"};
        if (begin) call.before = before;
        call.hold = begin;
        call.stop = stop;
        NoRows rows;
        co_return co_await tablet->execute(&call, &rows);
    }

    Plan plan;
    FakeServer fake;
    std::shared_ptr<mysql::ServerLimits> limits = std::make_shared<mysql::ServerLimits>(2, 2);
    std::unique_ptr<MysqlTablet> tablet;
};

void run_loop(Task<void> (*check)()) {
    async::Loop loop;
    run_until_done(loop, check());
}

Task<void> check_resending() {
    Bench bench;
    struct Case {
        const char* text;
        int deaths;
        bool half;
        bool works;
        std::size_t times;
        Code code;
    };
    for (const Case& c : {Case{"select", 1, false, true, 2, Code::ok},
                          Case{"select", 2, false, false, 2, Code::unavailable},
                          Case{"select", 1, true, false, 1, Code::canceled},
                          Case{"insert", 1, false, false, 1, Code::canceled}}) {
        EXPECT_TRUE((co_await bench.run("select")).end.has_value());  // a connection waits
        bench.fake.log.clear();
        bench.plan = {.die_at = c.text, .deaths = c.deaths, .half = c.half};
        const Outcome outcome = co_await bench.run(c.text);
        EXPECT_EQ(outcome.end.has_value(), c.works) << c.text << c.deaths;
        EXPECT_EQ(bench.fake.log.size(), c.times) << c.text << c.deaths;
        if (c.works) continue;
        EXPECT_EQ(outcome.end.error().number, er::cr_server_lost);
        EXPECT_EQ(outcome.end.error().code, c.code) << c.text << c.deaths;
        EXPECT_EQ(outcome.delivered, c.half);
        EXPECT_TRUE(outcome.sent);
    }
    EXPECT_EQ(bench.tablet->figures().resent, 2U);
    co_await bench.end();
}

TEST(MysqlTablet, OnlyReadsAreSentAgain) {
    run_loop(check_resending);
}

Task<void> check_transactions() {
    Bench bench;
    const Outcome opened = co_await bench.run("insert", not_held, true);
    EXPECT_TRUE(opened.end.has_value());
    EXPECT_NE(opened.held, not_held);
    const Outcome failed = co_await bench.run("insert again", opened.held);
    EXPECT_EQ(failed.end.error().number, 1062);
    EXPECT_EQ(failed.end.error().text, "Duplicate entry '1' for key 'db.t.PRIMARY'");
    EXPECT_EQ(failed.held, opened.held);
    EXPECT_TRUE((co_await bench.tablet->commit(opened.held, false, nullptr)).has_value());
    const Outcome late = co_await bench.run("select", opened.held);
    EXPECT_EQ(late.end.error().code, Code::aborted);
    EXPECT_EQ(late.end.error().number, 1317);
    EXPECT_EQ(late.end.error().sqlstate(), "70100");
    EXPECT_TRUE(late.end.error().text.ends_with(" (transaction committed)"));
    EXPECT_TRUE(late.lost);
    // An error in its first statement leaves the transaction to its owner.
    const Outcome second = co_await bench.run("insert again", not_held, true);
    EXPECT_FALSE(second.end.has_value());
    EXPECT_NE(second.held, not_held);
    EXPECT_TRUE((co_await bench.tablet->rollback(second.held, true, nullptr)).has_value());
    EXPECT_TRUE((co_await bench.run("select", second.held)).end.has_value());
    co_await bench.tablet->release(second.held);
    EXPECT_EQ(bench.tablet->figures().held, 0U);
    const auto unknown = co_await bench.tablet->commit(1, false, nullptr);
    EXPECT_EQ(unknown.error().text, "transaction 1: not found (potential transaction timeout)");
    EXPECT_EQ(bench.fake.log, (std::vector<std::string>{"1: begin", "1: insert", "1: insert again",
                                                        "1: commit", "1: begin", "1: insert again",
                                                        "1: rollback", "1: select"}));
    // A connection that is lost takes its transaction with it.
    const Outcome third = co_await bench.run("insert", not_held, true);
    bench.plan = {.die_at = "select", .deaths = 1};
    const Outcome lost = co_await bench.run("select", third.held);
    EXPECT_EQ(lost.end.error().number, er::cr_server_lost);
    EXPECT_EQ(lost.end.error().code, Code::aborted);
    EXPECT_TRUE(lost.lost);
    EXPECT_EQ(lost.held, not_held);
    co_await bench.end();
}

TEST(MysqlTablet, TransactionsAreHeld) {
    run_loop(check_transactions);
}

Task<void> check_timeouts() {
    Bench bench({.query_timeout = 40ms, .transaction_timeout = 100ms});
    const Outcome slow = co_await bench.run("sleep");
    EXPECT_EQ(slow.end.error().number, er::query_timeout);
    EXPECT_EQ(slow.end.error().code, Code::canceled);
    const Outcome opened = co_await bench.run("insert", not_held, true);
    // Interrupted inside a transaction, which lives on.
    const Outcome inside = co_await bench.run("sleep", opened.held);
    EXPECT_EQ(inside.end.error().number, er::query_timeout);
    EXPECT_FALSE(inside.lost);
    EXPECT_EQ(inside.held, opened.held);
    EXPECT_TRUE((co_await async::pause(200ms, nullptr)).has_value());
    EXPECT_EQ(bench.fake.log.back(), "3: rollback");
    const Outcome late = co_await bench.run("select", opened.held);
    EXPECT_EQ(late.end.error().code, Code::aborted);
    EXPECT_TRUE(late.end.error().text.ends_with(" (exceeded timeout: 100ms)"))
        << late.end.error().text;
    EXPECT_EQ(bench.tablet->figures().timed_out, 1U);
    EXPECT_EQ(bench.tablet->figures().interrupted, 2U);
    co_await bench.end();
}

TEST(MysqlTablet, StatementsAndTransactionsTimeOut) {
    run_loop(check_timeouts);
}

Task<void> check_roles() {
    Bench bench;
    bench.fake.read_only = "ON";
    EXPECT_TRUE((co_await bench.run("select")).end.has_value());
    const Outcome refused = co_await bench.run("insert");
    EXPECT_EQ(refused.end.error().number, er::option_prevents_statement);
    EXPECT_EQ(refused.end.error().code, Code::cluster_event);
    EXPECT_FALSE(refused.sent);
    const std::uint32_t made = bench.fake.connections;
    EXPECT_FALSE((co_await bench.run("insert")).end.has_value());
    EXPECT_EQ(bench.fake.connections, made);  // not asked again at once
    bench.fake.read_only = "OFF";
    EXPECT_TRUE((co_await async::pause(150ms, nullptr)).has_value());
    EXPECT_TRUE((co_await bench.run("insert")).end.has_value());
    const Outcome by_server = co_await bench.run("refused");
    EXPECT_EQ(by_server.end.error().code, Code::cluster_event);
    EXPECT_TRUE((co_await bench.run("insert")).end.has_value());  // on a connection that is new
    co_await bench.end();
}

TEST(MysqlTablet, WritesNeedAServerThatTakesThem) {
    run_loop(check_roles);
}

struct Taken : TakenNode {
    Taken() {
        on_taken = [](TakenNode* self) { ++static_cast<Taken*>(self)->times; };
    }
    int times = 0;
};

Task<void> check_taken() {
    Bench bench({.pool_wait = 30ms});
    Taken first, second;
    NoRows rows;
    Call call;
    call.text = "select";
    call.taken = &first;
    bench.plan = {.die_at = "select", .deaths = 1};
    EXPECT_TRUE((co_await bench.tablet->execute(&call, &rows)).end.has_value());
    EXPECT_EQ(first.times, 1);  // although it was sent twice
    Stop stop;
    async::Scope scope;
    std::vector<async::Task<Outcome>> slow;
    slow.push_back(bench.run("sleep", not_held, false, &stop));
    slow.push_back(bench.run("sleep", not_held, false, &stop));
    call.taken = &second;
    slow.push_back(bench.tablet->execute(&call, &rows));
    const async::Deadline deadline(&stop, 80ms, make_error(Code::canceled, "client gone"));
    const std::vector<Outcome> outcomes = co_await async::gather(std::move(slow));
    EXPECT_EQ(outcomes[0].end.error().text, "client gone");
    EXPECT_EQ(outcomes[2].end.error().number, er::too_many_user_connections);
    EXPECT_EQ(
        outcomes[2].end.error().text,
        "connection pool limit exceeded: no connection to db/-80 (primary) became free within "
        "0.03 s (limit 2)");
    EXPECT_EQ(second.times, 0);
    co_await bench.end();
}

TEST(MysqlTablet, TellsWhenItHasAConnection) {
    run_loop(check_taken);
}

}  // namespace
}  // namespace sluice::tablet
