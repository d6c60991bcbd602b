// vtctldclient: commands about keyspaces. Before: client.cc. After: service.cc, in vtctld.
#include <cstdio>
#include <ctime>

#include "vtctl/detail/command.h"

namespace sluice::vtctl::detail {
namespace {

using Ran = Task<Result<void>>;

// RFC 3339, in seconds: "2026-11-26T11:06:36Z" or with an offset.
Result<std::int64_t> seconds_of(const std::string& text) {
    std::tm parts{};
    const char* const rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    if (rest == nullptr)
        return fail(Code::invalid_argument,
                    "cannot parse --snapshot-timestamp as RFC3339: " + text);
    const std::int64_t seconds = ::timegm(&parts);
    const std::string_view zone = std::string_view(rest).substr(
        std::min(std::string_view(rest).find_first_of("Z+-"), std::string_view(rest).size()));
    if (zone == "Z") return seconds;
    int hours = 0;
    int minutes = 0;
    if (zone.size() != 6 || std::sscanf(zone.data() + 1, "%2d:%2d", &hours, &minutes) != 2)
        return fail(Code::invalid_argument,
                    "cannot parse --snapshot-timestamp as RFC3339: " + text);
    const std::int64_t offset = hours * 3600 + minutes * 60;
    return zone[0] == '+' ? seconds - offset : seconds + offset;
}

Result<void> fill_snapshot(Client* client, message::CreateKeyspaceRequest* request) {
    if (client->is_set("durability-policy") && client->text("durability-policy") != "none")
        return fail(Code::invalid_argument,
                    "--durability-policy cannot be specified while creating a snapshot keyspace");
    if (client->text("base-keyspace").empty())
        return fail(Code::invalid_argument, "--base-keyspace is required for a snapshot keyspace");
    if (client->text("snapshot-timestamp").empty())
        return fail(Code::invalid_argument,
                    "--snapshot-timestamp is required for a snapshot keyspace");
    request->set_type(topodata::SNAPSHOT);
    request->set_base_keyspace(client->text("base-keyspace"));
    request->set_durability_policy("none");
    request->mutable_snapshot_time()->set_seconds(
        TRY(seconds_of(client->text("snapshot-timestamp"))));
    return {};
}

Ran create_keyspace(Client* client) {
    message::CreateKeyspaceRequest request;
    request.set_name(client->word(0));
    request.set_durability_policy(client->text("durability-policy"));
    std::string type = client->text("type");
    for (char& c : type) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    if (type == "SNAPSHOT") {
        CO_TRY(fill_snapshot(client, &request));
    } else if (type != "NORMAL") {
        co_return fail(Code::invalid_argument, "unknown keyspace type " + client->text("type"));
    }
    const std::string& sidecar = client->text("sidecar-db-name");
    constexpr std::size_t longest_name = 64;
    if (sidecar.empty())
        co_return fail(Code::invalid_argument,
                       "--sidecar-db-name cannot be empty when creating a keyspace");
    if (sidecar.size() > longest_name)
        co_return fail(Code::invalid_argument,
                       "--sidecar-db-name identifier value of " + go_string(sidecar) +
                           " is too long (" + std::to_string(sidecar.size()) +
                           " chars), max length for database identifiers is 64 characters");
    request.set_sidecar_db_name(sidecar);
    request.set_force(client->on("force"));
    request.set_allow_empty_v_schema(client->on("allow-empty-vschema"));
    const auto response =
        CO_TRY(co_await client->call<message::CreateKeyspaceResponse>(std::move(request)));
    client->line("Successfully created keyspace " + client->word(0) + ". Result:\n" +
                 client->json(response.keyspace()));
    co_return Result<void>{};
}

Ran delete_keyspace(Client* client) {
    message::DeleteKeyspaceRequest request;
    request.set_keyspace(client->word(0));
    request.set_recursive(client->on("recursive"));
    request.set_force(client->on("force"));
    const auto response =
        co_await client->call<message::DeleteKeyspaceResponse>(std::move(request));
    if (!response)
        co_return fail(response.error().code, "DeleteKeyspace(" + client->word(0) +
                                                  ") error: " + response.error().text +
                                                  "; please check the topo");
    client->line("Successfully deleted keyspace " + client->word(0) + ".");
    co_return Result<void>{};
}

Ran find_shards(Client* client) {
    message::FindAllShardsInKeyspaceRequest request;
    request.set_keyspace(client->word(0));
    const auto response =
        CO_TRY(co_await client->call<message::FindAllShardsInKeyspaceResponse>(std::move(request)));
    client->print_json(response);
    co_return Result<void>{};
}

Ran get_keyspace(Client* client) {
    message::GetKeyspaceRequest request;
    request.set_keyspace(client->word(0));
    const auto response =
        CO_TRY(co_await client->call<message::GetKeyspaceResponse>(std::move(request)));
    client->print_json(response.keyspace());
    co_return Result<void>{};
}

Ran get_keyspaces(Client* client) {
    message::GetKeyspacesRequest request;
    const auto response =
        CO_TRY(co_await client->call<message::GetKeyspacesResponse>(std::move(request)));
    client->line(go_list(response.keyspaces()));
    co_return Result<void>{};
}

Ran remove_keyspace_cell(Client* client) {
    message::RemoveKeyspaceCellRequest request;
    request.set_keyspace(client->word(0));
    request.set_cell(client->word(1));
    request.set_force(client->on("force"));
    request.set_recursive(client->on("recursive"));
    CO_TRY(co_await client->call<message::RemoveKeyspaceCellResponse>(std::move(request)));
    client->line("Successfully removed keyspace " + client->word(0) + " from cell " +
                 client->word(1));
    co_return Result<void>{};
}

Ran set_durability(Client* client) {
    message::SetKeyspaceDurabilityPolicyRequest request;
    request.set_keyspace(client->word(0));
    request.set_durability_policy(client->text("durability-policy"));
    const auto response = CO_TRY(
        co_await client->call<message::SetKeyspaceDurabilityPolicyResponse>(std::move(request)));
    client->print_json(response);
    co_return Result<void>{};
}

const std::vector<Command> commands{
    {.name = "CreateKeyspace",
     .usage = "<keyspace> [--force|-f] [--type KEYSPACE_TYPE] [--base-keyspace KEYSPACE "
              "--snapshot-timestamp TIME] [--served-from DB_TYPE:KEYSPACE ...] "
              "[--durability-policy <policy_name>] [--sidecar-db-name <db_name>]",
     .summary = "Makes a keyspace.",
     .flags = {{"allow-empty-vschema", 'e', false, "do not make an empty VSchema"},
               {"base-keyspace", '\0', std::string(""), "the keyspace that a snapshot is of"},
               {"durability-policy", '\0', std::string("none"),
                "who acknowledges transactions: none, semi_sync, semi_sync_with_rdonly_ack, "
                "cross_cell or cross_cell_with_rdonly_ack"},
               {"force", 'f', false,
                "go on although something is there already, or cannot be locked"},
               {"sidecar-db-name", '\0', std::string("_vt"),
                "the tablets' database for their own tables"},
               {"snapshot-timestamp", '\0', std::string(""),
                "when the snapshot was taken, RFC 3339"},
               {"type", '\0', std::string("NORMAL"), "NORMAL or SNAPSHOT", "cli.KeyspaceTypeFlag"}},
     .least = 1,
     .most = 1,
     .run = &create_keyspace},
    {.name = "DeleteKeyspace",
     .usage = "[--recursive|-r] [--force|-f] <keyspace>",
     .summary = "Deletes a keyspace, which must have no shards unless they go too.",
     .flags = {{"force", 'f', false,
                "go on although something is there already, or cannot be locked"},
               {"recursive", 'r', false, "what is below goes too"}},
     .least = 1,
     .most = 1,
     .run = &delete_keyspace},
    {.name = "FindAllShardsInKeyspace",
     .aliases = {"findallshardsinkeyspace"},
     .usage = "<keyspace>",
     .summary = "Prints all shards of a keyspace by name.",
     .least = 1,
     .most = 1,
     .run = &find_shards},
    {.name = "GetKeyspace",
     .aliases = {"getkeyspace"},
     .usage = "<keyspace>",
     .summary = "Prints a keyspace.",
     .least = 1,
     .most = 1,
     .run = &get_keyspace},
    {.name = "GetKeyspaces",
     .aliases = {"getkeyspaces"},
     .summary = "Prints all keyspaces.",
     .least = 0,
     .most = 0,
     .run = &get_keyspaces},
    {.name = "RemoveKeyspaceCell",
     .usage = "[--force|-f] [--recursive|-r] <keyspace> <cell>",
     .summary = "All shards of a keyspace are no longer served in a cell.",
     .flags = {{"force", 'f', false,
                "go on although something is there already, or cannot be locked"},
               {"recursive", 'r', false, "what is below goes too"}},
     .least = 2,
     .most = 2,
     .run = &remove_keyspace_cell},
    {.name = "SetKeyspaceDurabilityPolicy",
     .usage = "[--durability-policy=policy_name] <keyspace name>",
     .summary = "Sets a keyspace's durability policy.",
     .flags = {{"durability-policy", '\0', std::string("none"),
                "who acknowledges transactions: none, semi_sync, semi_sync_with_rdonly_ack, "
                "cross_cell or cross_cell_with_rdonly_ack"}},
     .least = 1,
     .most = 1,
     .run = &set_durability},
};

}  // namespace

const std::vector<Command>& keyspace_commands() {
    return commands;
}

}  // namespace sluice::vtctl::detail
