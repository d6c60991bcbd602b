// A reparent: what is known of the shard, and single steps. Before: planned.cc, emergency.cc.
// After: detail/ask.h.
#include "vtctl/detail/shard_state.h"

#include <algorithm>

namespace sluice::vtctl::detail {

const topodata::Tablet* ShardState::find(const topodata::TabletAlias& alias) const {
    const auto found = std::ranges::find_if(
        tablets, [&](const topodata::Tablet& one) { return same(one.alias(), alias); });
    return found == tablets.end() ? nullptr : &*found;
}

std::vector<const topodata::Tablet*> ShardState::all() const {
    std::vector<const topodata::Tablet*> pointers;
    for (const auto& tablet : tablets) pointers.push_back(&tablet);
    return pointers;
}

Task<Result<ShardState>> read_shard_state(Control* control, std::string keyspace, std::string shard,
                                          std::optional<topodata::TabletAlias> expected,
                                          Events* events, Stop* stop) {
    ShardState state;
    state.record = CO_TRY(co_await read_shard(control, keyspace, shard, stop));
    if (expected && !same(*expected, state.record.primary_alias()))
        co_return fail(Code::failed_precondition,
                       "primary " + alias_text(state.record.primary_alias()) +
                           " is not equal to expected alias " + alias_text(*expected));
    state.durability = CO_TRY(co_await durability_of(control, keyspace, stop));
    auto tablets = co_await tablets_of_shard(control, keyspace, shard, stop);
    if (!tablets)
        co_return wrap(tablets.error(),
                       "failed to get tablet map for " + shard_text(keyspace, shard));
    state.tablets = std::move(*tablets);
    events->say("shard " + shard_text(keyspace, shard) + " has " +
                std::to_string(state.tablets.size()) + " tablets");
    state.keyspace = std::move(keyspace);
    state.shard = std::move(shard);
    co_return state;
}

void sort_candidates(std::vector<Candidate>* candidates, const Durability& durability) {
    // Positions are only partly ordered: insertion keeps to what they say of each pair, where a
    // general sort would rely on an order that there is not.
    const auto is_better = [&](const Candidate& left, const Candidate& right) {
        const bool has_right = left.position.contains(right.position);
        const bool has_left = right.position.contains(left.position);
        if (has_right != has_left) return has_right;
        const Promotion one = durability.promotion(*left.tablet);
        const Promotion other = durability.promotion(*right.tablet);
        if (one != other) return one < other;
        return left.warmth > right.warmth;
    };
    for (std::size_t i = 1; i < candidates->size(); ++i) {
        for (std::size_t at = i; at > 0 && is_better((*candidates)[at], (*candidates)[at - 1]);
             --at)
            std::swap((*candidates)[at], (*candidates)[at - 1]);
    }
}

const topodata::Tablet* current_primary(const ShardState& state, Events* events) {
    const topodata::Tablet* found = nullptr;
    const topodata::Tablet* tied = nullptr;
    for (const auto& tablet : state.tablets) {
        if (tablet.type() != topodata::PRIMARY) continue;
        if (found == nullptr || term_of(tablet) > term_of(*found)) {
            found = &tablet;
            tied = nullptr;
        } else if (term_of(tablet) == term_of(*found)) {
            tied = &tablet;
        }
    }
    if (tied == nullptr) return found;
    events->warn("Multiple primaries (" + alias_text(found->alias()) + " and " +
                 alias_text(tied->alias()) +
                 ") are tied for PrimaryTermStartTime; can't determine the true primary.");
    return nullptr;
}

Task<Result<std::string>> primary_position(Control* control, const topodata::Tablet* tablet,
                                           Stop* stop) {
    const auto answer = CO_TRY(co_await ask<tablet_message::PrimaryPositionResponse>(
        control, tablet, tablet_message::PrimaryPositionRequest(), Duration::zero(), stop));
    co_return answer.position();
}

Task<Result<void>> wait_for_position(Control* control, const topodata::Tablet* tablet,
                                     std::string position, Duration timeout, Stop* stop) {
    tablet_message::WaitForPositionRequest request;
    request.set_position(std::move(position));
    CO_TRY(co_await ask<tablet_message::WaitForPositionResponse>(
        control, tablet, std::move(request), timeout, stop));
    co_return Result<void>{};
}

Task<Result<void>> set_source(Control* control, const ShardState* state,
                              const topodata::Tablet* replica, const topodata::Tablet* primary,
                              SourceOptions options, Duration timeout, Stop* stop) {
    tablet_message::SetReplicationSourceRequest request;
    *request.mutable_parent() = primary->alias();
    request.set_time_created_ns(options.journal_time);
    request.set_force_start_replication(options.force_start);
    request.set_wait_position(std::move(options.wait_position));
    request.set_semisync(state->durability.acknowledges(*primary, *replica));
    CO_TRY(co_await ask<tablet_message::SetReplicationSourceResponse>(
        control, replica, std::move(request), timeout, stop));
    co_return Result<void>{};
}

Task<Result<std::string>> promote(Control* control, const ShardState* state,
                                  const topodata::Tablet* tablet, Duration timeout, Stop* stop) {
    tablet_message::PromoteReplicaRequest request;
    request.set_semisync(state->durability.ackers() > 0);
    const auto answer = CO_TRY(co_await ask<tablet_message::PromoteReplicaResponse>(
        control, tablet, std::move(request), timeout, stop));
    co_return answer.position();
}

Task<Result<std::string>> init_primary(Control* control, const ShardState* state,
                                       const topodata::Tablet* tablet, Duration timeout,
                                       Stop* stop) {
    tablet_message::InitPrimaryRequest request;
    request.set_semisync(state->durability.ackers() > 0);
    const auto answer = CO_TRY(co_await ask<tablet_message::InitPrimaryResponse>(
        control, tablet, std::move(request), timeout, stop));
    co_return answer.position();
}

Task<Result<std::string>> demote(Control* control, const topodata::Tablet* tablet, Stop* stop) {
    const auto answer = CO_TRY(co_await ask<tablet_message::DemotePrimaryResponse>(
        control, tablet, tablet_message::DemotePrimaryRequest(), Duration::zero(), stop));
    co_return answer.primary_status().position();
}

Task<Result<void>> write_journal(Control* control, const topodata::Tablet* primary,
                                 std::int64_t time, std::string action, std::string position,
                                 Duration timeout, Stop* stop) {
    tablet_message::PopulateReparentJournalRequest request;
    request.set_time_created_ns(time);
    request.set_action_name(std::move(action));
    *request.mutable_primary_alias() = primary->alias();
    request.set_replication_position(std::move(position));
    CO_TRY(co_await ask<tablet_message::PopulateReparentJournalResponse>(
        control, primary, std::move(request), timeout, stop));
    co_return Result<void>{};
}

// Tablets send MySQL's number in no other way; 100 is Vitess's own.
bool is_not_a_replica(const Error& error) {
    return error.text.contains("(errno 100)");
}

std::int64_t nanoseconds_of(const topo::Time& time) {
    return time.seconds * 1'000'000'000 + time.nanoseconds;
}

Task<Result<void>> check_lock(topo::Lock* lock, Stop* stop) {
    auto held = co_await lock->check(stop);
    if (!held) co_return wrap(held.error(), "lost topology lock, aborting");
    co_return Result<void>{};
}

}  // namespace sluice::vtctl::detail
