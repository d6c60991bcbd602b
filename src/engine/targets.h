#pragma once
// Which shards a routing goes to, for the values of one execution.
#include <vector>

#include "engine/bindings.h"
#include "gateway/target.h"

namespace sluice::engine {

// A shard, and for `in` routings its part of the list.
struct RoutedShard {
    gateway::ShardTarget target;
    std::vector<ValueView> values;
};

// The one shard of a routing that is unsharded, equal_unique, reference, dba or next, without
// allocation. A target without a shard name: no row can match.
Result<gateway::ShardTarget> single_target(const Context& context, const plan::Routing& routing,
                                           Bindings& bindings);

// True if a routing goes to one shard whatever its values are.
bool is_single(plan::Opcode opcode);

// Shards of any routing, in the order of the shard map; none if no row can match.
Result<std::vector<RoutedShard>> targets(const Context& context, const plan::Routing& routing,
                                         Bindings& bindings);

// The shard that is asked for columns when no row can match.
Result<gateway::ShardTarget> first_shard(const Context& context, const plan::Routing& routing);

}  // namespace sluice::engine
