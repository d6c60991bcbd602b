#pragma once
// Whether a tablet takes requests, and for which target: each loop has its own copy, which the main
// loop replaces (vttablet-contract 1.6).
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "topo/records.h"

namespace sluice::tabletserver {

struct Condition {
    topo::TabletType type = topo::TabletType::unknown;
    // The former type, for a while after a change.
    std::vector<topo::TabletType> also_allowed;
    bool serving = false;
    bool shutting_down = false;  // takes only what belongs to open transactions

    bool is_primary() const { return type == topo::TabletType::primary; }
};

struct WantedTarget {
    bool named = false;
    std::string_view keyspace{};
    std::string_view shard{};
    topo::TabletType type = topo::TabletType::unknown;
};

// In v21's order and words: the state first, then the target. `finishing`: the request belongs to a
// transaction that is open.
Result<void> check(const Condition& condition, std::string_view keyspace, std::string_view shard,
                   const WantedTarget& wanted, bool finishing);

}  // namespace sluice::tabletserver
