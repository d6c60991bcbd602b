// vtctldclient: commands about tables. Before: client.cc. After: service.cc, in vtctld.
#include "logutil.pb.h"
#include "sql/lexer.h"
#include "vtctl/detail/command.h"

namespace sluice::vtctl::detail {
namespace {

using Ran = Task<Result<void>>;

// Given once, as words or as a file; parted at semicolons.
Result<std::vector<std::string>> statements_of(const Client& client) {
    std::string text;
    if (!client.text("sql-file").empty()) {
        if (!client.repeated("sql").empty())
            return fail(Code::invalid_argument,
                        "Exactly one of --sql and --sql-file must be specified, not both.");
        text = TRY(file_contents(client.text("sql-file")));
    } else {
        for (const std::string& one : client.repeated("sql"))
            text += (text.empty() ? "" : ";") + one;
    }
    std::vector<std::string> statements;
    for (const std::string_view one : sql::split_all(text, {})) statements.emplace_back(one);
    return statements;
}

Ran apply_schema(Client* client) {
    message::ApplySchemaRequest request;
    for (auto& one : CO_TRY(statements_of(*client))) request.add_sql(std::move(one));
    request.set_keyspace(client->word(0));
    request.set_ddl_strategy(client->text("ddl-strategy"));
    for (const auto& one : client->list("uuid")) request.add_uuid_list(one);
    request.set_migration_context(client->text("migration-context"));
    set_duration(client->duration("wait-replicas-timeout"),
                 request.mutable_wait_replicas_timeout());
    if (!client->text("caller-id").empty())
        request.mutable_caller_id()->set_principal(client->text("caller-id"));
    request.set_batch_size(client->number("batch-size"));
    const auto response =
        CO_TRY(co_await client->call<message::ApplySchemaResponse>(std::move(request)));
    std::string names;
    for (const auto& one : response.uuid_list()) names += (names.empty() ? "" : "\n") + one;
    client->line(names);
    co_return Result<void>{};
}

Ran get_schema(Client* client) {
    if (client->on("table-names-only") && client->on("table-sizes-only"))
        co_return fail(Code::invalid_argument,
                       "can only pass one of --table-names-only and --table-sizes-only");
    message::GetSchemaRequest request;
    *request.mutable_tablet_alias() = CO_TRY(alias_of(client->word(0)));
    for (const auto& one : client->list("tables")) request.add_tables(one);
    for (const auto& one : client->list("exclude-tables")) request.add_exclude_tables(one);
    request.set_include_views(client->on("include-views"));
    request.set_table_names_only(client->on("table-names-only"));
    request.set_table_sizes_only(client->on("table-sizes-only"));
    request.set_table_schema_only(client->on("table-schema-only"));
    const auto response =
        CO_TRY(co_await client->call<message::GetSchemaResponse>(std::move(request)));
    if (!client->on("table-names-only")) {
        client->print_json(response.schema());
        co_return Result<void>{};
    }
    std::string names;
    for (const auto& table : response.schema().table_definitions())
        names += (names.empty() ? "" : "\n") + table.name();
    client->line(names);
    co_return Result<void>{};
}

Ran reload(Client* client) {
    message::ReloadSchemaRequest request;
    *request.mutable_tablet_alias() = CO_TRY(alias_of(client->word(0)));
    CO_TRY(co_await client->call<message::ReloadSchemaResponse>(std::move(request)));
    co_return Result<void>{};
}

Ran reload_keyspace(Client* client) {
    message::ReloadSchemaKeyspaceRequest request;
    request.set_keyspace(client->word(0));
    request.set_include_primary(client->on("include-primary"));
    request.set_concurrency(static_cast<std::int32_t>(client->number("concurrency")));
    const auto response =
        CO_TRY(co_await client->call<message::ReloadSchemaKeyspaceResponse>(std::move(request)));
    for (const auto& event : response.events()) client->line(event_line(event));
    co_return Result<void>{};
}

Ran reload_shard(Client* client) {
    message::ReloadSchemaShardRequest request;
    const KeyspaceShard where = CO_TRY(keyspace_shard_of(client->word(0)));
    request.set_keyspace(where.keyspace);
    request.set_shard(where.shard);
    request.set_include_primary(client->on("include-primary"));
    request.set_concurrency(static_cast<std::int32_t>(client->number("concurrency")));
    const auto response =
        CO_TRY(co_await client->call<message::ReloadSchemaShardResponse>(std::move(request)));
    for (const auto& event : response.events()) client->line(event_line(event));
    co_return Result<void>{};
}

const std::vector<Command> commands{
    {.name = "ApplySchema",
     .usage = "[--ddl-strategy <strategy>] [--uuid <uuid> ...] [--migration-context <context>] "
              "[--wait-replicas-timeout <duration>] [--caller-id <caller_id>] {--sql-file <file> | "
              "--sql <sql>} <keyspace>",
     .summary = "Changes tables on the primaries of all shards of a keyspace.",
     .flags = {{"batch-size", '\0', std::int64_t{0},
                "so many CREATE TABLE or CREATE VIEW go together"},
               {"caller-id", '\0', std::string(""), "who asks for it, for table ACLs"},
               {"ddl-strategy", '\0', std::string("direct"),
                "how it is done; only direct is supported"},
               {"migration-context", '\0', std::string(""), "a name for what belongs together"},
               {"sql", '\0', servenv::RepeatedText{}, "the statements; may be given again"},
               {"sql-file", '\0', std::string(""), "file of the statements"},
               {"uuid", '\0', std::vector<std::string>{}, "names of online migrations"},
               {"wait-replicas-timeout", '\0', servenv::Duration(std::chrono::seconds(10)),
                "how long to wait for replicas"}},
     .least = 1,
     .most = 1,
     .run = &apply_schema},
    {.name = "GetSchema",
     .usage = "[--tables TABLES ...] [--exclude-tables EXCLUDE_TABLES ...] [{--table-names-only | "
              "--table-sizes-only}] [--include-views] alias",
     .summary = "Prints a tablet's tables.",
     .flags = {{"exclude-tables", '\0', std::vector<std::string>{},
                "tables to leave out; names, or /regexp/", "/regexp/"},
               {"include-views", '\0', false, "views too"},
               {"table-names-only", 'n', false, "only names"},
               {"table-schema-only", '\0', false, "no columns and no sizes"},
               {"table-sizes-only", 's', false, "only names and sizes"},
               {"tables", '\0', std::vector<std::string>{}, "tables; names, or /regexp/",
                "/regexp/"}},
     .least = 1,
     .most = 1,
     .run = &get_schema},
    {.name = "ReloadSchema",
     .usage = "<tablet_alias>",
     .summary = "A tablet reads its tables again.",
     .least = 1,
     .most = 1,
     .run = &reload},
    {.name = "ReloadSchemaKeyspace",
     .usage = "[--concurrency=<concurrency>] [--include-primary] <keyspace>",
     .summary = "All tablets of a keyspace read their tables again.",
     .flags = {{"concurrency", '\0', std::int64_t{10}, "so many tablets at a time; 0: all",
                "int32"},
               {"include-primary", '\0', false, "the primary too"}},
     .least = 1,
     .most = 1,
     .run = &reload_keyspace},
    {.name = "ReloadSchemaShard",
     .usage = "[--concurrency=10] [--include-primary] <keyspace/shard>",
     .summary = "All tablets of a shard read their tables again.",
     .flags = {{"concurrency", '\0', std::int64_t{10}, "so many tablets at a time; 0: all",
                "int32"},
               {"include-primary", '\0', false, "the primary too"}},
     .least = 1,
     .most = 1,
     .run = &reload_shard},
};

}  // namespace

const std::vector<Command>& schema_commands() {
    return commands;
}

}  // namespace sluice::vtctl::detail
