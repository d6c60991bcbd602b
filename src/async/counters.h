#pragma once
// Numbers with one writer (a loop) and readers on any thread: written without locks or shared
// cache lines, read for pages. Names and forms are given to them in servenv/metrics.h.
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace sluice::async {

struct Count {
    std::atomic<std::uint64_t> value{0};

    Count() = default;
    // For tables that grow before anybody counts.
    Count(const Count& other) : value(other.get()) {}
    Count& operator=(const Count&) = delete;
    Count& operator++() {
        add();
        return *this;
    }
    // By the one writer: cheaper than an atomic add.
    void add(std::uint64_t by = 1) {
        value.store(value.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
    }
    std::uint64_t get() const { return value.load(std::memory_order_relaxed); }
};

// Upper bounds of timing buckets in nanoseconds; one more bucket holds the rest.
inline constexpr std::array<std::uint64_t, 10> timing_bounds = {
    500'000,     1'000'000,   5'000'000,     10'000'000,    50'000'000,
    100'000'000, 500'000'000, 1'000'000'000, 5'000'000'000, 10'000'000'000};

// How long something took, many times.
struct TimingCells {
    std::array<Count, timing_bounds.size() + 1> buckets;
    Count nanoseconds;

    void add(std::chrono::nanoseconds duration) {
        const auto taken = duration.count() < 0 ? 0 : static_cast<std::uint64_t>(duration.count());
        std::size_t bucket = 0;
        while (bucket < timing_bounds.size() && taken > timing_bounds[bucket]) ++bucket;
        buckets[bucket].add();
        nanoseconds.add(taken);
    }
};

// Cells by label values. Only the writer looks up and adds; a cell stays where it is as long as
// the map, so that the writer may keep its address.
template <class T>
class Labelled {
 public:
    T& at(std::string_view key) {
        const auto found = cells_.find(key);
        if (found != cells_.end()) return *found->second;
        const std::lock_guard guard(adding_);
        return *cells_.emplace(std::string(key), std::make_unique<T>()).first->second;
    }
    // From any thread: visit(key, cell).
    template <class Visit>
    void for_each(Visit visit) const {
        const std::lock_guard guard(adding_);
        for (const auto& [key, cell] : cells_) visit(key, *cell);
    }

 private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    mutable std::mutex adding_;  // held by the writer only while it adds
    std::unordered_map<std::string, std::unique_ptr<T>, Hash, std::equal_to<>> cells_;
};

// Label values joined with "." as /debug/vars shows them; a value's own "." become "_".
class LabelText {
 public:
    LabelText& add(std::string_view value) {
        if (!first_) text_ += '.';
        first_ = false;
        for (const char c : value) text_ += c == '.' ? '_' : c;
        return *this;
    }
    const std::string& text() const { return text_; }

 private:
    std::string text_;
    bool first_ = true;
};

}  // namespace sluice::async
