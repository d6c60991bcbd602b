// Step 7 of a request: a destination becomes shards. Before: engine/route. After: gateway.cc or
// scatter.cc.
#include "gateway/target.h"

#include <algorithm>

namespace sluice::gateway {

std::string prefix(const ShardTarget& target) {
    std::string text = "target: ";
    text.append(target.keyspace).append(".").append(target.shard).append(".");
    text.append(vindex::tablet_type_lower_name(target.type)).append(": ");
    return text;
}

ShardTarget Serving::at(std::size_t index) const {
    const discovery::Shard* shard = keyspace->serving_shards[discovery::slot(type)][index];
    return {keyspace->name, shard->name, type, shard};
}

Result<Serving> serving(const discovery::Cluster& cluster, std::string_view keyspace,
                        TabletType type) {
    const discovery::Keyspace* found = cluster.keyspace(keyspace);
    if (found == nullptr) {
        return fail(Code::not_found, er::bad_db,
                    "VT05003: unknown database '" + std::string(keyspace) + "' in vschema");
    }
    const std::size_t slot = discovery::slot(type);
    if (slot == 0 || !found->serving[slot]) {
        return fail(Code::unavailable, "No partition found for tabletType " +
                                           std::string(vindex::tablet_type_lower_name(type)) +
                                           " in keyspace " + std::string(keyspace));
    }
    return Serving{found, type, &*found->serving[slot]};
}

Result<ShardTarget> shard_of(const Serving& serving, std::string_view keyspace_id) {
    return serving.at(TRY(serving.map->shard_of(keyspace_id)));
}

Result<std::vector<ShardTarget>> resolve(const Serving& serving,
                                         const vindex::Destination& destination,
                                         std::uint64_t chance) {
    const std::vector<std::string_view> names = TRY(serving.map->resolve(destination, chance));
    std::vector<ShardTarget> targets;
    targets.reserve(names.size());
    for (const std::string_view name : names) {
        const ShardTarget target{serving.keyspace->name, name, serving.type,
                                 serving.keyspace->shard(name)};
        if (std::ranges::find(targets, target) == targets.end()) targets.push_back(target);
    }
    return targets;
}

}  // namespace sluice::gateway
