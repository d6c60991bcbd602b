#pragma once
// Counts of this thread that prove the fast path: what a statement did between two readings.
// Written by whoever does the work, read by the executor around each statement.
#include <cstdint>

namespace sluice {

struct Tally {
    std::uint64_t heap_allocations =
        0;  // by operator new; counted only in programs that replace it (apps/vtgate)
    std::uint64_t rows_cut = 0;  // rows of shards cut into columns
};

inline thread_local constinit Tally tally;

}  // namespace sluice
