// vtctldclient: commands about cells. Before: client.cc. After: service.cc, in vtctld.
#include "vtctl/detail/command.h"

namespace sluice::vtctl::detail {
namespace {

using Ran = Task<Result<void>>;

Ran add_cell(Client* client) {
    message::AddCellInfoRequest request;
    request.set_name(client->word(0));
    request.mutable_cell_info()->set_root(client->text("root"));
    request.mutable_cell_info()->set_server_address(client->text("server-address"));
    CO_TRY(co_await client->call<message::AddCellInfoResponse>(std::move(request)));
    client->line("Created cell: " + client->word(0));
    co_return Result<void>{};
}

std::string words_of(const std::vector<std::string>& list) {
    std::string text;
    for (const std::string& one : list) text += (text.empty() ? "" : " ") + one;
    return "[" + text + "]";
}

Ran add_alias(Client* client) {
    message::AddCellsAliasRequest request;
    request.set_name(client->word(0));
    for (const auto& one : client->list("cells")) request.add_cells(one);
    CO_TRY(co_await client->call<message::AddCellsAliasResponse>(std::move(request)));
    client->line("Created cells alias: " + client->word(0) +
                 " (cells = " + words_of(client->list("cells")) + ")");
    co_return Result<void>{};
}

Ran delete_cell(Client* client) {
    message::DeleteCellInfoRequest request;
    request.set_name(client->word(0));
    request.set_force(client->on("force"));
    CO_TRY(co_await client->call<message::DeleteCellInfoResponse>(std::move(request)));
    client->line("Deleted cell " + client->word(0));
    co_return Result<void>{};
}

Ran delete_alias(Client* client) {
    message::DeleteCellsAliasRequest request;
    request.set_name(client->word(0));
    CO_TRY(co_await client->call<message::DeleteCellsAliasResponse>(std::move(request)));
    client->line("Delete cells alias " + client->word(0));
    co_return Result<void>{};
}

Ran get_cell(Client* client) {
    message::GetCellInfoRequest request;
    request.set_cell(client->word(0));
    const auto response =
        CO_TRY(co_await client->call<message::GetCellInfoResponse>(std::move(request)));
    client->print_json(response.cell_info());
    co_return Result<void>{};
}

Ran get_cell_names(Client* client) {
    message::GetCellInfoNamesRequest request;
    const auto response =
        CO_TRY(co_await client->call<message::GetCellInfoNamesResponse>(std::move(request)));
    std::string names;
    for (const auto& name : response.names()) names += (names.empty() ? "" : "\n") + name;
    client->line(names);
    co_return Result<void>{};
}

Ran get_aliases(Client* client) {
    message::GetCellsAliasesRequest request;
    const auto response =
        CO_TRY(co_await client->call<message::GetCellsAliasesResponse>(std::move(request)));
    client->line(go_map(response.aliases()));
    co_return Result<void>{};
}

Ran update_cell(Client* client) {
    message::UpdateCellInfoRequest request;
    request.set_name(client->word(0));
    request.mutable_cell_info()->set_root(client->text("root"));
    request.mutable_cell_info()->set_server_address(client->text("server-address"));
    const auto response =
        CO_TRY(co_await client->call<message::UpdateCellInfoResponse>(std::move(request)));
    client->line("Updated cell " + response.name() + ". New CellInfo:\n" +
                 client->json(response.cell_info()));
    co_return Result<void>{};
}

Ran update_alias(Client* client) {
    message::UpdateCellsAliasRequest request;
    request.set_name(client->word(0));
    for (const auto& one : client->list("cells")) request.mutable_cells_alias()->add_cells(one);
    const auto response =
        CO_TRY(co_await client->call<message::UpdateCellsAliasResponse>(std::move(request)));
    client->line("Updated cells alias " + response.name() + ". New CellsAlias:\n" +
                 client->json(response.cells_alias()));
    co_return Result<void>{};
}

const std::vector<Command> commands{
    {.name = "AddCellInfo",
     .usage = "--root <root> [--server-address <addr>] <cell>",
     .summary = "Makes a cell known: where its topology is.",
     .flags = {{"root", 'r', std::string(""), "path that the records of the cell stand below"},
               {"server-address", 'a', std::string(""),
                "address of the topology server of the cell"}},
     .least = 1,
     .most = 1,
     .run = &add_cell},
    {.name = "AddCellsAlias",
     .usage = "--cells <cell1,cell2,...> [--cells <cell3> ...] <alias>",
     .summary = "Gives several cells one name, within which replicas serve each other.",
     .flags = {{"cells", 'c', std::vector<std::string>{}, "the cells that this is for; none: all"}},
     .least = 1,
     .most = 1,
     .run = &add_alias},
    {.name = "DeleteCellInfo",
     .usage = "[--force] <cell>",
     .summary = "Takes a cell away.",
     .flags = {{"force", 'f', false,
                "go on although something is there already, or cannot be locked"}},
     .least = 1,
     .most = 1,
     .run = &delete_cell},
    {.name = "DeleteCellsAlias",
     .usage = "<alias>",
     .summary = "Takes a cells' alias away.",
     .least = 1,
     .most = 1,
     .run = &delete_alias},
    {.name = "GetCellInfo",
     .usage = "<cell>",
     .summary = "Prints where the topology of a cell is.",
     .least = 1,
     .most = 1,
     .run = &get_cell},
    {.name = "GetCellInfoNames",
     .summary = "Prints the names of all cells.",
     .least = 0,
     .most = 0,
     .run = &get_cell_names},
    {.name = "GetCellsAliases",
     .summary = "Prints all aliases of cells.",
     .least = 0,
     .most = 0,
     .run = &get_aliases},
    {.name = "UpdateCellInfo",
     .usage = "[--root <root>] [--server-address <addr>] <cell>",
     .summary = "Changes where the topology of a cell is; makes the cell if there is none.",
     .flags = {{"root", 'r', std::string(""), "path that the records of the cell stand below"},
               {"server-address", 'a', std::string(""),
                "address of the topology server of the cell"}},
     .least = 1,
     .most = 1,
     .run = &update_cell},
    {.name = "UpdateCellsAlias",
     .usage = "[--cells <cell1,cell2,...> [--cells <cell4> ...]] <alias>",
     .summary = "Changes the cells of an alias; makes the alias if there is none.",
     .flags = {{"cells", 'c', std::vector<std::string>{}, "the cells that this is for; none: all"}},
     .least = 1,
     .most = 1,
     .run = &update_alias},
};

}  // namespace

const std::vector<Command>& cell_commands() {
    return commands;
}

}  // namespace sluice::vtctl::detail
