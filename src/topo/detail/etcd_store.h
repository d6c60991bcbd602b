#pragma once
// The store contract over etcd v3's API (vtgate-contract 6.1: same keys, same transactions).
#include <chrono>
#include <memory>
#include <string>

#include "topo/store.h"

namespace sluice::topo::detail {

class EtcdClient;

std::shared_ptr<Store> make_etcd_store(std::shared_ptr<EtcdClient> client, std::string root,
                                       std::chrono::milliseconds lock_lease);

}  // namespace sluice::topo::detail
