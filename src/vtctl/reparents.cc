// Calls of the control plane: a shard's primary. Before: service.cc. After: detail/planned.cc,
// detail/emergency.cc, detail/initial.cc.
#include "base/log.h"
#include "vtctl/detail/ask.h"
#include "vtctl/detail/durability.h"
#include "vtctl/detail/method.h"
#include "vtctl/detail/one_tablet.h"
#include "vtctl/detail/reparent.h"

namespace sluice::vtctl::detail {
namespace {

using topodata::Tablet;

template <class Request>
Duration wait_of(const Request& request) {
    if (!request.has_wait_replicas_timeout()) return std::chrono::seconds(30);
    const auto& wait = request.wait_replicas_timeout();
    return std::chrono::seconds(wait.seconds()) + std::chrono::nanoseconds(wait.nanos());
}

Task<Result<message::PlannedReparentShardResponse>> planned(
    Control* control, const message::PlannedReparentShardRequest* request, Stop* stop) {
    PlannedOptions options{.keyspace = request->keyspace(), .shard = request->shard()};
    if (request->has_new_primary()) options.new_primary = request->new_primary();
    if (request->has_avoid_primary()) options.avoid_primary = request->avoid_primary();
    if (request->has_expected_primary()) options.expected_primary = request->expected_primary();
    options.wait_replicas = wait_of(*request);
    options.tolerable_lag = std::chrono::seconds(request->tolerable_replication_lag().seconds()) +
                            std::chrono::nanoseconds(request->tolerable_replication_lag().nanos());
    options.allow_cross_cell = request->allow_cross_cell_promotion();
    Events events(control);
    const auto promoted =
        CO_TRY(co_await planned_reparent(control, std::move(options), &events, stop));
    message::PlannedReparentShardResponse response;
    response.set_keyspace(request->keyspace());
    response.set_shard(request->shard());
    if (promoted) *response.mutable_promoted_primary() = *promoted;
    events.move_to(response.mutable_events());
    co_return response;
}

Task<Result<message::EmergencyReparentShardResponse>> emergency(
    Control* control, const message::EmergencyReparentShardRequest* request, Stop* stop) {
    EmergencyOptions options{.keyspace = request->keyspace(), .shard = request->shard()};
    if (request->has_new_primary()) options.new_primary = request->new_primary();
    if (request->has_expected_primary()) options.expected_primary = request->expected_primary();
    for (const auto& alias : request->ignore_replicas()) options.ignored.insert(alias_text(alias));
    options.wait_replicas = wait_of(*request);
    options.prevent_cross_cell = request->prevent_cross_cell_promotion();
    options.wait_for_all = request->wait_for_all_tablets();
    Events events(control);
    message::EmergencyReparentShardResponse response;
    *response.mutable_promoted_primary() =
        CO_TRY(co_await emergency_reparent(control, std::move(options), &events, stop));
    response.set_keyspace(request->keyspace());
    response.set_shard(request->shard());
    events.move_to(response.mutable_events());
    co_return response;
}

Task<Result<message::InitShardPrimaryResponse>> initial(
    Control* control, const message::InitShardPrimaryRequest* request, Stop* stop) {
    if (request->keyspace().empty())
        co_return fail(Code::invalid_argument, "keyspace field is required");
    if (request->shard().empty()) co_return fail(Code::invalid_argument, "shard field is required");
    Events events(control);
    CO_TRY(co_await init_shard_primary(control,
                                       {.keyspace = request->keyspace(),
                                        .shard = request->shard(),
                                        .primary = request->primary_elect_tablet_alias(),
                                        .force = request->force(),
                                        .wait_replicas = wait_of(*request)},
                                       &events, stop));
    message::InitShardPrimaryResponse response;
    events.move_to(response.mutable_events());
    co_return response;
}

Task<Result<message::ReparentTabletResponse>> reparent_tablet(
    Control* control, const message::ReparentTabletRequest* request, Stop* stop) {
    if (!request->has_tablet())
        co_return fail(Code::invalid_argument, "tablet alias must not be nil");
    const Tablet tablet = CO_TRY(co_await read_tablet(control, request->tablet(), stop));
    const Tablet primary = CO_TRY(co_await primary_of_shard(control, &tablet, stop));
    if (same(tablet.alias(), primary.alias()))
        co_return fail(Code::failed_precondition, "cannot ReparentTablet current shard primary (" +
                                                      alias_text(tablet.alias()) + ") onto itself");
    const Durability durability = CO_TRY(co_await durability_of(control, tablet.keyspace(), stop));
    tablet_message::SetReplicationSourceRequest ask_for;
    *ask_for.mutable_parent() = primary.alias();
    ask_for.set_semisync(durability.acknowledges(primary, tablet));
    CO_TRY(co_await ask<tablet_message::SetReplicationSourceResponse>(
        control, &tablet, std::move(ask_for), Duration::zero(), stop));
    message::ReparentTabletResponse response;
    response.set_keyspace(tablet.keyspace());
    response.set_shard(tablet.shard());
    *response.mutable_primary() = primary.alias();
    co_return response;
}

Task<Result<message::TabletExternallyReparentedResponse>> externally_reparented(
    Control* control, const message::TabletExternallyReparentedRequest* request, Stop* stop) {
    if (!request->has_tablet())
        co_return fail(Code::invalid_argument,
                       "TabletExternallyReparentedRequest.Tablet must not be nil");
    const Tablet tablet = CO_TRY(co_await read_tablet(control, request->tablet(), stop));
    const auto shard =
        CO_TRY(co_await read_shard(control, tablet.keyspace(), tablet.shard(), stop));
    message::TabletExternallyReparentedResponse response;
    response.set_keyspace(tablet.keyspace());
    response.set_shard(tablet.shard());
    *response.mutable_new_primary() = request->tablet();
    if (shard.has_primary_alias()) *response.mutable_old_primary() = shard.primary_alias();
    if (tablet.type() == topodata::PRIMARY) co_return response;
    const Durability durability = CO_TRY(co_await durability_of(control, tablet.keyspace(), stop));
    tablet_message::ChangeTypeRequest ask_for;
    ask_for.set_tablet_type(topodata::PRIMARY);
    ask_for.set_semisync(durability.ackers() > 0);
    CO_TRY(co_await ask<tablet_message::ChangeTypeResponse>(control, &tablet, std::move(ask_for),
                                                            Duration::zero(), stop));
    co_return response;
}

}  // namespace

std::vector<Method> reparent_methods() {
    return {method(&planned), method(&emergency), method(&initial), method(&reparent_tablet),
            method(&externally_reparented)};
}

}  // namespace sluice::vtctl::detail
