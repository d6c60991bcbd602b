#pragma once
// A tablet's life in the topology: its record, the records of its shard and keyspace, what type it
// is, and who is the shard's primary (vttablet-contract 3.8). On the main loop.
#include <functional>
#include <memory>
#include <string>

#include "async/scope.h"
#include "tabletserver/server.h"
#include "topo/topology.h"

namespace sluice::tabletserver {

struct LifecycleOptions {
    topo::Tablet record;  // as the flags describe the tablet; its type is the one when not primary
    milliseconds init_timeout{std::chrono::minutes(1)};
    milliseconds retry_pause{std::chrono::seconds(30)};
    std::function<void()> end_process;  // somebody has deleted the tablet's record
};

// "REPLICA" and so on; errors in v21's words.
Result<TabletType> initial_type(std::string_view name);

class Lifecycle {
 public:
    Lifecycle(LifecycleOptions options, std::shared_ptr<topo::Topology> topology, Server* server);
    Lifecycle(const Lifecycle&) = delete;
    Lifecycle& operator=(const Lifecycle&) = delete;

    // Makes what records are missing, decides what the tablet is, publishes it, and follows the
    // shard's record from then on.
    Task<Result<void>> start(Stop* stop);
    // The tablet becomes another type; a primary's term begins now.
    Task<Result<void>> change_type(TabletType type, Stop* stop);
    // Reads the shard's record again.
    Task<Result<void>> refresh(Stop* stop);
    // Takes the addresses out of the record.
    Task<void> stop();

    const topo::Tablet& record() const { return options_.record; }
    topo::Topology* topology() { return topology_.get(); }

 private:
    Task<Result<topo::Shard>> ensure_shard(Stop* stop);
    Task<Result<void>> create_shard(Stop* stop);
    Task<Result<void>> decide_type(const topo::Shard* shard, Stop* stop);
    Task<Result<void>> publish(bool first, Stop* stop);
    Task<Result<void>> join_replication(Stop* stop);
    Task<void> ensure_serving_records();
    Task<void> follow_shard();
    Task<void> follow_once();
    Task<void> heed(topo::Shard shard);
    Task<Result<void>> claim_shard(Stop* stop);
    Task<bool> is_disabled(Stop* stop);
    void take_type(TabletType type, std::optional<topo::Time> term);
    void want();

    LifecycleOptions options_;
    TabletType base_type_;
    std::shared_ptr<topo::Topology> topology_;
    Server* server_;
    bool disabled_ = false;
    std::string disabled_why_;
    std::vector<std::string> denied_tables_;
    Stop ending_;
    async::Scope scope_;
};

}  // namespace sluice::tabletserver
