// Start of a process: flags of topology stores. Before: servenv/flags.cc. After: apps/*/main.cc.
#include "servenv/topology_flags.h"

namespace sluice::servenv {

void add_flags(FlagSet& flags, TopologyFlags& into) {
    flags.add(std::vector<Flag>{
        {"topo_implementation", &into.implementation,
         "kind of topology store: etcd2, embedded (one file) or memory"},
        {"topo_global_server_address", &into.global_server_address,
         "where the global topology is: addresses of etcd, or the file of an embedded one"},
        {"topo_global_root", &into.global_root, "path of the global topology in its store"},
        {"lock-timeout", &into.lock_timeout, "how long to wait for a lock in the topology"},
        {"remote_operation_timeout", &into.remote_operation_timeout,
         "limit of one call to the topology"},
        {"topo_read_concurrency", &into.read_concurrency,
         "how many records are read at the same time"},
        {"topo_etcd_lease_ttl", &into.etcd_lease_ttl,
         "seconds for which a lock outlives a holder that is gone"},
        {"topo_etcd_tls_ca", &into.etcd_tls_ca, "CA of etcd's certificate"},
        {"topo_etcd_tls_cert", &into.etcd_tls_cert,
         "certificate to show to etcd; needs --topo_etcd_tls_key"},
        {"topo_etcd_tls_key", &into.etcd_tls_key, "key of --topo_etcd_tls_cert"},
    });
}

void add_flags(FlagSet& flags, ConsulFlags& into) {
    flags.add(std::vector<Flag>{
        {"consul_auth_static_file", &into.auth_static_file, "JSON file of ACL tokens by cell"},
        {"topo_consul_lock_delay", &into.lock_delay, "consul's LockDelay of a session"},
        {"topo_consul_lock_session_checks", &into.lock_session_checks,
         "checks of a consul session, with commas"},
        {"topo_consul_lock_session_ttl", &into.lock_session_ttl, "lifetime of a consul session"},
        {"topo_consul_watch_poll_duration", &into.watch_poll_duration,
         "longest wait of one consul query for changes"},
    });
}

void add_flags(FlagSet& flags, ZookeeperFlags& into) {
    flags.add(std::vector<Flag>{
        {"topo_zk_auth_file", &into.auth_file, "file with the scheme:auth for zookeeper"},
        {"topo_zk_base_timeout", &into.base_timeout, "time-out of a zookeeper session"},
        {"topo_zk_max_concurrency", &into.max_concurrency,
         "requests that may wait for zookeeper at once"},
        {"topo_zk_tls_ca", &into.tls_ca, "CA of zookeeper's certificate"},
        {"topo_zk_tls_cert", &into.tls_cert,
         "certificate to show to zookeeper; needs --topo_zk_tls_key"},
        {"topo_zk_tls_key", &into.tls_key, "key of --topo_zk_tls_cert"},
    });
}

}  // namespace sluice::servenv
