#include "servenv/memory_watch.h"

#include <vector>

#include <gtest/gtest.h>
#include <sys/mman.h>

#include "async/loop.h"
#include "async/scope.h"
#include "async/wait_queue.h"

namespace sluice::servenv {
namespace {

TEST(MemoryWatch, AllowsAsMuchMoreAsTheProcessMayHoldMore) {
    struct Case {
        std::size_t held, used, allowed;
    };
    for (const Case& one : std::vector<Case>{
             {.held = 30, .used = 0, .allowed = 160},    // all of the limit
             {.held = 100, .used = 40, .allowed = 160},  // 60 beside what is charged
             {.held = 200, .used = 90, .allowed = 120},  // 110 beside it
             {.held = 240, .used = 100, .allowed = 100},
             {.held = 240, .used = 0, .allowed = 20},  // the least
         }) {
        EXPECT_EQ(allowed_charge(160, 230, one.held, one.used), one.allowed) << one.held;
    }
}

TEST(MemoryWatch, SeesWhatTheProcessHolds) {
    const std::size_t before = held_memory();
    EXPECT_GT(before, 100'000U);
    // Pages of the kernel's, as a compiler may leave out an allocation that nobody reads.
    constexpr std::size_t size = std::size_t{64} << 20;
    void* more = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    ASSERT_NE(more, MAP_FAILED);
    EXPECT_GT(held_memory(), before + (std::size_t{60} << 20));
    munmap(more, size);
}

async::Task<void> until_lowered(ProcessBudget* budget) {
    async::Stop stop;
    async::Scope scope;
    scope.spawn("watch", watch_memory({.memory_limit = 10'000}, budget, &stop));
    while (budget->allowed() == budget->limit())
        static_cast<void>(co_await async::pause(std::chrono::milliseconds(1), &stop));
    stop.request(make_error(Code::canceled, "seen"));
    co_await scope.join();
}

TEST(MemoryWatch, LowersTheBudgetOfAProcessThatHoldsTooMuch) {
    async::Loop loop(0);
    ProcessBudget tight(8000);
    run_until_done(loop, until_lowered(&tight));
    EXPECT_EQ(tight.allowed(), 1000U);  // an eighth
}

TEST(MemoryWatch, LeavesAProcessWithoutContainerAlone) {
    async::Loop loop(0);
    ProcessBudget free(1000);
    async::Stop stop;
    run_until_done(loop, watch_memory({}, &free, &stop));  // ends by itself
    EXPECT_EQ(free.allowed(), 1000U);
}

}  // namespace
}  // namespace sluice::servenv
