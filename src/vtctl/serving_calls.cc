// Calls of the control plane: what gateways of a cell read, and any record by its path. Before:
// service.cc. After: detail/serving.cc.
#include <algorithm>

#include "base/log.h"
#include "servenv/json_text.h"
#include "vschema.pb.h"
#include "vtctl/detail/method.h"
#include "vtctl/detail/serving.h"

namespace sluice::vtctl::detail {
namespace {

template <class Request>
Task<Result<std::vector<std::string>>> cells_of(Control* control, const Request* request,
                                                Stop* stop) {
    if (request->cells_size() > 0)
        co_return std::vector<std::string>(request->cells().begin(), request->cells().end());
    co_return co_await control->topology->cell_names(stop);
}

Task<Result<message::GetSrvKeyspaceNamesResponse>> served_names(
    Control* control, const message::GetSrvKeyspaceNamesRequest* request, Stop* stop) {
    message::GetSrvKeyspaceNamesResponse response;
    for (const auto& cell : CO_TRY(co_await cells_of(control, request, stop))) {
        auto& list = (*response.mutable_names())[cell];
        for (auto& name : CO_TRY(co_await control->topology->srv_keyspace_names(cell, stop)))
            list.add_names(std::move(name));
    }
    co_return response;
}

Task<Result<message::GetSrvKeyspacesResponse>> served_keyspaces(
    Control* control, const message::GetSrvKeyspacesRequest* request, Stop* stop) {
    message::GetSrvKeyspacesResponse response;
    for (const auto& cell : CO_TRY(co_await cells_of(control, request, stop))) {
        (*response.mutable_srv_keyspaces())[cell] =
            CO_TRY(co_await read_or_empty<topodata::SrvKeyspace>(
                control, cell, path::srv_keyspace(request->keyspace()), stop));
    }
    co_return response;
}

Task<Result<message::GetSrvVSchemaResponse>> served_vschema(
    Control* control, const message::GetSrvVSchemaRequest* request, Stop* stop) {
    message::GetSrvVSchemaResponse response;
    *response.mutable_srv_v_schema() =
        CO_TRY(co_await read<::vschema::SrvVSchema>(control, request->cell(), path::srv_vschema(),
                                                    stop))
            .record;
    co_return response;
}

Task<Result<message::GetSrvVSchemasResponse>> served_vschemas(
    Control* control, const message::GetSrvVSchemasRequest* request, Stop* stop) {
    message::GetSrvVSchemasResponse response;
    for (const auto& cell : CO_TRY(co_await control->topology->cell_names(stop))) {
        const bool wanted = request->cells_size() == 0 ||
                            std::ranges::find(request->cells(), cell) != request->cells().end();
        if (!wanted) continue;
        (*response.mutable_srv_v_schemas())[cell] =
            CO_TRY(co_await read_or_empty<::vschema::SrvVSchema>(control, cell, path::srv_vschema(),
                                                                 stop));
    }
    co_return response;
}

Task<Result<message::DeleteSrvVSchemaResponse>> delete_served_vschema(
    Control* control, const message::DeleteSrvVSchemaRequest* request, Stop* stop) {
    if (request->cell().empty()) co_return fail(Code::invalid_argument, "cell must be non-empty");
    CO_TRY(co_await remove(control, request->cell(), path::srv_vschema(), stop));
    co_return message::DeleteSrvVSchemaResponse();
}

Task<Result<message::RebuildKeyspaceGraphResponse>> rebuild_keyspace(
    Control* control, const message::RebuildKeyspaceGraphRequest* request, Stop* stop) {
    CO_TRY(co_await rebuild_serving(control, request->keyspace(),
                                    {request->cells().begin(), request->cells().end()},
                                    request->allow_partial(), stop));
    co_return message::RebuildKeyspaceGraphResponse();
}

Task<Result<message::RebuildVSchemaGraphResponse>> rebuild_vschema(
    Control* control, const message::RebuildVSchemaGraphRequest* request, Stop* stop) {
    CO_TRY(co_await control->topology->rebuild_srv_vschema(
        {request->cells().begin(), request->cells().end()}, stop));
    co_return message::RebuildVSchemaGraphResponse();
}

// "/CELL/PATH": a record with its contents, or a directory with the names in it.
Task<Result<message::TopologyCell>> node_at(Control* control,
                                            const message::GetTopologyPathRequest* request,
                                            Stop* stop) {
    const std::string_view whole = request->path();
    if (!whole.starts_with('/'))
        co_return fail(Code::invalid_argument, "invalid path: " + std::string(whole));
    const std::size_t slash = std::min(whole.find('/', 1), whole.size());
    const std::string cell(whole.substr(1, slash - 1));
    const std::string below(slash == whole.size() ? "" : whole.substr(slash + 1));
    if (request->version() != 0)
        co_return fail(Code::unimplemented,
                       "an earlier version of a record cannot be read: only the newest is kept");
    const auto store = co_await store_of(control, cell, stop);
    if (!store)
        co_return fail(Code::unavailable,
                       "error fetching connection to cell " + cell + ": " + store.error().text);
    message::TopologyCell node;
    node.set_name(std::string(whole.substr(whole.rfind('/') + 1)));
    node.set_path(std::string(whole));
    const auto found = co_await (*store)->get(below, stop);
    if (found) {
        node.set_version(found->version);
        // As v21 prints it: indented JSON, or protobuf's text form in one line.
        node.set_data(
            request->as_json()
                ? servenv::json_indented(CO_TRY(topo::record_json(below, found->contents)), "  ")
                : CO_TRY(topo::record_text(below, found->contents)));
        co_return node;
    }
    if (found.error().code != topo::no_node) co_return std::unexpected(found.error());
    const auto names = co_await (*store)->list_dir(below, stop);
    if (!names)
        co_return fail(Code::failed_precondition,
                       "cell " + cell + " with path " + std::string(whole) +
                           " has no file contents and no children: " + names.error().text);
    for (const auto& name : *names) node.add_children(name);
    co_return node;
}

Task<Result<message::GetTopologyPathResponse>> topology_path(
    Control* control, const message::GetTopologyPathRequest* request, Stop* stop) {
    message::GetTopologyPathResponse response;
    message::TopologyCell& node = *response.mutable_cell();
    if (request->path() != "/") {
        node = CO_TRY(co_await node_at(control, request, stop));
        co_return response;
    }
    node.set_path("/");
    node.add_children(global);
    for (auto& cell : CO_TRY(co_await control->topology->cell_names(stop)))
        node.add_children(std::move(cell));
    co_return response;
}

}  // namespace

std::vector<Method> serving_methods() {
    return {method(&served_names),    method(&served_keyspaces),      method(&served_vschema),
            method(&served_vschemas), method(&delete_served_vschema), method(&rebuild_keyspace),
            method(&rebuild_vschema), method(&topology_path)};
}

}  // namespace sluice::vtctl::detail
