#pragma once
// A tablet's life in the topology: its record, the records of its shard and keyspace, what type it
// is, and who is the shard's primary (vttablet-contract 3.8). On the main loop.
#include <functional>
#include <map>
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
    // The shard names another primary of a later term: the tablet shall be none any more. Empty: it
    // only takes another type.
    std::function<Task<void>(TabletAlias)> step_down{};
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
    // The tablet is the primary from now on, in a new term: its record says so first, then
    // `make_writable` runs (if it is not empty), then it serves. The shard's record follows, if
    // need be later.
    Task<Result<void>> become_primary(std::function<Task<Result<void>>(Stop*)> make_writable,
                                      Stop* stop);
    // A primary that is about to be none: it does not serve until `demoted` is false again or it
    // has become something else. Ends when that is so.
    Task<Result<void>> set_demoted(bool demoted, Stop* stop);
    bool demoted() const { return demoted_; }
    // Another set of labels in the tablet's record.
    Task<Result<void>> change_tags(std::map<std::string, std::string> tags, Stop* stop);
    // The server's port, which is only known when it answers.
    Task<Result<void>> publish_mysql_port(std::int32_t port, Stop* stop);
    // Reads the shard's record again.
    Task<Result<void>> refresh(Stop* stop);
    // Takes the addresses out of the record.
    Task<void> stop();

    const topo::Tablet& record() const { return options_.record; }
    // What it is while it is not the primary.
    TabletType base_type() const { return base_type_; }
    // Before start().
    void on_step_down(std::function<Task<void>(TabletAlias)> step_down) {
        options_.step_down = std::move(step_down);
    }
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
    Task<void> claim_until_done();
    Task<bool> is_disabled(Stop* stop);
    void take_type(TabletType type, std::optional<topo::Time> term);
    void want();

    LifecycleOptions options_;
    TabletType base_type_;
    std::shared_ptr<topo::Topology> topology_;
    Server* server_;
    bool disabled_ = false;
    bool demoted_ = false;
    bool claiming_ = false;
    std::string disabled_why_;
    std::vector<std::string> denied_tables_;
    Stop ending_;
    async::Scope scope_;
};

}  // namespace sluice::tabletserver
