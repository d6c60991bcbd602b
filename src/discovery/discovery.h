#pragma once
// Discovery: follows the topology and the tablets' health on one owner loop and gives every core
// new snapshots. It reads SrvKeyspaces, shard and tablet records and the SrvVSchema at start,
// watches what can be watched, reads the rest again at an interval, follows each tablet's health by
// one stream, and knows each keyspace's tables (schema tracking). Source of the rules:
// vtgate-contract 2.2, 6.3, 7.
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "async/loop.h"
#include "async/scope.h"
#include "discovery/core.h"
#include "discovery/health.h"
#include "discovery/lag.h"
#include "discovery/tablet_filter.h"
#include "topo/topology.h"

namespace sluice::discovery {

struct DiscoveryOptions {
    std::string cell;
    std::vector<std::string> cells_to_watch;       // empty: the cell
    TabletFilter filter;                           // keyspaces_to_watch too
    std::vector<TabletType> tablet_types_to_wait;  // empty: wait for none
    // Start also waits until every keyspace is consistent: requests will be buffered.
    bool wait_for_consistency = false;
    std::chrono::milliseconds tablet_refresh_interval{60'000};
    bool refresh_known_tablets = true;  // follow changed addresses
    std::chrono::milliseconds initial_tablet_timeout{30'000};

    // Health streams.
    std::chrono::milliseconds healthcheck_timeout{60'000};  // of silence
    std::chrono::milliseconds retry_delay{2};               // doubles, up to `longest_retry_delay`
    std::chrono::milliseconds longest_retry_delay{60'000};
    LagRules lag;
    BalancerOptions balancer;
    // Tablets name their roles themselves, and one that is not healthy is never called. False: the
    // records decide, which are read often while a primary is missing (a straight gate).
    bool tablets_decide = false;
    std::chrono::milliseconds hurried_refresh{250};

    bool track_schema = true;
    bool track_views = false;
    bool track_udfs = false;
    std::chrono::milliseconds schema_refresh_interval{60'000};  // zero: only when asked or told
    std::chrono::milliseconds schema_timeout{5'000};            // per keyspace
    vindex::Creation vindexes;
    bool foreign_keys_disallowed = false;
};

class Discovery {
 public:
    // One Core per loop; loops[0] is the owner. `factory` is copied to every core; `health` makes
    // the sources of health. Without one, the tablets that `factory` makes are asked (ask_server).
    Discovery(std::shared_ptr<topo::Topology> topology, DiscoveryOptions options,
              std::vector<async::Loop*> loops, TabletFactory factory, HealthFactory health = {});
    Discovery(const Discovery&) = delete;
    Discovery& operator=(const Discovery&) = delete;
    ~Discovery();

    Core& core(std::size_t loop_index);

    // On the owner loop. Reads everything once (an error of the topology is fatal, contract 2.2),
    // waits for tablets (a time-out is only logged), tracks the schema, gives every core its
    // snapshots, then goes on in the background until close().
    Task<Result<void>> start(Stop* stop);
    // After start(): what the database servers call their version ("9.7.4"), by the server that
    // answered first; empty if none has answered, or tablets were asked.
    const std::string& server_version() const;
    // On the owner loop, also after a start() that failed: ends what runs and drops every core's
    // tablets, when their users have let go. All loops still run.
    Task<void> close();

    // The next ones may be called from every loop. They return when every core has what was read:
    // no statement that starts afterwards uses an older plan. The result is the schema's epoch.
    //
    // After ALTER VSCHEMA has stored its change.
    Task<Result<std::uint64_t>> refresh_vschema();
    // After DDL through this gate: reads the keyspace's tables again.
    Task<Result<std::uint64_t>> refresh_tables(std::string keyspace);
    // Reads keyspaces, shards and tablets again, e.g. when a primary has gone.
    Task<Result<std::uint64_t>> refresh_cluster();

    // From every loop: a copy of what is known of every followed tablet, sorted as v21 lists them:
    // by cell, keyspace, shard, type, alias.
    Task<std::vector<TabletHealth>> health();

    // From every loop: asks the keyspace's primaries (of one shard, if named) for the distributed
    // transaction of this id, or (empty) for all that have been unfinished for too long. An error
    // if one of them does not answer.
    Task<Result<std::vector<tablet::DistributedTransaction>>> transactions(std::string keyspace,
                                                                           std::string shard,
                                                                           std::string id);

    // On the owner loop, from here on.
    //
    // Unfinished distributed transactions, by {keyspace, shard}, as primaries have told of them
    // (vtgate-contract 13.4). A gate that resolves them does so; this one only knows.
    using Unresolved = std::map<Labels, std::vector<tablet::DistributedTransaction>>;
    const Unresolved& unresolved() const;
    // The list of health(), at once.
    std::vector<TabletHealth> health_now() const;
    const HealthCounters& counters();
    // The rules can be changed while the gate runs (contract 1.0.2).
    void set_lag_rules(LagRules rules);

    // Buffering: told of each keyspace that has become consistent, after every core has the
    // snapshot that shows it. Set before start().
    void on_keyspace_event(std::function<void(const KeyspaceEvent&)> listener);
    // Requests begin to wait for a shard's primary (KeyspaceWatch::mark_not_serving).
    bool mark_not_serving(const std::string& keyspace, const std::string& shard, bool reparent);

    struct State;

 private:
    std::unique_ptr<State> state_;
};

}  // namespace sluice::discovery
