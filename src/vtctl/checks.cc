// Calls of the control plane: whether records and tablets fit together. Before: service.cc.
#include <algorithm>
#include <map>
#include <set>

#include "vtctl/detail/ask.h"
#include "vtctl/detail/method.h"
#include "vtctl/detail/one_tablet.h"

namespace sluice::vtctl::detail {
namespace {

using topodata::Tablet;

// The tablet stands in the replication graph of its shard.
Task<Result<void>> check_tablet(Control* control, const Tablet* tablet, Stop* stop) {
    const auto graph = CO_TRY(co_await read<topodata::ShardReplication>(
        control, tablet->alias().cell(),
        path::shard_replication(tablet->keyspace(), tablet->shard()), stop));
    const bool is_there = std::ranges::any_of(graph.record.nodes(), [&](const auto& node) {
        return same(node.tablet_alias(), tablet->alias());
    });
    if (is_there) co_return Result<void>{};
    co_return fail(Code::not_found, "tablet " + alias_text(tablet->alias()) +
                                        " not found in cell " + tablet->alias().cell() +
                                        " shard replication");
}

void check_primaries(const topodata::Shard& shard, const std::vector<Tablet>& tablets,
                     const std::string& name, message::ValidateShardResponse* response) {
    const Tablet* primary = nullptr;
    for (const Tablet& tablet : tablets) {
        if (tablet.type() != topodata::PRIMARY) continue;
        if (primary == nullptr) {
            primary = &tablet;
            continue;
        }
        response->add_results("shard " + name + " already has primary " +
                              alias_text(primary->alias()) + " but found other primary " +
                              alias_text(tablet.alias()));
    }
    if (primary == nullptr) {
        response->add_results("no primary for shard " + name);
    } else if (!same(shard.primary_alias(), primary->alias())) {
        response->add_results("primary mismatch for shard " + name + ": found " +
                              alias_text(primary->alias()) + ", expected " +
                              alias_text(shard.primary_alias()));
    }
}

// The primary's server knows its replicas by their hosts.
Task<void> check_replicas(Control* control, const topodata::Shard* shard,
                          const std::vector<Tablet>* tablets, std::string name,
                          message::ValidateShardResponse* response, Stop* stop) {
    if (!shard->has_primary_alias()) {
        response->add_results("no primary in shard record " + name);
        co_return;
    }
    const std::string alias = alias_text(shard->primary_alias());
    const auto primary = std::ranges::find_if(*tablets, [&](const Tablet& tablet) {
        return same(tablet.alias(), shard->primary_alias());
    });
    if (primary == tablets->end()) {
        response->add_results("primary " + alias + " not in tablet map");
        co_return;
    }
    const auto replicas = co_await ask<tablet_message::GetReplicasResponse>(
        control, &*primary, tablet_message::GetReplicasRequest(), Duration::zero(), stop);
    if (!replicas) {
        response->add_results("GetReplicas(" + alias + ") failed: " + replicas.error().text);
    } else if (replicas->addrs_size() == 0) {
        response->add_results("no replicas of tablet " + alias + " found");
    }
}

Task<void> ping_into(Control* control, const Tablet* tablet, std::string* into, Stop* stop) {
    const auto answer = co_await ping_tablet(control, tablet, stop);
    if (!answer)
        *into = "Ping(" + alias_text(tablet->alias()) + ") failed: " + answer.error().text +
                " tablet hostname: " + tablet->hostname();
}

Task<void> ping_all(Control* control, const std::vector<Tablet>* tablets,
                    message::ValidateShardResponse* response, Stop* stop) {
    std::vector<std::string> lines(tablets->size());
    async::Scope scope;
    for (std::size_t i = 0; i < tablets->size(); ++i)
        scope.spawn("ping", ping_into(control, &(*tablets)[i], &lines[i], stop));
    co_await scope.join();
    for (std::string& line : lines) {
        if (!line.empty()) response->add_results(std::move(line));
    }
}

Task<Result<message::ValidateShardResponse>> validate_shard(
    Control* control, const message::ValidateShardRequest* request, Stop* stop) {
    message::ValidateShardResponse response;
    const std::string name = shard_text(request->keyspace(), request->shard());
    const auto shard = co_await read_shard(control, request->keyspace(), request->shard(), stop);
    if (!shard) {
        response.add_results("TopologyServer.GetShard(" + request->keyspace() + ", " +
                             request->shard() + ") failed: " + shard.error().text);
        co_return response;
    }
    const auto tablets =
        co_await tablets_of_shard(control, request->keyspace(), request->shard(), stop);
    if (!tablets) {
        response.add_results("TopologyServer.FindAllTabletAliasesInShard(" + request->keyspace() +
                             ", " + request->shard() + ") failed: " + tablets.error().text);
        co_return response;
    }
    check_primaries(*shard, *tablets, name, &response);
    for (const Tablet& tablet : *tablets) {
        const auto checked = co_await check_tablet(control, &tablet, stop);
        if (!checked)
            response.add_results("topo.Validate(" + alias_text(tablet.alias()) +
                                 ") failed: " + checked.error().text);
    }
    if (request->ping_tablets()) {
        co_await check_replicas(control, &*shard, &*tablets, name, &response, stop);
        co_await ping_all(control, &*tablets, &response, stop);
    }
    co_return response;
}

Task<Result<message::ValidateKeyspaceResponse>> validate_keyspace(
    Control* control, const message::ValidateKeyspaceRequest* request, Stop* stop) {
    message::ValidateKeyspaceResponse response;
    const auto shards = co_await shards_of(control, request->keyspace(), stop);
    if (!shards) {
        response.add_results("TopologyServer.GetShardNames(" + request->keyspace() +
                             ") failed: " + shards.error().text);
        co_return response;
    }
    for (const std::string& shard : *shards) {
        message::ValidateShardRequest one;
        one.set_keyspace(request->keyspace());
        one.set_shard(shard);
        one.set_ping_tablets(request->ping_tablets());
        (*response.mutable_results_by_shard())[shard] =
            CO_TRY(co_await validate_shard(control, &one, stop));
    }
    co_return response;
}

Task<Result<message::ValidateResponse>> validate(Control* control,
                                                 const message::ValidateRequest* request,
                                                 Stop* stop) {
    message::ValidateResponse response;
    const auto keyspaces = co_await control->topology->keyspace_names(stop);
    if (!keyspaces) {
        response.add_results("GetKeyspaces failed: " + keyspaces.error().text);
        co_return response;
    }
    for (const std::string& keyspace : *keyspaces) {
        message::ValidateKeyspaceRequest one;
        one.set_keyspace(keyspace);
        one.set_ping_tablets(request->ping_tablets());
        (*response.mutable_results_by_keyspace())[keyspace] =
            CO_TRY(co_await validate_keyspace(control, &one, stop));
    }
    // Tablets of no shard that exists have been seen by none of them.
    for (const auto& cell : CO_TRY(co_await control->topology->cell_names(stop))) {
        const auto tablets = co_await tablets_of_cell(control, cell, stop);
        if (!tablets) {
            response.add_results("TopologyServer.GetTabletsByCell(" + cell +
                                 ") failed: " + tablets.error().text);
            continue;
        }
        for (const Tablet& tablet : *tablets) {
            const auto checked = co_await check_tablet(control, &tablet, stop);
            if (!checked)
                response.add_results("topo.Validate(" + alias_text(tablet.alias()) +
                                     ") failed: " + checked.error().text);
        }
    }
    co_return response;
}

}  // namespace

std::vector<Method> check_methods() {
    return {method(&validate), method(&validate_keyspace), method(&validate_shard)};
}

}  // namespace sluice::vtctl::detail
