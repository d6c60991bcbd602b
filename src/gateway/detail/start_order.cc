// Under scatter.cc and shard_streams.cc: the order in which connections are taken.
#include "gateway/detail/start_order.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace sluice::gateway {

std::vector<std::size_t> shard_order(const std::vector<ShardRequest>& requests) {
    std::vector<std::size_t> order(requests.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t index) {
        const ShardTarget& target = requests[index].target;
        return std::tuple(target.keyspace, target.shard, target.type);
    });
    return order;
}

}  // namespace sluice::gateway
