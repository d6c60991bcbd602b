// The first primary of a shard, the old way: replication is reset everywhere. Before: reparents.cc.
// After: detail/shard_state.cc.
#include <algorithm>

#include "vtctl/detail/reparent.h"
#include "vtctl/detail/shard_state.h"

namespace sluice::vtctl::detail {
namespace {

using topodata::Tablet;

struct Work {
    Control* control;
    const InitOptions* options;
    Events* events;
    topo::Lock* lock;
    ShardState state;
    const Tablet* chosen = nullptr;
};

// What would be odd about this one; it happens only by force.
Result<void> check(const Work& work) {
    const std::string alias = alias_text(work.options->primary);
    std::vector<std::string> objections;
    if (!same(work.state.record.primary_alias(), work.options->primary))
        objections.push_back("is not the shard primary");
    if (work.chosen->type() != topodata::PRIMARY)
        objections.push_back("is not a primary in the shard");
    const bool has_other = std::ranges::any_of(work.state.tablets, [&](const Tablet& tablet) {
        return tablet.type() == topodata::PRIMARY && &tablet != work.chosen;
    });
    if (has_other) objections.push_back("is not the only primary in the shard");
    for (const std::string& objection : objections) {
        const std::string text = "primary-elect tablet " + alias + " " + objection;
        if (!work.options->force)
            return fail(Code::unknown, text + ", use -force to proceed anyway");
        work.events->warn(text + ", proceeding anyway as -force was used");
    }
    return {};
}

Task<Result<void>> reset_one(Work* work, const Tablet* tablet, Stop* stop) {
    const std::string alias = alias_text(tablet->alias());
    work->events->say("resetting replication on tablet " + alias);
    const auto reset = co_await ask<tablet_message::ResetReplicationResponse>(
        work->control, tablet, tablet_message::ResetReplicationRequest(),
        work->options->wait_replicas, stop);
    if (!reset)
        co_return wrap(reset.error(),
                       "tablet " + alias + " ResetReplication failed (either fix it, or Scrap it)");
    co_return Result<void>{};
}

Task<Result<void>> init_replica(Work* work, const Tablet* tablet, std::string position,
                                std::int64_t time, Stop* stop) {
    const std::string alias = alias_text(tablet->alias());
    work->events->say("initializing replica " + alias);
    tablet_message::InitReplicaRequest request;
    *request.mutable_parent() = work->chosen->alias();
    request.set_replication_position(std::move(position));
    request.set_time_created_ns(time);
    request.set_semisync(work->state.durability.acknowledges(*work->chosen, *tablet));
    const auto done = co_await ask<tablet_message::InitReplicaResponse>(
        work->control, tablet, std::move(request), work->options->wait_replicas, stop);
    if (!done) co_return wrap(done.error(), "tablet " + alias + " InitReplica failed");
    co_return Result<void>{};
}

Task<Result<void>> first_failure(std::vector<Task<Result<void>>> tasks) {
    for (const Result<void>& outcome : co_await async::gather(std::move(tasks))) {
        if (!outcome) co_return outcome;
    }
    co_return Result<void>{};
}

Task<Result<void>> publish(Work* work, Stop* stop) {
    CO_TRY(co_await change<topodata::Shard>(
        work->control, path::shard(work->options->keyspace, work->options->shard), Absent::refuse,
        [work](topodata::Shard* shard) -> Result<bool> {
            if (same(shard->primary_alias(), work->chosen->alias())) return false;
            *shard->mutable_primary_alias() = work->chosen->alias();
            return true;
        },
        stop));
    const std::string database = database_of(*work->chosen);
    std::string quoted;
    for (const char c : database) quoted += c == '`' ? "``" : std::string(1, c);
    tablet_message::ExecuteFetchAsDbaRequest request;
    request.set_db_name(database);
    request.set_query("CREATE DATABASE IF NOT EXISTS `" + quoted + "`");
    request.set_max_rows(1);
    request.set_reload_schema(true);
    const auto made = co_await ask<tablet_message::ExecuteFetchAsDbaResponse>(
        work->control, work->chosen, std::move(request), Duration::zero(), stop);
    if (!made) co_return wrap(made.error(), "failed to create database");
    const auto refreshed = co_await ask<tablet_message::RefreshStateResponse>(
        work->control, work->chosen, tablet_message::RefreshStateRequest(), Duration::zero(), stop);
    if (!refreshed) work->events->warn("RefreshState failed: " + refreshed.error().text);
    co_return Result<void>{};
}

Task<Result<void>> init_locked(Work* work, Stop* stop) {
    work->state =
        CO_TRY(co_await read_shard_state(work->control, work->options->keyspace,
                                         work->options->shard, std::nullopt, work->events, stop));
    work->chosen = work->state.find(work->options->primary);
    const std::string alias = alias_text(work->options->primary);
    if (work->chosen == nullptr)
        co_return fail(Code::unknown, "primary-elect tablet " + alias + " is not in the shard");
    CO_TRY(check(*work));
    std::vector<Task<Result<void>>> resets;
    for (const Tablet& tablet : work->state.tablets)
        resets.push_back(reset_one(work, &tablet, stop));
    CO_TRY(co_await first_failure(std::move(resets)));
    CO_TRY(co_await check_lock(work->lock, stop));
    work->events->say("initializing primary on " + alias);
    const std::string position = CO_TRY(co_await init_primary(
        work->control, &work->state, work->chosen, work->options->wait_replicas, stop));
    CO_TRY(co_await check_lock(work->lock, stop));
    const std::int64_t time = nanoseconds_of(work->control->now());
    std::vector<Task<Result<void>>> steps;
    steps.push_back(write_journal(work->control, work->chosen, time, "InitShardPrimary", position,
                                  work->options->wait_replicas, stop));
    for (const Tablet& tablet : work->state.tablets) {
        if (&tablet != work->chosen)
            steps.push_back(init_replica(work, &tablet, position, time, stop));
    }
    CO_TRY(co_await first_failure(std::move(steps)));
    co_return co_await publish(work, stop);
}

}  // namespace

Task<Result<void>> init_shard_primary(Control* control, InitOptions options, Events* events,
                                      Stop* stop) {
    const auto lock = CO_TRY(co_await control->topology->lock_shard(
        options.keyspace, options.shard, "InitShardPrimary(" + alias_text(options.primary) + ")",
        stop));
    Work work{.control = control, .options = &options, .events = events, .lock = lock.get()};
    auto done = co_await init_locked(&work, stop);
    static_cast<void>(co_await lock->release(nullptr));
    co_return done;
}

}  // namespace sluice::vtctl::detail
