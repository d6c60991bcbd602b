// vtctldclient: commands about backups. Before: client.cc. After: service.cc, in vtctld.
#include "vtctl/detail/command.h"

namespace sluice::vtctl::detail {
namespace {

Task<Result<void>> backups(Client* client) {
    const KeyspaceShard where = CO_TRY(keyspace_shard_of(client->word(0)));
    message::GetBackupsRequest request;
    request.set_keyspace(where.keyspace);
    request.set_shard(where.shard);
    request.set_limit(static_cast<std::uint32_t>(client->number("limit")));
    const auto response =
        CO_TRY(co_await client->call<message::GetBackupsResponse>(std::move(request)));
    if (client->on("json")) {
        client->print_json(response);
        co_return Result<void>{};
    }
    std::string names;
    for (const auto& backup : response.backups())
        names += (names.empty() ? "" : "\n") + backup.name();
    client->line(names);
    co_return Result<void>{};
}

const std::vector<Command> commands{
    {.name = "GetBackups",
     .usage = "[--limit <limit>] [--json] <keyspace/shard>",
     .summary = "Lists the backups of a shard, the latest last.",
     .flags = {{"json", 'j', false, "as JSON"},
               {"limit", 'l', std::int64_t{0}, "only so many, the latest; 0: all", "uint32"}},
     .least = 1,
     .most = 1,
     .run = &backups},
};

}  // namespace

const std::vector<Command>& backup_commands() {
    return commands;
}

}  // namespace sluice::vtctl::detail
