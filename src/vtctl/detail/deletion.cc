// A call of the control plane: shards and tablets leave the topology. Before: shards.cc,
// tablets.cc.
#include "vtctl/detail/deletion.h"

#include <algorithm>

#include "base/log.h"
#include "vtctl/detail/serving.h"

namespace sluice::vtctl::detail {
namespace {

Task<Result<void>> delete_shard_in_cell(Control* control, std::string keyspace, std::string shard,
                                        std::string cell, bool recursive, Stop* stop) {
    std::vector<topodata::Tablet> own;
    for (auto& tablet : CO_TRY(co_await tablets_of_cell(control, cell, stop))) {
        if (tablet.keyspace() == keyspace && tablet.shard() == shard)
            own.push_back(std::move(tablet));
    }
    if (!own.empty() && !recursive)
        co_return fail(Code::failed_precondition,
                       "Shard " + shard_text(keyspace, shard) + " still hase " +
                           std::to_string(own.size()) + " tablets in cell " + cell +
                           "; use Recursive = true or remove them manually");
    for (auto& tablet : own) {
        log::info("deleting tablet " + alias_text(tablet.alias()));
        CO_TRY(co_await delete_tablet_records(control, std::move(tablet), stop));
    }
    co_return Result<void>{};
}

Task<Result<void>> delete_shard_records(Control* control, std::string keyspace, std::string shard,
                                        DeleteShardOptions options, Stop* stop) {
    const auto found = co_await read_shard(control, keyspace, shard, stop);
    if (!found && found.error().code == topo::no_node) co_return Result<void>{};
    if (!found) co_return std::unexpected(found.error());
    const auto serving = CO_TRY(co_await serving_cells(control, keyspace, shard, stop));
    if (!serving.empty() && !options.even_if_serving)
        co_return fail(Code::failed_precondition,
                       "shard " + shard_text(keyspace, shard) +
                           " is still serving; cannot delete it; use EvenIfServing = true to "
                           "delete anyway");
    const auto cells = CO_TRY(co_await control->topology->cell_names(stop));
    for (const std::string& cell : cells)
        CO_TRY(
            co_await delete_shard_in_cell(control, keyspace, shard, cell, options.recursive, stop));
    for (const std::string& cell : cells) {
        const auto removed =
            co_await remove_if_there(control, cell, path::shard_replication(keyspace, shard), stop);
        if (!removed)
            log::warning("the replication graph of " + shard_text(keyspace, shard) + " in cell " +
                         cell + " stays: " + removed.error().text);
    }
    co_return co_await remove(control, global, path::shard(keyspace, shard), stop);
}

}  // namespace

Task<Result<void>> delete_shard(Control* control, std::string keyspace, std::string shard,
                                DeleteShardOptions options, Stop* stop) {
    auto lock = co_await control->topology->lock_shard(keyspace, shard, "DeleteShard", stop);
    if (!lock && !options.force)
        co_return wrap(lock.error(), "failed to lock " + shard_text(keyspace, shard) +
                                         "; if you really want to delete this shard, re-run with "
                                         "Force=true");
    auto deleted = co_await delete_shard_records(control, keyspace, shard, options, stop);
    if (lock) static_cast<void>(co_await (*lock)->release(stop));
    co_return deleted;
}

Task<Result<void>> delete_tablet_records(Control* control, topodata::Tablet tablet, Stop* stop) {
    const topodata::TabletAlias& alias = tablet.alias();
    CO_TRY(co_await remove_if_there(control, alias.cell(),
                                    path::tablet({alias.cell(), alias.uid()}), stop));
    CO_TRY(co_await change_replication(control, alias.cell(), tablet.keyspace(), tablet.shard(),
                                       alias, /*present=*/false, stop));
    co_return Result<void>{};
}

namespace {

// The shard has no primary any more, as far as this one was it.
Task<Result<void>> give_up_primary(Control* control, const topodata::Tablet* tablet, Stop* stop) {
    const auto lock = CO_TRY(co_await control->topology->lock_shard(
        tablet->keyspace(), tablet->shard(), "DeleteTablet(" + alias_text(tablet->alias()) + ")",
        stop));
    const topo::Time now = control->now();
    const auto changed = co_await change<topodata::Shard>(
        control, path::shard(tablet->keyspace(), tablet->shard()), Absent::refuse,
        [tablet, now](topodata::Shard* shard) -> Result<bool> {
            if (!same(shard->primary_alias(), tablet->alias())) return false;
            shard->clear_primary_alias();
            shard->mutable_primary_term_start_time()->set_seconds(now.seconds);
            shard->mutable_primary_term_start_time()->set_nanoseconds(now.nanoseconds);
            return true;
        },
        stop);
    auto deleted = changed ? Result<void>{} : Result<void>(std::unexpected(changed.error()));
    if (deleted) deleted = co_await delete_tablet_records(control, *tablet, stop);
    static_cast<void>(co_await lock->release(stop));
    co_return deleted;
}

}  // namespace

Task<Result<void>> delete_tablet(Control* control, topodata::TabletAlias alias, bool allow_primary,
                                 Stop* stop) {
    const auto tablet = CO_TRY(co_await read_tablet(control, alias, stop));
    bool is_primary = false;
    const auto shard = co_await read_shard(control, tablet.keyspace(), tablet.shard(), stop);
    if (shard) {
        const auto& term = shard->primary_term_start_time();
        const std::int64_t since = term.seconds() * 1'000'000'000 + term.nanoseconds();
        // A tablet that calls itself primary later than the shard's record knows is it as well.
        is_primary = same(shard->primary_alias(), alias) ||
                     (tablet.type() == topodata::PRIMARY && term_of(tablet) > since);
    } else if (shard.error().code != topo::no_node) {
        co_return std::unexpected(shard.error());
    }
    if (is_primary && !allow_primary)
        co_return fail(Code::failed_precondition,
                       "cannot delete tablet " + alias_text(alias) +
                           " as it is a primary, pass AllowPrimary = true");
    if (is_primary) co_return co_await give_up_primary(control, &tablet, stop);
    co_return co_await delete_tablet_records(control, tablet, stop);
}

namespace {

Task<Result<void>> delete_graph(Control* control, std::string keyspace, std::string shard,
                                std::string cell, bool recursive, bool force, Stop* stop) {
    const std::string where = path::shard_replication(keyspace, shard);
    const auto graph = co_await read<topodata::ShardReplication>(control, cell, where, stop);
    if (!graph && graph.error().code == topo::no_node) co_return Result<void>{};
    if (!graph && force) {
        log::warning("the cell " + cell +
                     " cannot be read, and is removed all the same: " + graph.error().text);
        co_return Result<void>{};
    }
    if (!graph) co_return std::unexpected(graph.error());
    const int nodes = graph->record.nodes_size();
    if (nodes > 0 && !recursive)
        co_return fail(Code::failed_precondition, "cell " + cell + " has " + std::to_string(nodes) +
                                                      " possible tablets in replication graph");
    for (const auto& node : graph->record.nodes()) {
        const topodata::TabletAlias& alias = node.tablet_alias();
        CO_TRY(co_await remove_if_there(control, cell, path::tablet({alias.cell(), alias.uid()}),
                                        stop));
    }
    co_return co_await remove_if_there(control, cell, where, stop);
}

}  // namespace

Task<Result<void>> remove_shard_cell(Control* control, std::string keyspace, std::string shard,
                                     std::string cell, bool recursive, bool force, Stop* stop) {
    const auto record = CO_TRY(co_await read_shard(control, keyspace, shard, stop));
    const auto serving = CO_TRY(co_await serving_cells(control, keyspace, shard, stop));
    if (std::ranges::find(serving, cell) == serving.end())
        co_return fail(Code::failed_precondition, "shard " + shard_text(keyspace, shard) +
                                                      " does not have serving cell " + cell);
    if (record.has_primary_alias() && record.primary_alias().cell() == cell)
        co_return fail(Code::failed_precondition,
                       "cannot remove cell " + cell + "; shard primary " +
                           alias_text(record.primary_alias()) + " is in cell");
    CO_TRY(co_await delete_graph(control, keyspace, shard, cell, recursive, force, stop));
    const auto lock = CO_TRY(co_await control->topology->lock_keyspace(
        keyspace, "Locking keyspace to remove shard from SrvKeyspace", stop));
    auto removed = co_await stop_serving_in(control, keyspace, shard, cell, stop);
    static_cast<void>(co_await lock->release(stop));
    co_return removed;
}

}  // namespace sluice::vtctl::detail
