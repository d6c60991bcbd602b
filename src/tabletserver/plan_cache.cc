// Step 4 of a request to a tablet: has this statement been seen before? Before: execute.cc. After:
// plan.cc, if it has not.
#include "tabletserver/plan_cache.h"

#include <algorithm>

namespace sluice::tabletserver {
namespace {

// What a plan takes, about: its text stands in it three times at most.
std::size_t bytes_of(const CachedPlan& plan) {
    constexpr std::size_t fixed = 1024, per_name = 64;
    return fixed + 3 * plan.text.size() +
           per_name * (plan.plan.tables.size() + plan.plan.query.places.size());
}

}  // namespace

Result<std::shared_ptr<CachedPlan>> PlanCache::find(std::string_view text, bool stream, bool keep) {
    if (const auto found = plans_.find(Key{text, stream}); found != plans_.end()) {
        ++hits_;
        found->second.used = ++clock_;
        return found->second.plan;
    }
    ++misses_;
    auto made = std::make_shared<CachedPlan>();
    made->plan = TRY(build_plan(text, options_, stream));
    made->text = text;
    if (rules_) {
        made->rules = rules_->for_plan(text, made->plan);
        made->rule_sources = rules_;
    }
    const std::size_t bytes = bytes_of(*made);
    if (!keep || bytes > limit_ / 8) return made;
    bytes_ += bytes;
    plans_.emplace(Key{made->text, stream}, Entry{made, ++clock_});
    if (bytes_ > limit_) make_room();
    return made;
}

// A quarter goes at once, so that a flood of new statements does not sort for each.
void PlanCache::make_room() {
    std::vector<std::uint64_t> used;
    used.reserve(plans_.size());
    for (const auto& [key, entry] : plans_) used.push_back(entry.used);
    const auto cut = used.begin() + static_cast<std::ptrdiff_t>(used.size() / 4);
    std::ranges::nth_element(used, cut);
    for (auto at = plans_.begin(); at != plans_.end();) {
        if (at->second.used > *cut) {
            ++at;
            continue;
        }
        bytes_ -= bytes_of(*at->second.plan);
        const std::shared_ptr<CachedPlan> dropped = std::move(at->second.plan);
        at = plans_.erase(at);
    }
}

void PlanCache::set_rules(std::shared_ptr<const RuleSources> rules) {
    rules_ = std::move(rules);
    clear();
}

void PlanCache::clear() {
    auto dropped = std::exchange(plans_, {});
    bytes_ = 0;
}

}  // namespace sluice::tabletserver
