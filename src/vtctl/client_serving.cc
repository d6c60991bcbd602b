// vtctldclient: commands about what gates read, and any record. Before: client.cc. After:
// service.cc, in vtctld.
#include "vtctl/detail/command.h"

namespace sluice::vtctl::detail {
namespace {

using Ran = Task<Result<void>>;

Ran delete_served_vschema(Client* client) {
    message::DeleteSrvVSchemaRequest request;
    request.set_cell(client->word(0));
    CO_TRY(co_await client->call<message::DeleteSrvVSchemaResponse>(std::move(request)));
    co_return Result<void>{};
}

Ran served_names(Client* client) {
    message::GetSrvKeyspaceNamesRequest request;
    for (std::size_t i = 0; i < client->words().size(); ++i) request.add_cells(client->word(i));
    const auto response =
        CO_TRY(co_await client->call<message::GetSrvKeyspaceNamesResponse>(std::move(request)));
    client->line(go_map(response.names()));
    co_return Result<void>{};
}

Ran served_keyspaces(Client* client) {
    message::GetSrvKeyspacesRequest request;
    request.set_keyspace(client->word(0));
    for (std::size_t i = 1; i < client->words().size(); ++i) request.add_cells(client->word(i));
    const auto response =
        CO_TRY(co_await client->call<message::GetSrvKeyspacesResponse>(std::move(request)));
    client->line(go_map(response.srv_keyspaces()));
    co_return Result<void>{};
}

Ran served_vschema(Client* client) {
    message::GetSrvVSchemaRequest request;
    request.set_cell(client->word(0));
    const auto response =
        CO_TRY(co_await client->call<message::GetSrvVSchemaResponse>(std::move(request)));
    client->print_json(response.srv_v_schema());
    co_return Result<void>{};
}

Ran served_vschemas(Client* client) {
    message::GetSrvVSchemasRequest request;
    for (std::size_t i = 0; i < client->words().size(); ++i) request.add_cells(client->word(i));
    const auto response =
        CO_TRY(co_await client->call<message::GetSrvVSchemasResponse>(std::move(request)));
    client->line(response.srv_v_schemas().empty() ? "{}" : go_map(response.srv_v_schemas()));
    co_return Result<void>{};
}

Ran topology_path(Client* client) {
    message::GetTopologyPathRequest request;
    request.set_path(client->word(0));
    request.set_version(client->number("version"));
    request.set_as_json(client->on("data-as-json"));
    const auto response =
        CO_TRY(co_await client->call<message::GetTopologyPathResponse>(std::move(request)));
    if (!client->on("data-as-json")) {
        client->print_json(response.cell());
    } else if (response.cell().data().empty()) {
        co_return fail(Code::not_found, "no data found for path " + client->word(0));
    } else {
        client->line(response.cell().data());
    }
    co_return Result<void>{};
}

Ran rebuild_keyspaces(Client* client) {
    for (const std::string& keyspace : client->words()) {
        message::RebuildKeyspaceGraphRequest request;
        request.set_keyspace(keyspace);
        for (const auto& one : client->list("cells")) request.add_cells(one);
        request.set_allow_partial(client->on("allow-partial"));
        const auto response =
            co_await client->call<message::RebuildKeyspaceGraphResponse>(std::move(request));
        if (!response)
            co_return fail(response.error().code, "RebuildKeyspaceGraph(" + keyspace +
                                                      ") failed: " + response.error().text);
    }
    co_return Result<void>{};
}

Ran rebuild_vschemas(Client* client) {
    message::RebuildVSchemaGraphRequest request;
    for (const auto& one : client->list("cells")) request.add_cells(one);
    CO_TRY(co_await client->call<message::RebuildVSchemaGraphResponse>(std::move(request)));
    client->line("RebuildVSchemaGraph: ok");
    co_return Result<void>{};
}

const std::vector<Command> commands{
    {.name = "DeleteSrvVSchema",
     .usage = "<cell>",
     .summary = "Deletes a cell's SrvVSchema.",
     .least = 1,
     .most = 1,
     .run = &delete_served_vschema},
    {.name = "GetSrvKeyspaceNames",
     .usage = "[<cell> ...]",
     .summary = "Prints which keyspaces are served in each cell.",
     .least = 0,
     .most = -1,
     .run = &served_names},
    {.name = "GetSrvKeyspaces",
     .usage = "<keyspace> [<cell> ...]",
     .summary = "Prints which shards of a keyspace serve in each cell.",
     .least = 1,
     .most = -1,
     .run = &served_keyspaces},
    {.name = "GetSrvVSchema",
     .usage = "cell",
     .summary = "Prints a cell's SrvVSchema.",
     .least = 1,
     .most = 1,
     .run = &served_vschema},
    {.name = "GetSrvVSchemas",
     .usage = "[<cell> ...]",
     .summary = "Prints the SrvVSchema of each cell.",
     .least = 0,
     .most = -1,
     .run = &served_vschemas},
    {.name = "GetTopologyPath",
     .usage = "<path>",
     .summary = "Prints what is at a path of the topology, /CELL/PATH.",
     .flags = {{"data-as-json", '\0', false, "print only the record, as JSON"},
               {"version", '\0', std::int64_t{0}, "the version of the record; 0: the newest"}},
     .least = 1,
     .most = 1,
     .run = &topology_path},
    {.name = "RebuildKeyspaceGraph",
     .usage = "[--cells=c1,c2,...] [--allow-partial] ks1 [ks2 ...]",
     .summary = "Makes anew what gates read of keyspaces.",
     .flags = {{"allow-partial", '\0', false, "a snapshot may lack shards"},
               {"cells", 'c', std::vector<std::string>{}, "the cells that this is for; none: all"}},
     .least = 1,
     .most = -1,
     .run = &rebuild_keyspaces},
    {.name = "RebuildVSchemaGraph",
     .usage = "[--cells=c1,c2,...]",
     .summary = "Makes anew what gates read of VSchemas.",
     .flags = {{"cells", 'c', std::vector<std::string>{}, "the cells that this is for; none: all"}},
     .least = 0,
     .most = 0,
     .run = &rebuild_vschemas},
};

}  // namespace

const std::vector<Command>& serving_commands() {
    return commands;
}

}  // namespace sluice::vtctl::detail
