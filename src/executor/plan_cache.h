#pragma once
// Plans by fingerprint, one cache per core: no locks, no shared counts. A hit costs one look-up;
// the least recently used plan goes when the cache is full.
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>
#include <vector>

#include "executor/reply.h"
#include "executor/statistics.h"
#include "plan/plan.h"
#include "sql/fingerprint.h"

namespace sluice::executor {

struct CachedPlan {
    plan::Plan plan;
    ColumnMemory columns;
    // What its executions amount to: /debug/query_plans, read by messages to the cache's loop.
    std::uint64_t executions = 0;
    std::uint64_t errors = 0;
    std::uint64_t shard_queries = 0;
    std::uint64_t rows_returned = 0;
    std::uint64_t rows_affected = 0;
    std::chrono::nanoseconds time{0};
    // Where its kind is counted; null until it first runs.
    PlanCells* of_kind = nullptr;
    PlanCells* of_table = nullptr;
};

class PlanCache {
 public:
    explicit PlanCache(std::size_t capacity) : capacity_(capacity) {}

    // `session_key`: everything else that a plan depends on. `text` is the fingerprinted text.
    std::shared_ptr<CachedPlan> find(const sql::Fingerprint& slots, std::uint64_t session_key,
                                     std::string_view text, const sql::FingerprintSeed& seed);
    void insert(const sql::Fingerprint& slots, std::uint64_t session_key, std::string_view text,
                const sql::FingerprintSeed& seed, std::shared_ptr<CachedPlan> plan);
    void clear();

    std::size_t size() const { return entries_.size(); }
    // These from any thread.
    std::uint64_t hits() const { return hits_.get(); }
    std::uint64_t misses() const { return misses_.get(); }
    std::uint64_t evictions() const { return evictions_.get(); }
    std::uint64_t kept() const { return kept_.get(); }  // entries now
    std::size_t capacity() const { return capacity_; }
    // f(const std::shared_ptr<CachedPlan>&), the most recently used first.
    template <class F>
    void for_each(F&& f) const {
        for (const Entry& entry : order_) {
            if (entry.plan) f(entry.plan);
        }
    }

 private:
    struct Key {
        std::uint64_t high = 0;
        std::uint64_t low = 0;
        bool operator==(const Key&) const = default;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const { return key.low; }
    };
    struct Entry {
        Key key;
        std::uint32_t tokens = 0;
        std::uint32_t normal_length = 0;
        // A statement whose plan depends on some of its literals: these slots, and no plan. The
        // plans themselves are found by the key mixed with the literals' texts.
        std::vector<std::uint32_t> pinned;
        std::shared_ptr<CachedPlan> plan;
    };
    static Key key_of(const sql::Fingerprint& slots, std::uint64_t session_key,
                      std::uint64_t pinned);
    Entry* find_entry(const Key& key, const sql::Fingerprint& slots);
    void add(Entry entry);

    std::size_t capacity_;
    std::list<Entry> order_;  // most recently used first
    std::unordered_map<Key, std::list<Entry>::iterator, KeyHash> entries_;
    Count hits_;
    Count misses_;
    Count evictions_;
    Count kept_;
};

}  // namespace sluice::executor
