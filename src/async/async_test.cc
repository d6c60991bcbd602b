#include <cstring>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "async/channel.h"
#include "async/cross.h"
#include "async/deadline.h"
#include "async/listener.h"
#include "async/scope.h"
#include "async/stream.h"
#include "async/wait_queue.h"
#include "base/limits.h"

namespace sluice::async {
namespace {

using namespace std::chrono_literals;

Task<Result<int>> failing(int depth) {
    if (depth == 0) co_return fail(Code::not_found, "deep down");
    co_return CO_TRY(co_await failing(depth - 1)) + 1;
}

Task<Result<int>> counting(int depth) {
    if (depth == 0) co_return 0;
    co_return CO_TRY(co_await counting(depth - 1)) + 1;
}

Task<void> check_results(bool* done) {
    const Result<int> counted = co_await counting(1000);
    EXPECT_TRUE(counted.has_value());
    EXPECT_EQ(*counted, 1000);
    const Result<int> failed = co_await failing(10);
    EXPECT_FALSE(failed.has_value());
    EXPECT_EQ(failed.error().code, Code::not_found);
    *done = true;
}

TEST(Task, ResultsTravelThroughFrames) {
    Loop loop;
    bool done = false;
    run_until_done(loop, check_results(&done));
    EXPECT_TRUE(done);
}

Task<int> after(Clock::duration delay, int value) {
    EXPECT_TRUE((co_await pause(delay, nullptr)).has_value());
    co_return value;
}

Task<void> check_gather() {
    std::vector<Task<int>> tasks;
    tasks.push_back(after(30ms, 1));
    tasks.push_back(after(10ms, 2));
    tasks.push_back(after(0ms, 3));
    const Clock::time_point start = Clock::now();
    const std::vector<int> values = co_await gather(std::move(tasks));
    EXPECT_EQ(values, (std::vector<int>{1, 2, 3}));
    EXPECT_GE(Clock::now() - start, 30ms);
}

TEST(Scope, GatherRunsTogetherAndKeepsOrder) {
    Loop loop;
    run_until_done(loop, check_gather());
}

Task<void> check_deadline() {
    Stop stop;
    const Deadline deadline(&stop, 20ms, make_error(Code::deadline_exceeded, "too late"));
    const Result<void> paused = co_await pause(10s, &stop);
    EXPECT_FALSE(paused.has_value());
    EXPECT_EQ(paused.error().text, "too late");
    // An outer stop reaches linked ones, also when it came first.
    LinkedStop linked(&stop);
    EXPECT_TRUE(linked.get()->requested());
}

struct ResumedLast {
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> frame) const { Loop::current().resume_last(frame); }
    void await_resume() const noexcept {}
};

Task<void> note_last(std::string* order) {
    co_await ResumedLast();
    *order += 'L';
    co_await ResumedLast();
    *order += 'M';
}

Task<void> note_order(std::string* order, Scope* scope) {
    Loop& loop = Loop::current();
    loop.post([=] {
        scope->spawn("last", note_last(order));
        *order += 'a';
    });
    loop.post([=, &loop] {
        *order += 'b';
        loop.post([=] { *order += 'c'; });
    });
    while (!order->contains('c')) co_await pause(1ms, nullptr);
    co_await scope->join();
}

TEST(Loop, WhatIsResumedLastHasSeenTheWholeTurn) {
    Loop loop;
    std::string order;
    Scope scope;
    run_until_done(loop, note_order(&order, &scope));
    EXPECT_EQ(order, "abLMc");
}

TEST(Stop, DeadlineEndsAWait) {
    Loop loop;
    run_until_done(loop, check_deadline());
}

TEST(TimerWheel, FiresInTimeAlsoBeyondOneTurn) {
    static int fired;
    fired = 0;
    const Clock::time_point start{};
    TimerWheel wheel(start);
    Timer near([](Timer*) { fired += 1; });
    Timer far([](Timer*) { fired += 10; });
    Timer cleared([](Timer*) { fired += 100; });
    wheel.set(&near, start, 25ms);
    wheel.set(&far, start, 25s);
    wheel.set(&cleared, start, 25ms);
    cleared.clear();
    EXPECT_EQ(wheel.next_due(), start + 30ms);
    wheel.advance(start + 20ms);
    EXPECT_EQ(fired, 0);
    wheel.advance(start + 50ms);
    EXPECT_EQ(fired, 1);
    EXPECT_EQ(wheel.next_due(), start + 10290ms);  // one turn, then it looks again
    wheel.advance(start + 24990ms);
    EXPECT_EQ(wheel.next_due(), start + 25010ms);
    EXPECT_EQ(fired, 1);
    wheel.advance(start + 25030ms);
    EXPECT_EQ(fired, 11);
    EXPECT_TRUE(wheel.empty());
}

Task<void> produce(Channel<int>* channel, int count) {
    for (int i = 0; i < count; ++i) EXPECT_TRUE((co_await channel->push(i, nullptr)).has_value());
    channel->close();
}

Task<void> check_channel() {
    Channel<int> channel(2);
    Scope scope;
    scope.spawn("produce", produce(&channel, 100));
    int next = 0;
    for (;;) {
        const Result<std::optional<int>> item = co_await channel.pop(nullptr);
        EXPECT_TRUE(item.has_value());
        if (!item->has_value()) break;
        EXPECT_EQ(**item, next++);
    }
    EXPECT_EQ(next, 100);
    co_await scope.join();
}

TEST(Channel, BoundedAndInOrder) {
    Loop loop;
    run_until_done(loop, check_channel());
}

std::pair<int, int> socket_pair() {
    int both[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, both), 0);
    return {both[0], both[1]};
}

Task<void> send_all(Stream* stream, std::string text) {
    const Bytes bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    EXPECT_TRUE((co_await stream->write(bytes.first(1), bytes.subspan(1), nullptr)).has_value());
}

Task<void> check_large_transfer() {
    const auto [left, right] = socket_pair();
    Stream a{Socket(left)};
    Stream b{Socket(right)};
    std::string text(5'000'000, 'x');
    for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i % 251);
    Scope scope;
    scope.spawn("send", send_all(&a, text));
    while (b.received().size() < text.size())
        EXPECT_TRUE((co_await b.fill(nullptr, text.size())).has_value());
    EXPECT_EQ(std::memcmp(b.received().data(), text.data(), text.size()), 0);
    b.consume(text.size());
    co_await scope.join();
    a.close();
    const Result<void> end = co_await b.fill(nullptr);
    EXPECT_FALSE(end.has_value());
    EXPECT_EQ(end.error().number, er::cr_server_lost);
}

TEST(Stream, LargeTransferWaitsForRoomAndSeesTheEnd) {
    Loop loop;
    run_until_done(loop, check_large_transfer());
}

Task<void> close_later(Stream* stream) {
    EXPECT_TRUE((co_await pause(20ms, nullptr)).has_value());
    stream->close();
}

Task<void> check_watch() {
    const auto [left, right] = socket_pair();
    Stream client{Socket(left)};
    Stream server{Socket(right)};
    Stop stop;
    server.watch(&stop);
    Scope scope;
    scope.spawn("close", close_later(&client));
    const Result<void> paused = co_await pause(10s, &stop);
    EXPECT_FALSE(paused.has_value());
    EXPECT_EQ(paused.error().number, er::cr_server_lost);
    co_await scope.join();
}

TEST(Stream, WatchSeesAHangUpWhileNobodyReads) {
    Loop loop;
    run_until_done(loop, check_watch());
}

Task<void> check_waiting() {
    const auto [left, right] = socket_pair();
    Stream a{Socket(left)};
    Stream b{Socket(right)};
    co_await send_all(&a, "hello");
    EXPECT_TRUE((co_await b.fill(nullptr)).has_value());
    EXPECT_GT(b.memory(), 0U);
    b.consume(b.received().size());
    Stop stop;
    {
        const Deadline deadline(&stop, 10ms, make_error(Code::deadline_exceeded, "idle"));
        EXPECT_FALSE((co_await b.fill(&stop)).has_value());
    }
    EXPECT_EQ(b.memory(), 0U);
    EXPECT_FALSE(b.has_unread());
    co_await send_all(&a, "hello");
    EXPECT_TRUE((co_await b.fill(nullptr)).has_value());
    EXPECT_EQ(b.received().size(), 5U);
}

TEST(Stream, HoldsNoBufferWhileItWaits) {
    Loop loop;
    run_until_done(loop, check_waiting());
}

// One that always has more to read, and one that has little, on the same loop.
Task<void> read_much(Stream* stream, std::size_t* seen, std::size_t size) {
    while (*seen < size) {
        EXPECT_TRUE((co_await stream->fill(nullptr)).has_value());
        *seen += stream->received().size();
        stream->consume(stream->received().size());
    }
}

Task<void> check_fairness() {
    const auto [left, right] = socket_pair();
    const auto [small_left, small_right] = socket_pair();
    const int size = 4 << 20;
    ::setsockopt(left, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    Stream b{Socket(right)};
    Stream small{Socket(small_left)};
    Stream small_end{Socket(small_right)};
    const std::vector<std::uint8_t> much(4 << 20, 'x');
    const ssize_t written = ::send(left, much.data(), much.size(), MSG_DONTWAIT);
    EXPECT_GT(written, 0);
    const auto there = static_cast<std::size_t>(written);
    co_await send_all(&small, "hi");
    std::size_t seen = 0;
    Scope scope;
    scope.spawn("much", read_much(&b, &seen, there));
    EXPECT_TRUE((co_await small_end.fill(nullptr)).has_value());
    EXPECT_LE(seen, 9U * limits::read_chunk);
    co_await scope.join();
    EXPECT_EQ(seen, there);
    ::close(left);
}

TEST(Stream, SharesTheLoopWithOthers) {
    Loop loop;
    run_until_done(loop, check_fairness());
}

// The other side says something more and leaves: it is read before the end is told.
Task<void> check_last_words() {
    const auto [left, right] = socket_pair();
    Stream server{Socket(right)};
    {
        Stream client{Socket(left)};
        co_await send_all(&client, "last");
    }
    Stop gone;
    server.watch(&gone);
    EXPECT_TRUE((co_await pause(20ms, nullptr)).has_value());
    EXPECT_FALSE(gone.requested());
    EXPECT_TRUE((co_await server.fill(nullptr)).has_value());
    server.consume(server.received().size());
    server.watch(&gone);
    EXPECT_TRUE(gone.requested());
    EXPECT_TRUE(server.has_unread());
    EXPECT_EQ((co_await server.fill(nullptr)).error().number, er::cr_server_lost);
}

TEST(Stream, WordsBeforeTheEndCount) {
    Loop loop;
    run_until_done(loop, check_last_words());
}

Task<void> wait_for_word(Stream* stream, Result<void>* result) {
    *result = co_await stream->fill(nullptr);
}

Task<void> check_closed_while_waiting() {
    const auto [left, right] = socket_pair();
    const Stream a{Socket(left)};
    Stream b{Socket(right)};
    Scope scope;
    Result<void> result;
    scope.spawn("wait", wait_for_word(&b, &result));
    b.close();
    co_await scope.join();
    EXPECT_FALSE(result.has_value());
    if (!result) EXPECT_EQ(result.error().number, er::cr_server_lost);
}

TEST(Stream, CloseEndsAWait) {
    Loop loop;
    run_until_done(loop, check_closed_while_waiting());
}

Task<void> accept_one(Listener* listener, int* accepted) {
    Result<Accepted> next = co_await listener->accept(nullptr);
    EXPECT_TRUE(next.has_value());
    Stream stream{Socket(next->descriptor)};
    EXPECT_TRUE((co_await stream.fill(nullptr)).has_value());
    *accepted = static_cast<int>(stream.received().size());
}

Task<void> check_listener() {
    Result<std::vector<Listener>> opened =
        Listener::open({.host = "127.0.0.1", .unix_path = ""}, 1);
    EXPECT_TRUE(opened.has_value());
    const std::uint16_t port = opened->front().port();
    const Result<std::vector<Listener>> again =
        Listener::open({.host = "127.0.0.1", .port = port, .unix_path = ""}, 1);
    EXPECT_FALSE(again.has_value());
    EXPECT_EQ(again.error().text,
              "listen tcp 127.0.0.1:" + std::to_string(port) + ": bind: address already in use");
    Scope scope;
    int accepted = 0;
    scope.spawn("accept", accept_one(&opened->front(), &accepted));
    Result<Socket> socket =
        co_await connect({.host = "localhost", .port = port, .unix_path = ""}, nullptr);
    EXPECT_TRUE(socket.has_value());
    Stream stream(std::move(*socket));
    co_await send_all(&stream, "abc");
    co_await scope.join();
    EXPECT_EQ(accepted, 3);
    opened->clear();
    const Result<Socket> refused =
        co_await connect({.host = "127.0.0.1", .port = port, .unix_path = ""}, nullptr);
    EXPECT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().number, er::cr_conn_refused);
}

TEST(Listener, AcceptsRefusesAndNamesAPortInUse) {
    Loop loop;
    run_until_done(loop, check_listener());
}

Task<void> check_cross(Loop* other) {
    const std::thread::id here = std::this_thread::get_id();
    const std::thread::id there =
        co_await on_loop(other, [] { return std::this_thread::get_id(); });
    EXPECT_NE(here, there);
    EXPECT_EQ(here, std::this_thread::get_id());
    const int sum = co_await blocking([] { return 1 + 2; });
    EXPECT_EQ(sum, 3);
    EXPECT_EQ(here, std::this_thread::get_id());
}

TEST(Cross, WorkOnOtherThreadsComesBack) {
    Loop loop;
    Loop other(1);
    std::thread thread([&other] { other.run(); });
    run_until_done(loop, check_cross(&other));
    other.stop();
    thread.join();
}

}  // namespace
}  // namespace sluice::async
