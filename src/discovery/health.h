#pragma once
// The health check's view of one tablet, and what the room counts. Source: vtgate-contract 7.1 to
// 7.3, 11.2.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tablet/health_stream.h"
#include "topo/records.h"

namespace sluice::discovery {

using tablet::HealthStats;
using tablet::HealthTarget;

// One line of /debug/gateway, /api/health-check and SHOW VITESS_TABLETS.
struct TabletHealth {
    topo::Tablet tablet;  // its record
    HealthTarget target;  // as it reports it; its record's before the first report
    bool serving = false;
    // Serves, and may be called: it is its shard's newest primary, or a replica that does not lag
    // too much and stands in a cell of ours.
    bool healthy = false;
    std::int64_t primary_term_start = 0;  // seconds since 1970
    HealthStats stats;
    std::string last_error;  // empty: none
};

// Makes the source of a tablet's health, on the owner loop.
using HealthFactory =
    std::function<std::unique_ptr<tablet::HealthSource>(const topo::Tablet& record)>;

using Labels = std::vector<std::string>;
using LabelledCounts = std::map<Labels, std::uint64_t>;

// Written and read on the owner loop.
struct HealthCounters {
    LabelledCounts errors;            // HealthcheckErrors {keyspace, shard_name, tablet_type}
    LabelledCounts primary_promoted;  // HealthcheckPrimaryPromoted {keyspace, shard_name}
    LabelledCounts connections;       // HealthcheckConnections {keyspace, shard_name, tablet_type}
    std::uint32_t checksum = 0;       // HealthcheckChecksum
    LabelledCounts topology;          // TopologyWatcherOperations {operation}
    LabelledCounts topology_errors;   // TopologyWatcherErrors {operation}
    std::uint32_t topology_checksum = 0;       // TopologyWatcherChecksum
    std::chrono::nanoseconds topology_age{0};  // TopologyWatcherMaxRefreshLag
};

}  // namespace sluice::discovery
