// The parts of /debug/status: what an operator wants to see at one look.
#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "gate.h"
#include "metrics.h"
#include "servenv/html.h"

namespace sluice::vtgate {
namespace {

using servenv::html_figure;
using servenv::HtmlTable;

std::string number(double value, int digits = 0) {
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    return text;
}

std::string bytes(std::uint64_t count) {
    constexpr double mebibyte = 1024 * 1024;
    return number(static_cast<double>(count) / mebibyte, 1) + " MiB";
}

// Sums over the loops.
struct Sums {
    std::uint64_t queries = 0, errors = 0, plans = 0, hits = 0, misses = 0, killed = 0;
    std::int64_t connections = 0;
};

Sums sums_of(const Gate& gate) {
    Sums sums;
    for (const auto& core : gate.loops()) {
        const executor::Counters& counters = core->executor.counters;
        sums.queries += counters.queries.load(std::memory_order_relaxed);
        sums.errors += counters.errors.load(std::memory_order_relaxed);
        sums.killed += counters.killed.load(std::memory_order_relaxed);
        sums.plans += core->executor.plans.kept();
        sums.hits += core->executor.plans.hits();
        sums.misses += core->executor.plans.misses();
        sums.connections += core->front.counters.connections.load(std::memory_order_relaxed);
    }
    return sums;
}

std::string overview(const Gate& gate, const GateRates& rates) {
    const Sums sums = sums_of(gate);
    const double asked = static_cast<double>(sums.hits + sums.misses);
    std::string html = "<div class=\"figures\">\n";
    html += html_figure("queries per second", number(rates.queries_per_second(), 1));
    html += html_figure("queries", std::to_string(sums.queries));
    html += html_figure("errors", std::to_string(sums.errors));
    html += html_figure("MySQL connections", std::to_string(sums.connections));
    html += html_figure("cached plans", std::to_string(sums.plans));
    html += html_figure(
        "found in the cache",
        asked == 0 ? "–" : number(100 * static_cast<double>(sums.hits) / asked, 1) + " %");
    html +=
        html_figure("memory budget in use",
                    bytes(gate.memory().used()) +
                        (gate.memory().limit() == 0 ? "" : " of " + bytes(gate.memory().limit())));
    html += html_figure("loops", std::to_string(gate.loops().size()));
    return html + "</div>\n";
}

struct CallSums {
    std::uint64_t calls = 0, nanoseconds = 0, errors = 0;
};

// By "keyspace.shard.type".
std::map<std::string, CallSums> calls_of(const Gate& gate) {
    std::map<std::string, CallSums> sums;
    for (const auto& core : gate.loops()) {
        if (core->gateway == nullptr) continue;
        core->gateway->counters().cells().for_each(
            [&](const std::string& key, const gateway::CallCells& cells) {
                CallSums& sum = sums[key.substr(key.find('.') + 1)];
                servenv::Distribution distribution;
                distribution.add(cells.timings);
                sum.calls += distribution.count;
                sum.nanoseconds += distribution.nanoseconds;
                sum.errors += cells.errors.get();
            });
    }
    return sums;
}

std::string tablets(const Gate& gate) {
    constexpr std::array<std::string_view, 9> headings = {"Keyspace", "Shard",         "Type",
                                                          "Tablet",   "Address",       "State",
                                                          "Calls",    "Time per call", "Errors"};
    HtmlTable table(headings);
    std::vector<discovery::TabletHealth> seen = gate.tablets();
    std::ranges::sort(
        seen, [](const discovery::TabletHealth& left, const discovery::TabletHealth& right) {
            return std::tie(left.target.keyspace, left.target.shard, left.target.type) <
                   std::tie(right.target.keyspace, right.target.shard, right.target.type);
        });
    const std::map<std::string, CallSums> calls = calls_of(gate);
    for (const discovery::TabletHealth& each : seen) {
        const std::string type(vindex::tablet_type_lower_name(each.target.type));
        const auto found =
            calls.find(servenv::label_key({each.target.keyspace, each.target.shard, type}));
        const CallSums sum = found == calls.end() ? CallSums() : found->second;
        const std::string host =
            each.tablet.mysql_hostname.empty() ? each.tablet.hostname : each.tablet.mysql_hostname;
        std::string state = each.serving ? "serving" : "not serving";
        if (!each.last_error.empty()) state += ": " + each.last_error;
        if (each.stats.replication_lag_seconds != 0)
            state += ", " + std::to_string(each.stats.replication_lag_seconds) + " s behind";
        const std::array<std::string, 9> cells = {
            each.target.keyspace,
            each.target.shard,
            type,
            vindex::to_text(each.tablet.alias),
            host + ":" + std::to_string(each.tablet.mysql_port),
            state,
            std::to_string(sum.calls),
            sum.calls == 0 ? "–"
                           : number(static_cast<double>(sum.nanoseconds) / 1e3 /
                                    static_cast<double>(sum.calls)) +
                                 " µs",
            std::to_string(sum.errors)};
        table.row(cells, each.serving ? "low" : "high");
    }
    if (table.empty()) return "<p class=\"quiet\">There are no tablets yet.</p>";
    return table.text();
}

std::string keyspaces(const Gate& gate) {
    constexpr std::array<std::string_view, 4> headings = {"Keyspace", "Sharded", "Shards",
                                                          "Tables"};
    HtmlTable table(headings);
    const executor::Core& core = gate.loops().front()->executor;
    if (core.snapshots == nullptr) return "<p class=\"quiet\">The topology is being read.</p>";
    const discovery::ClusterPointer cluster = core.snapshots->cluster();
    const discovery::SchemaPointer schema = core.snapshots->schema();
    for (const auto& [name, keyspace] : cluster->keyspaces) {
        std::string shards;
        for (const auto& shard : keyspace->shards)
            shards += (shards.empty() ? "" : ", ") + shard->name;
        const vschema::Keyspace* known = schema->keyspace(name);
        const std::array<std::string, 4> cells = {
            name,
            known == nullptr ? "?"
            : known->sharded ? "yes"
                             : "no",
            shards, known == nullptr ? "?" : std::to_string(known->tables.size())};
        table.row(cells);
    }
    if (table.empty()) return "<p class=\"quiet\">There are no keyspaces.</p>";
    return table.text();
}

std::string unresolved(const Gate& gate) {
    constexpr std::array<std::string_view, 3> headings = {"Shard", "Transaction", "Participants"};
    HtmlTable table(headings);
    if (gate.discovery() == nullptr) return "";
    for (const auto& [shard, transactions] : gate.discovery()->unresolved()) {
        for (const tablet::DistributedTransaction& each : transactions) {
            std::string participants;
            for (const auto& target : each.participants) {
                participants +=
                    (participants.empty() ? "" : ", ") + target.keyspace + "/" + target.shard;
            }
            const std::array<std::string, 3> cells = {shard.front() + "/" + shard.back(), each.id,
                                                      participants};
            table.row(cells, "high");
        }
    }
    if (table.empty()) return "<p class=\"quiet\">There are none.</p>";
    return table.text();
}

}  // namespace

void add_status_parts(servenv::AdminServer& admin, const Gate* gate, const GateRates* rates) {
    admin.status_part("", [gate, rates] { return overview(*gate, *rates); });
    admin.status_part("Health Check - Healthy Tablets", [gate] { return tablets(*gate); });
    admin.status_part("Unresolved Distributed Transactions", [gate] { return unresolved(*gate); });
    admin.status_part("VSchema", [gate] { return keyspaces(*gate); });
}

}  // namespace sluice::vtgate
