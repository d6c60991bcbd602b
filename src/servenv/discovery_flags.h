#pragma once
// Flags of discovery, the choice of tablets and buffering (vtgate-contract 1.1). "none" behind a
// field: accepted, without effect (inert_flags.cc).
#include <string>
#include <vector>

#include "servenv/process_flags.h"

namespace sluice::servenv {

struct DiscoveryFlags {
    std::string cell;                               // topo/topology.cc
    std::string cells_to_watch;                     // topo/topology.cc
    std::vector<std::string> tablet_types_to_wait;  // discovery/discovery.cc
    std::string tablet_protocol = "grpc";           // apps/vtgate/settings.cc
    Duration gateway_initial_tablet_timeout = 30s;  // discovery/discovery.cc
    Duration tablet_refresh_interval = 1min;        // discovery/discovery.cc
    bool tablet_refresh_known_tablets = true;       // discovery/follow.cc
    std::vector<std::string> keyspaces_to_watch;    // discovery/discovery.cc
    std::vector<std::string> tablet_filters;        // discovery/tablet_filter.cc
    std::string tablet_filter_tags;                 // discovery/tablet_filter.cc
    std::vector<std::string> allowed_tablet_types;  // gateway/gateway.cc
    std::string default_tablet_type = "PRIMARY";    // executor/session.cc
    Duration healthcheck_retry_delay = 2ms;         // discovery/follow_health.cc
    Duration healthcheck_timeout = 1min;            // discovery/follow_health.cc
    // The next four come from the configuration file too (config.cc).
    Duration low_replication_lag = 30s;                                 // discovery/lag.cc
    Duration high_replication_lag_minimum_serving = 2h;                 // discovery/lag.cc
    std::int64_t min_number_serving_vttablets = 2;                      // discovery/lag.cc
    bool legacy_replication_lag_algorithm = true;                       // discovery/lag.cc
    std::string tablet_url_template = "http://{{.GetTabletHostPort}}";  // none
    bool enable_balancer = false;                                       // discovery/balancer.cc
    std::vector<std::string> balancer_vtgate_cells;                     // discovery/balancer.cc
    std::vector<std::string> balancer_keyspaces;                        // discovery/balancer.cc
    Duration srv_topo_cache_ttl = 1s;                                   // none
    Duration srv_topo_cache_refresh = 1s;                               // none
    Duration srv_topo_timeout = 5s;                                     // none
};

// buffering/options.h
struct BufferFlags {
    bool enable = false;
    bool enable_dry_run = false;
    std::int64_t size = 1000;
    Duration window = 10s;
    Duration max_failover_duration = 20s;
    Duration min_time_between_failovers = 1min;
    std::int64_t drain_concurrency = 1;
    std::string keyspace_shards;
    std::int64_t memory = std::int64_t{64} << 20;  // of the held statements, bytes
};

void add_flags(FlagSet& flags, DiscoveryFlags& into);
void add_flags(FlagSet& flags, BufferFlags& into);

}  // namespace sluice::servenv
