// vtctldclient: commands about workflows. Before: client.cc. After: service.cc, in vtctld.
#include "vtctl/detail/command.h"

namespace sluice::vtctl::detail {
namespace {

Task<Result<void>> workflows(Client* client) {
    message::GetWorkflowsRequest request;
    request.set_keyspace(client->word(0));
    request.set_active_only(!client->on("show-all"));
    request.set_include_logs(client->on("include-logs"));
    client->print_json(
        CO_TRY(co_await client->call<message::GetWorkflowsResponse>(std::move(request))));
    co_return Result<void>{};
}

const std::vector<Command> commands{
    {.name = "GetWorkflows",
     .usage = "<keyspace>",
     .summary = "Lists the workflows of a keyspace.",
     .flags = {{"include-logs", '\0', true, "with their logs"},
               {"show-all", 'a', false, "those that have been stopped, too"}},
     .least = 1,
     .most = 1,
     .run = &workflows},
};

}  // namespace

const std::vector<Command>& workflow_commands() {
    return commands;
}

}  // namespace sluice::vtctl::detail
