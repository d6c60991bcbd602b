// Calls of the control plane: tablets. Before: service.cc. After: detail/ask.h.
#include <algorithm>
#include <map>

#include "base/log.h"
#include "vtctl/detail/ask.h"
#include "vtctl/detail/deletion.h"
#include "vtctl/detail/durability.h"
#include "vtctl/detail/method.h"
#include "vtctl/detail/one_tablet.h"

namespace sluice::vtctl::detail {
namespace {

using topodata::Tablet;
using topodata::TabletAlias;

Task<Result<message::GetTabletResponse>> get_tablet(Control* control,
                                                    const message::GetTabletRequest* request,
                                                    Stop* stop) {
    message::GetTabletResponse response;
    *response.mutable_tablet() =
        CO_TRY(co_await read_tablet(control, request->tablet_alias(), stop));
    co_return response;
}

// By name, of one shard, or of whole cells; what cannot be read is left out unless all is wanted.
Task<Result<std::vector<Tablet>>> named_tablets(Control* control,
                                                const message::GetTabletsRequest* request,
                                                Stop* stop) {
    std::vector<Tablet> tablets;
    for (const TabletAlias& alias : request->tablet_aliases()) {
        auto tablet = co_await read_tablet(control, alias, stop);
        if (tablet) {
            tablets.push_back(std::move(*tablet));
        } else if (request->strict()) {
            co_return wrap(tablet.error(), "GetTabletMap(" + alias_text(alias) + ") failed");
        } else {
            log::warning("GetTablets: " + alias_text(alias) + ": " + tablet.error().text);
        }
    }
    co_return tablets;
}

Task<Result<std::vector<Tablet>>> tablets_of_cells(Control* control,
                                                   const message::GetTabletsRequest* request,
                                                   Stop* stop) {
    std::vector<std::string> cells(request->cells().begin(), request->cells().end());
    if (cells.empty()) cells = CO_TRY(co_await control->topology->cell_names(stop));
    std::vector<Tablet> tablets;
    std::size_t failures = 0;
    for (const std::string& cell : cells) {
        auto found = co_await tablets_of_cell(control, cell, stop);
        if (!found) {
            const std::string what = "GetTabletsByCell(" + cell + ") failed";
            if (request->strict() || ++failures == cells.size())
                co_return wrap(found.error(), what);
            log::warning(what + ": " + found.error().text);
            continue;
        }
        for (Tablet& tablet : *found) {
            const bool wanted =
                (request->keyspace().empty() || tablet.keyspace() == request->keyspace()) &&
                (request->shard().empty() || tablet.shard() == request->shard());
            if (wanted) tablets.push_back(std::move(tablet));
        }
    }
    co_return tablets;
}

// Of a shard's primaries only the latest is one; what the others are is not known.
void tell_stale_primaries(std::vector<Tablet>* tablets) {
    std::map<std::string, std::int64_t> latest;
    for (const Tablet& tablet : *tablets) {
        std::int64_t& term = latest[shard_text(tablet.keyspace(), tablet.shard())];
        term = std::max(term, term_of(tablet));
    }
    for (Tablet& tablet : *tablets) {
        if (tablet.type() == topodata::PRIMARY &&
            term_of(tablet) < latest[shard_text(tablet.keyspace(), tablet.shard())])
            tablet.set_type(topodata::UNKNOWN);
    }
}

Task<Result<message::GetTabletsResponse>> get_tablets(Control* control,
                                                      const message::GetTabletsRequest* request,
                                                      Stop* stop) {
    Result<std::vector<Tablet>> found;
    if (request->tablet_aliases_size() > 0) {
        found = co_await named_tablets(control, request, stop);
    } else {
        found = co_await tablets_of_cells(control, request, stop);
    }
    std::vector<Tablet> tablets = CO_TRY(std::move(found));
    const topodata::TabletType type = request->tablet_type();
    if (type != topodata::UNKNOWN)
        std::erase_if(tablets, [type](const Tablet& tablet) { return tablet.type() != type; });
    tell_stale_primaries(&tablets);
    message::GetTabletsResponse response;
    for (Tablet& tablet : tablets) *response.add_tablets() = std::move(tablet);
    co_return response;
}

Task<Result<message::DeleteTabletsResponse>> delete_tablets(
    Control* control, const message::DeleteTabletsRequest* request, Stop* stop) {
    for (const TabletAlias& alias : request->tablet_aliases())
        CO_TRY(co_await delete_tablet(control, alias, request->allow_primary(), stop));
    co_return message::DeleteTabletsResponse();
}

// Types between which a tablet may be moved by hand: those that take no writes.
bool is_allowed(topodata::TabletType from, topodata::TabletType to) {
    const auto is_plain = [](topodata::TabletType type) {
        return type == topodata::REPLICA || type == topodata::RDONLY || type == topodata::SPARE ||
               type == topodata::BACKUP || type == topodata::EXPERIMENTAL ||
               type == topodata::DRAINED;
    };
    if (from == topodata::RESTORE) return to == topodata::SPARE;
    return is_plain(from) && is_plain(to);
}

Task<Result<void>> change_type(Control* control, const Tablet* tablet, topodata::TabletType type,
                               Stop* stop) {
    const Tablet primary = CO_TRY(co_await primary_of_shard(control, tablet, stop));
    const Durability durability = CO_TRY(co_await durability_of(control, tablet->keyspace(), stop));
    Tablet after = *tablet;
    after.set_type(type);
    tablet_message::ChangeTypeRequest ask_for;
    ask_for.set_tablet_type(type);
    ask_for.set_semisync(durability.acknowledges(primary, after));
    CO_TRY(co_await ask<tablet_message::ChangeTypeResponse>(control, tablet, std::move(ask_for),
                                                            Duration::zero(), stop));
    co_return Result<void>{};
}

Task<Result<message::ChangeTabletTypeResponse>> change_tablet_type(
    Control* control, const message::ChangeTabletTypeRequest* request, Stop* stop) {
    const Tablet tablet = CO_TRY(co_await read_tablet(control, request->tablet_alias(), stop));
    const topodata::TabletType type = request->db_type();
    if (!is_allowed(tablet.type(), type))
        co_return fail(Code::unknown, "tablet " + alias_text(tablet.alias()) + " type change " +
                                          type_text(tablet.type()) + " -> " + type_text(type) +
                                          " is not an allowed transition for ChangeTabletType");
    message::ChangeTabletTypeResponse response;
    *response.mutable_before_tablet() = tablet;
    response.set_was_dry_run(request->dry_run());
    if (request->dry_run()) {
        *response.mutable_after_tablet() = tablet;
        response.mutable_after_tablet()->set_type(type);
        co_return response;
    }
    CO_TRY(co_await change_type(control, &tablet, type, stop));
    auto after = co_await read_tablet(control, request->tablet_alias(), stop);
    if (after) *response.mutable_after_tablet() = std::move(*after);
    co_return response;
}

Task<Result<message::ChangeTabletTagsResponse>> change_tags(
    Control* control, const message::ChangeTabletTagsRequest* request, Stop* stop) {
    const Tablet tablet = CO_TRY(co_await read_tablet(control, request->tablet_alias(), stop));
    tablet_message::ChangeTagsRequest ask_for;
    *ask_for.mutable_tags() = request->tags();
    ask_for.set_replace(request->replace());
    const auto answer = CO_TRY(co_await ask<tablet_message::ChangeTagsResponse>(
        control, &tablet, std::move(ask_for), Duration::zero(), stop));
    message::ChangeTabletTagsResponse response;
    *response.mutable_before_tags() = tablet.tags();
    *response.mutable_after_tags() = answer.tags();
    co_return response;
}

// Calls that the tablet answers and nothing else happens.
template <class TabletRequest, class TabletResponse, class Response, class Request>
Task<Result<Response>> pass_on(Control* control, const Request* request, Stop* stop) {
    const Tablet tablet = CO_TRY(co_await read_tablet(control, request->tablet_alias(), stop));
    CO_TRY(co_await ask<TabletResponse>(control, &tablet, TabletRequest(), Duration::zero(), stop));
    co_return Response();
}

Task<Result<message::PingTabletResponse>> ping(Control* control,
                                               const message::PingTabletRequest* request,
                                               Stop* stop) {
    const Tablet tablet = CO_TRY(co_await read_tablet(control, request->tablet_alias(), stop));
    CO_TRY(co_await ping_tablet(control, &tablet, stop));
    co_return message::PingTabletResponse();
}

Task<Result<void>> refresh_one(Control* control, const Tablet* tablet, Stop* stop) {
    CO_TRY(co_await ask<tablet_message::RefreshStateResponse>(
        control, tablet, tablet_message::RefreshStateRequest(), Duration::zero(), stop));
    co_return Result<void>{};
}

Task<Result<message::RefreshStateByShardResponse>> refresh_shard(
    Control* control, const message::RefreshStateByShardRequest* request, Stop* stop) {
    if (request->keyspace().empty())
        co_return fail(Code::invalid_argument, "RefreshStateByShard requires a keyspace");
    if (request->shard().empty())
        co_return fail(Code::invalid_argument, "RefreshStateByShard requires a shard");
    CO_TRY(co_await read_shard(control, request->keyspace(), request->shard(), stop));
    auto tablets =
        CO_TRY(co_await tablets_of_shard(control, request->keyspace(), request->shard(), stop));
    std::erase_if(tablets, [request](const Tablet& tablet) {
        // A restoring tablet does not answer until it has restored.
        return tablet.type() == topodata::RESTORE ||
               (request->cells_size() > 0 &&
                std::ranges::find(request->cells(), tablet.alias().cell()) ==
                    request->cells().end());
    });
    std::vector<Task<Result<void>>> refreshes;
    for (const Tablet& tablet : tablets) refreshes.push_back(refresh_one(control, &tablet, stop));
    const auto outcomes = co_await async::gather(std::move(refreshes));
    message::RefreshStateByShardResponse response;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        if (outcomes[i]) continue;
        response.set_is_partial_refresh(true);
        std::string& details = *response.mutable_partial_refresh_details();
        details += (details.empty() ? "" : "\n") + std::string("failed to refresh tablet ") +
                   alias_text(tablets[i].alias()) + ": " + outcomes[i].error().text;
    }
    co_return response;
}

Task<Result<message::SetWritableResponse>> set_writable(Control* control,
                                                        const message::SetWritableRequest* request,
                                                        Stop* stop) {
    if (!request->has_tablet_alias())
        co_return fail(Code::invalid_argument, "SetWritable.TabletAlias is required");
    if (request->writable()) {
        co_return co_await pass_on<tablet_message::SetReadWriteRequest,
                                   tablet_message::SetReadWriteResponse,
                                   message::SetWritableResponse>(control, request, stop);
    }
    co_return co_await pass_on<tablet_message::SetReadOnlyRequest,
                               tablet_message::SetReadOnlyResponse, message::SetWritableResponse>(
        control, request, stop);
}

Task<Result<message::SleepTabletResponse>> sleep(Control* control,
                                                 const message::SleepTabletRequest* request,
                                                 Stop* stop) {
    const Tablet tablet = CO_TRY(co_await read_tablet(control, request->tablet_alias(), stop));
    tablet_message::SleepRequest ask_for;
    const auto& asked = request->duration();
    const auto usual = std::chrono::nanoseconds(control->call_timeout).count();
    ask_for.set_duration(request->has_duration() ? asked.seconds() * 1'000'000'000 + asked.nanos()
                                                 : usual);
    const auto length = std::chrono::nanoseconds(ask_for.duration());
    CO_TRY(co_await ask<tablet_message::SleepResponse>(control, &tablet, std::move(ask_for),
                                                       length + control->call_timeout, stop));
    co_return message::SleepTabletResponse();
}

Task<Result<message::StartReplicationResponse>> start_replication(
    Control* control, const message::StartReplicationRequest* request, Stop* stop) {
    if (!request->has_tablet_alias())
        co_return fail(Code::invalid_argument, "StartReplication.TabletAlias is required");
    const Tablet tablet = CO_TRY(co_await read_tablet(control, request->tablet_alias(), stop));
    const Tablet primary = CO_TRY(co_await primary_of_shard(control, &tablet, stop));
    const Durability durability = CO_TRY(co_await durability_of(control, tablet.keyspace(), stop));
    tablet_message::StartReplicationRequest ask_for;
    ask_for.set_semisync(durability.acknowledges(primary, tablet));
    CO_TRY(co_await ask<tablet_message::StartReplicationResponse>(
        control, &tablet, std::move(ask_for), Duration::zero(), stop));
    co_return message::StartReplicationResponse();
}

Task<Result<message::GetFullStatusResponse>> full_status(
    Control* control, const message::GetFullStatusRequest* request, Stop* stop) {
    const Tablet tablet = CO_TRY(co_await read_tablet(control, request->tablet_alias(), stop));
    auto answer = CO_TRY(co_await ask<tablet_message::FullStatusResponse>(
        control, &tablet, tablet_message::FullStatusRequest(), Duration::zero(), stop));
    message::GetFullStatusResponse response;
    *response.mutable_status() = std::move(*answer.mutable_status());
    co_return response;
}

Task<Result<message::GetPermissionsResponse>> permissions(
    Control* control, const message::GetPermissionsRequest* request, Stop* stop) {
    const Tablet tablet = CO_TRY(co_await read_tablet(control, request->tablet_alias(), stop));
    auto answer = CO_TRY(co_await ask<tablet_message::GetPermissionsResponse>(
        control, &tablet, tablet_message::GetPermissionsRequest(), Duration::zero(), stop));
    message::GetPermissionsResponse response;
    *response.mutable_permissions() = std::move(*answer.mutable_permissions());
    co_return response;
}

Task<Result<message::GetVersionResponse>> get_version(Control* control,
                                                      const message::GetVersionRequest* request,
                                                      Stop* stop) {
    const Tablet tablet = CO_TRY(co_await read_tablet(control, request->tablet_alias(), stop));
    message::GetVersionResponse response;
    response.set_version(CO_TRY(co_await version_of(control, &tablet, stop)));
    co_return response;
}

}  // namespace

Task<Result<void>> ping_tablet(Control* control, const topodata::Tablet* tablet, Stop* stop) {
    tablet_message::PingRequest request;
    request.set_payload("payload");
    CO_TRY(co_await ask<tablet_message::PingResponse>(control, tablet, std::move(request),
                                                      Duration::zero(), stop));
    co_return Result<void>{};
}

Task<Result<topodata::Tablet>> primary_of_shard(Control* control, const topodata::Tablet* tablet,
                                                Stop* stop) {
    const std::string name = shard_text(tablet->keyspace(), tablet->shard());
    const auto shard =
        CO_TRY(co_await read_shard(control, tablet->keyspace(), tablet->shard(), stop));
    if (!shard.has_primary_alias())
        co_return fail(Code::failed_precondition, "no primary tablet for shard " + name);
    const std::string alias = alias_text(shard.primary_alias());
    auto primary = co_await read_tablet(control, shard.primary_alias(), stop);
    if (!primary)
        co_return wrap(primary.error(),
                       "cannot lookup primary tablet " + alias + " for shard " + name);
    if (primary->type() != topodata::PRIMARY)
        co_return fail(Code::failed_precondition,
                       "TopologyServer has incosistent state for shard primary " + alias);
    if (primary->keyspace() != tablet->keyspace() || primary->shard() != tablet->shard())
        co_return fail(Code::failed_precondition, "primary " + alias + " and potential replica " +
                                                      alias_text(tablet->alias()) +
                                                      " not in same keypace shard (" + name + ")");
    co_return std::move(*primary);
}

std::vector<Method> tablet_methods() {
    namespace to = tablet_message;
    return {
        method(&get_tablet),
        method(&get_tablets),
        method(&delete_tablets),
        method(&change_tablet_type),
        method(&change_tags),
        method(&ping),
        method(&refresh_shard),
        method(&set_writable),
        method(&sleep),
        method(&start_replication),
        method(&full_status),
        method(&permissions),
        method(&get_version),
        method(&pass_on<to::RefreshStateRequest, to::RefreshStateResponse,
                        message::RefreshStateResponse, message::RefreshStateRequest>),
        method(&pass_on<to::RunHealthCheckRequest, to::RunHealthCheckResponse,
                        message::RunHealthCheckResponse, message::RunHealthCheckRequest>),
        method(&pass_on<to::StopReplicationRequest, to::StopReplicationResponse,
                        message::StopReplicationResponse, message::StopReplicationRequest>),
    };
}

}  // namespace sluice::vtctl::detail
