// vtctldclient: all commands. Before: client.cc. After: client_cells.cc and the other families.
#include <algorithm>

#include "vtctl/detail/command.h"

namespace sluice::vtctl::detail {
namespace {

std::vector<Command> made_refused_commands() {
    struct Refused {
        std::string_view name;
        std::string_view summary;
    };
    constexpr Refused all[] = {
        {"Backup", "Backs a tablet up (not supported)."},
        {"BackupShard", "Backs a tablet of a shard up (not supported)."},
        {"CheckThrottler", "Asks a tablet's throttler (not supported)."},
        {"DistributedTransaction", "Ends transactions that are in doubt (not supported)."},
        {"GetThrottlerStatus", "Prints a throttler's state (not supported)."},
        {"LookupVindex", "Makes and fills lookup vindexes (not supported)."},
        {"Materialize", "Keeps results of queries as tables (not supported)."},
        {"Migrate", "Takes tables over from another cluster (not supported)."},
        {"Mount", "Makes another cluster known (not supported)."},
        {"MoveTables", "Moves tables to another keyspace (not supported)."},
        {"OnlineDDL", "Works on online migrations (not supported)."},
        {"RemoveBackup", "Deletes a backup (not supported)."},
        {"Reshard", "Divides a keyspace anew (not supported)."},
        {"RestoreFromBackup", "Restores a tablet (not supported)."},
        {"UpdateThrottlerConfig", "Changes a keyspace's throttlers (not supported)."},
        {"VDiff", "Compares tables of a workflow (not supported)."},
        {"Workflow", "Works on workflows (not supported)."},
        {"completion", "Prints a script that completes words in a shell (not supported)."},
    };
    std::vector<Command> made;
    for (const Refused& one : all)
        made.push_back({.name = one.name, .summary = one.summary, .least = 0, .most = -1});
    return made;
}

}  // namespace

const std::vector<Command>& refused_commands() {
    static const std::vector<Command> commands = made_refused_commands();
    return commands;
}

std::vector<const Command*> all_commands() {
    std::vector<const Command*> all;
    for (const auto family :
         {cell_commands, keyspace_commands, shard_commands, tablet_commands, query_commands,
          reparent_commands, schema_commands, vschema_commands, serving_commands, check_commands,
          backup_commands, workflow_commands, legacy_commands, refused_commands}) {
        for (const Command& command : family()) all.push_back(&command);
    }
    std::ranges::sort(all, {}, [](const Command* command) { return command->name; });
    return all;
}

// By its name, one of its aliases, or its name in lower case, as v21's commands mostly allow.
const Command* find_command(std::string_view name) {
    const auto lower = [](std::string_view text) {
        std::string made(text);
        for (char& c : made) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        return made;
    };
    for (const Command* command : all_commands()) {
        const bool is_it = command->name == name || lower(command->name) == name ||
                           std::ranges::find(command->aliases, name) != command->aliases.end();
        if (is_it) return command;
    }
    return nullptr;
}

}  // namespace sluice::vtctl::detail
