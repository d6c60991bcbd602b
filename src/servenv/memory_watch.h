#pragma once
// Keeps a process within its container's memory (docs/adr/0028-memory.md). The budget counts what
// is charged; what the heap holds beyond that (connections, tablets, freed blocks between used
// ones) grows too, and the kernel kills by the sum.
#include "async/stop.h"
#include "async/task.h"
#include "base/budget.h"
#include "servenv/machine.h"

namespace sluice::servenv {

// At the start of a program: blocks of a megabyte and more, such as answers of tablets, go back to
// the system when they are freed, so that what is used stays near what is charged.
void give_large_memory_back();

// Bytes of anonymous memory that the process has now; 0 if the kernel does not say.
std::size_t held_memory();

// What may be charged, of a budget whose limit is `limit`, in a process that may hold `reach`
// bytes, holds `held` and has charged `used`: as much more as it may hold more. An eighth of the
// limit always, so that small statements go on.
std::size_t allowed_charge(std::size_t limit, std::size_t reach, std::size_t held,
                           std::size_t used);

// Until `stop`: lets `budget` follow, and gives the heap's free memory back to the system when that
// leaves more to be charged. Ends at once if no container limits the process.
async::Task<void> watch_memory(Machine machine, ProcessBudget* budget, async::Stop* stop);

}  // namespace sluice::servenv
