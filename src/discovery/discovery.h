#pragma once
// Discovery: follows the topology on one owner loop and gives every core new snapshots. It reads
// SrvKeyspaces, shard and tablet records and the SrvVSchema at start, watches what can be watched,
// reads the rest again at an interval, asks tablets whether they answer, and asks one shard of each
// keyspace for its tables (schema tracking). Source of the rules: vtgate-contract 2.2, 6.3, 7.1.
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "async/loop.h"
#include "async/scope.h"
#include "discovery/core.h"
#include "topo/topology.h"

namespace sluice::discovery {

struct DiscoveryOptions {
    std::string cell;
    std::vector<std::string> cells_to_watch;       // empty: the cell
    std::vector<std::string> keyspaces_to_watch;   // empty: all
    std::vector<TabletType> tablet_types_to_wait;  // empty: wait for none
    std::chrono::milliseconds tablet_refresh_interval{60'000};
    std::chrono::milliseconds initial_tablet_timeout{30'000};
    // Tablets are asked whether they answer this often; zero: only at start.
    std::chrono::milliseconds probe_interval{5'000};
    // A tablet that does not answer a probe within this time is not healthy.
    std::chrono::milliseconds probe_timeout{2'000};
    bool track_schema = true;
    std::chrono::milliseconds schema_refresh_interval{60'000};  // zero: only when asked
    std::chrono::milliseconds schema_timeout{5'000};            // per keyspace
    vindex::Creation vindexes;
    bool foreign_keys_disallowed = false;
};

class Discovery {
 public:
    // One Core per loop; loops[0] is the owner. `factory` is copied to every core.
    Discovery(std::shared_ptr<topo::Topology> topology, DiscoveryOptions options,
              std::vector<async::Loop*> loops, TabletFactory factory);
    Discovery(const Discovery&) = delete;
    Discovery& operator=(const Discovery&) = delete;
    ~Discovery();

    Core& core(std::size_t loop_index);

    // On the owner loop. Reads everything once (an error of the topology is fatal, contract 2.2),
    // waits for tablets (a time-out is only logged), tracks the schema, gives every core its
    // snapshots, then goes on in the background until close().
    Task<Result<void>> start(Stop* stop);
    // After start(): what the database servers call their version ("9.7.4"), by the tablet that
    // answered first; empty if none has answered.
    const std::string& server_version() const;
    // On the owner loop, also after a start() that failed: ends what runs and drops every core's
    // tablets, when their users have let go. All loops still run.
    Task<void> close();

    // The next three may be called from every loop. They return when every core has what was read:
    // no statement that starts afterwards uses an older plan. The result is the schema's epoch.
    //
    // After ALTER VSCHEMA has stored its change.
    Task<Result<std::uint64_t>> refresh_vschema();
    // After DDL through this gate: reads the keyspace's tables again.
    Task<Result<std::uint64_t>> refresh_tables(std::string keyspace);
    // Reads keyspaces, shards and tablets again, e.g. when a primary has gone.
    Task<Result<std::uint64_t>> refresh_cluster();

    struct State;

 private:
    std::unique_ptr<State> state_;
};

}  // namespace sluice::discovery
