// What people and monitoring see of a tablet. Before: apps/vttablet.
#include "tabletserver/debug_pages.h"

#include <boost/json.hpp>

#include "async/cross.h"
#include "servenv/html.h"
#include "tabletserver/detail/plan_pages.h"
#include "tabletserver/detail/protection_pages.h"
#include "vindex/target.h"

namespace sluice::tabletserver {
namespace {

namespace json = boost::json;
using servenv::HttpRequest;
using servenv::HttpResponse;
using servenv::Metrics;

template <class Counter>
std::uint64_t load(const Counter& counter) {
    return counter.load(std::memory_order_relaxed);
}

// The sum over loops of one of their counters.
template <class Read>
std::function<double()> sum_of(ServerOf server, Read read) {
    return [server, read] {
        double sum = 0;
        const Server* const of = server();
        if (of == nullptr) return sum;
        for (const auto& core : of->cores()) sum += static_cast<double>(read(core->counters));
        return sum;
    };
}

std::map<servenv::LabelKey, double> errors_by_code(const Server* of) {
    std::map<servenv::LabelKey, double> found;
    if (of == nullptr) return found;
    for (std::size_t code = 0; code < 19; ++code) {
        double sum = 0;
        for (const auto& core : of->cores())
            sum += static_cast<double>(load(core->counters.errors_by_code[code]));
        if (sum != 0) found[std::string(code_name(static_cast<Code>(code)))] = sum;
    }
    return found;
}

std::string state_name(const ServerState& state) {
    if (!state.connected) return "NOT_CONNECTED";
    return state.serving ? "SERVING" : "NOT_SERVING";
}

HttpResponse json_page(const json::value& value) {
    return {.content_type = "application/json; charset=utf-8", .body = json::serialize(value)};
}

async::Task<HttpResponse> consolidations_page(ServerOf server) {
    HttpResponse response;
    const Server* const of = server();
    if (of == nullptr) co_return response;
    if (of->options().redact_pages) {
        response.body = "statements are redacted\n";
        co_return response;
    }
    for (const auto& core : of->cores()) {
        const auto found = co_await async::on_loop(
            core->loop, [core = core.get()] { return core->consolidator.history(); });
        for (const auto& [text, count] : found)
            response.body += std::to_string(count) + ": " + text + "\n";
    }
    co_return response;
}

HttpResponse schema_page(const Server* of) {
    json::object tables;
    const SchemaPointer schema = of == nullptr ? nullptr : of->schema().snapshot();
    if (schema) {
        for (const auto& [name, table] : schema->tables) tables[name] = table.text;
    }
    return json_page(tables);
}

std::string status_part(const Server* of) {
    if (of == nullptr) return "<p>starting</p>";
    const ServerState state = of->state();
    const Options& options = of->options();
    std::string html = "<p>Alias: " + servenv::html_escape(vindex::to_text(options.alias)) +
                       "<br>Keyspace: " + servenv::html_escape(options.keyspace) +
                       "<br>Shard: " + servenv::html_escape(options.shard) +
                       "<br>Tablet type: " + std::string(vindex::tablet_type_name(state.type)) +
                       "<br>State: " + state_name(state) +
                       "<br>Lag: " + std::to_string(state.lag_seconds) + " s</p>";
    if (!state.reason.empty()) html += "<p>" + servenv::html_escape(state.reason) + "</p>";
    return html;
}

// 500 when the tablet should serve and does not.
HttpResponse healthz(const Server* of) {
    const auto sick = [](const std::string& why) {
        return HttpResponse{.status = 500, .body = "500 internal server error: " + why + "\n"};
    };
    if (of == nullptr) return sick("operation not allowed in state NOT_SERVING");
    const ServerState state = of->state();
    if (state.serving || !of->wanted().serve || of->wanted().type > TabletType::rdonly)
        return {.body = "ok\n"};
    return sick(state.reason.empty() ? "operation not allowed in state NOT_SERVING" : state.reason);
}

}  // namespace

void add_metrics(Metrics& metrics, ServerOf server, bool by_workload) {
    using enum Metrics::Kind;
    add_plan_metrics(metrics, server, by_workload);
    metrics.read_labelled(counter, {"Errors", "Critical errors", {"error_code"}},
                          [server] { return errors_by_code(server()); });
    metrics.read(counter, {"SluiceQueries", "Statements asked for by gates"},
                 sum_of(server, [](const Counters& c) { return load(c.queries); }));
    metrics.read(counter, {"SluiceBegins", "Transactions opened"},
                 sum_of(server, [](const Counters& c) { return load(c.begins); }));
    metrics.read(counter, {"SluiceConsolidations", "Reads that shared another one's result"},
                 sum_of(server, [](const Counters& c) { return load(c.consolidations); }));
    metrics.read(counter, {"SluiceTimeouts", "Statements that ran out of their time"},
                 sum_of(server, [](const Counters& c) { return load(c.kills); }));
    metrics.read(counter, {"SluiceAclDenied", "Rights that callers did not have"},
                 sum_of(server, [](const Counters& c) { return load(c.acl_denied); }));
    add_protection_metrics(metrics, server);
    metrics.read(gauge, {"TabletServerState", "1 if the tablet serves"}, [server] {
        const Server* const of = server();
        return of != nullptr && of->state().serving ? 1.0 : 0.0;
    });
    metrics.read(
        gauge,
        {"replicationLagSec", "replication lag in seconds", {}, "vttablet_replication_lag_sec"},
        [server] {
            const Server* const of = server();
            return of == nullptr ? 0.0 : static_cast<double>(of->state().lag_seconds);
        });
    metrics.json("TabletStateName", [server] {
        const Server* const of = server();
        return "\"" + (of == nullptr ? std::string("NOT_CONNECTED") : state_name(of->state())) +
               "\"";
    });
}

void add_pages(servenv::AdminServer& admin, ServerOf server) {
    using servenv::Role;
    admin.page("/healthz", [server](const HttpRequest&) { return healthz(server()); });
    admin.page(
        "/debug/schema", [server](const HttpRequest&) { return schema_page(server()); },
        Role::debugging);
    add_protection_pages(admin, server);
    add_plan_pages(admin, server);
    admin.awaiting_page(
        "/debug/consolidations",
        [server](HttpRequest, async::Stop*) { return consolidations_page(server); },
        Role::debugging);
    admin.status_part("Tablet", [server] { return status_part(server()); });
}

}  // namespace sluice::tabletserver
