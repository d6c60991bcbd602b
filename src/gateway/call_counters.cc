// Step 8 of a request: a call to a shard is counted. Before: gateway.cc,
// transaction/shard_sessions.cc.
#include "gateway/call_counters.h"

#include <functional>

namespace sluice::gateway {

CallCells& CallCounters::find(const ShardTarget& target) {
    const std::size_t hash = std::hash<const void*>()(target.known) / sizeof(discovery::Shard) +
                             static_cast<std::size_t>(target.type);
    CallCells*& recent = recent_[hash % recent_.size()];
    if (recent != nullptr && recent->type == target.type && recent->shard == target.shard &&
        recent->keyspace == target.keyspace) [[likely]] {
        return *recent;
    }
    CallCells& cells = cells_.at(LabelText()
                                     .add("Execute")
                                     .add(target.keyspace)
                                     .add(target.shard)
                                     .add(vindex::tablet_type_lower_name(target.type))
                                     .text());
    if (cells.type == TabletType::unknown) {
        cells.keyspace = target.keyspace;
        cells.shard = target.shard;
        cells.type = target.type;
    }
    recent = &cells;
    return cells;
}

void CallCounters::add(const ShardTarget& target, std::chrono::nanoseconds taken,
                       const tablet::Outcome& outcome) {
    CallCells& cells = find(target);
    cells.timings.add(taken);
    if (outcome.end) return;
    const Code code = outcome.end.error().code;
    if (code != Code::already_exists && code != Code::invalid_argument) cells.errors.add();
}

}  // namespace sluice::gateway
