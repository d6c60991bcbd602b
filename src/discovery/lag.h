#pragma once
// Which replicas of one shard and type are used, by how much they lag (vtgate-contract 7.3). Pure.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sluice::discovery {

struct LagRules {
    std::chrono::milliseconds low{30'000};      // --discovery_low_replication_lag
    std::chrono::milliseconds high{7'200'000};  // --discovery_high_replication_lag_minimum_serving
    std::size_t least = 2;                      // --min_number_serving_vttablets
    bool legacy = true;                         // --legacy_replication_lag_algorithm

    bool operator==(const LagRules&) const = default;
    bool is_high(std::uint32_t lag_seconds) const {
        return std::chrono::seconds(lag_seconds) > low;
    }
    bool is_very_high(std::uint32_t lag_seconds) const {
        return std::chrono::seconds(lag_seconds) > high;
    }
    // The change from one report to the next moves nobody in or out.
    bool is_trivial(std::uint32_t before, std::uint32_t after) const;
};

// `lags` are those of tablets that serve without an error, in seconds. The result: indexes of the
// ones to use.
std::vector<std::size_t> within_lag(std::span<const std::uint32_t> lags, const LagRules& rules);

}  // namespace sluice::discovery
