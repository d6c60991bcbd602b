// CPU per unary call on each side: a client's loop on this thread, a server's on another, one
// connection by TCP. Counters: microseconds of each thread's CPU per call, kernel included.
#include <ctime>
#include <thread>

#include <benchmark/benchmark.h>

#include "async/loop.h"
#include "rpc/channel.h"
#include "rpc/detail/echo.h"
#include "rpc/server.h"

namespace sluice::rpc {
namespace {

using detail::bytes_of;

double thread_cpu() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

struct ServerThread {
    async::Loop loop{1};
    async::Listener* listener = nullptr;
    std::unique_ptr<Server> server;
    double cpu = 0;  // of the thread, read on it
    std::thread thread;

    static Task<void> run(ServerThread* self, const Services* services) {
        self->server = std::make_unique<Server>(services, ServerOptions{});
        co_await self->server->serve(self->listener);
    }
};

Task<void> keep_asking(Channel* channel, std::uint64_t* left, std::string_view request) {
    while (*left > 0) {
        --*left;
        const Bytes pieces[] = {bytes_of(request)};
        const Result<Message> answer =
            co_await channel->unary("/test.Echo/Unary", pieces, {}, nullptr);
        if (!answer) std::abort();
    }
}

constexpr std::uint64_t calls_per_round = 20'000;

double server_cpu(ServerThread* server) {
    std::atomic<double> cpu{-1};
    server->loop.post([&cpu] { cpu = thread_cpu(); });
    while (cpu < 0) std::this_thread::yield();
    return cpu;
}

Task<void> measure(benchmark::State* state, ServerThread* server, async::Listener* listener) {
    const std::string request(static_cast<std::size_t>(state->range(1)), 'r');
    ChannelOptions options;
    options.address = {.host = "127.0.0.1", .port = listener->port()};
    Channel channel(options);
    if (!co_await channel.connect(nullptr)) std::abort();
    double mine = 0;
    double theirs = 0;
    std::uint64_t calls = 0;
    while (state->KeepRunningBatch(static_cast<benchmark::IterationCount>(calls_per_round))) {
        std::uint64_t left = calls_per_round;
        const double server_before = server_cpu(server);
        const double before = thread_cpu();
        async::Scope scope;
        for (std::int64_t i = 0; i < state->range(0); ++i) {
            scope.spawn("ask", keep_asking(&channel, &left, request));
        }
        co_await scope.join();
        mine += thread_cpu() - before;
        theirs += server_cpu(server) - server_before;
        calls += calls_per_round;
    }
    state->counters["client_us"] = mine / static_cast<double>(calls);
    state->counters["server_us"] = theirs / static_cast<double>(calls);
    state->counters["calls_per_write"] =
        static_cast<double>(calls) / static_cast<double>(channel.counters().wire.writes);
    co_await channel.close();
}

Task<void> drain(ServerThread* server, async::Scope* serving) {
    co_await server->server->drain(std::chrono::seconds(1));
    co_await serving->join();
    server->server.reset();
    server->loop.stop();
}

void BM_unary(benchmark::State& state) {
    Services services;
    detail::add_echo(&services);
    auto listeners = async::Listener::open({.host = "127.0.0.1"}, 1);
    if (!listeners) std::abort();
    ServerThread server;
    server.listener = &listeners->front();
    async::Scope serving;
    async::Scope draining;
    server.thread = std::thread([&] {
        server.loop.post([&] { serving.spawn("serve", ServerThread::run(&server, &services)); });
        server.loop.run();
    });
    async::Loop loop;
    async::run_until_done(loop, measure(&state, &server, &listeners->front()));
    server.loop.post([&] { draining.spawn("drain", drain(&server, &serving)); });
    server.thread.join();
}

BENCHMARK(BM_unary)
    ->ArgNames({"in_flight", "bytes"})
    ->Args({64, 16})
    ->Args({1, 16})
    ->Args({8, 16})
    ->Args({64, 1024})
    ->UseRealTime();

}  // namespace
}  // namespace sluice::rpc
