#pragma once
// Flags of topology stores (vtgate-contract 1.1). "none" behind a field: accepted, without effect
// (inert_flags.cc).
#include <string>

#include "servenv/process_flags.h"

namespace sluice::servenv {

struct TopologyFlags {
    std::string implementation;               // topo/topology.cc
    std::string global_server_address;        // topo/topology.cc
    std::string global_root;                  // topo/topology.cc
    Duration lock_timeout = 45s;              // topo/topology.cc
    Duration remote_operation_timeout = 15s;  // topo/detail/etcd_client.h, of one call
    std::int64_t read_concurrency = 32;       // none
    std::int64_t etcd_lease_ttl = 30;         // topo/topology.cc, the lease of a lock; seconds
    std::string etcd_tls_ca;                  // topo/detail/etcd_client.cc
    std::string etcd_tls_cert;                // topo/detail/etcd_client.cc
    std::string etcd_tls_key;                 // topo/detail/etcd_client.cc
};

// All without effect: there are no stores of these kinds.
struct ConsulFlags {
    std::string auth_static_file;
    Duration lock_delay = 15s;
    std::string lock_session_checks = "serfHealth";
    std::string lock_session_ttl;
    Duration watch_poll_duration = 30s;
};
struct ZookeeperFlags {
    std::string auth_file;
    Duration base_timeout = 30s;
    std::int64_t max_concurrency = 64;
    std::string tls_ca;
    std::string tls_cert;
    std::string tls_key;
};

void add_flags(FlagSet& flags, TopologyFlags& into);
void add_flags(FlagSet& flags, ConsulFlags& into);
void add_flags(FlagSet& flags, ZookeeperFlags& into);

}  // namespace sluice::servenv
