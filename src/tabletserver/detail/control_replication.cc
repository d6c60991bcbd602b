// Calls of the control plane about replication. Before: control_service.cc. After:
// replication_control.cc, and reparent.cc for what changes something.
#include "async/deadline.h"
#include "tabletserver/detail/control_calls.h"

namespace sluice::tabletserver {
namespace {

Task<Result<void>> status(ControlParts* parts, const message::ReplicationStatusRequest*,
                          message::ReplicationStatusResponse* response, Stop* stop) {
    *response->mutable_status() = CO_TRY(co_await parts->replication->status(stop));
    co_return Result<void>{};
}

Task<Result<void>> primary_status(ControlParts* parts, const message::PrimaryStatusRequest*,
                                  message::PrimaryStatusResponse* response, Stop* stop) {
    *response->mutable_status() = CO_TRY(co_await parts->replication->primary_status(stop));
    co_return Result<void>{};
}

Task<Result<void>> full_status(ControlParts* parts, const message::FullStatusRequest*,
                               message::FullStatusResponse* response, Stop* stop) {
    *response->mutable_status() = CO_TRY(co_await parts->replication->full_status(stop));
    co_return Result<void>{};
}

Task<Result<void>> position(ControlParts* parts, const message::PrimaryPositionRequest*,
                            message::PrimaryPositionResponse* response, Stop* stop) {
    response->set_position(CO_TRY(co_await parts->replication->position(stop)).text());
    co_return Result<void>{};
}

Task<Result<void>> wait_for_position(ControlParts* parts,
                                     const message::WaitForPositionRequest* request,
                                     message::WaitForPositionResponse*, Stop* stop) {
    co_return co_await parts->replication->wait_for(CO_TRY(Position::parse(request->position())),
                                                    stop);
}

Task<Result<void>> replicas(ControlParts* parts, const message::GetReplicasRequest*,
                            message::GetReplicasResponse* response, Stop* stop) {
    for (std::string& host : CO_TRY(co_await parts->replication->replicas(stop)))
        response->add_addrs(std::move(host));
    co_return Result<void>{};
}

Task<Result<void>> halt(ControlParts* parts, const message::StopReplicationRequest*,
                        message::StopReplicationResponse*, Stop* stop) {
    co_return co_await parts->reparent->halt(stop);
}

Error late() {
    return make_error(Code::deadline_exceeded, "the position was not reached in time");
}

Task<Result<void>> halt_at_least(ControlParts* parts,
                                 const message::StopReplicationMinimumRequest* request,
                                 message::StopReplicationMinimumResponse* response, Stop* stop) {
    async::LinkedStop limited(stop);
    const async::Deadline deadline(limited.get(), std::chrono::nanoseconds(request->wait_timeout()),
                                   late());
    Position wanted = CO_TRY(Position::parse(request->position()));
    response->set_position(
        CO_TRY(co_await parts->reparent->halt_at_least(std::move(wanted), limited.get())).text());
    co_return Result<void>{};
}

Task<Result<void>> start(ControlParts* parts, const message::StartReplicationRequest* request,
                         message::StartReplicationResponse*, Stop* stop) {
    co_return co_await parts->reparent->start(request->semisync(), stop);
}

Task<Result<void>> start_until(ControlParts* parts,
                               const message::StartReplicationUntilAfterRequest* request,
                               message::StartReplicationUntilAfterResponse*, Stop* stop) {
    async::LinkedStop limited(stop);
    const async::Deadline deadline(limited.get(), std::chrono::nanoseconds(request->wait_timeout()),
                                   late());
    co_return co_await parts->reparent->start_until_after(
        CO_TRY(Position::parse(request->position())), limited.get());
}

Task<Result<void>> reset(ControlParts* parts, const message::ResetReplicationRequest*,
                         message::ResetReplicationResponse*, Stop* stop) {
    co_return co_await parts->reparent->reset(stop);
}

Task<Result<void>> reset_parameters(ControlParts* parts,
                                    const message::ResetReplicationParametersRequest*,
                                    message::ResetReplicationParametersResponse*, Stop* stop) {
    co_return co_await parts->reparent->forget_source(stop);
}

}  // namespace

void add_replication_calls(ControlCalls* calls) {
    calls->add("ReplicationStatus", &status);
    calls->add("PrimaryStatus", &primary_status);
    calls->add("FullStatus", &full_status);
    calls->add("PrimaryPosition", &position);
    calls->add("WaitForPosition", &wait_for_position);
    calls->add("GetReplicas", &replicas);
    calls->add("StopReplication", &halt);
    calls->add("StopReplicationMinimum", &halt_at_least);
    calls->add("StartReplication", &start);
    calls->add("StartReplicationUntilAfter", &start_until);
    calls->add("ResetReplication", &reset);
    calls->add("ResetReplicationParameters", &reset_parameters);
}

}  // namespace sluice::tabletserver
