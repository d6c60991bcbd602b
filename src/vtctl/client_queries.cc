// vtctldclient: commands about statements on one tablet. Before: client.cc. After: service.cc, in
// vtctld.
#include "servenv/json_text.h"
#include "vtctl/detail/command.h"
#include "vtctl/detail/result_text.h"

namespace sluice::vtctl::detail {
namespace {

using Ran = Task<Result<void>>;

Result<void> print_results(Client* client, const std::vector<const query::QueryResult*>& results,
                           bool as_list) {
    std::vector<std::string> parts;
    for (const query::QueryResult* result : results) {
        if (client->on("json")) {
            parts.push_back(result_json(*result));
        } else {
            client->print(result_table(*result));
        }
    }
    if (client->on("json"))
        client->line(as_list ? go_lines(std::move(parts), '[', ']')
                             : servenv::json_indented(parts.front(), "  "));
    return {};
}

Ran fetch_as_app(Client* client) {
    message::ExecuteFetchAsAppRequest request;
    *request.mutable_tablet_alias() = CO_TRY(alias_of(client->word(0)));
    request.set_query(client->word(1));
    request.set_max_rows(client->number("max-rows"));
    request.set_use_pool(client->on("use-pool"));
    const auto response =
        CO_TRY(co_await client->call<message::ExecuteFetchAsAppResponse>(std::move(request)));
    CO_TRY(print_results(client, {&response.result()}, false));
    co_return Result<void>{};
}

Ran fetch_as_dba(Client* client) {
    message::ExecuteFetchAsDBARequest request;
    *request.mutable_tablet_alias() = CO_TRY(alias_of(client->word(0)));
    request.set_query(client->word(1));
    request.set_max_rows(client->number("max-rows"));
    request.set_disable_binlogs(client->on("disable-binlogs"));
    request.set_reload_schema(client->on("reload-schema"));
    const auto response =
        CO_TRY(co_await client->call<message::ExecuteFetchAsDBAResponse>(std::move(request)));
    CO_TRY(print_results(client, {&response.result()}, false));
    co_return Result<void>{};
}

Ran multi_fetch_as_dba(Client* client) {
    message::ExecuteMultiFetchAsDBARequest request;
    *request.mutable_tablet_alias() = CO_TRY(alias_of(client->word(0)));
    request.set_sql(client->word(1));
    request.set_max_rows(client->number("max-rows"));
    request.set_disable_binlogs(client->on("disable-binlogs"));
    request.set_reload_schema(client->on("reload-schema"));
    const auto response =
        CO_TRY(co_await client->call<message::ExecuteMultiFetchAsDBAResponse>(std::move(request)));
    std::vector<const query::QueryResult*> results;
    for (const auto& result : response.results()) results.push_back(&result);
    CO_TRY(print_results(client, results, true));
    co_return Result<void>{};
}

Ran run_hook(Client* client) {
    message::ExecuteHookRequest request;
    *request.mutable_tablet_alias() = CO_TRY(alias_of(client->word(0)));
    if (client->word(1).contains('/'))
        co_return fail(Code::invalid_argument,
                       "cannot execute hook named " + client->word(1) +
                           ", ExecuteHook does not support hook names with slashes ('/')");
    request.mutable_tablet_hook_request()->set_name(client->word(1));
    for (std::size_t i = 2; i < client->words().size(); ++i)
        request.mutable_tablet_hook_request()->add_parameters(client->word(i));
    const auto response =
        CO_TRY(co_await client->call<message::ExecuteHookResponse>(std::move(request)));
    client->print_json(response.hook_result());
    co_return Result<void>{};
}

const std::vector<Command> commands{
    {.name = "ExecuteFetchAsApp",
     .usage = "[--max-rows <max-rows>] [--json|-j] [--use-pool] <tablet-alias> <query>",
     .summary = "Runs a statement on a tablet's server as the application's user.",
     .flags = {{"json", 'j', false, "print JSON instead of a table"},
               {"max-rows", '\0', std::int64_t{10000}, "the most rows to fetch"},
               {"use-pool", '\0', false, "use one of the tablet's own connections"}},
     .least = 2,
     .most = 2,
     .run = &fetch_as_app},
    {.name = "ExecuteFetchAsDBA",
     .aliases = {"ExecuteFetchAsDba"},
     .usage = "[--max-rows <max-rows>] [--json|-j] [--disable-binlogs] [--reload-schema] <tablet "
              "alias> <query>",
     .summary = "Runs a statement on a tablet's server as the administrator.",
     .flags = {{"disable-binlogs", '\0', false, "do not replicate it"},
               {"json", 'j', false, "print JSON instead of a table"},
               {"max-rows", '\0', std::int64_t{10000}, "the most rows to fetch"},
               {"reload-schema", '\0', false, "the tablet reads its tables again afterwards"}},
     .least = 2,
     .most = 2,
     .run = &fetch_as_dba},
    {.name = "ExecuteHook",
     .usage = "<alias> <hook_name> [<param1=value1> ...]",
     .summary = "Runs a script on a tablet's machine.",
     .least = 2,
     .most = -1,
     .run = &run_hook},
    {.name = "ExecuteMultiFetchAsDBA",
     .aliases = {"ExecuteMultiFetchAsDba"},
     .usage = "[--max-rows <max-rows>] [--json|-j] [--disable-binlogs] [--reload-schema] <tablet "
              "alias> <sql>",
     .summary = "Runs several statements on a tablet's server as the administrator.",
     .flags = {{"disable-binlogs", '\0', false, "do not replicate it"},
               {"json", 'j', false, "print JSON instead of a table"},
               {"max-rows", '\0', std::int64_t{10000}, "the most rows to fetch"},
               {"reload-schema", '\0', false, "the tablet reads its tables again afterwards"}},
     .least = 2,
     .most = 2,
     .run = &multi_fetch_as_dba},
};

}  // namespace

const std::vector<Command>& query_commands() {
    return commands;
}

}  // namespace sluice::vtctl::detail
