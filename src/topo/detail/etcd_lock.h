#pragma once
// Locks of etcd: a key DIRECTORY/locks/LEASE with a lease, first come first served.
#include <memory>
#include <string>

#include "topo/detail/etcd_client.h"

namespace sluice::topo::detail {

// Waits in turn until `stop`. The lease is renewed in the background for as long as the lock is
// there, so that only a holder that is gone, or cut off from etcd, loses it. no_node if the
// directory (a key without a slash at its end) holds nothing.
Task<Result<std::unique_ptr<Lock>>> take_etcd_lock(std::shared_ptr<EtcdClient> client,
                                                   std::string directory, std::string contents,
                                                   std::chrono::milliseconds lease, Stop* stop);

// etcd's range end for "all keys that start with `prefix`".
std::string end_of_prefix(std::string prefix);

}  // namespace sluice::topo::detail
