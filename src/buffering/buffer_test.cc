// The process's buffer, visited from two loops.
#include "buffering/buffer.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "async/cross.h"
#include "async/scope.h"
#include "async/wait_queue.h"

namespace sluice::buffering {
namespace {

using namespace std::chrono_literals;

const Error read_only = make_error(Code::cluster_event, 1290, "read only");
constexpr std::size_t visitors = 20;

struct World {
    async::Loop owner{0}, other{1};
    std::unique_ptr<Buffer> buffer;
    std::atomic<int> again{0}, failed{0};

    World() {
        BufferOptions options;
        options.enabled = true;
        options.drain_concurrency = 3;
        buffer = std::make_unique<Buffer>(
            options, &owner,
            [](const std::string&, const std::string& shard, bool) { return shard == "0"; });
    }
    void event() {
        buffer->on_keyspace_event({"ks", {{"0", vindex::TabletAlias{"zone1", 1}, true}}});
    }
    std::size_t waiting() {
        const auto found = buffer->shards().find("ks/0");
        return found == buffer->shards().end() ? 0 : found->second->waiting();
    }
};

Task<void> visit(World* w, Stop* stop) {
    const Held held = co_await w->buffer->wait("ks", "0", 100, &read_only, stop);
    ++(held.outcome ? w->again : w->failed);
    w->buffer->retried(held);
}

// On the other loop: some of the visitors leave.
Task<void> visit_all(World* w) {
    async::Scope scope;
    std::vector<std::unique_ptr<Stop>> stops;
    for (std::size_t i = 0; i < visitors; ++i) {
        stops.push_back(std::make_unique<Stop>());
        scope.spawn("visitor", visit(w, stops.back().get()));
    }
    while (w->buffer->idle()) std::ignore = co_await async::pause(1ms, nullptr);
    for (std::size_t i = 0; i < visitors / 4; ++i) {
        stops[i]->request(make_error(Code::canceled, "gone"));
    }
    co_await scope.join();
}

Task<void> watch(World* w, async::Scope* others, bool* done) {
    w->other.post([w, others] { others->spawn("visitors", visit_all(w)); });
    constexpr std::size_t leaving = visitors / 4;
    while (w->failed != static_cast<int>(leaving) || w->waiting() != visitors - leaving) {
        std::ignore = co_await async::pause(1ms, nullptr);
    }
    EXPECT_FALSE(w->buffer->idle());
    w->event();
    while (w->again + w->failed < static_cast<int>(visitors) || !w->buffer->idle()) {
        std::ignore = co_await async::pause(1ms, nullptr);
    }
    // Nothing runs on the other loop any more.
    while (co_await async::on_loop(&w->other, [others] { return others->running(); }) != 0) {
        std::ignore = co_await async::pause(1ms, nullptr);
    }
    *done = true;
}

TEST(Buffer, CoresVisitIt) {
    World world;
    async::Scope others;
    bool done = false;
    std::thread thread([&] { world.other.run(); });
    async::run_until_done(world.owner, watch(&world, &others, &done));
    world.other.stop();
    thread.join();
    EXPECT_TRUE(done);
    EXPECT_EQ(world.failed, static_cast<int>(visitors / 4));
    EXPECT_EQ(world.again, static_cast<int>(visitors - visitors / 4));
}

Task<void> ask(World* w) {
    const Held unknown = co_await w->buffer->wait("ks", "1", 1, &read_only, nullptr);
    EXPECT_TRUE(unknown.outcome && unknown.ticket == 0) << "the shard is not known";
    const Error other = make_error(Code::unavailable, "gone");
    const Held passed = co_await w->buffer->wait("ks", "0", 1, &other, nullptr);
    EXPECT_TRUE(passed.outcome && passed.ticket == 0);
    w->buffer->shut_down();
    const Held late = co_await w->buffer->wait("ks", "0", 1, &read_only, nullptr);
    EXPECT_TRUE(late.outcome && late.ticket == 0);
    EXPECT_TRUE(w->buffer->idle());
}
TEST(Buffer, LetsPassWhatIsNoFailover) {
    World world;
    async::run_until_done(world.owner, ask(&world));
}

}  // namespace
}  // namespace sluice::buffering
