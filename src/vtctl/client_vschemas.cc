// vtctldclient: commands about VSchemas and routing rules. Before: client.cc. After: service.cc, in
// vtctld.
#include "topo/protojson.h"
#include "vschema.pb.h"
#include "vtctl/detail/command.h"

namespace sluice::vtctl::detail {
namespace {

using Ran = Task<Result<void>>;

constexpr const char* unexpected_input =
    "\nIf this is not what you expected, check the input data (as JSON parsing will skip "
    "unexpected fields).";

Result<void> fill_vschema(const Client& client, message::ApplyVSchemaRequest* request) {
    const bool by_sql = !client.text("sql").empty() || !client.text("sql-file").empty();
    const bool by_json = !client.text("vschema").empty() || !client.text("vschema-file").empty();
    if (by_sql && by_json)
        return fail(Code::invalid_argument,
                    "only one of the sql, sql-file, vschema, or vschema-file flags may be "
                    "specified when calling the ApplyVSchema command");
    if (!by_sql && !by_json)
        return fail(Code::invalid_argument,
                    "one of the sql, sql-file, vschema, or vschema-file flags must be specified "
                    "when calling the ApplyVSchema command");
    const std::string& file = client.text(by_sql ? "sql-file" : "vschema-file");
    const std::string text =
        file.empty() ? client.text(by_sql ? "sql" : "vschema") : TRY(file_contents(file));
    if (by_sql) {
        request->set_sql(text);
        return {};
    }
    return topo::from_json_leniently(text, request->mutable_v_schema());
}

Ran apply_vschema(Client* client) {
    message::ApplyVSchemaRequest request;
    request.set_keyspace(client->word(0));
    CO_TRY(fill_vschema(*client, &request));
    for (const auto& one : client->list("cells")) request.add_cells(one);
    request.set_skip_rebuild(client->on("skip-rebuild"));
    request.set_dry_run(client->on("dry-run"));
    request.set_strict(client->on("strict"));
    const auto response =
        CO_TRY(co_await client->call<message::ApplyVSchemaResponse>(std::move(request)));
    client->line("New VSchema object:\n" + client->json(response.v_schema()) + unexpected_input);
    for (const auto& [vindex, unknown] : response.unknown_vindex_params()) {
        for (const auto& one : unknown.params())
            client->line("Unknown parameter in vindex " + vindex + ": " + one);
    }
    co_return Result<void>{};
}

Ran get_vschema(Client* client) {
    message::GetVSchemaRequest request;
    request.set_keyspace(client->word(0));
    const auto response =
        CO_TRY(co_await client->call<message::GetVSchemaResponse>(std::move(request)));
    client->print_json(response.v_schema());
    co_return Result<void>{};
}

template <class Rules>
Result<void> read_rules(const Client& client, Rules* rules) {
    const std::string& text = client.text("rules");
    const std::string& file = client.text("rules-file");
    if (!text.empty() && !file.empty())
        return fail(Code::invalid_argument,
                    "cannot pass both --rules (=" + text + ") and --rules-file (=" + file + ")");
    if (text.empty() && file.empty())
        return fail(Code::invalid_argument, "must pass exactly one of --rules or --rules-file");
    return topo::from_json_leniently(file.empty() ? text : TRY(file_contents(file)), rules);
}

// What --dry-run says instead of doing it.
template <class Rules>
void print_dry_run(Client* client, const Rules& rules) {
    client->line("[DRY RUN] Would have saved new " + Rules::descriptor()->name() + " object:\n" +
                 client->json(rules));
    if (client->on("skip-rebuild")) {
        client->line(
            "[DRY RUN] Would not have rebuilt VSchema graph, would have required operator "
            "to run RebuildVSchemaGraph for changes to take effect");
        return;
    }
    std::string cells;
    for (const auto& one : client->list("cells")) cells += (cells.empty() ? "" : ", ") + one;
    client->line("[DRY RUN] Would have rebuilt the VSchema graph" +
                 (cells.empty() ? " in all cells" : " in the following cells: " + cells + "."));
}

template <class Request>
void fill_rebuild(const Client& client, Request* request) {
    request->set_skip_rebuild(client.on("skip-rebuild"));
    for (const auto& one : client.list("cells")) request->add_rebuild_cells(one);
}

Ran apply_routing(Client* client) {
    message::ApplyRoutingRulesRequest request;
    CO_TRY(read_rules(*client, request.mutable_routing_rules()));
    const ::vschema::RoutingRules rules = request.routing_rules();
    if (client->on("dry-run")) {
        print_dry_run(client, rules);
        co_return Result<void>{};
    }
    fill_rebuild(*client, &request);
    CO_TRY(co_await client->call<message::ApplyRoutingRulesResponse>(std::move(request)));
    client->line("New RoutingRules object:\n" + client->json(rules) + unexpected_input);
    if (client->on("skip-rebuild"))
        client->line(
            "Skipping rebuild of VSchema graph, will need to run RebuildVSchemaGraph for "
            "changes to take effect.");
    co_return Result<void>{};
}

Ran apply_shard_routing(Client* client) {
    message::ApplyShardRoutingRulesRequest request;
    CO_TRY(read_rules(*client, request.mutable_shard_routing_rules()));
    const ::vschema::ShardRoutingRules rules = request.shard_routing_rules();
    if (client->on("dry-run")) {
        print_dry_run(client, rules);
        co_return Result<void>{};
    }
    fill_rebuild(*client, &request);
    CO_TRY(co_await client->call<message::ApplyShardRoutingRulesResponse>(std::move(request)));
    client->line("New ShardRoutingRules object:\n" + client->json(rules) + unexpected_input);
    if (client->on("skip-rebuild"))
        client->line(
            "Skipping rebuild of VSchema graph as requested, you will need to run "
            "RebuildVSchemaGraph for the changes to take effect.");
    co_return Result<void>{};
}

Ran apply_keyspace_routing(Client* client) {
    message::ApplyKeyspaceRoutingRulesRequest request;
    CO_TRY(read_rules(*client, request.mutable_keyspace_routing_rules()));
    if (client->on("dry-run")) {
        print_dry_run(client, request.keyspace_routing_rules());
        co_return Result<void>{};
    }
    fill_rebuild(*client, &request);
    const auto response = CO_TRY(
        co_await client->call<message::ApplyKeyspaceRoutingRulesResponse>(std::move(request)));
    client->print_json(response);
    co_return Result<void>{};
}

Ran get_routing(Client* client) {
    message::GetRoutingRulesRequest request;
    const auto response =
        CO_TRY(co_await client->call<message::GetRoutingRulesResponse>(std::move(request)));
    client->print_json(response.routing_rules());
    co_return Result<void>{};
}

Ran get_shard_routing(Client* client) {
    message::GetShardRoutingRulesRequest request;
    const auto response =
        CO_TRY(co_await client->call<message::GetShardRoutingRulesResponse>(std::move(request)));
    client->print_json(response.shard_routing_rules());
    co_return Result<void>{};
}

Ran get_keyspace_routing(Client* client) {
    message::GetKeyspaceRoutingRulesRequest request;
    const auto response =
        CO_TRY(co_await client->call<message::GetKeyspaceRoutingRulesResponse>(std::move(request)));
    client->print_json(response.keyspace_routing_rules());
    co_return Result<void>{};
}

Ran get_mirror(Client* client) {
    message::GetMirrorRulesRequest request;
    const auto response =
        CO_TRY(co_await client->call<message::GetMirrorRulesResponse>(std::move(request)));
    client->print_json(response.mirror_rules());
    co_return Result<void>{};
}

const std::vector<Command> commands{
    {.name = "ApplyKeyspaceRoutingRules",
     .usage = "{--rules RULES | --rules-file RULES_FILE} [--cells=c1,c2,...] [--skip-rebuild] "
              "[--dry-run]",
     .summary = "Replaces the keyspace routing rules.",
     .flags = {{"cells", 'c', std::vector<std::string>{}, "the cells that this is for; none: all"},
               {"dry-run", 'd', false, "only show what would be done"},
               {"rules", 'r', std::string(""), "the rules as JSON"},
               {"rules-file", 'f', std::string(""), "file with the rules as JSON"},
               {"skip-rebuild", '\0', false, "what gates read is not made anew"}},
     .least = 0,
     .most = 0,
     .run = &apply_keyspace_routing},
    {.name = "ApplyRoutingRules",
     .usage = "{--rules RULES | --rules-file RULES_FILE} [--cells=c1,c2,...] [--skip-rebuild] "
              "[--dry-run]",
     .summary = "Replaces the routing rules.",
     .flags = {{"cells", 'c', std::vector<std::string>{}, "the cells that this is for; none: all"},
               {"dry-run", 'd', false, "only show what would be done"},
               {"rules", 'r', std::string(""), "the rules as JSON"},
               {"rules-file", 'f', std::string(""), "file with the rules as JSON"},
               {"skip-rebuild", '\0', false, "what gates read is not made anew"}},
     .least = 0,
     .most = 0,
     .run = &apply_routing},
    {.name = "ApplyShardRoutingRules",
     .usage = "{--rules RULES | --rules-file RULES_FILE} [--cells=c1,c2,...] [--skip-rebuild] "
              "[--dry-run]",
     .summary = "Replaces the shard routing rules.",
     .flags = {{"cells", 'c', std::vector<std::string>{}, "the cells that this is for; none: all"},
               {"dry-run", 'd', false, "only show what would be done"},
               {"rules", 'r', std::string(""), "the rules as JSON"},
               {"rules-file", 'f', std::string(""), "file with the rules as JSON"},
               {"skip-rebuild", '\0', false, "what gates read is not made anew"}},
     .least = 0,
     .most = 0,
     .run = &apply_shard_routing},
    {.name = "ApplyVSchema",
     .usage =
         "{--vschema=<vschema> || --vschema-file=<vschema file> || --sql=<sql> || --sql-file=<sql "
         "file>} [--cells=c1,c2,...] [--skip-rebuild] [--dry-run] [--strict] <keyspace>",
     .summary = "Replaces or changes a keyspace's VSchema and prints the outcome.",
     .flags = {{"cells", '\0', std::vector<std::string>{}, "the cells that this is for; none: all"},
               {"dry-run", '\0', false, "only show what would be done"},
               {"skip-rebuild", '\0', false, "what gates read is not made anew"},
               {"sql", '\0', std::string(""), "the statements; may be given again",
                "alter table t add vindex hash(id)"},
               {"sql-file", '\0', std::string(""), "file of the statements"},
               {"strict", '\0', false, "fail if anything is missing"},
               {"vschema", '\0', std::string(""), "the VSchema as JSON"},
               {"vschema-file", '\0', std::string(""), "file with the VSchema as JSON"}},
     .least = 1,
     .most = 1,
     .run = &apply_vschema},
    {.name = "GetKeyspaceRoutingRules",
     .summary = "Prints the keyspace routing rules.",
     .least = 0,
     .most = 0,
     .run = &get_keyspace_routing},
    {.name = "GetMirrorRules",
     .summary = "Prints the mirror rules.",
     .least = 0,
     .most = 0,
     .run = &get_mirror},
    {.name = "GetRoutingRules",
     .summary = "Prints the routing rules.",
     .least = 0,
     .most = 0,
     .run = &get_routing},
    {.name = "GetShardRoutingRules",
     .summary = "Prints the shard routing rules.",
     .least = 0,
     .most = 0,
     .run = &get_shard_routing},
    {.name = "GetVSchema",
     .usage = "<keyspace>",
     .summary = "Prints a keyspace's VSchema.",
     .least = 1,
     .most = 1,
     .run = &get_vschema},
};

}  // namespace

const std::vector<Command>& vschema_commands() {
    return commands;
}

}  // namespace sluice::vtctl::detail
