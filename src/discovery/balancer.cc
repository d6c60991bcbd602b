// Beside requests: the shares by which gateway/gateway.cc chooses. Before: cluster.cc.
#include "discovery/balancer.h"

#include <algorithm>
#include <map>

namespace sluice::discovery {
namespace {

constexpr std::int64_t everything = 1'000'000;
// Integer divisions lose a little; so much is not worth moving.
constexpr std::int64_t negligible = 10;

// Flows are parts of everything. A cell takes in requests of gates in proportion to its tablets.
struct Flows {
    std::map<std::string_view, std::int64_t> wanted;  // by tablets' cell: its fair share
    std::map<std::string_view, std::int64_t> inflow;
    std::map<std::string_view, std::map<std::string_view, std::int64_t>> from;  // gate's cell, cell

    void move(std::string_view gate, std::string_view to, std::int64_t flow) {
        inflow[to] += flow;
        from[gate][to] += flow;
    }
    // Cells that get less (or more) than they should, and by how much.
    std::map<std::string_view, std::int64_t> lacking() const { return differences(1); }
    std::map<std::string_view, std::int64_t> exceeding() const { return differences(-1); }

 private:
    std::map<std::string_view, std::int64_t> differences(std::int64_t sign) const {
        std::map<std::string_view, std::int64_t> found;
        for (const auto& [cell, share] : wanted) {
            const auto got = inflow.find(cell);
            const std::int64_t lacks = share - (got == inflow.end() ? 0 : got->second);
            if (lacks * sign > 0) found[cell] = lacks * sign;
        }
        return found;
    }
};

std::int64_t total(const std::map<std::string_view, std::int64_t>& parts) {
    std::int64_t sum = 0;
    for (const auto& [cell, part] : parts) sum += part;
    return sum;
}

// Gates in cells without tablets go where load is lacking.
void place_strangers(Flows& flows, std::span<const std::string> gate_cells, std::int64_t per_gate) {
    const auto lacking = flows.lacking();
    const std::int64_t missing = total(lacking);
    if (missing == 0) return;
    for (const std::string& gate : gate_cells) {
        if (flows.wanted.contains(gate)) continue;
        for (const auto& [cell, lacks] : lacking) {
            flows.move(gate, cell, per_gate * lacks / missing);
        }
    }
}

// Cells that get too much give to those that get too little, each gate its part.
void shift(Flows& flows, std::span<const std::string> gate_cells) {
    const auto lacking = flows.lacking();
    const std::int64_t missing = total(lacking);
    if (missing <= negligible) return;
    const auto exceeding = flows.exceeding();
    for (const std::string& gate : gate_cells) {
        for (const auto& [to, lacks] : lacking) {
            for (const auto& [out, exceeds] : exceeding) {
                const std::int64_t current = flows.from[gate][out];
                if (current == 0) continue;
                const std::int64_t part = exceeds * current * lacks / flows.inflow[out] / missing;
                flows.move(gate, out, -part);
                flows.move(gate, to, part);
            }
        }
    }
}

}  // namespace

bool BalancerOptions::applies(std::string_view keyspace) const {
    return !gate_cells.empty() &&
           (keyspaces.empty() || std::ranges::find(keyspaces, keyspace) != keyspaces.end());
}

std::vector<std::int64_t> balance(std::string_view local_cell,
                                  std::span<const std::string> gate_cells,
                                  std::span<const std::string_view> cells) {
    std::vector<std::int64_t> shares(cells.size());
    if (cells.empty() || gate_cells.empty()) return shares;
    const auto per_gate = everything / static_cast<std::int64_t>(gate_cells.size());
    const auto per_tablet = everything / static_cast<std::int64_t>(cells.size());
    Flows flows;
    for (const std::string_view cell : cells) flows.wanted[cell] += per_tablet;
    for (const std::string& gate : gate_cells) {
        if (flows.wanted.contains(gate)) flows.move(gate, gate, per_gate);
    }
    place_strangers(flows, gate_cells, per_gate);
    shift(flows, gate_cells);
    const auto& out = flows.from[local_cell];
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto flow = out.find(cells[i]);
        if (flow != out.end() && flow->second > 0) {
            shares[i] = flow->second * per_tablet / flows.wanted[cells[i]];
        }
    }
    return shares;
}

}  // namespace sluice::discovery
