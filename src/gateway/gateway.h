#pragma once
// Gateway: one call to one shard. It chooses a tablet, refuses what the shard's records refuse,
// calls, and tries another tablet where that is safe (vtgate-contract 13.6, 4.3). One per core.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "buffering/buffer.h"
#include "discovery/core.h"
#include "gateway/call_counters.h"
#include "gateway/target.h"
#include "tablet/tablet.h"

namespace sluice::gateway {

using async::Stop;
using async::Task;
using discovery::TabletPointer;
using tablet::Call;
using tablet::Outcome;
using tablet::ResultEnd;
using tablet::RowSink;

// One statement for one shard. What the call's views point to outlives the run.
struct ShardRequest {
    ShardTarget target;
    Call call;
    // The tables that the statement uses, "keyspace.table" or "table"; for shards with denied
    // tables.
    std::span<const std::string> tables;
};

struct Answer {
    Outcome outcome;
    // Who answered last; null if nobody was called. A held connection belongs to it.
    TabletPointer tablet;
    const discovery::TabletEntry* entry = nullptr;  // of the statement's snapshot, or of `newer`
    discovery::ClusterPointer newer;                // null unless the tablet was chosen from it
};

// Runs a request: straight through the Gateway, or inside a session's transaction
// (transaction/shard_sessions.h).
class ShardRunner {
 public:
    ShardRunner() = default;
    ShardRunner(const ShardRunner&) = delete;
    ShardRunner& operator=(const ShardRunner&) = delete;
    virtual ~ShardRunner() = default;

    // `request` and `sink` outlive the task.
    virtual Task<Outcome> run(const ShardRequest* request, RowSink* sink) = 0;
    // True if the connections are the session's own: results are then read to their end, and calls
    // are not stopped because another shard has failed.
    virtual bool holds_connections() const { return false; }
};

struct GatewayOptions {
    int retry_count = 2;                    // --retry-count: so many tablets more
    std::vector<TabletType> allowed_types;  // --allowed_tablet_types; empty: all
    buffering::Buffer* buffer = nullptr;    // null: nothing is held; outlives the gateway
    // Tablets are vttablets, which refuse by themselves what their shard's records refuse.
    bool tablets = false;
};

class Gateway : public ShardRunner {
 public:
    Gateway(discovery::Core* core, GatewayOptions options)
        : core_(core), options_(std::move(options)) {}

    discovery::Core& core() { return *core_; }

    // What the shard's records refuse: unknown shards, query service disabled, denied tables.
    // call() asks too; who calls a held connection itself asks first.
    Result<void> admit(const ShardRequest& request) const { return admit(request.target, request); }
    // With call.hold, or on a held connection, nothing is tried twice.
    Task<Answer> call(const ShardRequest* request, RowSink* sink);
    Task<Outcome> run(const ShardRequest* request, RowSink* sink) override;
    // COM_STMT_PREPARE on one tablet of the shard; the columns go to the sink.
    Task<Answer> prepare(const ShardRequest* request, RowSink* sink);

    // What the loop's calls amount to; who calls a held connection itself adds its own.
    CallCounters& counters() { return counters_; }
    const CallCounters& counters() const { return counters_; }

    // A number that goes up by one each time: spreads AnyShard, replicas and the like.
    std::uint64_t turn() { return turn_++; }

 private:
    enum class What : std::uint8_t { execute, prepare };
    struct Attempts;
    Task<Answer> try_tablets(const ShardRequest* request, RowSink* sink, What what);
    const discovery::KnownTablet* pick(const ShardRequest& request, Attempts* attempts);
    tablet::HeldId settle(const ShardRequest& request, const discovery::KnownTablet& known,
                          Attempts* attempts);
    Task<bool> hold(const ShardRequest* request, Attempts* attempts);
    Task<void> look_again(const ShardRequest* request, Attempts* attempts);
    Result<void> admit(const ShardTarget& target, const ShardRequest& request) const;
    Result<void> check_type(TabletType type) const;
    const discovery::KnownTablet* choose(const ShardTarget& target,
                                         std::span<const discovery::KnownTablet* const> tried);
    const discovery::KnownTablet* choose_by_share(std::span<const discovery::KnownTablet> tablets);

    discovery::Core* core_;
    GatewayOptions options_;
    std::uint64_t turn_ = 0;
    CallCounters counters_;
};

}  // namespace sluice::gateway
