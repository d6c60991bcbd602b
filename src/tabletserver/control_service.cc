// A call of the control plane to a tablet. Before: rpc/server_call.cc. After: lifecycle.cc.
#include "tabletserver/control_service.h"

#include "async/visit.h"
#include "base/log.h"
#include "rpc/messages.h"
#include "tabletmanagerdata.pb.h"
#include "tabletserver/detail/ask.h"
#include "vindex/target.h"

namespace sluice::tabletserver {

namespace message = ::tabletmanagerdata;

template <class Work>
Task<Result<void>> ControlService::on_main(Stop* stop, Work work) {
    Core& main = *server_->cores().front();
    if (&async::Loop::current() == main.loop) co_return co_await work(stop);
    co_return co_await async::Visit<Result<void>>(
        main.loop, &main.visits, [work](Stop* inner) { return work(inner); }, stop);
}

Task<Result<void>> ControlService::ping(rpc::ServerCall* call) {
    const auto request = CO_TRY(co_await rpc::only_request<message::PingRequest>(call));
    message::PingResponse response;
    response.set_payload(request.payload());
    co_return co_await rpc::send(call, &response);
}

Task<Result<void>> ControlService::change_type(rpc::ServerCall* call) {
    const auto request = CO_TRY(co_await rpc::only_request<message::ChangeTypeRequest>(call));
    const auto type = static_cast<TabletType>(request.tablet_type());
    log::info("the control plane makes this tablet " + std::string(vindex::tablet_type_name(type)));
    CO_TRY(co_await on_main(call->stop(), [life = lifecycle_, type](Stop* stop) {
        return life->change_type(type, stop);
    }));
    const message::ChangeTypeResponse response;
    co_return co_await rpc::send(call, &response);
}

Task<Result<void>> ControlService::refresh(rpc::ServerCall* call) {
    CO_TRY(co_await rpc::only_request<message::RefreshStateRequest>(call));
    CO_TRY(co_await on_main(call->stop(),
                            [life = lifecycle_](Stop* stop) { return life->refresh(stop); }));
    const message::RefreshStateResponse response;
    co_return co_await rpc::send(call, &response);
}

Task<Result<void>> ControlService::reload_schema(rpc::ServerCall* call) {
    const auto request = CO_TRY(co_await rpc::only_request<message::ReloadSchemaRequest>(call));
    if (!request.wait_position().empty())
        co_return fail(Code::unimplemented,
                       "waiting for a position is not supported by this tablet");
    CO_TRY(co_await on_main(
        call->stop(), [server = server_](Stop* stop) { return server->reload_and_tell(stop); }));
    const message::ReloadSchemaResponse response;
    co_return co_await rpc::send(call, &response);
}

Task<Result<void>> ControlService::check_health(rpc::ServerCall* call) {
    CO_TRY(co_await rpc::only_request<message::RunHealthCheckRequest>(call));
    CO_TRY(co_await on_main(call->stop(),
                            [server = server_](Stop* stop) { return server->check_now(stop); }));
    const message::RunHealthCheckResponse response;
    co_return co_await rpc::send(call, &response);
}

namespace {

Task<Result<void>> write_mode(Server* server, bool writable, Stop* stop) {
    const std::string text = writable ? "set global read_only = off" : "set global read_only = on";
    CO_TRY(co_await ask(server->admin(), {.text = text, .is_write = true}, stop));
    co_return Result<void>{};
}

Task<Result<void>> refuse(std::string method) {
    co_return fail(Code::unimplemented, method + " is not supported by this tablet");
}

}  // namespace

Task<Result<void>> ControlService::set_writable(rpc::ServerCall* call, bool writable) {
    CO_TRY(co_await rpc::only_request<message::SetReadOnlyRequest>(call));
    CO_TRY(co_await on_main(call->stop(), [server = server_, writable](Stop* stop) {
        return write_mode(server, writable, stop);
    }));
    const message::SetReadOnlyResponse response;
    co_return co_await rpc::send(call, &response);
}

void ControlService::add_to(rpc::Services* services) {
    const auto add = [services](std::string_view method, rpc::Handler handler) {
        services->add("/tabletmanagerservice.TabletManager/" + std::string(method),
                      rpc::Requests::one, std::move(handler));
    };
    using Call = rpc::ServerCall*;
    add("Ping", [this](Call call) { return ping(call); });
    add("ChangeType", [this](Call call) { return change_type(call); });
    add("RefreshState", [this](Call call) { return refresh(call); });
    add("ReloadSchema", [this](Call call) { return reload_schema(call); });
    add("RunHealthCheck", [this](Call call) { return check_health(call); });
    add("SetReadOnly", [this](Call call) { return set_writable(call, false); });
    add("SetReadWrite", [this](Call call) { return set_writable(call, true); });
    // What needs a server that is the tablet's own.
    for (const std::string_view method : {"ReplicationStatus",
                                          "PrimaryStatus",
                                          "PrimaryPosition",
                                          "FullStatus",
                                          "InitPrimary",
                                          "PromoteReplica",
                                          "DemotePrimary",
                                          "UndoDemotePrimary",
                                          "SetReplicationSource",
                                          "InitReplica",
                                          "PopulateReparentJournal",
                                          "StopReplication",
                                          "StartReplication",
                                          "StopReplicationAndGetStatus",
                                          "ResetReplication",
                                          "ExecuteFetchAsDba",
                                          "ExecuteFetchAsApp",
                                          "ExecuteFetchAsAllPrivs",
                                          "ExecuteQuery",
                                          "ApplySchema",
                                          "GetSchema",
                                          "WaitForPosition",
                                          "Backup",
                                          "RestoreFromBackup",
                                          "VReplicationExec",
                                          "VDiff"}) {
        services->add("/tabletmanagerservice.TabletManager/" + std::string(method),
                      rpc::Requests::one,
                      [what = std::string(method)](Call) { return refuse(what); });
    }
}

}  // namespace sluice::tabletserver
