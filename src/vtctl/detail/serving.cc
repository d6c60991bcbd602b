// A call of the control plane: what gateways read. Before: serving.cc, shards.cc. After:
// topo/serving.cc.
#include "vtctl/detail/serving.h"

#include <algorithm>

#include "topo/serving.h"

namespace sluice::vtctl::detail {
namespace {

using topodata::SrvKeyspace;

bool names(const SrvKeyspace& served, std::string_view shard) {
    return std::ranges::any_of(served.partitions(), [&](const auto& partition) {
        return std::ranges::any_of(partition.shard_references(),
                                   [&](const auto& one) { return one.name() == shard; });
    });
}

}  // namespace

Task<Result<std::vector<std::string>>> serving_cells(Control* control, std::string keyspace,
                                                     std::string shard, Stop* stop) {
    std::vector<std::string> serving;
    for (const auto& cell : CO_TRY(co_await control->topology->cell_names(stop))) {
        const auto served = CO_TRY(
            co_await read_or_empty<SrvKeyspace>(control, cell, path::srv_keyspace(keyspace), stop));
        if (names(served, shard)) serving.push_back(cell);
    }
    co_return serving;
}

Task<Result<void>> stop_serving_in(Control* control, std::string keyspace, std::string shard,
                                   std::string cell, Stop* stop) {
    const std::string where = path::srv_keyspace(keyspace);
    auto found = co_await read<SrvKeyspace>(control, cell, where, stop);
    if (!found && found.error().code == topo::no_node) co_return Result<void>{};
    if (!found) co_return std::unexpected(found.error());
    for (auto& partition : *found->record.mutable_partitions()) {
        auto& references = *partition.mutable_shard_references();
        references.erase(std::remove_if(references.begin(), references.end(),
                                        [&](const auto& one) { return one.name() == shard; }),
                         references.end());
    }
    co_return co_await write(control, cell, where, found->record, 0, stop);
}

namespace {

void set_disabled(SrvKeyspace* served, const QueryServiceChange& change,
                  const topodata::Shard& shard) {
    for (auto& partition : *served->mutable_partitions()) {
        if (partition.served_type() != change.type) continue;
        auto& controls = *partition.mutable_shard_tablet_controls();
        auto found = std::ranges::find_if(
            controls, [&](const auto& one) { return one.name() == change.shard; });
        topodata::ShardTabletControl* one = found == controls.end() ? controls.Add() : &*found;
        one->set_name(change.shard);
        if (shard.has_key_range()) *one->mutable_key_range() = shard.key_range();
        one->set_query_service_disabled(change.disabled);
    }
}

Result<void> check_query_service_change(const QueryServiceChange& change,
                                        const topodata::Shard& shard) {
    const std::string name = shard_text(change.keyspace, change.shard);
    for (const auto& one : shard.tablet_controls()) {
        if (one.denied_tables_size() > 0)
            return fail(Code::unknown,
                        "cannot safely alter DisableQueryService as DeniedTables is "
                        "set for shard " +
                            name);
        if (one.tablet_type() == change.type && one.frozen() && !change.disabled)
            return fail(Code::unknown,
                        "migrate has gone past the point of no return, cannot "
                        "re-enable serving for " +
                            name);
    }
    return {};
}

}  // namespace

Task<Result<void>> change_query_service(Control* control, QueryServiceChange change, Stop* stop) {
    const auto shard = CO_TRY(co_await read_shard(control, change.keyspace, change.shard, stop));
    CO_TRY(check_query_service_change(change, shard));
    if (change.cells.empty()) change.cells = CO_TRY(co_await control->topology->cell_names(stop));
    for (const std::string& cell : change.cells) {
        const std::string where = path::srv_keyspace(change.keyspace);
        auto served = co_await read<SrvKeyspace>(control, cell, where, stop);
        if (!served && served.error().code == topo::no_node) continue;
        if (!served) co_return std::unexpected(served.error());
        set_disabled(&served->record, change, shard);
        CO_TRY(co_await write(control, cell, where, served->record, 0, stop));
    }
    co_return Result<void>{};
}

namespace {

// A migration that is under way has its marks in the records, which a rebuild would lose.
Task<Result<void>> check_no_migration(Control* control, std::string keyspace, std::string cell,
                                      Stop* stop) {
    const auto served = CO_TRY(
        co_await read_or_empty<SrvKeyspace>(control, cell, path::srv_keyspace(keyspace), stop));
    for (const auto& partition : served.partitions()) {
        for (const auto& one : partition.shard_tablet_controls()) {
            if (one.query_service_disabled())
                co_return fail(Code::unknown,
                               "can't rebuild serving keyspace while a migration is on going. "
                               "TabletControls is set for partition " +
                                   type_text(partition.served_type()));
        }
    }
    co_return Result<void>{};
}

Task<Result<void>> rebuild_locked(Control* control, std::string keyspace,
                                  std::vector<std::string> cells, bool allow_partial, Stop* stop) {
    const auto record =
        CO_TRY(co_await read<topodata::Keyspace>(control, global, path::keyspace(keyspace), stop));
    if (cells.empty()) cells = CO_TRY(co_await control->topology->cell_names(stop));
    for (const std::string& cell : cells)
        CO_TRY(co_await check_no_migration(control, keyspace, cell, stop));
    auto served =
        CO_TRY(co_await topo::gather_srv_keyspace(control->topology.get(), keyspace, stop));
    if (served.partitions.front().shard_references.empty()) {
        served.partitions.clear();
    } else if (record.record.keyspace_type() != topodata::SNAPSHOT || !allow_partial) {
        CO_TRY(topo::check_complete(served));
    }
    for (const std::string& cell : cells) {
        const auto written =
            co_await control->topology->write(cell, path::srv_keyspace(keyspace), served, 0, stop);
        if (!written) co_return wrap(written.error(), "writing serving data failed");
    }
    co_return Result<void>{};
}

}  // namespace

Task<Result<void>> rebuild_serving(Control* control, std::string keyspace,
                                   std::vector<std::string> cells, bool allow_partial, Stop* stop) {
    const auto lock =
        CO_TRY(co_await control->topology->lock_keyspace(keyspace, "RebuildKeyspace", stop));
    auto rebuilt =
        co_await rebuild_locked(control, keyspace, std::move(cells), allow_partial, stop);
    static_cast<void>(co_await lock->release(stop));
    co_return rebuilt;
}

Task<Result<void>> change_replication(Control* control, std::string cell, std::string keyspace,
                                      std::string shard, topodata::TabletAlias alias, bool present,
                                      Stop* stop) {
    const std::string where = path::shard_replication(keyspace, shard);
    while (true) {
        const auto found = co_await read<topodata::ShardReplication>(control, cell, where, stop);
        if (!found && found.error().code != topo::no_node) co_return std::unexpected(found.error());
        topodata::ShardReplication graph = found ? found->record : topodata::ShardReplication();
        auto& nodes = *graph.mutable_nodes();
        const auto at = std::ranges::find_if(
            nodes, [&](const auto& node) { return same(node.tablet_alias(), alias); });
        if ((at != nodes.end()) == present) co_return Result<void>{};
        if (present) {
            *nodes.Add()->mutable_tablet_alias() = alias;
        } else {
            nodes.erase(at);
        }
        Result<void> written;
        if (graph.nodes_size() == 0) {
            written = co_await remove_if_there(control, cell, where, stop);
        } else if (found) {
            written = co_await write(control, cell, where, graph, found->version, stop);
        } else {
            written = co_await create(control, cell, where, graph, stop);
        }
        if (written) co_return written;
        const Code code = written.error().code;
        if (code != topo::bad_version && code != topo::node_exists) co_return written;
    }
}

}  // namespace sluice::vtctl::detail
