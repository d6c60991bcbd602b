// Beside all statements: the memory budget follows what the process really holds.
#include "servenv/memory_watch.h"

#include <algorithm>
#include <chrono>
#include <fstream>

#include <malloc.h>
#include <unistd.h>

#include "async/wait_queue.h"

namespace sluice::servenv {
namespace {

using namespace std::chrono_literals;

constexpr auto calm = 1s;
constexpr auto close_by = 50ms;
// Walking the heap's free blocks takes milliseconds.
constexpr auto between_trims = 1s;

}  // namespace

void give_large_memory_back() {
    // glibc raises the threshold to the largest block that was ever freed: results of several MiB
    // would then be cut from heaps that never shrink, and a budget of 166 MiB held 257.
    constexpr int large = 1 << 20;
    mallopt(M_MMAP_THRESHOLD, large);
}

std::size_t held_memory() {
    // Pages: all, resident, of these those of files and shared (proc(5)).
    std::ifstream file("/proc/self/statm");
    std::size_t all = 0;
    std::size_t resident = 0;
    std::size_t shared = 0;
    file >> all >> resident >> shared;
    return (resident - std::min(resident, shared)) *
           static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

std::size_t allowed_charge(std::size_t limit, std::size_t reach, std::size_t held,
                           std::size_t used) {
    const std::size_t more = reach - std::min(reach, held);
    return std::clamp(used + more, limit / 8, limit);
}

async::Task<void> watch_memory(Machine machine, ProcessBudget* budget, async::Stop* stop) {
    if (!machine.memory_limit || budget->limit() == 0) co_return;
    // The kernel charges sockets' buffers and page tables to the container, too.
    const std::size_t reach = *machine.memory_limit - *machine.memory_limit / 8;
    auto trimmed = std::chrono::steady_clock::now();
    for (;;) {
        const auto measure = [&] {
            const std::size_t held = held_memory();
            budget->allow(allowed_charge(budget->limit(), reach, held, budget->used()));
            return held;
        };
        const std::size_t held = measure();
        const auto now = std::chrono::steady_clock::now();
        if (budget->allowed() < budget->limit() && now - trimmed >= between_trims) {
            malloc_trim(0);
            trimmed = now;
            measure();
        }
        const auto wait =
            held > reach / 2 ? async::Clock::duration(close_by) : async::Clock::duration(calm);
        if (!co_await async::pause(wait, stop)) co_return;
    }
}

}  // namespace sluice::servenv
