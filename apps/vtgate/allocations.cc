// Every heap allocation of a thread is counted, so that /debug/vars can show how many a statement
// needed; while a profile is taken, some are kept with their stacks.
#include <cstdlib>
#include <new>

#include "base/tally.h"
#include "servenv/profile.h"

// NOLINTBEGIN(misc-definitions-in-headers)
void* operator new(std::size_t size) {
    ++sluice::tally.heap_allocations;
    if (sluice::servenv::allocations_are_sampled.load(std::memory_order_relaxed)) [[unlikely]]
        sluice::servenv::note_allocation(size);
    void* memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) std::abort();  // out of memory ends the process (style.md, errors)
    return memory;
}
void* operator new[](std::size_t size) {
    return operator new(size);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete[](void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
    std::free(memory);
}
// NOLINTEND(misc-definitions-in-headers)
