// An emergency reparent: the primary need not answer. Before: reparents.cc. After:
// detail/emergency_stop.cc, detail/shard_state.cc.
#include <algorithm>

#include "vtctl/detail/emergency_stop.h"

namespace sluice::vtctl::detail {
namespace {

using topodata::Tablet;

// Once replication is stopped a caller that goes away stops nothing more: replicas would be left
// without a source. Each step has its own time limit.
constexpr Stop* to_its_end = nullptr;

struct Work {
    Control* control;
    const EmergencyOptions* options;
    std::string action;
    Events* events;
    topo::Lock* lock;
    ShardState state;
    Stopped stopped;
    std::vector<Candidate> candidates;
};

Task<void> read_journal(Control* control, const Tablet* tablet, std::int64_t* length, Stop* stop) {
    const auto answer = co_await ask<tablet_message::ReadReparentJournalInfoResponse>(
        control, tablet, tablet_message::ReadReparentJournalInfoRequest(), Duration::zero(), stop);
    *length = answer ? answer->length() : 0;
}

Task<JournalLengths> read_journals(Work* work, Stop* stop) {
    JournalLengths lengths;
    async::Scope scope;
    for (const Tablet* tablet : work->stopped.reached) {
        const std::string alias = alias_text(tablet->alias());
        if (work->stopped.replicas.contains(alias))
            scope.spawn("journal", read_journal(work->control, tablet, &lengths[alias], stop));
    }
    co_await scope.join();
    // One that cannot tell (0) would look older than all others, and none could be compared.
    const bool all_tell =
        std::ranges::all_of(lengths, [](const auto& one) { return one.second > 0; });
    if (!all_tell) lengths.clear();
    co_return lengths;
}

const Candidate* find(const std::vector<Candidate>& candidates,
                      const topodata::TabletAlias& alias) {
    const auto found = std::ranges::find_if(
        candidates, [&](const Candidate& one) { return same(one.tablet->alias(), alias); });
    return found == candidates.end() ? nullptr : &*found;
}

// Whose transactions include all others'; the requested one if it is as far.
Result<const Tablet*> most_advanced(Work* work) {
    sort_candidates(&work->candidates, work->state.durability);
    const Candidate& first = work->candidates.front();
    for (const Candidate& other : work->candidates) {
        if (!first.position.contains(other.position))
            return fail(Code::failed_precondition, "split brain detected between servers - " +
                                                       alias_text(first.tablet->alias()) + " and " +
                                                       alias_text(other.tablet->alias()));
    }
    if (!work->options->new_primary) return first.tablet;
    const Candidate* const requested = find(work->candidates, *work->options->new_primary);
    if (requested == nullptr)
        return fail(Code::failed_precondition, "requested primary elect " +
                                                   alias_text(*work->options->new_primary) +
                                                   " has errant GTIDs");
    return requested->position.contains(first.position) ? requested->tablet : first.tablet;
}

// Why the tablet may not become the primary; empty: it may.
std::string objection(const Work& work, const Tablet& tablet) {
    if (work.state.durability.promotion(tablet) == Promotion::must_not)
        return "has a must not promotion rule";
    const bool elsewhere = work.state.record.has_primary_alias() &&
                           work.state.record.primary_alias().cell() != tablet.alias().cell();
    if (work.options->prevent_cross_cell && elsewhere)
        return "is is a different cell as the previous primary";
    if (!work.state.durability.can_establish(tablet, work.stopped.reached))
        return "will not be able to make forward progress on being promoted";
    return "";
}

Result<std::vector<const Tablet*>> promotable(const Work& work) {
    std::vector<const Tablet*> found;
    for (const Candidate& candidate : work.candidates) {
        const Tablet& tablet = *candidate.tablet;
        const std::string why = objection(work, tablet);
        if (why.empty()) {
            found.push_back(&tablet);
            continue;
        }
        const auto& requested = work.options->new_primary;
        const std::string alias = alias_text(tablet.alias());
        if (requested && same(*requested, tablet.alias()))
            return fail(Code::aborted, "proposed primary " + alias + " " + why);
        work.events->say("removing " + alias + " from the candidates: it " + why);
    }
    return found;
}

// The one to promote in the end: the requested one, else the most advanced one if it may, else the
// next that may.
Result<const Tablet*> final_primary(const Work& work, const Tablet* advanced,
                                    const std::vector<const Tablet*>& possible) {
    if (possible.empty())
        return fail(Code::failed_precondition, "no valid candidates for emergency reparent");
    const auto& requested = work.options->new_primary;
    const auto is_possible = [&](const topodata::TabletAlias& alias) {
        return std::ranges::any_of(possible,
                                   [&](const Tablet* one) { return same(one->alias(), alias); });
    };
    if (requested) {
        if (is_possible(*requested)) return work.state.find(*requested);
        return fail(Code::aborted, "requested candidate " + alias_text(*requested) +
                                       " is not in valid candidates list");
    }
    return is_possible(advanced->alias()) ? advanced : possible.front();
}

bool was_running(const Work& work, const std::string& alias) {
    constexpr int running = 3;  // replicationdata: 3 is a thread that runs
    const auto found = work.stopped.replicas.find(alias);
    if (found == work.stopped.replicas.end()) return false;
    const replicationdata::Status& before = found->second.before();
    return before.io_state() == running || before.sql_state() == running;
}

struct Turned {
    std::size_t asked = 0;
    std::vector<const Tablet*> done;
    std::vector<std::string> failures;
};

Task<void> turn_one(Work* work, const Tablet* tablet, const Tablet* primary, Turned* turned,
                    Stop* stop) {
    const std::string alias = alias_text(tablet->alias());
    work->events->say("setting new primary on replica " + alias);
    const auto outcome = co_await set_source(work->control, &work->state, tablet, primary,
                                             {.force_start = was_running(*work, alias)},
                                             work->options->wait_replicas, stop);
    if (outcome) {
        turned->done.push_back(tablet);
    } else {
        turned->failures.push_back("tablet " + alias +
                                   " SetReplicationSource failed: " + outcome.error().text);
    }
}

// The most advanced one cannot be the primary: who can gets its transactions first.
Task<Result<void>> catch_up(Work* work, const Tablet* advanced, const Tablet* chosen, Stop* stop) {
    work->events->say("waiting for " + alias_text(chosen->alias()) + " to catch up to " +
                      alias_text(advanced->alias()));
    const auto turned =
        co_await set_source(work->control, &work->state, chosen, advanced, {.force_start = true},
                            work->options->wait_replicas, stop);
    if (!turned)
        co_return wrap(turned.error(),
                       "tablet " + alias_text(chosen->alias()) + " SetReplicationSource failed");
    const std::string position = CO_TRY(co_await primary_position(work->control, advanced, stop));
    co_return co_await wait_for_position(work->control, chosen, position,
                                         work->options->wait_replicas, stop);
}

Task<Result<void>> promote_one(Work* work, const Tablet* chosen, Stop* stop) {
    const std::string alias = alias_text(chosen->alias());
    Result<std::string> position;
    if (work->state.record.has_primary_alias()) {
        work->events->say("starting promotion for the new primary - " + alias);
        position = co_await promote(work->control, &work->state, chosen, Duration::zero(), stop);
    } else {
        work->events->say("setting up " + alias + " as new primary for an uninitialized cluster");
        position =
            co_await init_primary(work->control, &work->state, chosen, Duration::zero(), stop);
    }
    if (!position)
        co_return wrap(position.error(), "failed to promote " + alias +
                                             " to primary: primary-elect tablet " + alias +
                                             " failed to be upgraded to primary");
    work->events->say("populating reparent journal on new primary " + alias);
    const auto written =
        co_await write_journal(work->control, chosen, nanoseconds_of(work->control->now()),
                               work->action, *position, Duration::zero(), stop);
    if (!written)
        co_return wrap(written.error(), "failed to promote " + alias +
                                            " to primary: failed to PopulateReparentJournal on "
                                            "primary");
    co_return Result<void>{};
}

// Replicas turn while the new primary is promoted: with semi-sync its first write needs one of
// them.
Task<Result<void>> promote_and_turn(Work* work, const Tablet* chosen, Stop* stop) {
    Turned turned;
    async::LinkedStop replicas_stop(stop);
    async::Scope scope;
    for (const Tablet& tablet : work->state.tablets) {
        const bool is_left_alone =
            &tablet == chosen || work->options->ignored.contains(alias_text(tablet.alias()));
        if (is_left_alone) continue;
        ++turned.asked;
        scope.spawn("replica", turn_one(work, &tablet, chosen, &turned, replicas_stop.get()));
    }
    const auto promoted = co_await promote_one(work, chosen, stop);
    if (!promoted) replicas_stop.get()->request(make_error(Code::canceled, "context canceled"));
    co_await scope.join();
    if (!promoted) co_return promoted;
    std::string all;
    for (const std::string& failure : turned.failures) all += "\n" + failure;
    if (!all.empty()) work->events->warn("not all replicas follow the new primary:" + all);
    // With one other tablet that is the dead primary: it need not have turned.
    if (turned.done.empty() && turned.asked > 0 && work->state.tablets.size() > 2)
        co_return fail(Code::unknown, std::to_string(turned.asked) + " replica(s) failed:" + all);
    co_return Result<void>{};
}

Task<Result<topodata::TabletAlias>> reparent_locked(Work* work, Stop* stop) {
    const EmergencyOptions& options = *work->options;
    work->state = CO_TRY(co_await read_shard_state(work->control, options.keyspace, options.shard,
                                                   options.expected_primary, work->events, stop));
    if (options.new_primary && work->state.find(*options.new_primary) == nullptr)
        co_return fail(
            Code::failed_precondition,
            "primary-elect tablet " + alias_text(*options.new_primary) + " is not in the shard");
    work->stopped = CO_TRY(
        co_await stop_replication(work->control, &work->state, &options, work->events, stop));
    CO_TRY(co_await check_lock(work->lock, to_its_end));
    const JournalLengths journals = co_await read_journals(work, to_its_end);
    work->candidates = CO_TRY(valid_candidates(work->state, work->stopped, journals, work->events));
    CO_TRY(co_await wait_for_relay_logs(work->control, &work->candidates, &work->stopped,
                                        options.wait_replicas, to_its_end));
    const Tablet* const advanced = CO_TRY(most_advanced(work));
    work->events->say("intermediate source selected - " + alias_text(advanced->alias()));
    const auto possible = CO_TRY(promotable(*work));
    const Tablet* const chosen = CO_TRY(final_primary(*work, advanced, possible));
    CO_TRY(co_await check_lock(work->lock, to_its_end));
    if (chosen != advanced) {
        CO_TRY(co_await catch_up(work, advanced, chosen, to_its_end));
        CO_TRY(co_await check_lock(work->lock, to_its_end));
    }
    CO_TRY(co_await promote_and_turn(work, chosen, to_its_end));
    co_return chosen->alias();
}

}  // namespace

Task<Result<topodata::TabletAlias>> emergency_reparent(Control* control, EmergencyOptions options,
                                                       Events* events, Stop* stop) {
    std::string action = "EmergencyReparentShard";
    if (options.new_primary) action += "(" + alias_text(*options.new_primary) + ")";
    events->say("will initiate emergency reparent shard in keyspace - " + options.keyspace +
                ", shard - " + options.shard);
    const auto lock = CO_TRY(
        co_await control->topology->lock_shard(options.keyspace, options.shard, action, stop));
    Work work{.control = control,
              .options = &options,
              .action = std::move(action),
              .events = events,
              .lock = lock.get()};
    auto done = co_await reparent_locked(&work, stop);
    static_cast<void>(co_await lock->release(nullptr));
    co_return done;
}

}  // namespace sluice::vtctl::detail
