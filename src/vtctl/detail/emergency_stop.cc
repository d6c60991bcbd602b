// An emergency reparent, first half. Before: emergency.cc. After: detail/shard_state.cc.
#include "vtctl/detail/emergency_stop.h"

#include <algorithm>

namespace sluice::vtctl::detail {
namespace {

using replication::Position;
using topodata::Tablet;

// Thread states of replicationdata.Status: 3 is running (0 unknown, 1 stopped, 2 connecting).
bool sql_thread_ran(const replicationdata::StopReplicationStatus& status) {
    constexpr int is_running = 3;
    return status.before().sql_state() == is_running;
}

// All tablets are asked at once; this is what they share.
struct Gathering {
    const ShardState* state;
    const EmergencyOptions* options;
    Events* events;
    Stopped stopped;
    std::vector<std::string> errors;
    std::size_t waited_for = 0;  // answers that are enough
    bool requested_answered = false;
    async::LinkedStop enough;

    Gathering(const ShardState* of, const EmergencyOptions* with, Events* to, Stop* outer)
        : state(of), options(with), events(to), enough(outer) {}

    // Whoever still has not answered need not: usually the primary, which is dead.
    void look_if_enough() {
        if (stopped.reached.size() >= waited_for && requested_answered)
            enough.get()->request(make_error(Code::canceled, "context canceled"));
    }
};

Task<Result<void>> demote_one(Control* control, const Tablet* tablet, Gathering* gathering) {
    const std::string alias = alias_text(tablet->alias());
    auto position = co_await demote(control, tablet, gathering->enough.get());
    if (!position)
        co_return wrap(position.error(),
                       "replica " + alias + " thinks it's primary but we failed to demote it");
    gathering->stopped.demoted[alias] = std::move(*position);
    co_return Result<void>{};
}

Task<Result<void>> stop_one(Control* control, const Tablet* tablet, Gathering* gathering) {
    const std::string alias = alias_text(tablet->alias());
    tablet_message::StopReplicationAndGetStatusRequest request;
    request.set_stop_replication_mode(replicationdata::IOTHREADONLY);
    auto answer = co_await ask<tablet_message::StopReplicationAndGetStatusResponse>(
        control, tablet, std::move(request), Duration::zero(), gathering->enough.get());
    if (!answer && is_not_a_replica(answer.error()))
        co_return co_await demote_one(control, tablet, gathering);
    if (!answer)
        co_return wrap(answer.error(), "error when getting replication status for alias " + alias);
    if (!sql_thread_ran(answer->status()))
        co_return fail(Code::failed_precondition, "sql thread stopped on tablet - " + alias);
    gathering->stopped.replicas[alias] = std::move(*answer->mutable_status());
    co_return Result<void>{};
}

Task<void> stop_into(Control* control, const Tablet* tablet, Gathering* gathering) {
    gathering->events->say("getting replication position from " + alias_text(tablet->alias()));
    const auto done = co_await stop_one(control, tablet, gathering);
    if (done) {
        gathering->stopped.reached.push_back(tablet);
    } else {
        gathering->events->warn("failed to get replication status from " +
                                alias_text(tablet->alias()) + ": " + done.error().text);
        gathering->errors.push_back(done.error().text);
    }
    const auto& requested = gathering->options->new_primary;
    if (requested && same(*requested, tablet->alias())) gathering->requested_answered = true;
    gathering->look_if_enough();
}

}  // namespace

Task<Result<Stopped>> stop_replication(Control* control, const ShardState* state,
                                       const EmergencyOptions* options, Events* events,
                                       Stop* stop) {
    Gathering gathering(state, options, events, stop);
    std::vector<const Tablet*> asked;
    for (const Tablet& tablet : state->tablets) {
        if (!options->ignored.contains(alias_text(tablet.alias()))) asked.push_back(&tablet);
    }
    const bool one_less = !options->wait_for_all && !asked.empty();
    gathering.waited_for = asked.size() - (one_less ? 1 : 0);
    gathering.requested_answered = !options->new_primary;
    async::Scope scope;
    for (const Tablet* tablet : asked)
        scope.spawn("stop replication", stop_into(control, tablet, &gathering));
    co_await scope.join();
    if (stop != nullptr && stop->requested()) co_return std::unexpected(stop->error());
    if (gathering.errors.size() > 1 &&
        !state->durability.is_revoked(gathering.stopped.reached, state->all())) {
        std::string all;
        for (const std::string& error : gathering.errors) all += "\n" + error;
        co_return fail(Code::failed_precondition,
                       "failed to stop replication and build status maps: could not reach "
                       "sufficient tablets to guarantee safety:" +
                           all);
    }
    co_return std::move(gathering.stopped);
}

namespace {

struct Replica {
    const Tablet* tablet = nullptr;
    Position position;   // what it has received
    std::string source;  // the server that it has it from
    std::int64_t journal = 0;
};

Result<std::vector<Replica>> replicas_of(const ShardState& state, const Stopped& stopped,
                                         const JournalLengths& journals) {
    std::vector<Replica> replicas;
    bool has_gtids = false;
    for (const Tablet& tablet : state.tablets) {
        const std::string alias = alias_text(tablet.alias());
        const auto found = stopped.replicas.find(alias);
        if (found == stopped.replicas.end()) continue;
        const replicationdata::Status& after = found->second.after();
        Replica replica;
        replica.tablet = &tablet;
        replica.source = after.source_uuid();
        const std::string& received =
            after.relay_log_position().empty() ? after.position() : after.relay_log_position();
        replica.position = TRY(Position::parse(received));
        const auto length = journals.find(alias);
        replica.journal = length == journals.end() ? 0 : length->second;
        has_gtids = has_gtids || !replica.position.empty();
        replicas.push_back(std::move(replica));
    }
    for (const Replica& replica : replicas) {
        if (has_gtids && replica.position.empty())
            return fail(Code::unavailable, "encountered tablet " +
                                               alias_text(replica.tablet->alias()) +
                                               " with no relay log position, when at least one "
                                               "other tablet in the status map has GTID based "
                                               "relay log positions");
        if (replica.position.gtids.index() != replicas.front().position.gtids.index())
            return fail(Code::failed_precondition,
                        "encountered mix of GTID-based and non GTID-based relay logs");
    }
    return replicas;
}

// Whether all transactions of the set come from that server: "uuid:1-5,uuid:tag:7".
bool are_all_of(const Position& set, std::string_view server) {
    if (server.empty()) return false;
    const std::string text = set.set_text();
    for (std::size_t at = 0; at < text.size();) {
        if (!std::string_view(text).substr(at).starts_with(server)) return false;
        at = std::min(text.find(',', at), text.size());
        while (at < text.size() && (text[at] == ',' || text[at] == ' ')) ++at;
    }
    return true;
}

// What a replica has and should not have. Who knows the latest reparents may be ahead of the others
// with what its source sent; who does not must have nothing that those do not have.
Result<Position> errant(const Replica& replica, const std::vector<Replica>& all) {
    std::int64_t longest = 0;
    for (const Replica& other : all) longest = std::max(longest, other.journal);
    const bool is_newest = replica.journal == longest;
    Position others;
    bool alone = true;
    for (const Replica& other : all) {
        if (&other == &replica || other.journal != longest) continue;
        others = alone ? other.position : TRY(others.united(other.position));
        alone = false;
    }
    if (alone) return Position();
    Position left = TRY(replica.position.without(others));
    if (is_newest && are_all_of(left, replica.source)) return Position();
    return left;
}

bool is_busy(const Tablet& tablet) {
    return tablet.type() == topodata::BACKUP || tablet.type() == topodata::RESTORE ||
           tablet.type() == topodata::DRAINED;
}

}  // namespace

Result<std::vector<Candidate>> valid_candidates(const ShardState& state, const Stopped& stopped,
                                                const JournalLengths& journals, Events* events) {
    const auto replicas = TRY(replicas_of(state, stopped, journals));
    std::vector<Candidate> candidates;
    for (const Replica& replica : replicas) {
        const std::string alias = alias_text(replica.tablet->alias());
        // MariaDB's ids are ordered by domain: there is no set to take another one from.
        const bool is_mysql =
            std::holds_alternative<replication::MysqlGtids>(replica.position.gtids);
        const Position extra = is_mysql ? TRY(errant(replica, replicas)) : Position();
        if (!extra.empty()) {
            events->warn("skipping " + alias + " because it has errant GTIDs: " + extra.text());
        } else if (!is_busy(*replica.tablet)) {
            candidates.push_back({replica.tablet, replica.position, 0});
        }
    }
    for (const Tablet& tablet : state.tablets) {
        const auto found = stopped.demoted.find(alias_text(tablet.alias()));
        if (found == stopped.demoted.end() || is_busy(tablet)) continue;
        candidates.push_back({&tablet, TRY(Position::parse(found->second)), 0});
    }
    if (candidates.empty())
        return fail(Code::failed_precondition, "no valid candidates for emergency reparent");
    return candidates;
}

namespace {

Task<Result<void>> wait_for_relay_log(Control* control, const Candidate* candidate,
                                      const replicationdata::Status* after, Duration timeout,
                                      Stop* stop) {
    // Without GTIDs the relay log's end is named by the source's own log.
    const std::string& position = after->relay_log_position().empty()
                                      ? after->relay_log_source_binlog_equivalent_position()
                                      : after->relay_log_position();
    co_return co_await wait_for_position(control, candidate->tablet, position, timeout, stop);
}

}  // namespace

Task<Result<void>> wait_for_relay_logs(Control* control, const std::vector<Candidate>* candidates,
                                       const Stopped* stopped, Duration timeout, Stop* stop) {
    std::vector<Task<Result<void>>> waits;
    for (const Candidate& candidate : *candidates) {
        const auto found = stopped->replicas.find(alias_text(candidate.tablet->alias()));
        // Who was no replica has no relay log.
        if (found == stopped->replicas.end()) continue;
        waits.push_back(
            wait_for_relay_log(control, &candidate, &found->second.after(), timeout, stop));
    }
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout).count();
    for (const Result<void>& waited : co_await async::gather(std::move(waits))) {
        if (!waited)
            co_return wrap(waited.error(),
                           "could not apply all relay logs within the provided "
                           "waitReplicasTimeout (" +
                               std::to_string(seconds) + "s)");
    }
    co_return Result<void>{};
}

}  // namespace sluice::vtctl::detail
