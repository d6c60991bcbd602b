// Calls of the control plane: workflows. There are none of our own; those that Vitess's tablets
// have are not read, but never denied either. Before: service.cc. After: detail/ask.h.
#include "vtctl/detail/ask.h"
#include "vtctl/detail/method.h"

namespace sluice::vtctl::detail {
namespace {

constexpr int stopped_state = 2;  // binlogdata.VReplicationWorkflowState

// Whether the shard's primary has one; a tablet that cannot be asked has none, as v21 takes it.
Task<Result<bool>> has_workflow(Control* control, const message::GetWorkflowsRequest* request,
                                std::string shard, Stop* stop) {
    const auto record =
        CO_TRY(co_await read_shard(control, request->keyspace(), std::move(shard), stop));
    if (!record.has_primary_alias()) co_return false;
    const auto primary = co_await read_tablet(control, record.primary_alias(), stop);
    if (!primary) co_return false;
    tablet_message::ReadVReplicationWorkflowsRequest ask_for;
    if (!request->workflow().empty()) ask_for.add_include_workflows(request->workflow());
    if (request->active_only()) ask_for.add_exclude_states(stopped_state);
    const auto told = co_await ask<tablet_message::ReadVReplicationWorkflowsResponse>(
        control, &*primary, std::move(ask_for), Duration::zero(), stop);
    co_return told && told->workflows_size() > 0;
}

Task<Result<message::GetWorkflowsResponse>> workflows(Control* control,
                                                      const message::GetWorkflowsRequest* request,
                                                      Stop* stop) {
    std::vector<std::string> shards(request->shards().begin(), request->shards().end());
    if (shards.empty()) shards = CO_TRY(co_await shards_of(control, request->keyspace(), stop));
    for (const std::string& shard : shards) {
        const auto found = co_await has_workflow(control, request, shard, stop);
        if (found && *found)
            co_return fail(Code::unimplemented,
                           "keyspace " + request->keyspace() +
                               " has workflows of Vitess, which this vtctld does not support");
    }
    co_return message::GetWorkflowsResponse();
}

}  // namespace

std::vector<Method> workflow_methods() {
    return {method(&workflows)};
}

}  // namespace sluice::vtctl::detail
