// Step 3 of a request: has this statement been planned before?
#include "executor/plan_cache.h"

namespace sluice::executor {

PlanCache::Key PlanCache::key_of(const sql::Fingerprint& slots, std::uint64_t session_key,
                                 std::uint64_t pinned) {
    // The fingerprint is a seeded hash already; the rest is folded in so that equal sums need equal
    // parts.
    return {slots.high ^ (pinned * 0x9e3779b97f4a7c15U), slots.low ^ session_key};
}

PlanCache::Entry* PlanCache::find_entry(const Key& key, const sql::Fingerprint& slots) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return nullptr;
    Entry& entry = *found->second;
    if (entry.tokens != slots.tokens || entry.normal_length != slots.normal_length) return nullptr;
    if (found->second != order_.begin()) order_.splice(order_.begin(), order_, found->second);
    return &entry;
}

std::shared_ptr<CachedPlan> PlanCache::find(const sql::Fingerprint& slots,
                                            std::uint64_t session_key, std::string_view text,
                                            const sql::FingerprintSeed& seed) {
    const Entry* entry = find_entry(key_of(slots, session_key, 0), slots);
    if (entry != nullptr && !entry->pinned.empty()) {
        entry = find_entry(
            key_of(slots, session_key, sql::pinned_hash(text, slots, entry->pinned, seed)), slots);
    }
    if (entry == nullptr || !entry->plan) {
        misses_.add();
        return nullptr;
    }
    hits_.add();
    return entry->plan;
}

void PlanCache::add(Entry entry) {
    if (const auto old = entries_.find(entry.key); old != entries_.end()) {
        order_.erase(old->second);
        entries_.erase(old);
    }
    order_.push_front(std::move(entry));
    entries_.emplace(order_.front().key, order_.begin());
    while (entries_.size() > capacity_) {
        entries_.erase(order_.back().key);
        order_.pop_back();
        evictions_.add();
    }
    kept_.value.store(entries_.size(), std::memory_order_relaxed);
}

void PlanCache::insert(const sql::Fingerprint& slots, std::uint64_t session_key,
                       std::string_view text, const sql::FingerprintSeed& seed,
                       std::shared_ptr<CachedPlan> plan) {
    const std::vector<std::uint32_t>& pinned = plan->plan.pinned;
    std::uint64_t variant = 0;
    if (!pinned.empty()) {
        variant = sql::pinned_hash(text, slots, pinned, seed);
        add({.key = key_of(slots, session_key, 0),
             .tokens = slots.tokens,
             .normal_length = slots.normal_length,
             .pinned = pinned,
             .plan = nullptr});
    }
    add({.key = key_of(slots, session_key, variant),
         .tokens = slots.tokens,
         .normal_length = slots.normal_length,
         .pinned = {},
         .plan = std::move(plan)});
}

void PlanCache::clear() {
    entries_.clear();
    order_.clear();
    kept_.value.store(0, std::memory_order_relaxed);
}

}  // namespace sluice::executor
