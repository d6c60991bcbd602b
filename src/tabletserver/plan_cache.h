#pragma once
// Plans of one loop, by the statement's text without comments around it. Bounded by bytes: what has
// not been asked for lately goes first.
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "tabletserver/plan.h"
#include "tabletserver/plan_counters.h"
#include "tabletserver/query_rules.h"

namespace sluice::tabletserver {

struct CachedPlan {
    Plan plan;
    std::string text;
    std::vector<const QueryRule*> rules;  // that may refuse it; of `rule_sources`
    std::shared_ptr<const RuleSources> rule_sources;
    std::uint64_t runs = 0, rows = 0, affected_rows = 0, errors = 0;
    std::chrono::nanoseconds time{0};
    PlanCounters* counters = nullptr;  // of its loop, which outlive it; null until it has run
};

class PlanCache {
 public:
    PlanCache(PlanOptions options, std::size_t bytes)
        : options_(std::move(options)), limit_(bytes) {}

    // The plan stays as long as somebody holds it. `keep` false: it is not cached.
    Result<std::shared_ptr<CachedPlan>> find(std::string_view text, bool stream, bool keep);
    // The schema has changed.
    void clear();
    // Plans fall under these rules from now on; null: under none.
    void set_rules(std::shared_ptr<const RuleSources> rules);

    std::size_t size() const { return plans_.size(); }
    std::size_t bytes() const { return bytes_; }
    std::uint64_t hits() const { return hits_; }
    std::uint64_t misses() const { return misses_; }
    template <class Visit>
    void for_each(Visit visit) const {
        for (const auto& [key, entry] : plans_) visit(*entry.plan);
    }

 private:
    struct Entry {
        std::shared_ptr<CachedPlan> plan;
        std::uint64_t used = 0;  // by `clock_`
    };
    struct Key {
        std::string_view text;
        bool stream;
        bool operator==(const Key&) const = default;
    };
    struct Hash {
        std::size_t operator()(const Key& key) const {
            return std::hash<std::string_view>()(key.text) + (key.stream ? 1 : 0);
        }
    };
    void make_room();

    PlanOptions options_;
    std::shared_ptr<const RuleSources> rules_;
    std::size_t limit_;
    std::size_t bytes_ = 0;
    std::uint64_t clock_ = 0, hits_ = 0, misses_ = 0;
    std::unordered_map<Key, Entry, Hash> plans_;  // keys are views into the plans
};

}  // namespace sluice::tabletserver
