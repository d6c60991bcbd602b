#pragma once
// How much of the machine this process may use (design section 4: loops and memory).
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace sluice::servenv {

struct Machine {
    std::size_t processors = 1;                      // that this process may run on
    std::optional<double> processor_limit = {};      // of the container, in processors
    std::optional<std::uint64_t> memory_limit = {};  // of the container, in bytes
    std::uint64_t memory = 0;                        // of the machine, in bytes
    std::optional<std::size_t> gomaxprocs = {};      // $GOMAXPROCS, which operators of v21 set
};

// Reads affinity, control groups (both versions) and the environment. `root` is "/" but in tests.
Machine read_machine(const std::string& root = "/");

// The number of loops: at least 1, at most what processors and memory carry; `wanted` > 0 decides
// alone.
std::size_t choose_loops(const Machine& machine, std::int64_t wanted);
// Bytes for statements and connections: `wanted`, or most of what the container or machine has.
std::uint64_t choose_memory_limit(const Machine& machine, std::int64_t wanted);

}  // namespace sluice::servenv
