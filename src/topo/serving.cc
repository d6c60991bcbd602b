// SrvKeyspace records. Before: cluster.cc, tabletserver/lifecycle.cc.
#include "topo/serving.h"

#include <algorithm>

namespace sluice::topo {
namespace {

const KeyRange* view(const ShardReference& one) {
    return one.key_range ? &*one.key_range : nullptr;
}

}  // namespace

Task<Result<SrvKeyspace>> gather_srv_keyspace(Topology* topology, std::string keyspace,
                                              Stop* stop) {
    std::vector<ShardReference> references;
    for (const auto& name : CO_TRY(co_await topology->shard_names(keyspace, stop))) {
        const auto shard = CO_TRY(co_await topology->shard(keyspace, name, stop));
        if (shard.value.is_primary_serving) references.push_back({name, shard.value.key_range});
    }
    std::sort(references.begin(), references.end(), [](const auto& left, const auto& right) {
        return vindex::compare(view(left), view(right)) < 0;
    });
    SrvKeyspace served;
    for (const TabletType type : {TabletType::primary, TabletType::replica, TabletType::rdonly})
        served.partitions.push_back({type, references, {}});
    served.throttler_config =
        CO_TRY(co_await topology->keyspace(keyspace, stop)).value.throttler_config;
    co_return served;
}

Result<void> check_complete(const SrvKeyspace& served) {
    for (const KeyspacePartition& partition : served.partitions) {
        const auto& shards = partition.shard_references;
        const auto incomplete = [&](const std::string& why) {
            return fail(Code::failed_precondition,
                        "keyspace partition for " +
                            std::string(vindex::tablet_type_name(partition.served_type)) + " " +
                            why);
        };
        if (shards.empty()) return incomplete("has no shards");
        if (!shards.front().key_range) continue;
        if (!shards.front().key_range->start.empty())
            return incomplete("does not start with min key");
        for (std::size_t i = 1; i < shards.size(); ++i) {
            if (!shards[i].key_range || shards[i].key_range->start.empty() ||
                !vindex::contiguous(view(shards[i - 1]), view(shards[i])))
                return incomplete("has a gap or an overlap before shard " + shards[i].name);
        }
        if (!shards.back().key_range->end.empty()) return incomplete("does not end with max key");
    }
    return {};
}

}  // namespace sluice::topo
