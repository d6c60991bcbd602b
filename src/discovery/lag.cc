// Beside requests: replicas that lag too much are left out. Before: detail/health_list.cc. After:
// cluster.cc.
#include "discovery/lag.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace sluice::discovery {
namespace {

using Indexes = std::vector<std::size_t>;

std::uint64_t sum_of(std::span<const std::uint32_t> lags, const Indexes& of) {
    return std::accumulate(of.begin(), of.end(), std::uint64_t{0},
                           [&](std::uint64_t sum, std::size_t i) { return sum + lags[i]; });
}

void sort_by_lag(std::span<const std::uint32_t> lags, Indexes& indexes) {
    std::ranges::sort(indexes, {}, [&](std::size_t i) { return std::pair(lags[i], i); });
}

Indexes by_threshold(std::span<const std::uint32_t> lags, Indexes all, const LagRules& rules) {
    std::erase_if(all, [&](std::size_t i) { return rules.is_very_high(lags[i]); });
    sort_by_lag(lags, all);
    Indexes kept;
    for (std::size_t place = 0; place < all.size(); ++place) {
        if (place < rules.least || !rules.is_high(lags[all[place]])) kept.push_back(all[place]);
    }
    return kept;
}

// A tablet is left out if the others' mean without it is at most 0.7 of the mean with it.
Indexes by_mean(std::span<const std::uint32_t> lags, const Indexes& all, const LagRules& rules) {
    if (all.size() <= 1) return all;
    if (std::ranges::none_of(all, [&](std::size_t i) { return rules.is_high(lags[i]); }))
        return all;
    const std::uint64_t sum = sum_of(lags, all);
    const std::uint64_t mean = sum / all.size();
    Indexes kept;
    for (const std::size_t i : all) {
        const std::uint64_t others = (sum - lags[i]) / (all.size() - 1);
        if (static_cast<double>(others) > static_cast<double>(mean) * 0.7) kept.push_back(i);
    }
    if (kept.size() >= rules.least) return kept;
    Indexes rest = all;
    std::erase_if(rest, [&](std::size_t i) { return rules.is_very_high(lags[i]); });
    if (rest.empty()) rest = all;
    sort_by_lag(lags, rest);
    if (rest.size() > rules.least) rest.resize(rules.least);
    return rest;
}

}  // namespace

bool LagRules::is_trivial(std::uint32_t before, std::uint32_t after) const {
    if (!is_high(before) && !is_high(after)) return true;
    const double old = before;
    return is_high(before) && is_high(after) && after > old * 0.9 && after < old * 1.1;
}

std::vector<std::size_t> within_lag(std::span<const std::uint32_t> lags, const LagRules& rules) {
    Indexes all(lags.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    if (!rules.legacy) return by_threshold(lags, std::move(all), rules);
    Indexes kept = by_mean(lags, all, rules);
    if (kept.size() > rules.least && kept.size() + 1 == all.size()) {
        kept = by_mean(lags, kept, rules);
    }
    return kept;
}

}  // namespace sluice::discovery
