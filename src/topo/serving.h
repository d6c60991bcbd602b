#pragma once
// What gateways of a cell route by, made of the global records.
#include <string>

#include "topo/topology.h"

namespace sluice::topo {

// The serving shards of a keyspace in the order of their ranges, for the three types that are
// routed to.
Task<Result<SrvKeyspace>> gather_srv_keyspace(Topology* topology, std::string keyspace, Stop* stop);

// Whether the shards of each type cover all keyspace ids without a gap or an overlap; a shard
// without a range stands alone. Else FAILED_PRECONDITION says what is missing.
Result<void> check_complete(const SrvKeyspace& served);

}  // namespace sluice::topo
