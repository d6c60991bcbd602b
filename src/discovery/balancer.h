#pragma once
// The balancer (--enable-balancer): how a gate's requests are spread over the tablets of a shard
// and type, so that all gates together load each tablet alike while most calls stay in their cell
// (vtgate-contract 7.4). Pure.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::discovery {

struct BalancerOptions {
    std::vector<std::string> gate_cells;  // --balancer-vtgate-cells; empty: no balancer
    std::vector<std::string> keyspaces;   // --balancer-keyspaces; empty: all

    bool applies(std::string_view keyspace) const;
};

// `cells` are the tablets' cells. The result: each tablet's share of the local cell's requests, out
// of 1,000,000; all zero if nothing is meant for them.
std::vector<std::int64_t> balance(std::string_view local_cell,
                                  std::span<const std::string> gate_cells,
                                  std::span<const std::string_view> cells);

}  // namespace sluice::discovery
