// MysqlTablet against a real server; and the proof that a query allocates nothing.
#include "mysql/real_server.h"

#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "async/deadline.h"
#include "async/scope.h"
#include "async/wait_queue.h"
#include "tablet/mysql_tablet.h"
#include "wire/row.h"

namespace {
thread_local std::uint64_t allocations = 0;
}

// Sanitizers bring operators of their own, which count nothing.
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
#define SLUICE_COUNTS_ALLOCATIONS 1
void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
#endif

namespace sluice::tablet {
namespace {

using namespace std::chrono_literals;

// First cell of the first row, as text.
class FirstCell : public RowSink {
 public:
    Result<void> columns(const ColumnPackets& columns) override {
        count = columns.count;
        return {};
    }
    Result<Take> rows(const RowRun& run) override {
        if (size == 0 && run.packets.size() > 5) {
            size = std::min<std::size_t>(run.packets[4], sizeof(text));
            std::copy_n(run.packets.begin() + 5, size, text);
        }
        return Take::more;
    }
    Task<Result<void>> drain(Stop*) override { co_return Result<void>{}; }
    std::string_view cell() const { return {text, size}; }

    std::uint32_t count = 0;
    char text[64] = {};
    std::size_t size = 0;
};

Task<Outcome> run(MysqlTablet* tablet, std::string text, FirstCell* cell, HeldId held = not_held,
                  bool begin = false, Stop* stop = nullptr) {
    Call call;
    call.text = text;
    call.held = held;
    call.is_write = !text.starts_with("select");
    call.want_warnings = true;
    const std::vector<std::string> before = {"begin"};
    if (begin) call.before = before;
    call.hold = begin;
    call.stop = stop;
    NoRows nothing;
    co_return co_await tablet->execute(&call,
                                       cell == nullptr ? static_cast<RowSink*>(&nothing) : cell);
}

Task<void> check_statements(MysqlTablet* tablet) {
    FirstCell cell;
    EXPECT_TRUE((co_await run(tablet, "create table t(id int primary key, v tinyint)", nullptr))
                    .end.has_value());
    const Outcome warned =
        co_await run(tablet, "insert ignore into t values (1, 1), (2, 999)", nullptr);
    EXPECT_TRUE(warned.end.has_value());
    EXPECT_EQ(warned.end->affected_rows, 2U);
    EXPECT_EQ(warned.end->warnings, 1);
    EXPECT_EQ(warned.warnings.size(), 1U);
    if (!warned.warnings.empty()) {
        EXPECT_EQ(warned.warnings[0].level, "Warning");
        EXPECT_EQ(warned.warnings[0].code, 1264U);
    }
    const Outcome missing = co_await run(tablet, "select * from nothing", &cell);
    EXPECT_EQ(missing.end.error().number, er::no_such_table);
    EXPECT_EQ(missing.end.error().sqlstate(), "42S02");
    EXPECT_EQ(missing.end.error().text, "Table 'customer.nothing' doesn't exist");
    EXPECT_EQ(missing.end.error().code, Code::not_found);
    Settings found_rows{.key = 3, .set_statement = "", .reset_statement = "", .found_rows = true};
    Call call;
    call.text = "update t set v = v where id = 1";
    call.is_write = true;
    NoRows nothing;
    EXPECT_EQ((co_await tablet->execute(&call, &nothing)).end->affected_rows, 0U);
    call.settings = &found_rows;
    EXPECT_EQ((co_await tablet->execute(&call, &nothing)).end->affected_rows, 1U);
    Call ask;
    ask.text = "select id from t where id = ?";
    EXPECT_EQ((co_await tablet->prepare(&ask, &cell)).end->columns, 1U);
    EXPECT_EQ(cell.count, 1U);
    EXPECT_TRUE(
        (co_await run(tablet, "create procedure two() begin select 1; select 2; end", nullptr))
            .end.has_value());
    const Outcome two = co_await run(tablet, "call two()", &cell);
    EXPECT_EQ(two.end.error().number, er::not_supported_yet);
}

Task<void> check_transactions(MysqlTablet* tablet) {
    FirstCell before, inside, after;
    const Outcome opened =
        co_await run(tablet, "insert into t values (10, 1)", nullptr, not_held, true);
    EXPECT_TRUE(opened.end.has_value());
    co_await run(tablet, "select count(*) from t where id = 10", &before);
    co_await run(tablet, "select count(*) from t where id = 10", &inside, opened.held);
    EXPECT_EQ(before.cell(), "0");
    EXPECT_EQ(inside.cell(), "1");
    EXPECT_TRUE((co_await tablet->commit(opened.held, false, nullptr)).has_value());
    co_await run(tablet, "select count(*) from t where id = 10", &after);
    EXPECT_EQ(after.cell(), "1");
    // A client that leaves: its lock wait and its transaction are gone.
    const Outcome locks =
        co_await run(tablet, "update t set v = 2 where id = 10", nullptr, not_held, true);
    Stop stop;
    const async::Deadline deadline(&stop, 100ms, make_error(Code::canceled, "client gone"));
    const Outcome waits =
        co_await run(tablet, "update t set v = 3 where id = 10", nullptr, not_held, true, &stop);
    EXPECT_EQ(waits.end.error().text, "client gone");
    EXPECT_EQ(waits.held, not_held);
    co_await tablet->release(locks.held);
    FirstCell running, value;
    for (int i = 0; i < 200 && running.cell() != "0"; ++i) {
        running.size = 0;
        EXPECT_TRUE((co_await async::pause(10ms, nullptr)).has_value());
        co_await run(tablet,
                     "select count(*) from information_schema.processlist where command = 'Query' "
                     "and id <> connection_id()",
                     &running);
    }
    EXPECT_EQ(running.cell(), "0");
    co_await run(tablet, "select v from t where id = 10", &value);
    EXPECT_EQ(value.cell(), "1");
}

Task<void> check_allocations(MysqlTablet* tablet) {
    const std::uint8_t nulls[] = {0}, types[] = {3, 0}, values[] = {1, 0, 0, 0};
    const Execution execution{.statement = "select v from t where id = ?",
                              .statement_key = 1,
                              .parameters = 1,
                              .null_bitmap = nulls,
                              .types = types,
                              .values = values};
    NoRows nothing;
    for (const Execution* prepared : {static_cast<const Execution*>(nullptr), &execution}) {
        Call call;
        call.text = "select v from t where id = 1";
        call.execution = prepared;
        std::uint64_t first = 0;
        for (int i = 0; i < 1100; ++i) {
            if (i == 100) first = allocations;
            EXPECT_EQ((co_await tablet->execute(&call, &nothing)).end->rows, 1U);
        }
        std::printf("heap allocations of 1000 %s point selects: %llu\n",
                    prepared == nullptr ? "text" : "prepared",
                    static_cast<unsigned long long>(allocations - first));
        EXPECT_EQ(allocations - first, 0U);
    }
#ifdef SLUICE_COUNTS_ALLOCATIONS
    EXPECT_GT(allocations, 0U);
#endif
}

Task<void> check_all(const mysql::Server* server) {
    auto limits = std::make_shared<mysql::ServerLimits>(4, 4);
    MysqlTabletOptions options{.server = *server, .keyspace = "", .shard = "0"};
    options.server.database = "";
    MysqlTablet admin(options, limits);
    for (const char* text :
         {"drop database if exists `vt_customer_-80`", "create database `vt_customer_-80`"}) {
        EXPECT_TRUE((co_await run(&admin, text, nullptr)).end.has_value()) << text;
    }
    co_await admin.close();
    options.server.database = "vt_customer_-80";
    options.keyspace = "customer";
    options.shard = "-80";
    MysqlTablet tablet(options, limits);
    co_await check_statements(&tablet);
    co_await check_transactions(&tablet);
    co_await check_allocations(&tablet);
    co_await tablet.close();
}

TEST(RealServer, StatementsTransactionsAllocations) {
    mysql::RealServer& real = mysql::RealServer::get();
    if (!real.present()) GTEST_SKIP() << "no MySQL server could be started";
    for (const mysql::Server& server : {real.over_socket(), real.over_tcp()}) {
        async::Loop loop;
        run_until_done(loop, check_all(&server));
    }
}

}  // namespace
}  // namespace sluice::tablet
