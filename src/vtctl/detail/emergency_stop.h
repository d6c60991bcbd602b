#pragma once
// The first half of an emergency reparent: nobody gets transactions any more, and who has which.
#include <map>
#include <string>

#include "vtctl/detail/reparent.h"
#include "vtctl/detail/shard_state.h"

namespace sluice::vtctl::detail {

// What the tablets said when they were stopped; by alias.
struct Stopped {
    std::map<std::string, replicationdata::StopReplicationStatus> replicas;
    std::map<std::string, std::string> demoted;  // positions of those that were no replicas
    std::vector<const topodata::Tablet*> reached;
};
// Returns as soon as all but one have answered (all, if the options say so) and who was asked for.
// Fails unless it is certain that no tablet that was not reached can still take writes.
Task<Result<Stopped>> stop_replication(Control* control, const ShardState* state,
                                       const EmergencyOptions* options, Events* events, Stop* stop);

// How many reparents a replica knows of; by alias. Who does not tell is left out.
using JournalLengths = std::map<std::string, std::int64_t>;

// Who may become the primary by what it has: replicas with transactions that no other one has, and
// that their source did not give them, are left out, and so are those that are busy with something
// else. Of journals of unequal length the longest tell whose history is the newest.
Result<std::vector<Candidate>> valid_candidates(const ShardState& state, const Stopped& stopped,
                                                const JournalLengths& journals, Events* events);

// They have applied what they had received.
Task<Result<void>> wait_for_relay_logs(Control* control, const std::vector<Candidate>* candidates,
                                       const Stopped* stopped, Duration timeout, Stop* stop);

}  // namespace sluice::vtctl::detail
