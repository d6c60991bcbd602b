// Start of a process: how many loops, how much memory.
#include "servenv/machine.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>

#include <sched.h>
#include <unistd.h>

namespace sluice::servenv {
namespace {

// A loop with its pools, buffers and caches; a smaller container gets fewer loops.
constexpr std::uint64_t memory_of_loop = 32ULL << 20;
// What the process itself needs besides statements and connections, at most a quarter.
constexpr std::uint64_t base_memory = 64ULL << 20;

std::string first_word(std::ifstream& file) {
    std::string word;
    file >> word;
    return word;
}

template <class Number>
std::optional<Number> number_of(const std::string& text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// The folder of this process in a control group tree; "" if there is none. Lines of
// /proc/self/cgroup are NUMBER:CONTROLLERS:PATH; version 2 has no controllers.
std::string group_path(const std::string& root, std::string_view controller) {
    std::ifstream file(root + "proc/self/cgroup");
    for (std::string line; std::getline(file, line);) {
        const std::size_t first = line.find(':');
        const std::size_t second = line.find(':', std::min(first + 1, line.size()));
        if (second == line.npos) continue;
        const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
        const bool found =
            controller.empty()
                ? controllers == ",,"
                : controllers.find("," + std::string(controller) + ",") != controllers.npos;
        if (found) return line.substr(second + 1);
    }
    return "";
}

// Inside a container the path may not exist as seen from outside: then the tree's root is meant.
std::ifstream open_group_file(const std::string& tree, const std::string& group,
                              const std::string& name) {
    std::ifstream file(tree + group + "/" + name);
    if (!file) file = std::ifstream(tree + "/" + name);
    return file;
}

void read_version_2(const std::string& root, Machine* machine) {
    const std::string tree = root + "sys/fs/cgroup";
    const std::string group = group_path(root, "");
    auto cpu = open_group_file(tree, group, "cpu.max");
    const auto quota = number_of<double>(first_word(cpu));
    const auto period = number_of<double>(first_word(cpu));
    if (quota && period && *period > 0) machine->processor_limit = *quota / *period;
    auto memory = open_group_file(tree, group, "memory.max");
    machine->memory_limit = number_of<std::uint64_t>(first_word(memory));
}

void read_version_1(const std::string& root, Machine* machine) {
    const std::string tree = root + "sys/fs/cgroup";
    const std::string cpu_group = group_path(root, "cpu");
    auto quota_file = open_group_file(tree + "/cpu", cpu_group, "cpu.cfs_quota_us");
    auto period_file = open_group_file(tree + "/cpu", cpu_group, "cpu.cfs_period_us");
    const auto quota = number_of<double>(first_word(quota_file));
    const auto period = number_of<double>(first_word(period_file));
    if (!machine->processor_limit && quota && *quota > 0 && period && *period > 0) {
        machine->processor_limit = *quota / *period;
    }
    auto memory =
        open_group_file(tree + "/memory", group_path(root, "memory"), "memory.limit_in_bytes");
    const auto bytes = number_of<std::uint64_t>(first_word(memory));
    // "No limit" is a number close to 2^63 there.
    if (!machine->memory_limit && bytes && *bytes < 1ULL << 60) machine->memory_limit = bytes;
}

}  // namespace

Machine read_machine(const std::string& root) {
    Machine machine;
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        machine.processors = static_cast<std::size_t>(std::max(1, CPU_COUNT(&set)));
    }
    machine.memory = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
                     static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    read_version_2(root, &machine);
    read_version_1(root, &machine);
    if (const char* wanted = std::getenv("GOMAXPROCS")) {
        machine.gomaxprocs = number_of<std::size_t>(wanted);
    }
    return machine;
}

std::size_t choose_loops(const Machine& machine, std::int64_t wanted) {
    if (wanted > 0) return static_cast<std::size_t>(std::min<std::int64_t>(wanted, 1024));
    std::size_t loops = machine.processors;
    if (machine.processor_limit) {
        loops = std::min(loops, static_cast<std::size_t>(std::ceil(*machine.processor_limit)));
    }
    if (machine.gomaxprocs && *machine.gomaxprocs > 0) loops = std::min(loops, *machine.gomaxprocs);
    if (machine.memory_limit) {
        loops = std::min(loops, static_cast<std::size_t>(*machine.memory_limit / memory_of_loop));
    }
    return std::max<std::size_t>(1, loops);
}

std::uint64_t choose_memory_limit(const Machine& machine, std::int64_t wanted) {
    if (wanted > 0) return static_cast<std::uint64_t>(wanted);
    if (machine.memory_limit) {
        const std::uint64_t limit = *machine.memory_limit;
        return limit - std::min(base_memory, limit / 4) - limit / 10;
    }
    return machine.memory / 2;
}

}  // namespace sluice::servenv
