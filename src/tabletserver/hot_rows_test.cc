#include "tabletserver/hot_rows.h"

#include <gtest/gtest.h>

#include "async/scope.h"

namespace sluice::tabletserver {
namespace {

using async::Task;

constexpr const char* rows = "t where id = 1";

struct World {
    explicit World(HotRowOptions options)
        : hot(options, std::make_shared<std::atomic<std::size_t>>(0)) {}
    HotRows hot;
    std::vector<int> begun;  // transactions by number, in the order of their turns
    std::vector<std::string> refused;
    async::Stop stop;
    async::Scope scope;
};

Task<void> begin(World* world, int number, std::string of, async::Stop* stop) {
    const Result<void> turn = co_await world->hot.wait(std::move(of), "t", stop);
    if (turn) {
        world->begun.push_back(number);
    } else {
        world->refused.push_back(turn.error().text);
    }
}

Task<void> begin_many(World* world, int from, int to) {
    for (int number = from; number <= to; ++number)
        world->scope.spawn("begin", begin(world, number, rows, &world->stop));
    for (int i = 0; i < 10; ++i) co_await async::yield();
}

Task<void> settle() {
    for (int i = 0; i < 10; ++i) co_await async::yield();
}

void run(Task<void> task) {
    async::Loop loop;
    async::run_until_done(loop, std::move(task));
}

Task<void> check_order(World* world) {
    co_await begin_many(world, 1, 4);
    EXPECT_EQ(world->begun, (std::vector{1, 2}));
    co_await begin(world, 9, "t where id = 2", nullptr);
    EXPECT_EQ(world->begun, (std::vector{1, 2, 9}));
    world->hot.done(rows);
    // One that comes now does not pass those that wait.
    co_await begin_many(world, 5, 5);
    EXPECT_EQ(world->begun, (std::vector{1, 2, 9, 3}));
    for (int i = 0; i < 2; ++i) {
        world->hot.done(rows);
        co_await settle();
    }
    EXPECT_EQ(world->begun, (std::vector{1, 2, 9, 3, 4, 5}));
    EXPECT_EQ(world->hot.waits.at("t").get(), 3U);
    // Each that came behind another one, and the first one for which they waited.
    EXPECT_EQ(world->hot.recent(), (std::map<std::string, std::uint64_t>{{rows, 5}}));
    for (int i = 0; i < 2; ++i) world->hot.done(rows);
    world->hot.done("t where id = 2");
    co_await world->scope.join();
}

TEST(HotRows, TurnsComeInOrder) {
    World world({.enabled = true, .concurrent = 2});
    run(check_order(&world));
}

Task<void> check_limits(World* world) {
    co_await begin_many(world, 1, 4);
    EXPECT_EQ(world->begun, (std::vector{1}));
    EXPECT_EQ(world->refused,
              std::vector<std::string>{
                  "hot row protection: too many queued transactions (3 >= 3) for the same row "
                  "(table + WHERE clause: 't where id = 1')"});
    EXPECT_EQ(world->hot.queue_exceeded.at("t").get(), 1U);
    co_await begin(world, 5, "t where id = 2", nullptr);
    co_await begin(world, 6, "t where id = 2", nullptr);
    EXPECT_EQ(world->refused.back(), "hot row protection: too many queued transactions (4 >= 4)");
    EXPECT_EQ(world->hot.all_exceeded.get(), 1U);
    // Those that wait end with their time, and their places are free.
    world->stop.request(make_error(Code::canceled, "too late"));
    co_await settle();
    EXPECT_EQ(world->refused.back(), "too late");
    EXPECT_EQ(world->refused.size(), 4U);
    world->hot.done(rows);
    co_await begin(world, 7, rows, nullptr);
    EXPECT_EQ(world->begun, (std::vector{1, 5, 7}));
    world->hot.done(rows);
    world->hot.done("t where id = 2");
    co_await world->scope.join();
}

TEST(HotRows, QueuesAreLimited) {
    World world({.enabled = true, .queue = 3, .all_queues = 4, .concurrent = 1});
    run(check_limits(&world));
}

Task<void> check_dry_run(World* world) {
    co_await begin_many(world, 1, 3);
    EXPECT_EQ(world->begun, (std::vector{1, 2, 3}));
    EXPECT_EQ(world->hot.waits_dry_run.at("t").get(), 2U);
    EXPECT_EQ(world->hot.queue_exceeded_dry_run.at("t").get(), 2U);
    EXPECT_EQ(world->hot.all_exceeded_dry_run.get(), 1U);
    for (int i = 0; i < 3; ++i) world->hot.done(rows);
    co_await world->scope.join();
}

TEST(HotRows, ADryRunOnlyCounts) {
    World world({.enabled = true, .dry_run = true, .queue = 1, .all_queues = 2, .concurrent = 1});
    run(check_dry_run(&world));
}

Task<void> check_hidden(World* world) {
    co_await begin_many(world, 1, 2);
    EXPECT_TRUE(world->refused.at(0).ends_with("(table + WHERE clause: 't ... [REDACTED]')"))
        << world->refused[0];
    world->hot.done(rows);
    co_await world->scope.join();
}

TEST(HotRows, TerseErrorsHideTheRows) {
    World world({.enabled = true, .queue = 1, .hide_in_errors = true});
    run(check_hidden(&world));
    EXPECT_EQ(without_where("t WHERE a = 1"), "t ... [REDACTED]");
    EXPECT_EQ(without_where("t"), "t");
}

}  // namespace
}  // namespace sluice::tabletserver
