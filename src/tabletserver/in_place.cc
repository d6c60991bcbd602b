// What a tablet does unasked so that its server stays what the topology says: a replica follows its
// shard's primary, a primary takes writes, one that is none any more steps down. Before: the timer.
// After: reparent.cc, replication_control.cc.
#include "async/deadline.h"
#include "async/wait_queue.h"
#include "base/log.h"
#include "tabletserver/detail/replica_status.h"
#include "tabletserver/durability.h"
#include "tabletserver/reparent.h"

namespace sluice::tabletserver {

Task<void> Reparent::step_down(TabletAlias primary) {
    Stop patience;
    const async::Deadline deadline(&patience, std::chrono::seconds(30),
                                   make_error(Code::deadline_exceeded, "stepping down"));
    const Result<Turn> turn = co_await take_turn(&patience);
    if (!turn || lifecycle_->record().type != TabletType::primary) co_return;
    const auto stopped = co_await lifecycle_->set_demoted(true, &patience);
    if (stopped && options_.active) {
        bool waited = false;
        const auto told = co_await stop_and_tell(&waited, &patience);
        if (!told) log::error("writers cannot be stopped: " + told.error().text);
    }
    const auto changed = co_await lifecycle_->change_type(lifecycle_->base_type(), &patience);
    if (!changed) log::error("the tablet's record: " + changed.error().text);
    if (!options_.active) co_return;
    const auto follows = co_await follow(
        {.parent = primary, .start_in_any_case = true, .keep_semi_sync = true}, &patience);
    if (!follows) log::error("the new primary cannot be followed: " + follows.error().text);
}

Task<void> Reparent::look_after(Stop* stop) {
    while (options_.active && !stop->requested()) {
        async::LinkedStop limited(stop);
        const async::Deadline deadline(limited.get(), std::chrono::seconds(30),
                                       make_error(Code::deadline_exceeded, "no answer in time"));
        const Result<void> done = co_await put_in_place(limited.get());
        const std::string trouble = done ? std::string() : done.error().text;
        if (!trouble.empty() && trouble != last_trouble_ && !stop->requested())
            log::warning("replication is not in order: " + trouble);
        last_trouble_ = trouble;
        static_cast<void>(co_await async::pause(options_.interval, stop));
    }
}

Task<Result<void>> Reparent::put_in_place(Stop* stop) {
    const Turn turn = CO_TRY(co_await take_turn(stop));
    const topo::Tablet& record = lifecycle_->record();
    topo::Topology* const topology = lifecycle_->topology();
    const auto shard = CO_TRY(co_await topology->shard(record.keyspace, record.shard, stop));
    const auto keyspace = CO_TRY(co_await topology->keyspace(record.keyspace, stop));
    const std::string& policy = keyspace.value.durability_policy;
    const std::optional<TabletAlias>& primary = shard.value.primary_alias;
    if (record.type == TabletType::primary)
        co_return co_await keep_primary(&shard.value, policy, stop);
    const bool follows = record.type == TabletType::replica || record.type == TabletType::rdonly ||
                         record.type == TabletType::spare;
    if (!follows || is_paused(shard.value) || !primary || *primary == record.alias)
        co_return Result<void>{};
    co_return co_await keep_replica(*primary, policy, stop);
}

bool Reparent::is_paused(const topo::Shard& shard) {
    if (pause_ && pause_->until_reparent && shard.primary_alias != pause_->primary) pause_.reset();
    return pause_.has_value();
}

// After its server has been started again, which begins read-only.
Task<Result<void>> Reparent::keep_primary(const topo::Shard* shard, std::string policy,
                                          Stop* stop) {
    if (shard->primary_alias != lifecycle_->record().alias) co_return Result<void>{};
    if (lifecycle_->demoted() || read_only_wanted_) co_return Result<void>{};
    const bool wait = commits_wait(policy);
    if (CO_TRY(co_await replication_->waits_for_replicas(stop)) != wait)
        CO_TRY(co_await fix_semi_sync(wait, true, stop));
    if (!CO_TRY(co_await replication_->is_read_only(stop))) co_return Result<void>{};
    log::info("the primary's server is read-only: it takes writes from now on");
    co_return co_await replication_->set_writable(stop);
}

Task<Result<void>> Reparent::keep_replica(TabletAlias primary, std::string policy, Stop* stop) {
    const topo::Tablet& record = lifecycle_->record();
    const auto parent = CO_TRY(co_await lifecycle_->topology()->tablet(primary, stop));
    // It has ended, or its server has not answered yet.
    if (parent.value.mysql_hostname.empty() || parent.value.mysql_port == 0)
        co_return Result<void>{};
    const Result<replicationdata::Status> status = co_await replication_->status(stop);
    if (!status && status.error().code != Code::failed_precondition) co_return fail(status.error());
    if (!CO_TRY(co_await replication_->is_read_only(stop)))
        CO_TRY(co_await replication_->refuse_writes(stop));
    const bool right = status && status->source_host() == parent.value.mysql_hostname &&
                       status->source_port() == parent.value.mysql_port;
    const bool semi_sync = acknowledges(policy, primary, record.alias, record.type);
    if (right) co_return co_await keep_running(&*status, semi_sync, stop);
    log::info("replication from the shard's primary " + vindex::to_text(primary) + " is set up");
    co_return co_await follow(
        {.parent = primary, .start_in_any_case = true, .semi_sync = semi_sync}, stop);
}

// What has stopped for want of a connection, or with its server, is started again; what cannot be
// applied stays stopped, for a person to look at. A server that was started anew has forgotten that
// it acknowledges: commits would wait for it for ever.
Task<Result<void>> Reparent::keep_running(const replicationdata::Status* status, bool semi_sync,
                                          Stop* stop) {
    const auto state = static_cast<ThreadState>(status->io_state());
    const bool receiver_lives = state == ThreadState::running || state == ThreadState::connecting;
    if (CO_TRY(co_await replication_->will_acknowledge(stop)) != semi_sync) {
        CO_TRY(co_await fix_semi_sync(semi_sync, false, stop));
        // The receiver looks at the variable when it begins.
        if (receiver_lives) {
            CO_TRY(co_await replication_->halt_receiver(stop));
            CO_TRY(co_await replication_->start_receiver(stop));
        }
    }
    if (receiver_lives && applies(*status)) co_return Result<void>{};
    if (!status->last_sql_error().empty())
        co_return fail(Code::failed_precondition, status->last_sql_error());
    co_return co_await replication_->start(stop);
}

}  // namespace sluice::tabletserver
