// A planned reparent: every tablet answers, no transaction is lost. Before: reparents.cc. After:
// detail/shard_state.cc.
#include <algorithm>
#include <charconv>
#include <map>

#include "vtctl/detail/reparent.h"
#include "vtctl/detail/shard_state.h"

namespace sluice::vtctl::detail {
namespace {

using topodata::Tablet;
using topodata::TabletAlias;

// From the demotion on a caller that goes away stops nothing: a shard without a primary would be
// left. Each step has its own time limit.
constexpr Stop* to_its_end = nullptr;

constexpr const char* pool_pages = "Innodb_buffer_pool_pages_data";

// One planned reparent on its way.
struct Work {
    Control* control;
    const PlannedOptions* options;
    Events* events;
    topo::Lock* lock;
    ShardState state;
    std::map<std::string, std::int64_t> warmth;  // by alias
    const Tablet* elected = nullptr;
};

// Also shows that the tablet can be reached.
Task<Result<std::int64_t>> warmth_of(Control* control, const Tablet* tablet, Stop* stop) {
    tablet_message::GetGlobalStatusVarsRequest request;
    request.add_variables(pool_pages);
    const auto answer = CO_TRY(co_await ask<tablet_message::GetGlobalStatusVarsResponse>(
        control, tablet, std::move(request), Duration::zero(), stop));
    std::int64_t pages = 0;
    const auto found = answer.status_values().find(pool_pages);
    if (found != answer.status_values().end())
        std::from_chars(found->second.data(), found->second.data() + found->second.size(), pages);
    co_return pages;
}

Task<Result<void>> reach_all(Work* work, Stop* stop) {
    std::vector<Task<Result<std::int64_t>>> asked;
    for (const Tablet& tablet : work->state.tablets)
        asked.push_back(warmth_of(work->control, &tablet, stop));
    const auto answers = co_await async::gather(std::move(asked));
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const std::string alias = alias_text(work->state.tablets[i].alias());
        if (!answers[i])
            co_return wrap(answers[i].error(),
                           "tablet " + alias + " must be reachable for a planned reparent");
        work->warmth[alias] = *answers[i];
    }
    co_return Result<void>{};
}

// Why the tablet cannot be elected; empty: it can.
std::string objection(const Work& work, const Tablet& tablet) {
    const PlannedOptions& options = *work.options;
    if (options.new_primary) {
        return same(tablet.alias(), *options.new_primary)
                   ? ""
                   : "does not match the new primary alias provided";
    }
    const bool had_primary = work.state.record.has_primary_alias();
    if (!options.allow_cross_cell && had_primary &&
        work.state.record.primary_alias().cell() != tablet.alias().cell())
        return "is not in the same cell as the previous primary";
    if (options.avoid_primary && same(tablet.alias(), *options.avoid_primary))
        return "matches the primary alias to avoid";
    if (tablet.type() != topodata::REPLICA) return "is not a replica";
    return "";
}

struct Standing {
    replication::Position position;
    std::chrono::seconds lag{0};
};
Task<Result<Standing>> standing_of(Work* work, const Tablet* tablet, Stop* stop) {
    const auto answer = co_await ask<tablet_message::ReplicationStatusResponse>(
        work->control, tablet, tablet_message::ReplicationStatusRequest(),
        work->options->wait_replicas, stop);
    if (!answer && is_not_a_replica(answer.error())) co_return Standing{};
    if (!answer) co_return std::unexpected(answer.error());
    const replicationdata::Status& status = answer->status();
    const std::string& text =
        status.relay_log_position().empty() ? status.position() : status.relay_log_position();
    Standing standing;
    standing.position = CO_TRY(replication::Position::parse(text));
    standing.lag = std::chrono::seconds(status.replication_lag_seconds());
    co_return standing;
}

Task<Result<const Tablet*>> best_of(Work* work, std::vector<const Tablet*> possible,
                                    std::string objections, Stop* stop) {
    std::vector<Task<Result<Standing>>> asked;
    for (const Tablet* tablet : possible) asked.push_back(standing_of(work, tablet, stop));
    const auto standings = co_await async::gather(std::move(asked));
    std::vector<Candidate> candidates;
    const Duration tolerable = work->options->tolerable_lag;
    for (std::size_t i = 0; i < possible.size(); ++i) {
        const Standing standing = CO_TRY(standings[i]);
        const std::string alias = alias_text(possible[i]->alias());
        if (tolerable > Duration::zero() && standing.lag > tolerable) {
            objections += "\n" + alias + " has " + std::to_string(standing.lag.count()) +
                          "s replication lag which is more than the tolerable amount";
            continue;
        }
        candidates.push_back({possible[i], standing.position, work->warmth[alias]});
    }
    if (candidates.empty())
        co_return fail(Code::internal, "cannot find a tablet to reparent to" + objections);
    sort_candidates(&candidates, work->state.durability);
    co_return candidates.front().tablet;
}

Task<Result<const Tablet*>> elect(Work* work, Stop* stop) {
    std::vector<const Tablet*> possible;
    std::string objections;
    for (const Tablet& tablet : work->state.tablets) {
        const std::string why = objection(*work, tablet);
        if (why.empty()) {
            possible.push_back(&tablet);
        } else {
            objections += "\n" + alias_text(tablet.alias()) + " " + why;
        }
    }
    if (work->options->new_primary && possible.empty())
        co_return fail(Code::failed_precondition, "primary-elect tablet " +
                                                      alias_text(*work->options->new_primary) +
                                                      " is not in the shard");
    // Who is alone, or was asked for, needs no comparison.
    if (possible.size() == 1 && work->options->tolerable_lag == Duration::zero())
        co_return possible.front();
    co_return co_await best_of(work, std::move(possible), std::move(objections), stop);
}

// False: nothing is to be done.
Task<Result<bool>> choose(Work* work, Stop* stop) {
    const PlannedOptions& options = *work->options;
    const topodata::Shard& record = work->state.record;
    if (options.new_primary && options.avoid_primary &&
        same(*options.new_primary, *options.avoid_primary))
        co_return fail(Code::failed_precondition, "primary-elect tablet " +
                                                      alias_text(*options.new_primary) +
                                                      " is the same as the tablet to avoid");
    if (!options.new_primary && options.avoid_primary && record.has_primary_alias() &&
        !same(*options.avoid_primary, record.primary_alias())) {
        work->events->say("current primary " + alias_text(record.primary_alias()) +
                          " is not the tablet to avoid: nothing to do");
        co_return false;
    }
    work->elected = CO_TRY(co_await elect(work, stop));
    const std::string alias = alias_text(work->elected->alias());
    work->events->say("elected new primary candidate " + alias);
    if (!work->state.durability.can_establish(*work->elected, work->state.all()))
        co_return fail(Code::failed_precondition,
                       "primary-elect tablet " + alias +
                           " won't be able to make forward progress on promotion");
    co_return true;
}

// The old primary is writable again; what went wrong stays the result.
Task<Result<void>> undo_demotion(Work* work, const Tablet* old, Error why) {
    tablet_message::UndoDemotePrimaryRequest request;
    request.set_semisync(work->state.durability.ackers() > 0);
    // Even if the caller has gone: a shard without a writable primary is the worse outcome.
    const auto undone = co_await ask<tablet_message::UndoDemotePrimaryResponse>(
        work->control, old, std::move(request), Duration::zero(), nullptr);
    if (!undone) {
        work->events->warn("encountered error while performing UndoDemotePrimary(" +
                           alias_text(old->alias()) + "): " + undone.error().text);
        why.text += "; encountered error while performing UndoDemotePrimary(" +
                    alias_text(old->alias()) + "): " + undone.error().text;
    }
    co_return std::unexpected(std::move(why));
}

// The elected one follows the old primary closely, the old one stops taking writes, the elected one
// gets the rest.
Task<Result<void>> hand_over(Work* work, const Tablet* old, Stop* stop) {
    const std::string elected = alias_text(work->elected->alias());
    const std::string primary = alias_text(old->alias());
    work->events->say("checking replication on primary-elect " + elected);
    auto snapshot = co_await primary_position(work->control, old, stop);
    if (!snapshot)
        co_return wrap(snapshot.error(), "cannot get replication position on current primary " +
                                             primary +
                                             "; current primary must be healthy to perform "
                                             "PlannedReparent");
    const auto caught_up =
        co_await set_source(work->control, &work->state, work->elected, old,
                            {.wait_position = std::move(*snapshot), .force_start = true},
                            work->options->wait_replicas, stop);
    if (!caught_up)
        co_return wrap(caught_up.error(), "replication on primary-elect " + elected +
                                              " did not catch up in time; replication must be "
                                              "healthy to perform PlannedReparent");
    CO_TRY(co_await check_lock(work->lock, stop));
    work->events->say("demoting current primary: " + primary);
    const auto demoted = co_await demote(work->control, old, to_its_end);
    if (!demoted) {
        co_return co_await undo_demotion(
            work, old,
            make_error(demoted.error().code, "failed to DemotePrimary on current primary " +
                                                 primary + ": " + demoted.error().text));
    }
    const auto waited = co_await wait_for_position(work->control, work->elected, *demoted,
                                                   work->options->wait_replicas, to_its_end);
    if (waited) co_return Result<void>{};
    co_return co_await undo_demotion(
        work, old,
        make_error(waited.error().code, "primary-elect tablet " + elected +
                                            " failed to catch up with replication " + *demoted +
                                            ": " + waited.error().text));
}

// No one is clearly the primary: all stop taking writes, and the elected one must have everything.
Task<Result<void>> take_over(Work* work, Stop* stop) {
    const std::string elected = alias_text(work->elected->alias());
    work->events->say(
        "no clear winner found for current primary term; checking if it's safe to "
        "recover by electing " +
        elected);
    std::vector<Task<Result<std::string>>> demotions;
    for (const Tablet& tablet : work->state.tablets)
        demotions.push_back(demote(work->control, &tablet, stop));
    const auto outcomes = co_await async::gather(std::move(demotions));
    std::vector<replication::Position> positions;
    replication::Position own;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const Tablet& tablet = work->state.tablets[i];
        if (!outcomes[i])
            co_return wrap(outcomes[i].error(), "failed to demote all tablets: DemotePrimary(" +
                                                    alias_text(tablet.alias()) +
                                                    ") failed on contested primary");
        positions.push_back(CO_TRY(replication::Position::parse(*outcomes[i])));
        if (&tablet == work->elected) own = positions.back();
    }
    for (std::size_t i = 0; i < positions.size(); ++i) {
        if (own.contains(positions[i])) continue;
        co_return fail(Code::failed_precondition,
                       "tablet " + alias_text(work->state.tablets[i].alias()) +
                           " (position: " + positions[i].text() +
                           ") contains transactions not found in primary-elect " + elected +
                           " (position: " + own.text() + ")");
    }
    co_return co_await check_lock(work->lock, stop);
}

// It is the primary already, perhaps only half: it is made writable and published again.
Task<Result<std::string>> finish_promotion(Work* work, Stop* stop) {
    const std::string alias = alias_text(work->elected->alias());
    const auto writable = co_await ask<tablet_message::SetReadWriteResponse>(
        work->control, work->elected, tablet_message::SetReadWriteRequest(), Duration::zero(),
        stop);
    if (!writable)
        co_return wrap(writable.error(), "failed to SetReadWrite on current primary " + alias);
    auto position = co_await primary_position(work->control, work->elected, stop);
    if (!position)
        co_return wrap(position.error(),
                       "failed to get replication position of current primary " + alias);
    co_return std::move(*position);
}

Task<Result<void>> promote_and_record(Work* work, bool promotes, std::string position,
                                      std::int64_t time, Stop* stop) {
    const std::string alias = alias_text(work->elected->alias());
    if (promotes) {
        auto promoted = co_await promote(work->control, &work->state, work->elected,
                                         work->options->wait_replicas, stop);
        if (!promoted)
            co_return wrap(promoted.error(), "failed PromoteReplica(primary=" + alias +
                                                 ", ts=" + std::to_string(time) + ")");
        position = std::move(*promoted);
    }
    work->events->say("populating reparent journal on new primary " + alias);
    const auto written =
        co_await write_journal(work->control, work->elected, time, "PlannedReparentShard", position,
                               work->options->wait_replicas, stop);
    if (!written)
        co_return wrap(written.error(), "failed PopulateReparentJournal(primary=" + alias +
                                            ", ts=" + std::to_string(time) + ", pos=" + position +
                                            ")");
    co_return Result<void>{};
}

Task<void> turn_one(Work* work, const Tablet* tablet, std::int64_t time, std::string* failure,
                    Stop* stop) {
    const auto turned =
        co_await set_source(work->control, &work->state, tablet, work->elected,
                            {.journal_time = time}, work->options->wait_replicas, stop);
    if (turned) co_return;
    *failure = "tablet " + alias_text(tablet->alias()) + " failed to SetReplicationSource(" +
               alias_text(work->elected->alias()) + "): " + turned.error().text;
}

// Replicas turn to the new primary while it is promoted: the journal's row tells them that it is.
Task<Result<void>> turn_all(Work* work, bool promotes, std::string position, Stop* stop) {
    const std::int64_t time = nanoseconds_of(work->control->now());
    std::vector<std::string> failures(work->state.tablets.size());
    async::LinkedStop replicas_stop(stop);
    async::Scope scope;
    for (std::size_t i = 0; i < work->state.tablets.size(); ++i) {
        const Tablet* const tablet = &work->state.tablets[i];
        if (tablet == work->elected) continue;
        work->events->say("setting new primary on replica " + alias_text(tablet->alias()));
        scope.spawn("replica", turn_one(work, tablet, time, &failures[i], replicas_stop.get()));
    }
    const auto promoted =
        co_await promote_and_record(work, promotes, std::move(position), time, stop);
    if (!promoted) replicas_stop.get()->request(make_error(Code::canceled, "context canceled"));
    co_await scope.join();
    if (!promoted) co_return promoted;
    std::string all;
    for (const std::string& failure : failures) {
        if (!failure.empty()) all += (all.empty() ? "" : "; ") + failure;
    }
    if (all.empty()) co_return Result<void>{};
    co_return fail(Code::unknown,
                   "some replicas failed to reparent; retry PlannedReparentShard with the same new "
                   "primary alias (" +
                       alias_text(work->elected->alias()) + ") to retry failed replicas: " + all);
}

// Which of the four ways it is (vttablet-contract 4.3).
Task<Result<void>> change_primary(Work* work, Stop* stop) {
    const Tablet* const now = current_primary(work->state, work->events);
    std::string position;
    bool promotes = true;
    bool refreshes = false;
    if (now == nullptr && !work->state.record.has_primary_term_start_time()) {
        auto made = co_await init_primary(work->control, &work->state, work->elected,
                                          work->options->wait_replicas, stop);
        if (!made)
            co_return wrap(made.error(), "primary-elect tablet " +
                                             alias_text(work->elected->alias()) +
                                             " failed to be promoted to primary; please try again");
        position = std::move(*made);
        promotes = false;
        refreshes = true;
    } else if (now == nullptr) {
        CO_TRY(co_await take_over(work, stop));
    } else if (now == work->elected) {
        position = CO_TRY(co_await finish_promotion(work, stop));
        promotes = false;
    } else {
        CO_TRY(co_await hand_over(work, now, stop));
    }
    CO_TRY(co_await check_lock(work->lock, to_its_end));
    CO_TRY(co_await turn_all(work, promotes, std::move(position), to_its_end));
    if (!refreshes) co_return Result<void>{};
    const auto refreshed = co_await ask<tablet_message::RefreshStateResponse>(
        work->control, work->elected, tablet_message::RefreshStateRequest(), Duration::zero(),
        stop);
    if (!refreshed) work->events->warn("RefreshState failed: " + refreshed.error().text);
    co_return Result<void>{};
}

Task<Result<Promoted>> reparent_locked(Control* control, PlannedOptions options, topo::Lock* lock,
                                       Events* events, Stop* stop) {
    Work work{.control = control, .options = &options, .events = events, .lock = lock};
    work.state = CO_TRY(co_await read_shard_state(control, options.keyspace, options.shard,
                                                  options.expected_primary, events, stop));
    if (!options.new_primary && !options.avoid_primary && work.state.record.has_primary_alias())
        options.avoid_primary = work.state.record.primary_alias();
    CO_TRY(co_await reach_all(&work, stop));
    if (!CO_TRY(co_await choose(&work, stop))) co_return Promoted();
    CO_TRY(co_await check_lock(lock, stop));
    CO_TRY(co_await change_primary(&work, stop));
    co_return Promoted(work.elected->alias());
}

std::string alias_or_none(const std::optional<TabletAlias>& alias) {
    return alias ? alias_text(*alias) : "<nil>";
}

}  // namespace

Task<Result<Promoted>> planned_reparent(Control* control, PlannedOptions options, Events* events,
                                        Stop* stop) {
    const auto lock = CO_TRY(co_await control->topology->lock_shard(
        options.keyspace, options.shard,
        "PlannedReparentShard(" + alias_or_none(options.new_primary) +
            ", AvoidPrimary = " + alias_or_none(options.avoid_primary) + ")",
        stop));
    auto done = co_await reparent_locked(control, std::move(options), lock.get(), events, stop);
    static_cast<void>(co_await lock->release(nullptr));
    co_return done;
}

}  // namespace sluice::vtctl::detail
