// Calls of the control plane: which tablets a shard has, and where their servers stand. Before:
// service.cc. After: detail/ask.h, detail/serving.cc.
#include <algorithm>

#include "vtctl/detail/ask.h"
#include "vtctl/detail/method.h"
#include "vtctl/detail/serving.h"

namespace sluice::vtctl::detail {
namespace {

using topodata::Tablet;

Task<Result<message::GetShardReplicationResponse>> get_graph(
    Control* control, const message::GetShardReplicationRequest* request, Stop* stop) {
    std::vector<std::string> cells(request->cells().begin(), request->cells().end());
    if (cells.empty()) cells = CO_TRY(co_await control->topology->cell_names(stop));
    message::GetShardReplicationResponse response;
    for (const std::string& cell : cells) {
        auto graph = co_await read<topodata::ShardReplication>(
            control, cell, path::shard_replication(request->keyspace(), request->shard()), stop);
        if (!graph) co_return std::unexpected(graph.error());
        (*response.mutable_shard_replication_by_cell())[cell] = std::move(graph->record);
    }
    co_return response;
}

Task<Result<message::ShardReplicationAddResponse>> add_to_graph(
    Control* control, const message::ShardReplicationAddRequest* request, Stop* stop) {
    CO_TRY(co_await change_replication(control, request->tablet_alias().cell(), request->keyspace(),
                                       request->shard(), request->tablet_alias(), /*present=*/true,
                                       stop));
    co_return message::ShardReplicationAddResponse();
}

Task<Result<message::ShardReplicationRemoveResponse>> remove_from_graph(
    Control* control, const message::ShardReplicationRemoveRequest* request, Stop* stop) {
    CO_TRY(co_await change_replication(control, request->tablet_alias().cell(), request->keyspace(),
                                       request->shard(), request->tablet_alias(), /*present=*/false,
                                       stop));
    co_return message::ShardReplicationRemoveResponse();
}

// The first node of the graph that should not be there goes.
Task<Result<message::ShardReplicationFixResponse>> fix_graph(
    Control* control, const message::ShardReplicationFixRequest* request, Stop* stop) {
    using Problem = topodata::ShardReplicationError;
    message::ShardReplicationFixResponse response;
    const auto graph = CO_TRY(co_await read<topodata::ShardReplication>(
        control, request->cell(), path::shard_replication(request->keyspace(), request->shard()),
        stop));
    for (const auto& node : graph.record.nodes()) {
        const auto tablet = co_await read_tablet(control, node.tablet_alias(), stop);
        if (!tablet && tablet.error().code != topo::no_node)
            co_return std::unexpected(tablet.error());
        const bool is_elsewhere = tablet && (tablet->keyspace() != request->keyspace() ||
                                             tablet->shard() != request->shard());
        if (tablet && !is_elsewhere) continue;
        response.mutable_error()->set_type(tablet ? Problem::TOPOLOGY_MISMATCH
                                                  : Problem::NOT_FOUND);
        *response.mutable_error()->mutable_tablet_alias() = node.tablet_alias();
        CO_TRY(co_await change_replication(control, request->cell(), request->keyspace(),
                                           request->shard(), node.tablet_alias(),
                                           /*present=*/false, stop));
        break;
    }
    co_return response;
}

Task<Result<replicationdata::Status>> position_of(Control* control, const Tablet* tablet,
                                                  Stop* stop) {
    const std::string alias = alias_text(tablet->alias());
    if (tablet->type() == topodata::PRIMARY) {
        auto answer = co_await ask<tablet_message::PrimaryPositionResponse>(
            control, tablet, tablet_message::PrimaryPositionRequest(), Duration::zero(), stop);
        if (!answer) co_return wrap(answer.error(), "PrimaryPosition(" + alias + ") failed");
        replicationdata::Status status;
        status.set_position(answer->position());
        co_return status;
    }
    auto answer = co_await ask<tablet_message::ReplicationStatusResponse>(
        control, tablet, tablet_message::ReplicationStatusRequest(), Duration::zero(), stop);
    if (!answer) co_return wrap(answer.error(), "ReplicationStatus(" + alias + ") failed");
    co_return std::move(*answer->mutable_status());
}

// Tablets whose server follows the primary's.
bool replicates(const Tablet& tablet) {
    const topodata::TabletType type = tablet.type();
    return type == topodata::REPLICA || type == topodata::RDONLY || type == topodata::SPARE ||
           type == topodata::EXPERIMENTAL || type == topodata::BACKUP || type == topodata::DRAINED;
}

Task<Result<message::ShardReplicationPositionsResponse>> positions(
    Control* control, const message::ShardReplicationPositionsRequest* request, Stop* stop) {
    auto tablets =
        CO_TRY(co_await tablets_of_shard(control, request->keyspace(), request->shard(), stop));
    std::erase_if(tablets, [](const Tablet& tablet) {
        return tablet.type() != topodata::PRIMARY && !replicates(tablet);
    });
    std::vector<Task<Result<replicationdata::Status>>> asked;
    for (const Tablet& tablet : tablets) asked.push_back(position_of(control, &tablet, stop));
    const auto statuses = co_await async::gather(std::move(asked));
    message::ShardReplicationPositionsResponse response;
    for (std::size_t i = 0; i < tablets.size(); ++i) {
        // Who does not answer in time is listed without a position; other failures are the call's.
        const bool too_late = !statuses[i] && statuses[i].error().code == Code::deadline_exceeded;
        if (!statuses[i] && !too_late) co_return std::unexpected(statuses[i].error());
        const std::string alias = alias_text(tablets[i].alias());
        (*response.mutable_tablet_map())[alias] = tablets[i];
        if (statuses[i]) (*response.mutable_replication_statuses())[alias] = *statuses[i];
    }
    co_return response;
}

}  // namespace

std::vector<Method> replication_methods() {
    return {method(&get_graph), method(&add_to_graph), method(&remove_from_graph),
            method(&fix_graph), method(&positions)};
}

}  // namespace sluice::vtctl::detail
