// A page of vtctld. Before: servenv/admin_server.cc. After: detail/records.cc, detail/ask.h.
#include "vtctl/tree_page.h"

#include <map>

#include "servenv/html.h"
#include "servenv/json_text.h"
#include "vschema.pb.h"
#include "vtctl/detail/ask.h"

namespace sluice::vtctl {
namespace {

using namespace detail;
using servenv::html_escape;
using topodata::Tablet;

// A tablet that does not answer in this time is shown so; the page must not hang on it.
constexpr Duration patience = std::chrono::seconds(2);

struct State {
    std::string text;
    std::string lag;
    bool good = false;
};

Task<void> ask_state(Control* control, const Tablet* tablet, State* into, Stop* stop) {
    if (tablet->type() == topodata::PRIMARY) {
        const auto answer = co_await ask<tablet_message::PingResponse>(
            control, tablet, tablet_message::PingRequest(), patience, stop);
        *into = {answer ? "answers" : answer.error().text, "", answer.has_value()};
        co_return;
    }
    const auto answer = co_await ask<tablet_message::ReplicationStatusResponse>(
        control, tablet, tablet_message::ReplicationStatusRequest(), patience, stop);
    if (!answer) {
        *into = {answer.error().text, "", false};
        co_return;
    }
    constexpr int running = 3;
    const replicationdata::Status& status = answer->status();
    const bool replicates = status.io_state() == running && status.sql_state() == running;
    *into = {replicates ? "replicates" : "does not replicate",
             status.replication_lag_unknown()
                 ? "unknown"
                 : std::to_string(status.replication_lag_seconds()) + " s",
             replicates};
}

Task<std::string> tablets_table(Control* control, std::vector<Tablet> tablets, Stop* stop) {
    std::vector<State> states(tablets.size());
    async::Scope scope;
    for (std::size_t i = 0; i < tablets.size(); ++i)
        scope.spawn("state", ask_state(control, &tablets[i], &states[i], stop));
    co_await scope.join();
    constexpr std::string_view headings[] = {"tablet", "type", "state", "lag", "address", "MySQL"};
    servenv::HtmlTable table(headings);
    for (std::size_t i = 0; i < tablets.size(); ++i) {
        const Tablet& tablet = tablets[i];
        const auto place = web_place_of(tablet);
        const std::string cells[] = {
            alias_text(tablet.alias()),
            type_text(tablet.type()),
            states[i].text,
            states[i].lag,
            place.host + ":" + std::to_string(place.port),
            tablet.mysql_hostname() + ":" + std::to_string(tablet.mysql_port())};
        table.row(cells, states[i].good ? "" : "error");
    }
    co_return table.empty() ? "<p>no tablets</p>" : table.text();
}

Task<Result<std::string>> cells_part(Control* control, Stop* stop) {
    constexpr std::string_view headings[] = {"cell", "topology server", "root"};
    servenv::HtmlTable table(headings);
    for (const auto& cell : CO_TRY(co_await control->topology->cell_names(stop))) {
        const auto location = CO_TRY(co_await control->topology->cell_location(cell, stop));
        const std::string cells[] = {cell, location.value.server_address, location.value.root};
        table.row(cells);
    }
    co_return "<h2>Cells</h2>" + (table.empty() ? "<p>none</p>" : table.text());
}

// Each cell's tablets are read once for the whole page.
using ByShard = std::map<std::string, std::vector<Tablet>>;
Task<Result<ByShard>> tablets_by_shard(Control* control, Stop* stop) {
    ByShard found;
    for (const auto& cell : CO_TRY(co_await control->topology->cell_names(stop))) {
        for (auto& tablet : CO_TRY(co_await tablets_of_cell(control, cell, stop)))
            found[shard_text(tablet.keyspace(), tablet.shard())].push_back(std::move(tablet));
    }
    co_return found;
}

Task<Result<std::string>> keyspace_part(Control* control, std::string keyspace, ByShard* tablets,
                                        Stop* stop) {
    const auto record = CO_TRY(co_await control->topology->keyspace(keyspace, stop));
    std::string html = "<h2>Keyspace " + html_escape(keyspace) +
                       "</h2><p>durability: " + html_escape(record.value.durability_policy) +
                       ", sidecar database: " + html_escape(record.value.sidecar_db_name) + "</p>";
    for (const auto& shard : CO_TRY(co_await control->topology->shard_names(keyspace, stop))) {
        const auto found = CO_TRY(co_await control->topology->shard(keyspace, shard, stop));
        html += "<h3>Shard " + html_escape(shard_text(keyspace, shard)) +
                (found.value.is_primary_serving ? "" : " (does not serve)") + "</h3>";
        html += co_await tablets_table(control, (*tablets)[shard_text(keyspace, shard)], stop);
    }
    const auto vschema = CO_TRY(co_await read_or_empty<::vschema::Keyspace>(
        control, global, path::vschema(keyspace), stop));
    html +=
        "<details><summary>VSchema</summary><pre>" +
        html_escape(servenv::json_indented(topo::to_json(vschema, topo::JsonNames::proto), "  ")) +
        "</pre></details>";
    co_return html;
}

Task<Result<std::string>> tree(Control* control, Stop* stop) {
    std::string html = CO_TRY(co_await cells_part(control, stop));
    ByShard tablets = CO_TRY(co_await tablets_by_shard(control, stop));
    for (const auto& keyspace : CO_TRY(co_await control->topology->keyspace_names(stop)))
        html += CO_TRY(co_await keyspace_part(control, keyspace, &tablets, stop));
    co_return html;
}

Task<servenv::HttpResponse> page(std::function<Control*()> control, Stop* stop) {
    servenv::HttpResponse response;
    Control* const now = control();
    if (now == nullptr) {
        response.status = 503;
        response.body = "the topology is not open yet\n";
        co_return response;
    }
    const auto html = co_await tree(now, stop);
    response.status = html ? 200 : 503;
    response.content_type = "text/html; charset=utf-8";
    response.body = servenv::html_page(
        "vtctld",
        html ? *html
             : "<p>The topology does not answer: " + html_escape(html.error().text) + "</p>");
    co_return response;
}

Task<servenv::HttpResponse> not_found() {
    co_return servenv::HttpResponse{.status = 404, .body = "404 page not found\n"};
}

}  // namespace

void add_tree_pages(servenv::AdminServer& server, std::function<Control*()> control) {
    for (const char* path : {"/", "/app", "/app/"}) {
        server.awaiting_page(
            path, [control, exact = std::string(path)](servenv::HttpRequest request, Stop* stop) {
                // "/" takes what no other page has.
                if (exact == "/" && request.path != "/") return not_found();
                return page(control, stop);
            });
    }
}

}  // namespace sluice::vtctl
