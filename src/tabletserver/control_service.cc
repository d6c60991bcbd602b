// A call of the control plane to a tablet. Before: rpc/server_call.cc. After: reparent.cc,
// lifecycle.cc, server.cc.
#include "tabletserver/control_service.h"

#include "async/wait_queue.h"
#include "tabletserver/detail/ask.h"
#include "tabletserver/detail/control_calls.h"
#include "vindex/target.h"

namespace sluice::tabletserver {
namespace {

Task<Result<void>> ping(ControlParts*, const message::PingRequest* request,
                        message::PingResponse* response, Stop*) {
    response->set_payload(request->payload());
    co_return Result<void>{};
}

Task<Result<void>> sleep(ControlParts*, const message::SleepRequest* request,
                         message::SleepResponse*, Stop* stop) {
    co_return co_await async::pause(std::chrono::nanoseconds(request->duration()), stop);
}

Task<Result<void>> change_type(ControlParts* parts, const message::ChangeTypeRequest* request,
                               message::ChangeTypeResponse*, Stop* stop) {
    co_return co_await parts->reparent->change_type(static_cast<TabletType>(request->tablet_type()),
                                                    request->semisync(), stop);
}

Task<Result<void>> change_tags(ControlParts* parts, const message::ChangeTagsRequest* request,
                               message::ChangeTagsResponse* response, Stop* stop) {
    std::map<std::string, std::string> tags = parts->lifecycle->record().tags;
    if (request->replace()) tags.clear();
    for (const auto& [key, value] : request->tags()) {
        if (value.empty() && !request->replace()) {
            tags.erase(key);
        } else {
            tags[key] = value;
        }
    }
    for (const auto& [key, value] : tags) (*response->mutable_tags())[key] = value;
    co_return co_await parts->lifecycle->change_tags(std::move(tags), stop);
}

Task<Result<void>> refresh(ControlParts* parts, const message::RefreshStateRequest*,
                           message::RefreshStateResponse*, Stop* stop) {
    co_return co_await parts->lifecycle->refresh(stop);
}

Task<Result<void>> check_health(ControlParts* parts, const message::RunHealthCheckRequest*,
                                message::RunHealthCheckResponse*, Stop* stop) {
    co_return co_await parts->server->check_now(stop);
}

Task<Result<void>> set_read_only(ControlParts* parts, const message::SetReadOnlyRequest*,
                                 message::SetReadOnlyResponse*, Stop* stop) {
    co_return co_await parts->reparent->set_read_only(true, stop);
}

Task<Result<void>> set_read_write(ControlParts* parts, const message::SetReadWriteRequest*,
                                  message::SetReadWriteResponse*, Stop* stop) {
    co_return co_await parts->reparent->set_read_only(false, stop);
}

Task<Result<void>> status_values(ControlParts* parts,
                                 const message::GetGlobalStatusVarsRequest* request,
                                 message::GetGlobalStatusVarsResponse* response, Stop* stop) {
    std::string text = "show global status";
    for (int i = 0; i < request->variables_size(); ++i)
        text += (i == 0 ? " where variable_name in (" : ", ") + quoted(request->variables(i));
    if (request->variables_size() > 0) text += ")";
    const Asked asked =
        CO_TRY(co_await ask(parts->server->admin(), {.text = std::move(text)}, stop));
    for (const TextRow& row : asked.rows) {
        if (row.size() == 2)
            (*response->mutable_status_values())[row[0].value_or("")] = row[1].value_or("");
    }
    co_return Result<void>{};
}

Task<Result<void>> refuse_call(std::string method) {
    co_return fail(Code::unimplemented, method + " is not supported by this tablet");
}

}  // namespace

void ControlCalls::refuse(std::string_view method) {
    services_->add(name(method), rpc::Requests::one,
                   [what = std::string(method)](rpc::ServerCall*) { return refuse_call(what); });
}

void add_state_calls(ControlCalls* calls) {
    calls->add("Ping", &ping);
    calls->add("Sleep", &sleep);
    calls->add("ChangeType", &change_type);
    calls->add("ChangeTags", &change_tags);
    calls->add("RefreshState", &refresh);
    calls->add("RunHealthCheck", &check_health);
    calls->add("SetReadOnly", &set_read_only);
    calls->add("SetReadWrite", &set_read_write);
    calls->add("GetGlobalStatusVars", &status_values);
}

void ControlService::add_to(rpc::Services* services) {
    ControlCalls calls(services, &parts_);
    add_state_calls(&calls);
    add_statement_calls(&calls);
    add_schema_calls(&calls);
    add_replication_calls(&calls);
    add_reparent_calls(&calls);
    for (const std::string_view method : {"ExecuteHook",
                                          "PreflightSchema",
                                          "GetUnresolvedTransactions",
                                          "ReadTransaction",
                                          "ConcludeTransaction",
                                          "MysqlHostMetrics",
                                          "CreateVReplicationWorkflow",
                                          "DeleteVReplicationWorkflow",
                                          "HasVReplicationWorkflows",
                                          "ReadVReplicationWorkflow",
                                          "ReadVReplicationWorkflows",
                                          "UpdateVReplicationWorkflow",
                                          "UpdateVReplicationWorkflows",
                                          "ValidateVReplicationPermissions",
                                          "VReplicationExec",
                                          "VReplicationWaitForPos",
                                          "VDiff",
                                          "Backup",
                                          "RestoreFromBackup",
                                          "CheckThrottler",
                                          "GetThrottlerStatus"}) {
        calls.refuse(method);
    }
}

}  // namespace sluice::tabletserver
