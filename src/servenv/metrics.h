#pragma once
// Counters, gauges and timings in v21's names and both its forms: /debug/vars (JSON, CamelCase) and
// /metrics (Prometheus, snake_case with the program's prefix). Facts: vtgate-contract 11.2.
//
// Counting is for loops: each loop has its own numbers, which only it writes, without locks or
// shared cache lines; reading sums them. A metric lives as long as its registry.
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "async/counters.h"

namespace sluice::servenv {

using async::Count;
using async::LabelText;
using async::timing_bounds;
using async::TimingCells;

// What one label combination of a metric amounts to.
struct Distribution {
    std::array<std::uint64_t, timing_bounds.size() + 1> buckets{};
    std::uint64_t count = 0;
    std::uint64_t nanoseconds = 0;

    void add(const TimingCells& cells);
};

// Label values joined with "." as /debug/vars shows them; a value's own "." become "_".
using LabelKey = std::string;
LabelKey label_key(std::initializer_list<std::string_view> values);

namespace detail {

using Cell = Count;

// The shelf of the current loop among `count`; threads without a loop use the last one.
std::size_t current_shelf(std::size_t count);

// Per loop: label combinations and their cells. Only the loop itself adds keys, under the mutex;
// its own look-ups need none.
template <class T>
class Shelves {
 public:
    explicit Shelves(std::size_t loops) : shelves_(loops + 1) {}

    template <class Use>
    void use(std::string_view key, Use use) {
        const std::size_t index = current_shelf(shelves_.size());
        Shelf& shelf = shelves_[index];
        const bool shared = index + 1 == shelves_.size();
        std::unique_lock lock(shelf.mutex, std::defer_lock);
        if (shared) lock.lock();
        auto found = shelf.cells.find(key);
        if (found == shelf.cells.end()) {
            if (!shared) lock.lock();
            found = shelf.cells.try_emplace(std::string(key), std::make_unique<T>()).first;
        }
        use(*found->second);
    }

    template <class Visit>
    void for_each(Visit visit) {
        for (Shelf& shelf : shelves_) {
            const std::lock_guard guard(shelf.mutex);
            for (const auto& [key, cell] : shelf.cells) visit(key, *cell);
        }
    }

 private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    struct alignas(64) Shelf {
        std::mutex mutex;
        std::unordered_map<std::string, std::unique_ptr<T>, Hash, std::equal_to<>> cells;
    };
    std::vector<Shelf> shelves_;
};

}  // namespace detail

// A number that grows.
class Counter {
 public:
    explicit Counter(std::size_t loops) : cells_(loops + 1) {}
    void add(std::uint64_t by = 1);
    std::uint64_t total() const;

 private:
    struct alignas(64) Padded : detail::Cell {};
    std::vector<Padded> cells_;
};

// Numbers that grow, one per combination of labels.
class LabelledCounter {
 public:
    explicit LabelledCounter(std::size_t loops) : shelves_(loops) {}
    void add(std::string_view key, std::uint64_t by = 1) {
        shelves_.use(key, [by](detail::Cell& cell) { cell.add(by); });
    }
    std::map<LabelKey, double> totals();

 private:
    detail::Shelves<detail::Cell> shelves_;
};

// A number that is set from one place.
class Gauge {
 public:
    void set(double value) { value_.store(value, std::memory_order_relaxed); }
    double value() const { return value_.load(std::memory_order_relaxed); }

 private:
    std::atomic<double> value_{0};
};

// How long things took, one distribution per combination of labels.
class Timings {
 public:
    explicit Timings(std::size_t loops) : shelves_(loops) {}
    void add(std::string_view key, std::chrono::nanoseconds duration);
    std::map<LabelKey, Distribution> totals();

 private:
    detail::Shelves<TimingCells> shelves_;
};

class Metrics {
 public:
    enum class Kind : std::uint8_t { counter, gauge };
    struct Name {
        std::string variable;  // "QueriesProcessed"
        std::string help;
        std::vector<std::string> labels = {};  // "plan"; empty: one number
        std::string prometheus = {};  // "vtgate_warnings", if it does not follow from `variable`
    };

    // `prefix` is the program's ("vtgate"); `loops` as many as will count.
    Metrics(std::string prefix, std::size_t loops);
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    // Registration is for start-up, before the web server runs.
    Counter& counter(Name name);
    LabelledCounter& labelled_counter(Name name);
    Gauge& gauge(Name name);
    Timings& timings(Name name);
    // What another room counts itself; called from the web server's loop for each page.
    void read(Kind kind, Name name, std::function<double()> read);
    void read_labelled(Kind kind, Name name, std::function<std::map<LabelKey, double>()> read);
    void read_timings(Name name, std::function<std::map<LabelKey, Distribution>()> read);
    // Shown in /debug/vars only.
    void text(std::string variable, std::string value);
    // Any JSON, in /debug/vars only: rate arrays, memory trees.
    void json(std::string variable, std::function<std::string()> read);

    // Uptime, MaxFds, build, process_*: what every program has.
    void add_process_metrics();

    std::string debug_vars() const;
    std::string prometheus() const;

 private:
    struct Family;
    Family& add(Kind kind, Name name);

    std::string prefix_;
    std::size_t loops_;
    std::map<std::string, std::shared_ptr<Family>, std::less<>> families_;  // by variable
};

// "VttabletCallErrorCount" -> "vttablet_call_error_count".
std::string snake_name(std::string_view camel);

}  // namespace sluice::servenv
