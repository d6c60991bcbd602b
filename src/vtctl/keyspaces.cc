// Calls of the control plane: keyspaces. Before: service.cc. After: detail/records.cc.
#include "base/log.h"
#include "vindex/key_range.h"
#include "vschema.pb.h"
#include "vtctl/detail/deletion.h"
#include "vtctl/detail/durability.h"
#include "vtctl/detail/method.h"
#include "vtctl/detail/serving.h"

namespace sluice::vtctl::detail {
namespace {

Result<void> check(const message::CreateKeyspaceRequest& request) {
    if (request.type() == topodata::NORMAL) return {};
    if (request.type() != topodata::SNAPSHOT)
        return fail(Code::unknown, "unknown keyspace type " + std::to_string(request.type()));
    if (request.base_keyspace().empty())
        return fail(Code::unknown, "BaseKeyspace is required for SNAPSHOT keyspaces");
    if (!request.has_snapshot_time())
        return fail(Code::unknown, "SnapshotTime is required for SNAPSHOT keyspaces");
    return {};
}

// A snapshot routes as its base does, but only for who names it.
Task<Result<void>> write_vschema(Control* control, const message::CreateKeyspaceRequest* request,
                                 Stop* stop) {
    const std::string where = path::vschema(request->name());
    if (!request->allow_empty_v_schema()) {
        const auto made = co_await create(control, global, where, ::vschema::Keyspace(), stop);
        if (!made && made.error().code != topo::node_exists)
            co_return std::unexpected(made.error());
    }
    if (request->type() != topodata::SNAPSHOT) co_return Result<void>{};
    auto base = CO_TRY(co_await read_or_empty<::vschema::Keyspace>(
        control, global, path::vschema(request->base_keyspace()), stop));
    base.set_require_explicit_routing(true);
    co_return co_await write(control, global, where, base, 0, stop);
}

Task<Result<message::CreateKeyspaceResponse>> create_keyspace(
    Control* control, const message::CreateKeyspaceRequest* request, Stop* stop) {
    CO_TRY(check(*request));
    CO_TRY(vindex::validate_keyspace_name(request->name()));
    topodata::Keyspace keyspace;
    keyspace.set_keyspace_type(request->type());
    keyspace.set_base_keyspace(request->base_keyspace());
    if (request->has_snapshot_time()) *keyspace.mutable_snapshot_time() = request->snapshot_time();
    keyspace.set_durability_policy(request->durability_policy());
    keyspace.set_sidecar_db_name(request->sidecar_db_name());
    const std::string where = path::keyspace(request->name());
    const auto made = co_await create(control, global, where, keyspace, stop);
    if (!made && (made.error().code != topo::node_exists || !request->force()))
        co_return std::unexpected(made.error());
    if (!made) {
        keyspace = CO_TRY(co_await read<topodata::Keyspace>(control, global, where, stop)).record;
    }
    CO_TRY(co_await write_vschema(control, request, stop));
    CO_TRY(co_await control->topology->rebuild_srv_vschema({}, stop));
    message::CreateKeyspaceResponse response;
    response.mutable_keyspace()->set_name(request->name());
    *response.mutable_keyspace()->mutable_keyspace() = keyspace;
    co_return response;
}

Task<Result<message::Keyspace>> named(Control* control, std::string name, Stop* stop) {
    message::Keyspace keyspace;
    *keyspace.mutable_keyspace() =
        CO_TRY(co_await read<topodata::Keyspace>(control, global, path::keyspace(name), stop))
            .record;
    keyspace.set_name(std::move(name));
    co_return keyspace;
}

Task<Result<message::GetKeyspaceResponse>> get_keyspace(Control* control,
                                                        const message::GetKeyspaceRequest* request,
                                                        Stop* stop) {
    message::GetKeyspaceResponse response;
    *response.mutable_keyspace() = CO_TRY(co_await named(control, request->keyspace(), stop));
    co_return response;
}

Task<Result<message::GetKeyspacesResponse>> get_keyspaces(Control* control,
                                                          const message::GetKeyspacesRequest*,
                                                          Stop* stop) {
    message::GetKeyspacesResponse response;
    for (const auto& name : CO_TRY(co_await control->topology->keyspace_names(stop)))
        *response.add_keyspaces() = CO_TRY(co_await named(control, name, stop));
    co_return response;
}

Task<Result<void>> delete_shards_of(Control* control, const message::DeleteKeyspaceRequest* request,
                                    Stop* stop) {
    const auto shards = CO_TRY(co_await shards_of(control, request->keyspace(), stop));
    if (!shards.empty() && !request->recursive())
        co_return fail(Code::failed_precondition,
                       "keyspace " + request->keyspace() + " still has " +
                           std::to_string(shards.size()) +
                           " shards; use Recursive=true or remove them manually");
    for (const std::string& shard : shards) {
        const auto deleted = co_await delete_shard(
            control, request->keyspace(), shard,
            {.recursive = true, .even_if_serving = true, .force = request->force()}, stop);
        if (!deleted)
            co_return wrap(deleted.error(),
                           "cannot delete shard " + shard_text(request->keyspace(), shard));
    }
    co_return Result<void>{};
}

Task<Result<void>> delete_keyspace_records(Control* control,
                                           const message::DeleteKeyspaceRequest* request,
                                           Stop* stop) {
    CO_TRY(co_await delete_shards_of(control, request, stop));
    for (const auto& cell : CO_TRY(co_await control->topology->cell_names(stop))) {
        const auto removed =
            co_await remove_if_there(control, cell, path::srv_keyspace(request->keyspace()), stop);
        if (!removed)
            log::warning("the SrvKeyspace of " + request->keyspace() + " in cell " + cell +
                         " stays: " + removed.error().text);
    }
    CO_TRY(co_await remove(control, global, path::keyspace(request->keyspace()), stop));
    CO_TRY(co_await remove_if_there(control, global, path::vschema(request->keyspace()), stop));
    co_return Result<void>{};
}

Task<Result<message::DeleteKeyspaceResponse>> delete_keyspace(
    Control* control, const message::DeleteKeyspaceRequest* request, Stop* stop) {
    auto lock =
        co_await control->topology->lock_keyspace(request->keyspace(), "DeleteKeyspace", stop);
    if (!lock && !request->force())
        co_return wrap(lock.error(), "failed to lock " + request->keyspace() +
                                         "; if you really want to delete this keyspace, re-run "
                                         "with Force=true");
    auto deleted = co_await delete_keyspace_records(control, request, stop);
    if (lock) static_cast<void>(co_await (*lock)->release(stop));
    if (!deleted) co_return std::unexpected(deleted.error());
    co_return message::DeleteKeyspaceResponse();
}

Task<Result<topodata::Keyspace>> set_policy(
    Control* control, const message::SetKeyspaceDurabilityPolicyRequest* request, Stop* stop) {
    const std::string where = path::keyspace(request->keyspace());
    auto stored = CO_TRY(co_await read<topodata::Keyspace>(control, global, where, stop));
    if (!Durability::named(request->durability_policy()))
        co_return fail(Code::invalid_argument,
                       "durability policy <" + request->durability_policy() +
                           "> is not a valid policy. Please register it as a policy first");
    stored.record.set_durability_policy(request->durability_policy());
    CO_TRY(co_await write(control, global, where, stored.record, stored.version, stop));
    co_return std::move(stored.record);
}

Task<Result<message::SetKeyspaceDurabilityPolicyResponse>> set_durability(
    Control* control, const message::SetKeyspaceDurabilityPolicyRequest* request, Stop* stop) {
    const auto lock = CO_TRY(co_await control->topology->lock_keyspace(
        request->keyspace(), "SetKeyspaceDurabilityPolicy", stop));
    auto keyspace = co_await set_policy(control, request, stop);
    CO_TRY(co_await lock->release(stop));
    message::SetKeyspaceDurabilityPolicyResponse response;
    *response.mutable_keyspace() = CO_TRY(std::move(keyspace));
    co_return response;
}

Task<Result<message::FindAllShardsInKeyspaceResponse>> find_shards(
    Control* control, const message::FindAllShardsInKeyspaceRequest* request, Stop* stop) {
    message::FindAllShardsInKeyspaceResponse response;
    for (const auto& name : CO_TRY(co_await shards_of(control, request->keyspace(), stop))) {
        message::Shard& shard = (*response.mutable_shards())[name];
        shard.set_keyspace(request->keyspace());
        shard.set_name(name);
        *shard.mutable_shard() =
            CO_TRY(co_await read_shard(control, request->keyspace(), name, stop));
    }
    co_return response;
}

Task<Result<message::RemoveKeyspaceCellResponse>> remove_cell(
    Control* control, const message::RemoveKeyspaceCellRequest* request, Stop* stop) {
    for (const auto& shard : CO_TRY(co_await shards_of(control, request->keyspace(), stop))) {
        const auto removed =
            co_await remove_shard_cell(control, request->keyspace(), shard, request->cell(),
                                       request->recursive(), request->force(), stop);
        if (!removed)
            co_return wrap(removed.error(), "cannot remove cell " + request->cell() +
                                                " from shard " +
                                                shard_text(request->keyspace(), shard));
    }
    const auto removed =
        co_await remove(control, request->cell(), path::srv_keyspace(request->keyspace()), stop);
    if (!removed)
        co_return wrap(removed.error(), "cannot delete SrvKeyspace from cell " + request->cell() +
                                            " for keyspace " + request->keyspace());
    co_return message::RemoveKeyspaceCellResponse();
}

}  // namespace

std::vector<Method> keyspace_methods() {
    return {method(&create_keyspace), method(&get_keyspace),   method(&get_keyspaces),
            method(&delete_keyspace), method(&set_durability), method(&find_shards),
            method(&remove_cell)};
}

}  // namespace sluice::vtctl::detail
