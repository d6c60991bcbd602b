// Calls of the control plane that change a shard's primary. Before: control_service.cc. After:
// reparent.cc.
#include "tabletserver/detail/control_calls.h"

namespace sluice::tabletserver {
namespace {

TabletAlias alias_of(const ::topodata::TabletAlias& alias) {
    return {.cell = alias.cell(), .uid = alias.uid()};
}

Task<Result<void>> init_primary(ControlParts* parts, const message::InitPrimaryRequest* request,
                                message::InitPrimaryResponse* response, Stop* stop) {
    response->set_position(
        CO_TRY(co_await parts->reparent->init_primary(request->semisync(), stop)).text());
    co_return Result<void>{};
}

Task<Result<void>> promote(ControlParts* parts, const message::PromoteReplicaRequest* request,
                           message::PromoteReplicaResponse* response, Stop* stop) {
    response->set_position(
        CO_TRY(co_await parts->reparent->promote(request->semisync(), stop)).text());
    co_return Result<void>{};
}

Task<Result<void>> demote(ControlParts* parts, const message::DemotePrimaryRequest*,
                          message::DemotePrimaryResponse* response, Stop* stop) {
    *response->mutable_primary_status() = CO_TRY(co_await parts->reparent->demote(stop));
    co_return Result<void>{};
}

Task<Result<void>> undo_demote(ControlParts* parts,
                               const message::UndoDemotePrimaryRequest* request,
                               message::UndoDemotePrimaryResponse*, Stop* stop) {
    co_return co_await parts->reparent->undo_demote(request->semisync(), stop);
}

Task<Result<void>> set_source(ControlParts* parts,
                              const message::SetReplicationSourceRequest* request,
                              message::SetReplicationSourceResponse*, Stop* stop) {
    if (!request->has_parent())
        co_return fail(Code::failed_precondition, "Shard primaryAlias is nil");
    co_return co_await parts->reparent->set_source(
        {.parent = alias_of(request->parent()),
         .time_created_ns = request->time_created_ns(),
         .wait_position = request->wait_position(),
         .start_in_any_case = request->force_start_replication(),
         .semi_sync = request->semisync(),
         .heartbeat_seconds = request->heartbeat_interval()},
        stop);
}

Task<Result<void>> init_replica(ControlParts* parts, const message::InitReplicaRequest* request,
                                message::InitReplicaResponse*, Stop* stop) {
    Position position = CO_TRY(Position::parse(request->replication_position()));
    co_return co_await parts->reparent->init_replica({.parent = alias_of(request->parent()),
                                                      .time_created_ns = request->time_created_ns(),
                                                      .semi_sync = request->semisync()},
                                                     std::move(position), stop);
}

Task<Result<void>> was_promoted(ControlParts* parts, const message::ReplicaWasPromotedRequest*,
                                message::ReplicaWasPromotedResponse*, Stop* stop) {
    co_return co_await parts->reparent->was_promoted(stop);
}

Task<Result<void>> was_restarted(ControlParts* parts, const message::ReplicaWasRestartedRequest*,
                                 message::ReplicaWasRestartedResponse*, Stop* stop) {
    co_return co_await parts->reparent->was_restarted(stop);
}

Task<Result<void>> halt_and_tell(ControlParts* parts,
                                 const message::StopReplicationAndGetStatusRequest* request,
                                 message::StopReplicationAndGetStatusResponse* response,
                                 Stop* stop) {
    const bool receiver_only = request->stop_replication_mode() == replicationdata::IOTHREADONLY;
    *response->mutable_status() =
        CO_TRY(co_await parts->reparent->halt_and_tell(receiver_only, stop));
    co_return Result<void>{};
}

Task<Result<void>> write_journal(ControlParts* parts,
                                 const message::PopulateReparentJournalRequest* request,
                                 message::PopulateReparentJournalResponse*, Stop* stop) {
    CO_TRY(Position::parse(request->replication_position()));
    co_return co_await parts->reparent->write_journal(
        {.time_created_ns = request->time_created_ns(),
         .action = request->action_name(),
         .primary = alias_of(request->primary_alias()),
         .position = request->replication_position()},
        stop);
}

Task<Result<void>> journal_length(ControlParts* parts,
                                  const message::ReadReparentJournalInfoRequest*,
                                  message::ReadReparentJournalInfoResponse* response, Stop* stop) {
    response->set_length(CO_TRY(co_await parts->reparent->journal_length(stop)));
    co_return Result<void>{};
}

}  // namespace

void add_reparent_calls(ControlCalls* calls) {
    calls->add("InitPrimary", &init_primary);
    calls->add("PromoteReplica", &promote);
    calls->add("DemotePrimary", &demote);
    calls->add("UndoDemotePrimary", &undo_demote);
    calls->add("SetReplicationSource", &set_source);
    calls->add("InitReplica", &init_replica);
    calls->add("ReplicaWasPromoted", &was_promoted);
    calls->add("ReplicaWasRestarted", &was_restarted);
    calls->add("StopReplicationAndGetStatus", &halt_and_tell);
    calls->add("PopulateReparentJournal", &write_journal);
    calls->add("ReadReparentJournalInfo", &journal_length);
}

}  // namespace sluice::tabletserver
