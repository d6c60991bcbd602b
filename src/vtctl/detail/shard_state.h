#pragma once
// What a reparent knows of a shard, and the calls that both kinds of it make.
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "replication/position.h"
#include "replicationdata.pb.h"
#include "vtctl/detail/ask.h"
#include "vtctl/detail/durability.h"
#include "vtctl/detail/events.h"

namespace sluice::vtctl::detail {

struct ShardState {
    std::string keyspace;
    std::string shard;
    topodata::Shard record;
    std::vector<topodata::Tablet> tablets;  // in the order of their aliases
    Durability durability = *Durability::named("none");

    const topodata::Tablet* find(const topodata::TabletAlias& alias) const;
    std::vector<const topodata::Tablet*> all() const;
};
// Reads it. `expected` (if set) must be the shard's primary: FAILED_PRECONDITION.
Task<Result<ShardState>> read_shard_state(Control* control, std::string keyspace, std::string shard,
                                          std::optional<topodata::TabletAlias> expected,
                                          Events* events, Stop* stop);

// A tablet and how far its server has come.
struct Candidate {
    const topodata::Tablet* tablet = nullptr;
    replication::Position position;
    std::int64_t warmth = 0;  // pages of data in its buffer pool
};
// The best one comes first: who has all that another has, then who may rather be promoted, then the
// warmer one. Equal ones stay in the order of their aliases.
void sort_candidates(std::vector<Candidate>* candidates, const Durability& durability);

// Who the tablets' records say is the primary now, by the latest term; null if none does, or two
// with one term do.
const topodata::Tablet* current_primary(const ShardState& state, Events* events);

// Calls to tablets, by their method's names. Tablets outlive the tasks.
Task<Result<std::string>> primary_position(Control* control, const topodata::Tablet* tablet,
                                           Stop* stop);
Task<Result<void>> wait_for_position(Control* control, const topodata::Tablet* tablet,
                                     std::string position, Duration timeout, Stop* stop);
struct SourceOptions {
    std::int64_t journal_time = 0;  // the replica waits for the journal's row of this time
    std::string wait_position;      // or until it has come so far
    bool force_start = false;       // replication starts even if it was stopped
};
Task<Result<void>> set_source(Control* control, const ShardState* state,
                              const topodata::Tablet* replica, const topodata::Tablet* primary,
                              SourceOptions options, Duration timeout, Stop* stop);
// The position is that of the new primary.
Task<Result<std::string>> promote(Control* control, const ShardState* state,
                                  const topodata::Tablet* tablet, Duration timeout, Stop* stop);
Task<Result<std::string>> init_primary(Control* control, const ShardState* state,
                                       const topodata::Tablet* tablet, Duration timeout,
                                       Stop* stop);
Task<Result<std::string>> demote(Control* control, const topodata::Tablet* tablet, Stop* stop);
Task<Result<void>> write_journal(Control* control, const topodata::Tablet* primary,
                                 std::int64_t time, std::string action, std::string position,
                                 Duration timeout, Stop* stop);

// The server is no replica at all: the only fact that a tablet's error tells by its text.
bool is_not_a_replica(const Error& error);
// Nanoseconds since the epoch.
std::int64_t nanoseconds_of(const topo::Time& time);
// The lock is still ours; else no further step may be taken.
Task<Result<void>> check_lock(topo::Lock* lock, Stop* stop);

}  // namespace sluice::vtctl::detail
