// A call of the control plane arrives. Before: rpc/server_call.cc, or a client in this process.
// After: the families, cells.cc and so on.
#include "vtctl/service.h"

#include <algorithm>
#include <map>

#include "rpc/server_call.h"
#include "rpc/status.h"
#include "vtctl/detail/method.h"

namespace sluice::vtctl {
namespace {

using detail::Method;

const std::map<std::string, Method, std::less<>>& methods() {
    static const auto table = [] {
        std::map<std::string, Method, std::less<>> made;
        for (auto family :
             {detail::cell_methods, detail::keyspace_methods, detail::shard_methods,
              detail::replication_methods, detail::tablet_methods, detail::query_methods,
              detail::reparent_methods, detail::schema_methods, detail::vschema_methods,
              detail::serving_methods, detail::check_methods, detail::schema_check_methods,
              detail::backup_methods, detail::workflow_methods}) {
            for (Method& method : family()) made.emplace(method.name, std::move(method));
        }
        return made;
    }();
    return table;
}

// v21's calls that this control plane has no work for yet.
constexpr std::string_view refused[] = {"Backup",
                                        "BackupShard",
                                        "CancelSchemaMigration",
                                        "CheckThrottler",
                                        "CleanupSchemaMigration",
                                        "CompleteSchemaMigration",
                                        "ConcludeTransaction",
                                        "ForceCutOverSchemaMigration",
                                        "GetSchemaMigrations",
                                        "GetThrottlerStatus",
                                        "GetTransactionInfo",
                                        "GetUnresolvedTransactions",
                                        "LaunchSchemaMigration",
                                        "LookupVindexCreate",
                                        "LookupVindexExternalize",
                                        "MaterializeCreate",
                                        "MigrateCreate",
                                        "MountList",
                                        "MountRegister",
                                        "MountShow",
                                        "MountUnregister",
                                        "MoveTablesComplete",
                                        "MoveTablesCreate",
                                        "RemoveBackup",
                                        "ReshardCreate",
                                        "RestoreFromBackup",
                                        "RetrySchemaMigration",
                                        "UpdateThrottlerConfig",
                                        "VDiffCreate",
                                        "VDiffDelete",
                                        "VDiffResume",
                                        "VDiffShow",
                                        "VDiffStop",
                                        "WorkflowDelete",
                                        "WorkflowMirrorTraffic",
                                        "WorkflowStatus",
                                        "WorkflowSwitchTraffic",
                                        "WorkflowUpdate"};

std::unexpected<Error> not_supported(std::string_view method) {
    return fail(Code::unimplemented, std::string(method) + " is not supported by this vtctld");
}

// v21's vtctld sends every error of its own as UNKNOWN, whatever its text is about.
Task<Result<void>> serve(Service* service, std::string method, rpc::ServerCall* call) {
    const auto request = CO_TRY(co_await call->receive());
    if (!request) co_return fail(Code::internal, "cardinality violation: the call has no request");
    const rpc::Bytes bytes = request->view();
    const auto answer = co_await service->call(
        std::move(method), std::string(bytes.begin(), bytes.end()), call->stop());
    if (!answer) {
        const bool is_ours = answer.error().code == Code::unimplemented;
        co_return fail(is_ours ? Code::unimplemented : Code::unknown, answer.error().text);
    }
    co_return co_await call->send(
        rpc::Bytes(reinterpret_cast<const std::uint8_t*>(answer->data()), answer->size()));
}

Task<Result<void>> refuse(std::string method) {
    co_return not_supported(method);
}

}  // namespace

Task<Result<std::string>> Service::call(std::string method, std::string request, Stop* stop) {
    const auto found = methods().find(method);
    if (found == methods().end()) co_return not_supported(method);
    co_return co_await found->second.run(&control_, std::move(request), stop);
}

void Service::add_to(rpc::Services* services) {
    const auto full = [](std::string_view name) {
        return "/vtctlservice.Vtctld/" + std::string(name);
    };
    for (const auto& [name, method] : methods()) {
        services->add(full(name), rpc::Requests::one,
                      [this, name](rpc::ServerCall* call) { return serve(this, name, call); });
    }
    for (const std::string_view name : refused) {
        services->add(full(name), rpc::Requests::one,
                      [what = std::string(name)](rpc::ServerCall*) { return refuse(what); });
    }
}

}  // namespace sluice::vtctl
