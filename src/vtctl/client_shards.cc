// vtctldclient: commands about shards. Before: client.cc. After: service.cc, in vtctld.
#include <charconv>

#include "replication/position.h"
#include "vindex/key_range.h"
#include "vindex/target.h"
#include "vtctl/detail/command.h"

namespace sluice::vtctl::detail {
namespace {

using Ran = Task<Result<void>>;

Result<std::int64_t> number_of(const std::string& text) {
    std::int64_t number = 0;
    const auto [at, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure == std::errc{} && at == text.data() + text.size()) return number;
    return fail(Code::invalid_argument,
                "strconv.ParseInt: parsing " + go_string(text) + ": invalid syntax");
}

Ran create_shard(Client* client) {
    message::CreateShardRequest request;
    const KeyspaceShard where = CO_TRY(keyspace_shard_of(client->word(0)));
    request.set_keyspace(where.keyspace);
    request.set_shard_name(where.shard);
    request.set_force(client->on("force"));
    request.set_include_parent(client->on("include-parent"));
    const auto response =
        CO_TRY(co_await client->call<message::CreateShardResponse>(std::move(request)));
    client->print_json(response);
    co_return Result<void>{};
}

Ran delete_shards(Client* client) {
    message::DeleteShardsRequest request;
    for (const std::string& word : client->words()) {
        const KeyspaceShard where = CO_TRY(keyspace_shard_of(word));
        message::Shard& shard = *request.add_shards();
        shard.set_keyspace(where.keyspace);
        shard.set_name(where.shard);
    }
    request.set_recursive(client->on("recursive"));
    request.set_even_if_serving(client->on("even-if-serving"));
    request.set_force(client->on("force"));
    const std::string count = std::to_string(client->words().size());
    const auto response = co_await client->call<message::DeleteShardsResponse>(std::move(request));
    if (!response)
        co_return fail(response.error().code, response.error().text + ": while deleting " + count +
                                                  " shards; please inspect the topo");
    client->line("Successfully deleted " + count + " shards");
    co_return Result<void>{};
}

Ran generate_ranges(Client* client) {
    const std::int64_t count = CO_TRY(number_of(client->word(0)));
    std::vector<std::string> parts;
    for (const auto& range : CO_TRY(vindex::generate_shard_ranges(count)))
        parts.push_back(go_string(range));
    client->line(go_lines(std::move(parts), '[', ']'));
    co_return Result<void>{};
}

Ran get_shard(Client* client) {
    message::GetShardRequest request;
    const KeyspaceShard where = CO_TRY(keyspace_shard_of(client->word(0)));
    request.set_keyspace(where.keyspace);
    request.set_shard_name(where.shard);
    const auto response =
        CO_TRY(co_await client->call<message::GetShardResponse>(std::move(request)));
    client->print_json(response.shard());
    co_return Result<void>{};
}

Ran get_replication(Client* client) {
    message::GetShardReplicationRequest request;
    const KeyspaceShard where = CO_TRY(keyspace_shard_of(client->word(0)));
    request.set_keyspace(where.keyspace);
    request.set_shard(where.shard);
    for (std::size_t i = 1; i < client->words().size(); ++i) request.add_cells(client->word(i));
    const auto response =
        CO_TRY(co_await client->call<message::GetShardReplicationResponse>(std::move(request)));
    client->print_json(response);
    co_return Result<void>{};
}

Ran remove_shard_cell(Client* client) {
    message::RemoveShardCellRequest request;
    const KeyspaceShard where = CO_TRY(keyspace_shard_of(client->word(0)));
    request.set_keyspace(where.keyspace);
    request.set_shard_name(where.shard);
    request.set_cell(client->word(1));
    request.set_force(client->on("force"));
    request.set_recursive(client->on("recursive"));
    CO_TRY(co_await client->call<message::RemoveShardCellResponse>(std::move(request)));
    client->line("Successfully removed cell " + client->word(1) + " from shard " + client->word(0));
    co_return Result<void>{};
}

Ran set_serving(Client* client) {
    message::SetShardIsPrimaryServingRequest request;
    const KeyspaceShard where = CO_TRY(keyspace_shard_of(client->word(0)));
    request.set_keyspace(where.keyspace);
    request.set_shard(where.shard);
    const Result<bool> serving = boolean_of(client->word(1));
    if (!serving)
        co_return fail(Code::invalid_argument,
                       "cannot parse is_serving as bool: " + serving.error().text);
    request.set_is_serving(*serving);
    const auto response = CO_TRY(
        co_await client->call<message::SetShardIsPrimaryServingResponse>(std::move(request)));
    client->print_json(response.shard());
    co_return Result<void>{};
}

Ran set_control(Client* client) {
    message::SetShardTabletControlRequest request;
    const KeyspaceShard where = CO_TRY(keyspace_shard_of(client->word(0)));
    request.set_keyspace(where.keyspace);
    request.set_shard(where.shard);
    const auto type = tablet_type_of(client->word(1));
    if (!type)
        co_return fail(Code::invalid_argument, "cannot parse tablet type: " + type.error().text);
    request.set_tablet_type(*type);
    for (const auto& one : client->list("cells")) request.add_cells(one);
    for (const auto& one : client->list("denied-tables")) request.add_denied_tables(one);
    request.set_disable_query_service(client->on("disable-query-service"));
    request.set_remove(client->on("remove"));
    const auto response =
        CO_TRY(co_await client->call<message::SetShardTabletControlResponse>(std::move(request)));
    client->print_json(response.shard());
    co_return Result<void>{};
}

Ran fix_replication(Client* client) {
    message::ShardReplicationFixRequest request;
    const KeyspaceShard where = CO_TRY(keyspace_shard_of(client->word(1)));
    request.set_cell(client->word(0));
    request.set_keyspace(where.keyspace);
    request.set_shard(where.shard);
    const auto response =
        CO_TRY(co_await client->call<message::ShardReplicationFixResponse>(std::move(request)));
    if (!response.has_error()) {
        client->line("All nodes in the replication graph are valid.");
        co_return Result<void>{};
    }
    const bool is_absent = response.error().type() == topodata::ShardReplicationError::NOT_FOUND;
    const auto& alias = response.error().tablet_alias();
    client->line(std::string(is_absent ? "not_found" : "topology_mismatch") +
                 " has been fixed for " +
                 vindex::to_text(vindex::TabletAlias{alias.cell(), alias.uid()}) + ".");
    co_return Result<void>{};
}

struct Standing {
    const topodata::Tablet* tablet;
    const replicationdata::Status* status;  // null: not known
    replication::Position position;
};

// Unknown ones first, then by type, then those that are behind.
bool comes_before(const Standing& left, const Standing& right) {
    if (left.status == nullptr || right.status == nullptr)
        return left.status == nullptr && right.status != nullptr;
    if (left.tablet->type() != right.tablet->type())
        return left.tablet->type() < right.tablet->type();
    return !left.position.contains(right.position);
}

Ran positions(Client* client) {
    message::ShardReplicationPositionsRequest request;
    const KeyspaceShard where = CO_TRY(keyspace_shard_of(client->word(0)));
    request.set_keyspace(where.keyspace);
    request.set_shard(where.shard);
    const auto response = CO_TRY(
        co_await client->call<message::ShardReplicationPositionsResponse>(std::move(request)));
    std::vector<Standing> standings;
    for (const auto& [alias, tablet] : response.tablet_map()) {
        const auto status = response.replication_statuses().find(alias);
        const bool is_known = status != response.replication_statuses().end();
        Standing one{&tablet, is_known ? &status->second : nullptr, {}};
        if (is_known) {
            auto position = replication::Position::parse(status->second.position());
            if (position) one.position = std::move(*position);
        }
        auto at = standings.begin();
        while (at != standings.end() && !comes_before(one, *at)) ++at;
        standings.insert(at, std::move(one));
    }
    for (const Standing& one : standings) {
        const std::string tail = one.status == nullptr
                                     ? "<err> <err> <err>"
                                     : " " + one.status->position() + " " +
                                           std::to_string(one.status->replication_lag_seconds());
        client->line(tablet_line(*one.tablet) + tail);
    }
    co_return Result<void>{};
}

Ran add_source(Client* client) {
    message::SourceShardAddRequest request;
    const KeyspaceShard where = CO_TRY(keyspace_shard_of(client->word(0)));
    const KeyspaceShard source = CO_TRY(keyspace_shard_of(client->word(2)));
    request.set_keyspace(where.keyspace);
    request.set_shard(where.shard);
    request.set_uid(static_cast<std::int32_t>(CO_TRY(number_of(client->word(1)))));
    request.set_source_keyspace(source.keyspace);
    request.set_source_shard(source.shard);
    if (!client->text("key-range").empty()) {
        const auto range = vindex::validate_shard_name(client->text("key-range"));
        if (!range || !range->range)
            co_return fail(Code::invalid_argument,
                           "Invalid keyrange: " + client->text("key-range"));
        request.mutable_key_range()->set_start(range->range->start);
        request.mutable_key_range()->set_end(range->range->end);
    }
    for (const auto& one : client->list("tables")) request.add_tables(one);
    const auto response =
        CO_TRY(co_await client->call<message::SourceShardAddResponse>(std::move(request)));
    if (response.has_shard()) {
        client->line("Updated shard record:\n" + client->json(response.shard()));
    } else {
        client->line("SourceShard with uid " + client->word(1) + " already exists for " +
                     client->word(0) + ", not adding it.");
    }
    co_return Result<void>{};
}

Ran delete_source(Client* client) {
    message::SourceShardDeleteRequest request;
    const KeyspaceShard where = CO_TRY(keyspace_shard_of(client->word(0)));
    request.set_keyspace(where.keyspace);
    request.set_shard(where.shard);
    request.set_uid(static_cast<std::int32_t>(CO_TRY(number_of(client->word(1)))));
    const auto response =
        CO_TRY(co_await client->call<message::SourceShardDeleteResponse>(std::move(request)));
    client->line(response.has_shard() ? "Updated shard record:\n" + client->json(response.shard())
                                      : "No SourceShard with uid " + client->word(1) + ".");
    co_return Result<void>{};
}

const std::vector<Command> commands{
    {.name = "CreateShard",
     .usage = "[--force|-f] [--include-parent|-p] <keyspace/shard>",
     .summary = "Makes a shard.",
     .flags = {{"force", 'f', false,
                "go on although something is there already, or cannot be locked"},
               {"include-parent", 'p', false, "make the keyspace too"}},
     .least = 1,
     .most = 1,
     .run = &create_shard},
    {.name = "DeleteShards",
     .usage = "[--recursive|-r] [--even-if-serving] [--force|-f] <keyspace/shard> "
              "[<keyspace/shard> ...]",
     .summary = "Deletes shards, which must have no tablets unless they go too.",
     .flags = {{"even-if-serving", '\0', false, "also if the shard serves"},
               {"force", 'f', false,
                "go on although something is there already, or cannot be locked"},
               {"recursive", 'r', false, "what is below goes too"}},
     .least = 1,
     .most = -1,
     .run = &delete_shards},
    {.name = "GenerateShardRanges",
     .usage = "<num_shards>",
     .summary = "Prints the names of shards that divide a keyspace evenly.",
     .least = 1,
     .most = 1,
     .run = &generate_ranges,
     .local = true},
    {.name = "GetShard",
     .usage = "<keyspace/shard>",
     .summary = "Prints a shard.",
     .least = 1,
     .most = 1,
     .run = &get_shard},
    {.name = "GetShardReplication",
     .usage = "<keyspace/shard> [cell1 [cell2...]]",
     .summary = "Prints which tablets a shard has in each cell.",
     .least = 1,
     .most = -1,
     .run = &get_replication},
    {.name = "RemoveShardCell",
     .usage = "[--force|-f] [--recursive|-r] <keyspace/shard> <cell>",
     .summary = "A shard is no longer served in a cell.",
     .flags = {{"force", 'f', false,
                "go on although something is there already, or cannot be locked"},
               {"recursive", 'r', false, "what is below goes too"}},
     .least = 2,
     .most = 2,
     .run = &remove_shard_cell},
    {.name = "SetShardIsPrimaryServing",
     .usage = "<keyspace/shard> <true/false>",
     .summary =
         "A shard serves, or serves no longer; for emergencies: what gates read is not rebuilt.",
     .least = 2,
     .most = 2,
     .run = &set_serving},
    {.name = "SetShardTabletControl",
     .usage = "[--cells=c1,c2...] [--denied-tables=t1,t2,...] [--remove] "
              "[--disable-query-service[=0|false]] <keyspace/shard> <tablet_type>",
     .summary =
         "Denies tables, or all queries, to the tablets of one type of a shard; for emergencies.",
     .flags = {{"cells", 'c', std::vector<std::string>{}, "the cells that this is for; none: all"},
               {"denied-tables", '\0', std::vector<std::string>{}, "the tables"},
               {"disable-query-service", '\0', false, "no queries at all"},
               {"remove", 'r', false, "take the control away"}},
     .least = 2,
     .most = 2,
     .run = &set_control},
    {.name = "ShardReplicationFix",
     .usage = "<cell> <keyspace/shard>",
     .summary = "Takes the first wrong tablet out of a shard's replication graph.",
     .least = 2,
     .most = 2,
     .run = &fix_replication},
    {.name = "ShardReplicationPositions",
     .usage = "<keyspace/shard>",
     .summary = "Prints where the servers of a shard's tablets stand.",
     .least = 1,
     .most = 1,
     .run = &positions},
    {.name = "SourceShardAdd",
     .usage = "[--key-range <keyrange>] [--tables <table1,table2,...> [--tables <table3,...>]...] "
              "<keyspace/shard> <uid> <source keyspace/shard>",
     .summary = "Adds a source to a shard's record; for emergencies.",
     .flags = {{"key-range", '\0', std::string(""), "range of the source"},
               {"tables", '\0', std::vector<std::string>{}, "tables; names, or /regexp/"}},
     .least = 3,
     .most = 3,
     .run = &add_source},
    {.name = "SourceShardDelete",
     .usage = "<keyspace/shard> <uid>",
     .summary = "Takes a source out of a shard's record; for emergencies.",
     .least = 2,
     .most = 2,
     .run = &delete_source},
};

}  // namespace

const std::vector<Command>& shard_commands() {
    return commands;
}

}  // namespace sluice::vtctl::detail
