#pragma once
// The keyspace event watcher (vtgate-contract 7.5): from primaries' health, the SrvKeyspace and the
// progress of MoveTables it tells when a keyspace is whole again after a failover or a resharding.
// Pure: what is seen goes in, events come out.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "topo/records.h"

namespace sluice::discovery {

enum class MoveTables : std::uint8_t { none, switching, switched };

// How far a MoveTables out of this keyspace is, by its shards' denied tables and the rules.
MoveTables move_tables_state(std::string_view keyspace,
                             const std::map<std::string, topo::Shard>& shards,
                             const vschema::SrvVSchema& rules);

struct ShardEvent {
    std::string shard;
    std::optional<topo::TabletAlias> primary;
    bool serving = false;  // false: the shard is gone
};

// A keyspace is consistent: every shard that it shall have has a serving primary, and no other.
struct KeyspaceEvent {
    std::string keyspace;
    std::vector<ShardEvent> shards;
    bool tables_moved = false;  // a MoveTables has switched its traffic
};

class KeyspaceWatch {
 public:
    explicit KeyspaceWatch(std::string keyspace) : keyspace_(std::move(keyspace)) {}

    // Of a tablet that says it is a primary.
    std::optional<KeyspaceEvent> on_primary(const std::string& shard,
                                            const topo::TabletAlias& alias, bool serving,
                                            std::int64_t term);
    std::optional<KeyspaceEvent> on_record(const topo::SrvKeyspace& record);
    std::optional<KeyspaceEvent> on_move_tables(MoveTables state);

    // Requests begin to wait for the shard. `reparent`: until a primary of a later term serves,
    // unless the present one says that it does not. False if the shard is not known.
    bool mark_not_serving(const std::string& shard, bool reparent);

    bool consistent() const { return consistent_; }
    bool being_resharded(const std::string& shard) const;
    // Its primary does not serve, and another is expected.
    bool failing_over(const std::string& shard) const;
    // A primary of it was seen.
    bool has_primary(const std::string& shard) const;

 private:
    struct ShardState {
        bool serving = false;
        bool wait_for_reparent = false;
        std::int64_t term = 0;
        std::optional<topo::TabletAlias> primary;
    };
    std::optional<KeyspaceEvent> check();
    bool moving() const { return move_tables_ != MoveTables::none && !told_; }

    std::string keyspace_;
    bool consistent_ = false;
    std::optional<topo::KeyspacePartition> partition_;  // of primaries
    std::map<std::string, ShardState> shards_;
    MoveTables move_tables_ = MoveTables::none;
    bool told_ = false;  // an event has said so
};

}  // namespace sluice::discovery
