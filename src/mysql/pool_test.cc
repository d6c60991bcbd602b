#include "mysql/pool.h"

#include <thread>

#include <gtest/gtest.h>

#include "async/cross.h"
#include "async/deadline.h"
#include "async/wait_queue.h"
#include "mysql/fake_server.h"
#include "mysql/gathered_rows.h"
#include "mysql/run.h"

namespace sluice::mysql {
namespace {

using namespace std::chrono_literals;

// "sleep" is never answered, unless it is killed.
struct Sleeper {
    FakeSession* asleep = nullptr;
    bool deaf = false;  // kills are not obeyed
};

Task<bool> script(FakeSession* session, std::string command, void* state) {
    auto* const sleeper = static_cast<Sleeper*>(state);
    const std::string text = command.substr(1);
    if (text == "sleep") {
        sleeper->asleep = session;
        co_return true;
    }
    if (text.starts_with("kill") && sleeper->asleep != nullptr && !sleeper->deaf) {
        FakeSession* const woken = std::exchange(sleeper->asleep, nullptr);
        woken->err(1317, "Query execution was interrupted");
        co_await woken->send();
    }
    if (text == "begin") {
        session->ok(wire::status::in_transaction);
    } else if (text == "vanish") {
        co_return false;
    } else {
        session->ok();
    }
    co_return true;
}

struct Bench {
    explicit Bench(std::uint32_t limit, PoolOptions options = {})
        : fake(script, &sleeper), limits(std::make_shared<ServerLimits>(limit, limit)) {
        fake.start();
        options.name = "customer/-80";
        pool = std::make_unique<Pool>(fake.server(), options, limits->pooled);
    }
    Task<void> end() {
        co_await pool->close();
        EXPECT_EQ(pool->open(), 0U);
        pool.reset();
        EXPECT_EQ(limits->pooled->in_use(), 0U);
        co_await fake.stop();
    }

    Sleeper sleeper;
    FakeServer fake;
    std::shared_ptr<ServerLimits> limits;
    std::unique_ptr<Pool> pool;
};

void run_loop(Task<void> (*check)()) {
    async::Loop loop;
    run_until_done(loop, check());
}

Task<void> take_note_give(Bench* bench, int number, std::vector<int>* order) {
    auto taken = co_await bench->pool->take({}, nullptr);
    EXPECT_TRUE(taken.has_value());
    order->push_back(number);
    EXPECT_TRUE((co_await (*taken)->ping(nullptr)).has_value());
    bench->pool->give(std::move(*taken));
}

Task<void> check_fifo() {
    Bench bench(1);
    auto first = co_await bench.pool->take({}, nullptr);
    EXPECT_TRUE(first.has_value());
    std::vector<int> order, want;
    async::Scope scope;
    for (int i = 0; i < 10; ++i) {
        scope.spawn("waiter", take_note_give(&bench, i, &order));
        want.push_back(i);
    }
    EXPECT_EQ(bench.pool->waiting(), 10U);
    EXPECT_EQ(bench.pool->take_now({}), nullptr);
    bench.pool->give(std::move(*first));
    EXPECT_EQ(bench.pool->take_now({}), nullptr);  // those who wait come first
    co_await scope.join();
    EXPECT_EQ(order, want);
    EXPECT_EQ(bench.pool->made(), 1U);
    EXPECT_EQ(bench.pool->idle(), 1U);
    co_await bench.end();
}

TEST(Pool, OneConnectionTenWaitersFirstComeFirstServed) {
    run_loop(check_fifo);
}

Task<void> check_deadline() {
    Bench bench(1, {.wait_timeout = 30ms});
    auto first = co_await bench.pool->take({}, nullptr);
    const auto second = co_await bench.pool->take({}, nullptr);
    EXPECT_FALSE(second.has_value());
    EXPECT_EQ(second.error().number, er::too_many_user_connections);
    EXPECT_EQ(second.error().code, Code::resource_exhausted);
    EXPECT_EQ(second.error().text,
              "connection pool limit exceeded: no connection to customer/-80 became free within "
              "0.03 s (limit 1)");
    Stop stop;
    const async::Deadline deadline(&stop, 10ms, make_error(Code::canceled, "client gone"));
    const auto third = co_await bench.pool->take({}, &stop);
    EXPECT_EQ(third.error().text, "client gone");
    EXPECT_EQ(bench.pool->waiting(), 0U);
    bench.pool->give(std::move(*first));
    EXPECT_NE(bench.pool->take_now({}), nullptr);  // dropped: its permit comes back
    bench.pool->give((co_await bench.pool->take({.fresh = true}, nullptr)).value());
    co_await bench.end();
}

TEST(Pool, AWaitEndsWith1203OrItsStop) {
    run_loop(check_deadline);
}

Task<void> check_matching() {
    Bench bench(3);
    std::vector<std::unique_ptr<Connection>> taken;
    for (std::uint64_t key : {0U, 1U, 2U}) {
        taken.push_back((co_await bench.pool->take({}, nullptr)).value());
        taken.back()->settings_key = key;
        if (key != 2) taken.back()->settings_reset = "set a = 0";
    }
    const Connection* const plain = taken[0].get();
    const Connection* const first = taken[1].get();
    const Connection* const stuck = taken[2].get();  // cannot be repaired
    for (auto& each : taken) bench.pool->give(std::move(each));
    auto equal = bench.pool->take_now({.settings_key = 1});
    EXPECT_EQ(equal.get(), first);
    auto repaired = bench.pool->take_now({.settings_key = 5});
    EXPECT_EQ(repaired.get(), plain);
    EXPECT_EQ(bench.pool->take_now({.settings_key = 5}), nullptr);
    auto same = bench.pool->take_now({.settings_key = 2});
    EXPECT_EQ(same.get(), stuck);
    bench.pool->give(std::move(same));
    bench.pool->give(std::move(equal));
    bench.pool->give(std::move(repaired));
    // CLIENT_FOUND_ROWS is chosen at login: an idle connection makes room for another one.
    auto found_rows = (co_await bench.pool->take({.found_rows = true}, nullptr)).value();
    EXPECT_TRUE(found_rows->found_rows());
    EXPECT_EQ(bench.pool->idle(), 2U);
    bench.pool->give(std::move(found_rows));
    EXPECT_EQ(bench.pool->open(), 3U);
    co_await bench.end();
}

TEST(Pool, SettingsAreMatched) {
    run_loop(check_matching);
}

Task<void> check_closed_ones() {
    Bench bench(2, {.idle_timeout = 50ms});
    auto doubtful = (co_await bench.pool->take({}, nullptr)).value();
    EXPECT_TRUE((co_await doubtful->query("begin", nullptr, nullptr)).has_value());
    bench.pool->give(std::move(doubtful));
    EXPECT_EQ(bench.pool->open(), 0U);
    auto broken = (co_await bench.pool->take({}, nullptr)).value();
    EXPECT_EQ((co_await broken->query("vanish", nullptr, nullptr)).error().number,
              er::cr_server_lost);
    bench.pool->give(std::move(broken));
    EXPECT_EQ(bench.pool->open(), 0U);
    bench.pool->give((co_await bench.pool->take({}, nullptr)).value());
    EXPECT_EQ(bench.pool->idle(), 1U);
    EXPECT_TRUE((co_await async::pause(120ms, nullptr)).has_value());
    EXPECT_EQ(bench.pool->idle(), 0U);  // trimmed
    EXPECT_EQ(bench.limits->pooled->in_use(), 0U);
    co_await bench.end();
}

TEST(Pool, DoubtfulAndIdleConnectionsAreClosed) {
    run_loop(check_closed_ones);
}

Task<void> check_gone() {
    Bench bench(1);
    bench.pool->give((co_await bench.pool->take({}, nullptr)).value());
    EXPECT_EQ(bench.pool->idle(), 1U);
    co_await bench.fake.stop();
    EXPECT_TRUE((co_await async::pause(20ms, nullptr)).has_value());
    EXPECT_EQ(bench.pool->idle(), 0U);  // seen before anybody used it
    EXPECT_EQ(bench.limits->pooled->in_use(), 0U);
    const auto refused = co_await bench.pool->take({}, nullptr);
    EXPECT_EQ(refused.error().number, er::cr_conn_refused);
    EXPECT_EQ(refused.error().code, Code::unavailable);
    co_await bench.end();
}

TEST(Pool, AServerThatHangsUpIsSeenWhileIdle) {
    run_loop(check_gone);
}

Task<void> check_cancel() {
    Bench bench(1);
    for (const bool deaf : {false, true}) {
        bench.sleeper.deaf = deaf;
        bench.fake.log.clear();
        auto taken = (co_await bench.pool->take({}, nullptr)).value();
        const std::string id = std::to_string(taken->id());
        Stop stop;
        const async::Deadline deadline(&stop, 20ms, make_error(Code::canceled, "client gone"));
        const auto slept = co_await taken->query("sleep", nullptr, &stop);
        EXPECT_EQ(slept.error().text, "client gone");
        EXPECT_FALSE(taken->broken());
        EXPECT_EQ(taken->due(), 1U);
        const bool in_order =
            co_await interrupt(&bench.pool->server(), taken.get(), deaf ? 50ms : 2000ms);
        EXPECT_EQ(in_order, !deaf);
        const std::string spare = std::to_string(bench.fake.connections);
        EXPECT_EQ(bench.fake.log[1], spare + ": kill query " + id);
        if (!deaf) EXPECT_EQ(bench.fake.log[2], id + ": do 0");
        bench.pool->give(std::move(taken));
        EXPECT_EQ(bench.pool->idle(), deaf ? 0U : 1U);
    }
    // With statements behind the one that runs the whole connection goes.
    bench.sleeper = {};
    bench.fake.log.clear();
    auto taken = (co_await bench.pool->take({}, nullptr)).value();
    const std::string id = std::to_string(taken->id());
    taken->queue_query("sleep");
    EXPECT_TRUE((co_await taken->send_query("insert", nullptr)).has_value());
    EXPECT_TRUE((co_await async::pause(20ms, nullptr)).has_value());
    EXPECT_FALSE(co_await interrupt(&bench.pool->server(), taken.get(), 2000ms));
    EXPECT_EQ(bench.fake.log.back(), std::to_string(bench.fake.connections) + ": kill " + id);
    bench.pool->give(std::move(taken));
    // In the background; the pool's end waits for it.
    taken = (co_await bench.pool->take({}, nullptr)).value();
    EXPECT_TRUE((co_await taken->send_query("sleep", nullptr)).has_value());
    bench.pool->cancel(std::move(taken));
    co_await bench.end();
}

TEST(Interrupt, KillsOverASpareConnection) {
    run_loop(check_cancel);
}

// Every PREPARE is answered with a handle of no columns and no parameters.
Task<bool> prepare_script(FakeSession* session, std::string command, void*) {
    if (command[0] == 0x16)
        wire::write_prepare_response(session->writer, 1, 0, {}, session->capabilities, 0);
    else
        session->ok();
    co_return true;
}

Task<void> prepare_one(Connection* connection, std::string text) {
    Request request;
    request.text = text;
    GatheredRows columns;
    const Ran ran = co_await prepare(connection, &request, &columns, nullptr);
    EXPECT_TRUE(ran.reply.has_value()) << (ran.reply ? "" : ran.reply.error().text);
}

// Two shards on one server, each with pools and limits of its own: the server bounds the handles of
// both together. A shard on another server does not count.
Task<void> check_handles() {
    FakeServer fake(prepare_script, nullptr);
    FakeServer other(prepare_script, nullptr);
    fake.max_handles = "6";
    fake.start();
    other.start();
    auto one = std::make_shared<ServerLimits>(1, 1);
    auto two = std::make_shared<ServerLimits>(1, 1);
    Pool first(fake.server(), {.name = "x/-80"}, one->pooled);
    Pool second(fake.server(), {.name = "x/80-"}, two->pooled);
    Pool apart(other.server(), {.name = "y/0"}, two->transactions);
    auto left = (co_await first.take({}, nullptr)).value();
    auto right = (co_await second.take({}, nullptr)).value();
    auto far = (co_await apart.take({}, nullptr)).value();
    for (const char* text : {"select 1", "select 2", "select 3"}) {
        co_await prepare_one(left.get(), text);
        co_await prepare_one(far.get(), text);
    }
    EXPECT_EQ(left->handles().size(), 3U);
    co_await prepare_one(right.get(), "select 4");  // it has none that it could give up
    for (const char* text : {"select 5", "select 6"}) co_await prepare_one(right.get(), text);
    EXPECT_EQ(right->handles().size(), 1U);
    EXPECT_EQ(ServerHandles::on(fake.server().address)->count.load(), 4);
    EXPECT_EQ(far->handles().size(), 3U);
    EXPECT_EQ(ServerHandles::on(other.server().address)->count.load(), 3);
    left.reset();
    EXPECT_EQ(ServerHandles::on(fake.server().address)->count.load(), 1);
    right.reset();
    far.reset();
    co_await first.close();
    co_await second.close();
    co_await apart.close();
    co_await fake.stop();
    co_await other.stop();
}

TEST(Pool, HandlesAreCountedPerServer) {
    run_loop(check_handles);
}

struct Core {
    std::unique_ptr<Pool> pool;
    std::unique_ptr<Connection> taken;
};

Task<void> borrow(Core* core, bool give) {
    auto taken = co_await core->pool->take({}, nullptr);
    EXPECT_TRUE(taken.has_value());
    if (give) {
        core->pool->give(std::move(*taken));
    } else {
        core->taken = std::move(*taken);
    }
}

Task<void> run_and_stop(Core* core, bool give, async::Loop* home, bool* done) {
    async::Scope scope;
    scope.spawn("borrow", borrow(core, give));
    co_await scope.join();
    home->post([done] { *done = true; });
}

// Starts a task on another core's loop and waits on this one until it has ended.
Task<void> on_core(async::Loop* other, async::Scope* scope, Core* core, bool give) {
    bool done = false;
    async::Loop* const home = &async::Loop::current();
    other->post([=, &done] { scope->spawn("core", run_and_stop(core, give, home, &done)); });
    while (!done) EXPECT_TRUE((co_await async::pause(5ms, nullptr)).has_value());
}

Task<void> close_core(Core* core) {
    co_await core->pool->close();
    core->pool.reset();
}

Task<void> check_cores(async::Loop* other) {
    Sleeper sleeper;
    FakeServer fake(script, &sleeper);
    fake.start();
    auto limits = std::make_shared<ServerLimits>(1, 1);
    Core here, there;
    const auto make = [&fake, limits] {
        return std::make_unique<Pool>(fake.server(), PoolOptions{.name = "x/0", .wait_timeout = 5s},
                                      limits->pooled);
    };
    here.pool = make();
    there.pool = co_await async::on_loop(other, make);
    async::Scope remote;
    // The other core's idle connection is asked for.
    co_await on_core(other, &remote, &there, true);
    co_await borrow(&here, false);
    EXPECT_EQ(limits->pooled->in_use(), 1U);
    // And back, while it is in use here: it goes over as soon as it is given back.
    async::Scope scope;
    scope.spawn("other", on_core(other, &remote, &there, false));
    EXPECT_TRUE((co_await async::pause(30ms, nullptr)).has_value());
    here.pool->give(std::move(here.taken));
    EXPECT_EQ(here.pool->open(), 0U);
    co_await scope.join();
    EXPECT_EQ(limits->pooled->in_use(), 1U);
    bool done = false;
    async::Loop* const home = &async::Loop::current();
    other->post([&] {
        there.pool->give(std::move(there.taken));
        remote.spawn("close", close_core(&there));
        home->post([&done] { done = true; });
    });
    while (!done) EXPECT_TRUE((co_await async::pause(5ms, nullptr)).has_value());
    co_await close_core(&here);
    co_await fake.stop();
    EXPECT_EQ(limits->pooled->in_use(), 0U);
}

TEST(Pool, CoresShareOneLimit) {
    async::Loop loop;
    async::Loop other(1);
    std::thread thread([&other] { other.run(); });
    run_until_done(loop, check_cores(&other));
    other.stop();
    thread.join();
}

}  // namespace
}  // namespace sluice::mysql
