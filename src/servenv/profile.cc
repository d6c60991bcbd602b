// Beside a request: where time and memory go.
#include "servenv/profile.h"

#include <algorithm>
#include <bit>
#include <csignal>
#include <cstring>

#include <execinfo.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>

#include "async/loop.h"
#include "async/scope.h"
#include "async/wait_queue.h"
#include "servenv/detail/profile_proto.h"
#include "servenv/html.h"

namespace sluice::servenv {
namespace {

constexpr int most_frames = 60;
constexpr int own_frames = 8;  // of the sampling, at most
constexpr int samples_per_second = 100;
constexpr std::size_t most_samples = 64 * 1024;
constexpr std::size_t bytes_per_sample = 512 * 1024;

struct Sample {
    std::atomic<bool> written;
    std::int32_t depth;
    std::int64_t value;
    void* frames[most_frames];
};

// Written by any thread, also inside a signal handler: no locks, no heap. Pages that no sample has
// reached cost nothing.
class Samples {
 public:
    Samples() {
        void* const memory = ::mmap(nullptr, most_samples * sizeof(Sample), PROT_READ | PROT_WRITE,
                                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory != MAP_FAILED) samples_ = static_cast<Sample*>(memory);
    }
    Samples(const Samples&) = delete;
    Samples& operator=(const Samples&) = delete;
    ~Samples() {
        if (samples_ != nullptr) ::munmap(samples_, most_samples * sizeof(Sample));
    }

    // `innermost`: what the stack begins with; the frames before it are the sampling itself.
    void take(const void* innermost, std::int64_t value) {
        const std::size_t index = next_.fetch_add(1, std::memory_order_relaxed);
        if (samples_ == nullptr || index >= most_samples) return;
        void* frames[most_frames + own_frames];
        const int depth = ::backtrace(frames, most_frames + own_frames);
        void** const end = frames + std::max(depth, 0);
        void** first = std::find(frames, end, innermost);
        if (first == end) first = frames;
        Sample& sample = samples_[index];
        sample.depth =
            static_cast<std::int32_t>(std::min<std::ptrdiff_t>(end - first, most_frames));
        sample.value = value;
        std::memcpy(sample.frames, first, static_cast<std::size_t>(sample.depth) * sizeof(void*));
        sample.written.store(true, std::memory_order_release);
    }
    template <class Visit>
    void for_each(Visit visit) const {
        const std::size_t count = std::min(next_.load(std::memory_order_relaxed), most_samples);
        for (std::size_t i = 0; samples_ != nullptr && i < count; ++i) {
            const Sample& sample = samples_[i];
            if (!sample.written.load(std::memory_order_acquire)) continue;
            std::vector<std::uint64_t> stack;
            for (int frame = 0; frame < sample.depth; ++frame)
                stack.push_back(reinterpret_cast<std::uint64_t>(sample.frames[frame]));
            visit(std::move(stack), sample.value);
        }
    }

 private:
    Sample* samples_ = nullptr;
    std::atomic<std::size_t> next_{0};
};

// The profile that is being taken; null: none. A handler that still runs when the profile has ended
// keeps `busy` up.
std::atomic<Samples*> collecting{nullptr};
std::atomic<int> busy{0};
std::atomic<bool> taken{false};

void collect(const void* innermost, std::int64_t value) {
    busy.fetch_add(1, std::memory_order_acquire);
    if (Samples* const samples = collecting.load(std::memory_order_acquire); samples != nullptr)
        samples->take(innermost, value);
    busy.fetch_sub(1, std::memory_order_release);
}

void on_tick(int, siginfo_t*, void* context) {
    const int kept = errno;
    const auto* const interrupted = static_cast<const ucontext_t*>(context);
    const auto program_counter =
        static_cast<std::uint64_t>(interrupted->uc_mcontext.gregs[REG_RIP]);
    collect(std::bit_cast<const void*>(program_counter), 1'000'000'000 / samples_per_second);
    errno = kept;
}

void set_ticks(bool on) {
    itimerval timer{};
    timer.it_interval.tv_usec = timer.it_value.tv_usec = on ? 1'000'000 / samples_per_second : 0;
    setitimer(ITIMER_PROF, &timer, nullptr);
}

enum class Kind : std::uint8_t { cpu, allocations };

void begin(Kind kind) {
    if (kind == Kind::allocations) {
        allocations_are_sampled.store(true, std::memory_order_relaxed);
        return;
    }
    struct sigaction action{};
    action.sa_sigaction = &on_tick;
    action.sa_flags = SA_RESTART | SA_SIGINFO;
    sigemptyset(&action.sa_mask);
    sigaction(SIGPROF, &action, nullptr);
    set_ticks(true);
}

// The handler stays: a tick that is on its way would end the process otherwise.
void end(Kind kind) {
    if (kind == Kind::allocations) {
        allocations_are_sampled.store(false, std::memory_order_relaxed);
    } else {
        set_ticks(false);
    }
    collecting.store(nullptr, std::memory_order_release);
    while (busy.load(std::memory_order_acquire) != 0) {
    }
}

detail::ProfileTable table_of(const Samples& samples, Kind kind) {
    detail::ProfileTable table;
    const bool cpu = kind == Kind::cpu;
    table.types = cpu ? decltype(table.types){{"samples", "count"}, {"cpu", "nanoseconds"}}
                      : decltype(table.types){{"alloc_objects", "count"}, {"alloc_space", "bytes"}};
    table.period_type = cpu ? std::pair<std::string, std::string>{"cpu", "nanoseconds"}
                            : std::pair<std::string, std::string>{"space", "bytes"};
    table.period = cpu ? 1'000'000'000 / samples_per_second : bytes_per_sample;
    table.mappings = detail::mappings_now();
    samples.for_each([&](std::vector<std::uint64_t> stack, std::int64_t value) {
        std::vector<std::int64_t>& values = table.stacks[std::move(stack)];
        values.resize(2);
        values[0] += 1;
        values[1] += value;
    });
    return table;
}

async::Task<Result<std::string>> take_profile(Kind kind, std::chrono::seconds duration,
                                              async::Stop* stop) {
    if (taken.exchange(true)) co_return fail(Code::unavailable, "another profile is being taken");
    const auto since = std::chrono::system_clock::now();
    const auto began = async::Clock::now();
    Samples samples;
    void* warm[1];
    ::backtrace(warm, 1);  // loads what it needs now, not in a handler
    collecting.store(&samples, std::memory_order_release);
    begin(kind);
    const Result<void> waited = co_await async::pause(duration, stop);
    end(kind);
    detail::ProfileTable table = table_of(samples, kind);
    table.begun = since.time_since_epoch() / std::chrono::nanoseconds(1);
    table.duration = (async::Clock::now() - began) / std::chrono::nanoseconds(1);
    taken.store(false);
    if (!waited) co_return std::unexpected(waited.error());
    co_return detail::gzipped(detail::profile_bytes(table));
}

}  // namespace

async::Task<Result<std::string>> cpu_profile(std::chrono::seconds duration, async::Stop* stop) {
    return take_profile(Kind::cpu, duration, stop);
}

async::Task<Result<std::string>> allocation_profile(std::chrono::seconds duration,
                                                    async::Stop* stop) {
    return take_profile(Kind::allocations, duration, stop);
}

[[gnu::noinline]] void note_allocation(std::size_t size) {
    thread_local constinit std::size_t until_next = bytes_per_sample;
    thread_local constinit bool inside = false;
    if (size < until_next) {
        until_next -= size;
        return;
    }
    until_next = bytes_per_sample;
    if (inside) return;  // the sampling's own
    inside = true;
    collect(__builtin_return_address(0),
            static_cast<std::int64_t>(std::max(size, bytes_per_sample)));
    inside = false;
}

namespace {

using Take = async::Task<Result<std::string>> (*)(std::chrono::seconds, async::Stop*);

async::Task<HttpResponse> answer(Take take, const char* name, std::chrono::seconds otherwise,
                                 HttpRequest request, async::Stop* stop) {
    long seconds = otherwise.count();
    if (const auto found = request.query.find("seconds"); found != request.query.end())
        seconds = std::clamp(std::atol(found->second.c_str()), 1L, 600L);
    Result<std::string> profile = co_await take(std::chrono::seconds(seconds), stop);
    if (!profile)
        co_return HttpResponse{.status = 503,
                               .body = std::string(name) + ": " + profile.error().text + "\n"};
    co_return HttpResponse{.content_type = "application/octet-stream", .body = std::move(*profile)};
}

HttpResponse index_page() {
    return {.content_type = "text/html; charset=utf-8",
            .body = html_page(
                "Profiles",
                "<h1>Profiles</h1>\n<nav><a href=\"/debug/pprof/profile\">CPU, 30 seconds</a> "
                "<a href=\"/debug/pprof/heap\">allocations, 10 seconds</a></nav>\n"
                "<p>go tool pprof http://host:port/debug/pprof/profile?seconds=30</p>\n")};
}

}  // namespace

void add_profile_pages(AdminServer& server) {
    const auto add = [&](const char* path, Take take, const char* name,
                         std::chrono::seconds otherwise) {
        server.awaiting_page(
            path,
            [take, name, otherwise](HttpRequest request, async::Stop* stop) {
                return answer(take, name, otherwise, std::move(request), stop);
            },
            Role::debugging);
    };
    add("/debug/pprof/profile", cpu_profile, "profile", std::chrono::seconds(30));
    add("/debug/pprof/heap", allocation_profile, "heap", std::chrono::seconds(10));
    add("/debug/pprof/allocs", allocation_profile, "allocs", std::chrono::seconds(10));
    server.page("/debug/pprof/", [](const HttpRequest&) { return index_page(); }, Role::debugging);
}

}  // namespace sluice::servenv
