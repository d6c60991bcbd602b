// Calls of the control plane: cells and their aliases. Before: service.cc.
#include <algorithm>
#include <set>

#include "vtctl/detail/method.h"
#include "vtctl/detail/records.h"

namespace sluice::vtctl::detail {
namespace {

Task<Result<message::AddCellInfoResponse>> add_cell(Control* control,
                                                    const message::AddCellInfoRequest* request,
                                                    Stop* stop) {
    if (request->cell_info().root().empty())
        co_return fail(Code::failed_precondition, "CellInfo.Root must be non-empty");
    CO_TRY(co_await create(control, global, path::cell_location(request->name()),
                           request->cell_info(), stop));
    co_return message::AddCellInfoResponse();
}

Task<Result<message::GetCellInfoResponse>> get_cell(Control* control,
                                                    const message::GetCellInfoRequest* request,
                                                    Stop* stop) {
    if (request->cell().empty())
        co_return fail(Code::failed_precondition, "cell field is required");
    message::GetCellInfoResponse response;
    *response.mutable_cell_info() =
        CO_TRY(co_await read<topodata::CellInfo>(control, global,
                                                 path::cell_location(request->cell()), stop))
            .record;
    co_return response;
}

Task<Result<message::GetCellInfoNamesResponse>> get_cell_names(
    Control* control, const message::GetCellInfoNamesRequest*, Stop* stop) {
    message::GetCellInfoNamesResponse response;
    for (auto& name : CO_TRY(co_await control->topology->cell_names(stop)))
        response.add_names(std::move(name));
    co_return response;
}

Result<bool> take_cell(const topodata::CellInfo& wanted, topodata::CellInfo* cell) {
    bool changed = false;
    if (!wanted.server_address().empty() && wanted.server_address() != cell->server_address()) {
        cell->set_server_address(wanted.server_address());
        changed = true;
    }
    if (!wanted.root().empty() && wanted.root() != cell->root()) {
        cell->set_root(wanted.root());
        changed = true;
    }
    return changed;
}

Task<Result<message::UpdateCellInfoResponse>> update_cell(
    Control* control, const message::UpdateCellInfoRequest* request, Stop* stop) {
    message::UpdateCellInfoResponse response;
    response.set_name(request->name());
    *response.mutable_cell_info() = CO_TRY(co_await change<topodata::CellInfo>(
        control, path::cell_location(request->name()), Absent::make,
        [request](topodata::CellInfo* cell) { return take_cell(request->cell_info(), cell); },
        stop));
    control->topology->forget_cell(request->name());
    co_return response;
}

Task<Result<message::DeleteCellInfoResponse>> delete_cell(
    Control* control, const message::DeleteCellInfoRequest* request, Stop* stop) {
    const auto served = co_await control->topology->srv_keyspace_names(request->name(), stop);
    if (!served && served.error().code != topo::no_node && !request->force())
        co_return wrap(served.error(),
                       "can't list SrvKeyspace entries in the cell; use -force flag to continue "
                       "anyway (e.g. if cell-local topo was already permanently shut down)");
    if (served && !served->empty() && !request->force())
        co_return fail(Code::failed_precondition,
                       "cell " + request->name() +
                           " has serving keyspaces. Before deleting, delete keyspace with "
                           "DeleteKeyspace, or use -force to continue anyway.");
    CO_TRY(co_await remove(control, global, path::cell_location(request->name()), stop));
    control->topology->forget_cell(request->name());
    co_return message::DeleteCellInfoResponse();
}

// No cell is in two aliases.
Task<Result<void>> check_alias(Control* control, std::string name, std::set<std::string> cells,
                               Stop* stop) {
    for (const auto& [other, alias] : CO_TRY(co_await control->topology->cells_aliases(stop))) {
        if (other == name) continue;
        const bool overlaps = std::ranges::any_of(
            alias.cells, [&](const std::string& cell) { return cells.contains(cell); });
        if (overlaps)
            co_return fail(Code::unknown, "cells alias " + name +
                                              " is not valid: cell set overlaps with existing "
                                              "alias " +
                                              other);
    }
    co_return Result<void>{};
}

Task<Result<message::AddCellsAliasResponse>> add_alias(Control* control,
                                                       const message::AddCellsAliasRequest* request,
                                                       Stop* stop) {
    CO_TRY(co_await check_alias(control, request->name(),
                                {request->cells().begin(), request->cells().end()}, stop));
    topodata::CellsAlias alias;
    *alias.mutable_cells() = request->cells();
    CO_TRY(co_await create(control, global, path::cells_alias(request->name()), alias, stop));
    co_return message::AddCellsAliasResponse();
}

Task<Result<message::DeleteCellsAliasResponse>> delete_alias(
    Control* control, const message::DeleteCellsAliasRequest* request, Stop* stop) {
    CO_TRY(co_await remove(control, global, path::cells_alias(request->name()), stop));
    co_return message::DeleteCellsAliasResponse();
}

Task<Result<message::GetCellsAliasesResponse>> get_aliases(Control* control,
                                                           const message::GetCellsAliasesRequest*,
                                                           Stop* stop) {
    message::GetCellsAliasesResponse response;
    for (const auto& [name, alias] : CO_TRY(co_await control->topology->cells_aliases(stop))) {
        topodata::CellsAlias& made = (*response.mutable_aliases())[name];
        made.mutable_cells()->Add(alias.cells.begin(), alias.cells.end());
    }
    co_return response;
}

Task<Result<message::UpdateCellsAliasResponse>> update_alias(
    Control* control, const message::UpdateCellsAliasRequest* request, Stop* stop) {
    const auto& cells = request->cells_alias().cells();
    CO_TRY(co_await check_alias(control, request->name(), {cells.begin(), cells.end()}, stop));
    message::UpdateCellsAliasResponse response;
    response.set_name(request->name());
    *response.mutable_cells_alias() = CO_TRY(co_await change<topodata::CellsAlias>(
        control, path::cells_alias(request->name()), Absent::make,
        [request](topodata::CellsAlias* alias) -> Result<bool> {
            *alias->mutable_cells() = request->cells_alias().cells();
            return true;
        },
        stop));
    co_return response;
}

}  // namespace

std::vector<Method> cell_methods() {
    return {method(&add_cell),     method(&get_cell),    method(&get_cell_names),
            method(&update_cell),  method(&delete_cell), method(&add_alias),
            method(&delete_alias), method(&get_aliases), method(&update_alias)};
}

}  // namespace sluice::vtctl::detail
