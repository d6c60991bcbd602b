// vtctldclient: commands about tablets. Before: client.cc. After: service.cc, in vtctld.
#include "servenv/duration.h"
#include "vindex/target.h"
#include "vtctl/detail/command.h"

namespace sluice::vtctl::detail {
namespace {

using Ran = Task<Result<void>>;

Ran change_tags(Client* client) {
    message::ChangeTabletTagsRequest request;
    *request.mutable_tablet_alias() = CO_TRY(alias_of(client->word(0)));
    for (std::size_t i = 1; i < client->words().size(); ++i) {
        const std::string& word = client->word(i);
        const std::size_t equals = word.find('=');
        if (equals == word.npos)
            co_return fail(Code::invalid_argument, "cannot parse tablet tag: " + word);
        (*request.mutable_tags())[word.substr(0, equals)] = word.substr(equals + 1);
    }
    request.set_replace(client->on("replace"));
    const auto response =
        CO_TRY(co_await client->call<message::ChangeTabletTagsResponse>(std::move(request)));
    client->line("- " + tags_text(response.before_tags()));
    client->line("+ " + tags_text(response.after_tags()));
    co_return Result<void>{};
}

Ran change_type(Client* client) {
    message::ChangeTabletTypeRequest request;
    *request.mutable_tablet_alias() = CO_TRY(alias_of(client->word(0)));
    request.set_db_type(CO_TRY(tablet_type_of(client->word(1))));
    request.set_dry_run(client->on("dry-run"));
    const auto response =
        CO_TRY(co_await client->call<message::ChangeTabletTypeResponse>(std::move(request)));
    if (response.was_dry_run()) client->line("--- DRY RUN ---");
    client->line("- " + tablet_line(response.before_tablet()));
    client->line("+ " + tablet_line(response.after_tablet()));
    co_return Result<void>{};
}

Ran delete_tablets(Client* client) {
    message::DeleteTabletsRequest request;
    for (const std::string& word : client->words())
        *request.add_tablet_aliases() = CO_TRY(alias_of(word));
    request.set_allow_primary(client->on("allow-primary"));
    const std::string count = std::to_string(client->words().size());
    const auto response = co_await client->call<message::DeleteTabletsResponse>(std::move(request));
    if (!response)
        co_return fail(response.error().code, response.error().text + ": while deleting " + count +
                                                  " tablets; please inspect the topo");
    client->line("Successfully deleted " + count + " tablets");
    co_return Result<void>{};
}

Ran full_status(Client* client) {
    message::GetFullStatusRequest request;
    *request.mutable_tablet_alias() = CO_TRY(alias_of(client->word(0)));
    const auto response =
        CO_TRY(co_await client->call<message::GetFullStatusResponse>(std::move(request)));
    client->print_json(response.status());
    co_return Result<void>{};
}

Ran permissions(Client* client) {
    message::GetPermissionsRequest request;
    *request.mutable_tablet_alias() = CO_TRY(alias_of(client->word(0)));
    const auto response =
        CO_TRY(co_await client->call<message::GetPermissionsResponse>(std::move(request)));
    client->print_json(response.permissions());
    co_return Result<void>{};
}

Ran get_tablet(Client* client) {
    message::GetTabletRequest request;
    *request.mutable_tablet_alias() = CO_TRY(alias_of(client->word(0)));
    const auto response =
        CO_TRY(co_await client->call<message::GetTabletResponse>(std::move(request)));
    client->print_json(response.tablet());
    co_return Result<void>{};
}

Ran get_version(Client* client) {
    message::GetVersionRequest request;
    *request.mutable_tablet_alias() = CO_TRY(alias_of(client->word(0)));
    const auto response =
        CO_TRY(co_await client->call<message::GetVersionResponse>(std::move(request)));
    client->line(response.version());
    co_return Result<void>{};
}

// Aliases alone, or any of the other filters.
Result<void> check_filters(const Client& client) {
    const std::string by_alias = " cannot be passed when using --tablet-alias";
    if (!client.list("tablet-alias").empty()) {
        for (const char* flag : {"keyspace", "shard", "cell", "tablet-type"}) {
            if (client.is_set(flag))
                return fail(Code::invalid_argument, "--" + std::string(flag) + by_alias);
        }
    }
    if (client.text("keyspace").empty() && !client.text("shard").empty())
        return fail(Code::invalid_argument, "--shard (= " + client.text("shard") +
                                                ") cannot be passed without also passing "
                                                "--keyspace");
    return {};
}

Ran get_tablets(Client* client) {
    std::string format = client->text("format");
    for (char& c : format) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (format != "awk" && format != "json")
        co_return fail(Code::invalid_argument,
                       "invalid output format, got " + client->text("format"));
    CO_TRY(check_filters(*client));
    message::GetTabletsRequest request;
    for (const auto& one : client->list("tablet-alias"))
        *request.add_tablet_aliases() = CO_TRY(alias_of(one));
    for (const auto& one : client->list("cell")) request.add_cells(one);
    request.set_tablet_type(CO_TRY(tablet_type_of(client->text("tablet-type"))));
    request.set_keyspace(client->text("keyspace"));
    request.set_shard(client->text("shard"));
    request.set_strict(client->on("strict"));
    const auto response =
        CO_TRY(co_await client->call<message::GetTabletsResponse>(std::move(request)));
    if (format == "json") {
        client->line(go_list(response.tablets()));
    } else {
        for (const auto& tablet : response.tablets()) client->line(tablet_line(tablet));
    }
    co_return Result<void>{};
}

Ran ping(Client* client) {
    message::PingTabletRequest request;
    *request.mutable_tablet_alias() = CO_TRY(alias_of(client->word(0)));
    CO_TRY(co_await client->call<message::PingTabletResponse>(std::move(request)));
    co_return Result<void>{};
}

Ran refresh(Client* client) {
    message::RefreshStateRequest request;
    *request.mutable_tablet_alias() = CO_TRY(alias_of(client->word(0)));
    CO_TRY(co_await client->call<message::RefreshStateResponse>(std::move(request)));
    const auto alias = CO_TRY(vindex::parse_tablet_alias(client->word(0)));
    client->line("Refreshed state on " + vindex::to_text(alias));
    co_return Result<void>{};
}

Ran refresh_shard(Client* client) {
    message::RefreshStateByShardRequest request;
    const KeyspaceShard where = CO_TRY(keyspace_shard_of(client->word(0)));
    request.set_keyspace(where.keyspace);
    request.set_shard(where.shard);
    for (const auto& one : client->list("cells")) request.add_cells(one);
    const auto response =
        CO_TRY(co_await client->call<message::RefreshStateByShardResponse>(std::move(request)));
    std::string text = "Refreshed state on " + client->word(0);
    if (!client->list("cells").empty()) {
        text += " in cells ";
        for (std::size_t i = 0; i < client->list("cells").size(); ++i)
            text += (i == 0 ? "" : ", ") + client->list("cells")[i];
    }
    if (response.is_partial_refresh())
        text += "\nState refresh was partial; some tablets in the shard may not have succeeded.";
    client->line(text);
    co_return Result<void>{};
}

Ran check_health(Client* client) {
    message::RunHealthCheckRequest request;
    *request.mutable_tablet_alias() = CO_TRY(alias_of(client->word(0)));
    CO_TRY(co_await client->call<message::RunHealthCheckResponse>(std::move(request)));
    co_return Result<void>{};
}

Ran set_writable(Client* client) {
    message::SetWritableRequest request;
    *request.mutable_tablet_alias() = CO_TRY(alias_of(client->word(0)));
    request.set_writable(CO_TRY(boolean_of(client->word(1))));
    CO_TRY(co_await client->call<message::SetWritableResponse>(std::move(request)));
    co_return Result<void>{};
}

Ran sleep(Client* client) {
    message::SleepTabletRequest request;
    *request.mutable_tablet_alias() = CO_TRY(alias_of(client->word(0)));
    set_duration(CO_TRY(servenv::parse_duration(client->word(1))), request.mutable_duration());
    CO_TRY(co_await client->call<message::SleepTabletResponse>(std::move(request)));
    co_return Result<void>{};
}

Ran start_replication(Client* client) {
    message::StartReplicationRequest request;
    *request.mutable_tablet_alias() = CO_TRY(alias_of(client->word(0)));
    CO_TRY(co_await client->call<message::StartReplicationResponse>(std::move(request)));
    co_return Result<void>{};
}

Ran stop_replication(Client* client) {
    message::StopReplicationRequest request;
    *request.mutable_tablet_alias() = CO_TRY(alias_of(client->word(0)));
    CO_TRY(co_await client->call<message::StopReplicationResponse>(std::move(request)));
    co_return Result<void>{};
}

const std::vector<Command> commands{
    {.name = "ChangeTabletTags",
     .usage = "<alias> <tablet-tag> [ <tablet-tag> ... ]",
     .summary = "Changes a tablet's tags.",
     .flags = {{"replace", 'r', false, "the tags that are not given go"}},
     .least = 2,
     .most = -1,
     .run = &change_tags},
    {.name = "ChangeTabletType",
     .usage = "[--dry-run] <alias> <tablet-type>",
     .summary = "Changes a tablet's type, among those that take no writes.",
     .flags = {{"dry-run", 'd', false, "only show what would be done"}},
     .least = 2,
     .most = 2,
     .run = &change_type},
    {.name = "DeleteTablets",
     .usage = "<alias> [ <alias> ... ]",
     .summary = "Deletes tablets from the topology.",
     .flags = {{"allow-primary", 'p', false, "also if it is a primary"}},
     .least = 1,
     .most = -1,
     .run = &delete_tablets},
    {.name = "GetFullStatus",
     .usage = "<alias>",
     .summary = "Prints all that a tablet knows of its server's replication.",
     .least = 1,
     .most = 1,
     .run = &full_status},
    {.name = "GetPermissions",
     .usage = "<tablet_alias>",
     .summary = "Prints the users of a tablet's server and what they may.",
     .least = 1,
     .most = 1,
     .run = &permissions},
    {.name = "GetTablet",
     .usage = "<alias>",
     .summary = "Prints a tablet.",
     .least = 1,
     .most = 1,
     .run = &get_tablet},
    {.name = "GetTabletVersion",
     .aliases = {"GetVersion"},
     .usage = "<alias>",
     .summary = "Prints which build a tablet is.",
     .least = 1,
     .most = 1,
     .run = &get_version},
    {.name = "GetTablets",
     .usage = "[--strict] [{--cell $c1 [--cell $c2 ...] [--tablet-type $t1] [--keyspace $ks "
              "[--shard $shard]], --tablet-alias $alias}]",
     .summary = "Lists tablets, a line each.",
     .flags = {{"cell", 'c', std::vector<std::string>{}, "of these cells"},
               {"format", '\0', std::string("awk"), "awk, a line each, or json"},
               {"keyspace", 'k', std::string(""), "of this keyspace"},
               {"shard", 's', std::string(""), "of this shard"},
               {"strict", '\0', false, "fail if anything is missing"},
               {"tablet-alias", 't', std::vector<std::string>{}, "these tablets"},
               {"tablet-type", '\0', std::string("UNKNOWN"), "of this type",
                "topodatapb.TabletType"}},
     .least = 0,
     .most = 0,
     .run = &get_tablets},
    {.name = "PingTablet",
     .usage = "<alias>",
     .summary = "Asks a tablet whether it answers.",
     .least = 1,
     .most = 1,
     .run = &ping},
    {.name = "RefreshState",
     .usage = "<alias>",
     .summary = "A tablet reads its record again.",
     .least = 1,
     .most = 1,
     .run = &refresh},
    {.name = "RefreshStateByShard",
     .usage = "[--cell <cell1> ...] <keyspace/shard>",
     .summary = "All tablets of a shard read their records again.",
     .flags = {{"cells", 'c', std::vector<std::string>{}, "the cells that this is for; none: all"}},
     .least = 1,
     .most = 1,
     .run = &refresh_shard},
    {.name = "RunHealthCheck",
     .aliases = {"RunHealthcheck"},
     .usage = "<tablet_alias>",
     .summary = "A tablet looks at its health now.",
     .least = 1,
     .most = 1,
     .run = &check_health},
    {.name = "SetWritable",
     .usage = "<alias> <true/false>",
     .summary = "Makes a tablet's server take writes, or not.",
     .least = 2,
     .most = 2,
     .run = &set_writable},
    {.name = "SleepTablet",
     .usage = "<alias> <duration>",
     .summary = "A tablet does nothing else for a while; for tests.",
     .least = 2,
     .most = 2,
     .run = &sleep},
    {.name = "StartReplication",
     .usage = "<alias>",
     .summary = "A tablet's server replicates.",
     .least = 1,
     .most = 1,
     .run = &start_replication},
    {.name = "StopReplication",
     .usage = "<alias>",
     .summary = "A tablet's server replicates no longer.",
     .least = 1,
     .most = 1,
     .run = &stop_replication},
};

}  // namespace

const std::vector<Command>& tablet_commands() {
    return commands;
}

}  // namespace sluice::vtctl::detail
