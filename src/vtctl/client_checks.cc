// vtctldclient: commands about whether a cluster is sound. Before: client.cc. After: service.cc, in
// vtctld.
#include <map>

#include "vtctl/detail/command.h"

namespace sluice::vtctl::detail {
namespace {

using Ran = Task<Result<void>>;

template <class List>
std::string result_lines(const List& results) {
    std::string text;
    for (const auto& one : results) text += "- " + one + "\n";
    return text;
}

// The lines of one shard; empty: nothing is wrong.
std::string shard_lines(const std::string& name, const message::ValidateShardResponse& response) {
    std::string text = result_lines(response.results());
    return text.empty() ? text : "\nFor " + name + ":\n" + text;
}

std::string keyspace_lines(const std::string& name,
                           const message::ValidateKeyspaceResponse& response) {
    std::string text = result_lines(response.results());
    const std::map<std::string, message::ValidateShardResponse> shards(
        response.results_by_shard().begin(), response.results_by_shard().end());
    for (const auto& [shard, results] : shards) text += shard_lines(name + "/" + shard, results);
    return text;
}

Result<void> conclude(Client* client, const std::string& lines, std::string_view good,
                      std::string bad) {
    if (lines.empty()) {
        client->line(good);
        return {};
    }
    client->print("Validation results:\n" + lines);
    return fail(Code::failed_precondition, std::move(bad));
}

Ran validate(Client* client) {
    message::ValidateRequest request;
    request.set_ping_tablets(client->on("ping-tablets"));
    const auto response =
        CO_TRY(co_await client->call<message::ValidateResponse>(std::move(request)));
    std::string text = result_lines(response.results());
    const std::map<std::string, message::ValidateKeyspaceResponse> keyspaces(
        response.results_by_keyspace().begin(), response.results_by_keyspace().end());
    for (const auto& [keyspace, results] : keyspaces) {
        const std::string lines = keyspace_lines(keyspace, results);
        if (!lines.empty()) text += "\nFor " + keyspace + ":\n" + lines;
    }
    co_return conclude(client, text, "Validation complete; no issues found.",
                       "some issues were found during validation; see above for details");
}

Ran validate_keyspace(Client* client) {
    message::ValidateKeyspaceRequest request;
    request.set_keyspace(client->word(0));
    request.set_ping_tablets(client->on("ping-tablets"));
    const auto response =
        CO_TRY(co_await client->call<message::ValidateKeyspaceResponse>(std::move(request)));
    const std::string& name = client->word(0);
    co_return conclude(client, keyspace_lines(name, response),
                       "Validation of " + name + " complete; no issues found.",
                       "keyspace " + name + " had validation issues; see above for details");
}

Ran validate_shard(Client* client) {
    message::ValidateShardRequest request;
    const KeyspaceShard where = CO_TRY(keyspace_shard_of(client->word(0)));
    request.set_keyspace(where.keyspace);
    request.set_shard(where.shard);
    request.set_ping_tablets(client->on("ping-tablets"));
    const auto response =
        CO_TRY(co_await client->call<message::ValidateShardResponse>(std::move(request)));
    const std::string& name = client->word(0);
    co_return conclude(client, result_lines(response.results()),
                       "Validation of " + name + " complete; no issues found.",
                       "shard " + name + " had validation issues; see above for details");
}

Ran validate_schema(Client* client) {
    message::ValidateSchemaKeyspaceRequest request;
    request.set_keyspace(client->word(0));
    for (const auto& one : client->list("exclude-tables")) request.add_exclude_tables(one);
    request.set_include_views(client->on("include-views"));
    request.set_skip_no_primary(client->on("skip-no-primary"));
    request.set_include_vschema(client->on("include-vschema"));
    const auto response =
        CO_TRY(co_await client->call<message::ValidateSchemaKeyspaceResponse>(std::move(request)));
    client->print_json(response);
    co_return Result<void>{};
}

Ran validate_version(Client* client) {
    message::ValidateVersionKeyspaceRequest request;
    request.set_keyspace(client->word(0));
    const auto response =
        CO_TRY(co_await client->call<message::ValidateVersionKeyspaceResponse>(std::move(request)));
    client->print_json(response);
    co_return Result<void>{};
}

Ran validate_version_shard(Client* client) {
    message::ValidateVersionShardRequest request;
    const KeyspaceShard where = CO_TRY(keyspace_shard_of(client->word(0)));
    request.set_keyspace(where.keyspace);
    request.set_shard(where.shard);
    const auto response =
        CO_TRY(co_await client->call<message::ValidateVersionShardResponse>(std::move(request)));
    client->print_json(response);
    co_return Result<void>{};
}

const std::vector<Command> commands{
    {.name = "Validate",
     .usage = "[--ping-tablets]",
     .summary = "Checks that the records of the whole cluster fit together.",
     .flags = {{"ping-tablets", 'p', false, "ask all tablets whether they answer"}},
     .least = 0,
     .most = 0,
     .run = &validate},
    {.name = "ValidateKeyspace",
     .usage = "[--ping-tablets] <keyspace>",
     .summary = "Checks that the records of a keyspace fit together.",
     .flags = {{"ping-tablets", 'p', false, "ask all tablets whether they answer"}},
     .least = 1,
     .most = 1,
     .run = &validate_keyspace},
    {.name = "ValidateSchemaKeyspace",
     .aliases = {"validateschemakeyspace"},
     .usage = "[--exclude-tables=<exclude_tables>] [--include-views] [--skip-no-primary] "
              "[--include-vschema] <keyspace>",
     .summary = "Compares the tables of all tablets with those of the first shard's primary.",
     .flags = {{"exclude-tables", '\0', std::vector<std::string>{},
                "tables to leave out; names, or /regexp/"},
               {"include-views", '\0', false, "views too"},
               {"include-vschema", '\0', false, "check first that the VSchema has all tables"},
               {"skip-no-primary", '\0', false, "do not complain of shards without a primary"}},
     .least = 1,
     .most = 1,
     .run = &validate_schema},
    {.name = "ValidateShard",
     .usage = "[--ping-tablets] <keyspace/shard>",
     .summary = "Checks that the records of a shard fit together.",
     .flags = {{"ping-tablets", 'p', false, "ask all tablets whether they answer"}},
     .least = 1,
     .most = 1,
     .run = &validate_shard},
    {.name = "ValidateVersionKeyspace",
     .aliases = {"validateversionkeyspace"},
     .usage = "<keyspace>",
     .summary = "Compares the versions of all tablets with that of the first shard's primary.",
     .least = 1,
     .most = 1,
     .run = &validate_version},
    {.name = "ValidateVersionShard",
     .usage = "<keyspace/shard>",
     .summary = "Compares the versions of a shard's tablets with its primary's.",
     .least = 1,
     .most = 1,
     .run = &validate_version_shard},
};

}  // namespace

const std::vector<Command>& check_commands() {
    return commands;
}

}  // namespace sluice::vtctl::detail
