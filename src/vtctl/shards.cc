// Calls of the control plane: shards. Before: service.cc. After: detail/records.cc.
#include <algorithm>

#include "vindex/key_range.h"
#include "vtctl/detail/deletion.h"
#include "vtctl/detail/method.h"
#include "vtctl/detail/serving.h"

namespace sluice::vtctl::detail {
namespace {

using TabletControl = topodata::Shard::TabletControl;

// A new shard serves unless another one has some of its keys.
Task<Result<topodata::Shard>> new_shard(Control* control, std::string keyspace,
                                        vindex::ShardName name, Stop* stop) {
    topodata::Shard made;
    made.set_is_primary_serving(true);
    if (name.range) {
        made.mutable_key_range()->set_start(name.range->start);
        made.mutable_key_range()->set_end(name.range->end);
    }
    for (const auto& other : CO_TRY(co_await control->topology->shard_names(keyspace, stop))) {
        const auto shard = CO_TRY(co_await control->topology->shard(keyspace, other, stop));
        const auto& range = shard.value.key_range;
        const bool overlaps =
            !range || vindex::intersect(&*range, name.range ? &*name.range : nullptr);
        if (overlaps) made.set_is_primary_serving(false);
    }
    co_return made;
}

Task<Result<void>> create_shard_record(Control* control, std::string keyspace, std::string shard,
                                       Stop* stop) {
    CO_TRY(vindex::validate_keyspace_name(keyspace));
    auto name = CO_TRY(vindex::validate_shard_name(shard));
    const std::string where = path::shard(keyspace, name.name);
    const auto lock =
        CO_TRY(co_await control->topology->lock_keyspace(keyspace, "CreateShard", stop));
    auto made = co_await new_shard(control, keyspace, std::move(name), stop);
    Result<void> created = made ? Result<void>{} : std::unexpected(made.error());
    if (created) created = co_await create(control, global, where, *made, stop);
    static_cast<void>(co_await lock->release(stop));
    co_return created;
}

Task<Result<message::CreateShardResponse>> create_shard(Control* control,
                                                        const message::CreateShardRequest* request,
                                                        Stop* stop) {
    message::CreateShardResponse response;
    if (request->include_parent()) {
        const auto made = co_await create(control, global, path::keyspace(request->keyspace()),
                                          topodata::Keyspace(), stop);
        if (!made && (made.error().code != topo::node_exists || !request->force()))
            co_return std::unexpected(made.error());
    }
    const auto made =
        co_await create_shard_record(control, request->keyspace(), request->shard_name(), stop);
    if (!made && (made.error().code != topo::node_exists || !request->force()))
        co_return std::unexpected(made.error());
    response.set_shard_already_exists(!made);
    response.mutable_keyspace()->set_name(request->keyspace());
    *response.mutable_keyspace()->mutable_keyspace() =
        CO_TRY(co_await read<topodata::Keyspace>(control, global,
                                                 path::keyspace(request->keyspace()), stop))
            .record;
    response.mutable_shard()->set_keyspace(request->keyspace());
    response.mutable_shard()->set_name(request->shard_name());
    *response.mutable_shard()->mutable_shard() =
        CO_TRY(co_await read_shard(control, request->keyspace(), request->shard_name(), stop));
    co_return response;
}

Task<Result<message::GetShardResponse>> get_shard(Control* control,
                                                  const message::GetShardRequest* request,
                                                  Stop* stop) {
    message::GetShardResponse response;
    message::Shard& shard = *response.mutable_shard();
    shard.set_keyspace(request->keyspace());
    shard.set_name(request->shard_name());
    *shard.mutable_shard() =
        CO_TRY(co_await read_shard(control, request->keyspace(), request->shard_name(), stop));
    co_return response;
}

Task<Result<message::DeleteShardsResponse>> delete_shards(
    Control* control, const message::DeleteShardsRequest* request, Stop* stop) {
    for (const auto& shard : request->shards()) {
        CO_TRY(co_await delete_shard(control, shard.keyspace(), shard.name(),
                                     {.recursive = request->recursive(),
                                      .even_if_serving = request->even_if_serving(),
                                      .force = request->force()},
                                     stop));
    }
    co_return message::DeleteShardsResponse();
}

Task<Result<message::RemoveShardCellResponse>> remove_cell(
    Control* control, const message::RemoveShardCellRequest* request, Stop* stop) {
    CO_TRY(co_await remove_shard_cell(control, request->keyspace(), request->shard_name(),
                                      request->cell(), request->recursive(), request->force(),
                                      stop));
    co_return message::RemoveShardCellResponse();
}

Task<Result<message::SetShardIsPrimaryServingResponse>> set_serving(
    Control* control, const message::SetShardIsPrimaryServingRequest* request, Stop* stop) {
    const std::string action = "SetShardIsPrimaryServing(" + request->keyspace() + "," +
                               request->shard() + "," + (request->is_serving() ? "true" : "false") +
                               ")";
    const auto lock =
        CO_TRY(co_await control->topology->lock_keyspace(request->keyspace(), action, stop));
    const bool serving = request->is_serving();
    auto changed = co_await change<topodata::Shard>(
        control, path::shard(request->keyspace(), request->shard()), Absent::refuse,
        [serving](topodata::Shard* shard) -> Result<bool> {
            shard->set_is_primary_serving(serving);
            return true;
        },
        stop);
    static_cast<void>(co_await lock->release(stop));
    message::SetShardIsPrimaryServingResponse response;
    *response.mutable_shard() = CO_TRY(std::move(changed));
    co_return response;
}

void erase_control(topodata::Shard* shard, topodata::TabletType type) {
    auto& controls = *shard->mutable_tablet_controls();
    controls.erase(std::remove_if(controls.begin(), controls.end(),
                                  [&](const auto& one) { return one.tablet_type() == type; }),
                   controls.end());
}

template <class List>
bool has(const List& list, const std::string& text) {
    return std::ranges::find(list, text) != list.end();
}

// A primary's denied tables are added and taken away one by one.
void change_primary_control(topodata::Shard* shard, TabletControl* one,
                            const message::SetShardTabletControlRequest& request) {
    std::vector<std::string> tables;
    if (request.remove()) {
        for (const auto& table : one->denied_tables()) {
            // No names: all go.
            if (request.denied_tables_size() > 0 && !has(request.denied_tables(), table))
                tables.push_back(table);
        }
    } else {
        tables.assign(one->denied_tables().begin(), one->denied_tables().end());
        for (const auto& table : request.denied_tables()) {
            if (!has(tables, table)) tables.push_back(table);
        }
        if (one->denied_tables_size() > 0) std::ranges::sort(tables);
    }
    if (tables.empty() && request.remove()) return erase_control(shard, topodata::PRIMARY);
    one->clear_denied_tables();
    one->mutable_denied_tables()->Add(tables.begin(), tables.end());
}

Result<bool> change_replica_control(topodata::Shard* shard, TabletControl* one,
                                    const message::SetShardTabletControlRequest& request) {
    if (!request.remove()) {
        if (!std::ranges::equal(one->denied_tables(), request.denied_tables()))
            return fail(Code::invalid_argument,
                        "trying to use two different sets of denied tables for shard " +
                            shard_text(request.keyspace(), request.shard()));
        for (const auto& cell : request.cells()) {
            if (!has(one->cells(), cell)) one->add_cells(cell);
        }
        return true;
    }
    std::vector<std::string> left;
    for (const auto& cell : one->cells()) {
        if (!has(request.cells(), cell)) left.push_back(cell);
    }
    if (left.empty()) {
        erase_control(shard, request.tablet_type());
    } else {
        one->clear_cells();
        one->mutable_cells()->Add(left.begin(), left.end());
    }
    return true;
}

Result<bool> change_control(topodata::Shard* shard,
                            const message::SetShardTabletControlRequest& request) {
    if (request.tablet_type() == topodata::PRIMARY && request.cells_size() > 0)
        return fail(Code::unknown, "cannot specify cells for a primary's tablet control");
    auto& controls = *shard->mutable_tablet_controls();
    const auto found = std::ranges::find_if(
        controls, [&](const auto& one) { return one.tablet_type() == request.tablet_type(); });
    if (found == controls.end()) {
        if (request.remove()) return true;
        TabletControl* made = controls.Add();
        made->set_tablet_type(request.tablet_type());
        *made->mutable_cells() = request.cells();
        *made->mutable_denied_tables() = request.denied_tables();
        return true;
    }
    if (request.tablet_type() != topodata::PRIMARY)
        return change_replica_control(shard, &*found, request);
    change_primary_control(shard, &*found, request);
    return true;
}

Task<Result<topodata::Shard>> set_control_locked(
    Control* control, const message::SetShardTabletControlRequest* request, Stop* stop) {
    auto shard = CO_TRY(co_await change<topodata::Shard>(
        control, path::shard(request->keyspace(), request->shard()), Absent::refuse,
        [request](topodata::Shard* record) { return change_control(record, *request); }, stop));
    if (!request->remove() && request->denied_tables_size() == 0) {
        CO_TRY(co_await change_query_service(
            control,
            {.keyspace = request->keyspace(),
             .shard = request->shard(),
             .type = request->tablet_type(),
             .cells = {request->cells().begin(), request->cells().end()},
             .disabled = request->disable_query_service()},
            stop));
    }
    co_return shard;
}

Task<Result<message::SetShardTabletControlResponse>> set_control(
    Control* control, const message::SetShardTabletControlRequest* request, Stop* stop) {
    const auto lock = CO_TRY(co_await control->topology->lock_keyspace(
        request->keyspace(), "SetShardTabletControl", stop));
    auto changed = co_await set_control_locked(control, request, stop);
    static_cast<void>(co_await lock->release(stop));
    message::SetShardTabletControlResponse response;
    *response.mutable_shard() = CO_TRY(std::move(changed));
    co_return response;
}

Task<Result<message::SourceShardAddResponse>> add_source(
    Control* control, const message::SourceShardAddRequest* request, Stop* stop) {
    const auto lock = CO_TRY(co_await control->topology->lock_keyspace(
        request->keyspace(), "SourceShardAdd(" + std::to_string(request->uid()) + ")", stop));
    bool added = false;
    auto changed = co_await change<topodata::Shard>(
        control, path::shard(request->keyspace(), request->shard()), Absent::refuse,
        [request, &added](topodata::Shard* shard) -> Result<bool> {
            added = std::ranges::none_of(shard->source_shards(), [&](const auto& one) {
                return one.uid() == request->uid();
            });
            if (!added) return false;
            auto* made = shard->add_source_shards();
            made->set_uid(request->uid());
            made->set_keyspace(request->source_keyspace());
            made->set_shard(request->source_shard());
            if (request->has_key_range()) *made->mutable_key_range() = request->key_range();
            *made->mutable_tables() = request->tables();
            return true;
        },
        stop);
    static_cast<void>(co_await lock->release(stop));
    auto shard = CO_TRY(std::move(changed));
    message::SourceShardAddResponse response;
    if (added) *response.mutable_shard() = std::move(shard);
    co_return response;
}

Task<Result<message::SourceShardDeleteResponse>> delete_source(
    Control* control, const message::SourceShardDeleteRequest* request, Stop* stop) {
    const auto lock = CO_TRY(co_await control->topology->lock_keyspace(
        request->keyspace(), "SourceShardDelete(" + std::to_string(request->uid()) + ")", stop));
    bool deleted = false;
    auto changed = co_await change<topodata::Shard>(
        control, path::shard(request->keyspace(), request->shard()), Absent::refuse,
        [request, &deleted](topodata::Shard* shard) -> Result<bool> {
            auto& sources = *shard->mutable_source_shards();
            const auto last = std::remove_if(sources.begin(), sources.end(), [&](const auto& one) {
                return one.uid() == request->uid();
            });
            deleted = last != sources.end();
            sources.erase(last, sources.end());
            return deleted;
        },
        stop);
    static_cast<void>(co_await lock->release(stop));
    auto shard = CO_TRY(std::move(changed));
    message::SourceShardDeleteResponse response;
    if (deleted) *response.mutable_shard() = std::move(shard);
    co_return response;
}

}  // namespace

std::vector<Method> shard_methods() {
    return {method(&create_shard), method(&get_shard),    method(&delete_shards),
            method(&remove_cell),  method(&set_serving),  method(&set_control),
            method(&add_source),   method(&delete_source)};
}

}  // namespace sluice::vtctl::detail
