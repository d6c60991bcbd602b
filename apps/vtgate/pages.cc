// Metrics and web pages of the gate: what the rooms count themselves, under v21's names.
#include <algorithm>

#include "gate.h"
#include "servenv/metrics.h"
#include "vschema/json.h"

namespace sluice::vtgate {
namespace {

using servenv::Metrics;

// The sum over loops of one of the rooms' counters.
template <class Read>
std::function<double()> sum_of(const Gate* gate, Read read) {
    return [gate, read] {
        double sum = 0;
        for (const auto& core : gate->loops()) sum += static_cast<double>(read(*core));
        return sum;
    };
}

template <class Counter>
auto load(const Counter& counter) {
    return counter.load(std::memory_order_relaxed);
}

}  // namespace

void add_metrics(Metrics& metrics, const Gate* gate) {
    using Core = Gate::PerLoop;
    using enum Metrics::Kind;
    metrics.read(
        gauge, {"MysqlServerConnCount", "Active MySQL server connections"},
        sum_of(gate, [](const Core& core) { return load(core.front.counters.connections); }));
    metrics.read(counter, {"MysqlServerConnAccepted", "Connections accepted by MySQL server"},
                 sum_of(gate, [](const Core& core) { return load(core.front.counters.accepted); }));
    metrics.read(counter, {"MysqlServerConnRefused", "Connections refused by MySQL server"},
                 sum_of(gate, [](const Core& core) { return load(core.front.counters.refused); }));
    metrics.read(
        counter,
        {"MysqlServerConnSlow", "Connections that took more than the configured threshold"},
        sum_of(gate, [](const Core& core) { return load(core.front.counters.slow); }));
    metrics.read(counter, {"SluiceCommands", "Commands of MySQL clients"},
                 sum_of(gate, [](const Core& core) { return load(core.front.counters.commands); }));
    metrics.read(
        counter, {"SluiceQueries", "Statements executed"},
        sum_of(gate, [](const Core& core) { return load(core.executor.counters.queries); }));
    metrics.read(
        counter, {"SluiceQueryErrors", "Statements that ended in an error"},
        sum_of(gate, [](const Core& core) { return load(core.executor.counters.errors); }));
    metrics.read(counter, {"SluiceParses", "Statements parsed"}, sum_of(gate, [](const Core& core) {
                     return load(core.executor.counters.parses);
                 }));
    metrics.read(counter, {"SluicePlansBuilt", "Plans built"}, sum_of(gate, [](const Core& core) {
                     return load(core.executor.counters.plans_built);
                 }));
    metrics.read(
        counter, {"QueryPlanCacheHits", "Query plan cache hits"},
        sum_of(gate, [](const Core& core) { return load(core.executor.counters.plan_hits); }));
    metrics.read(
        counter, {"SluiceForwarded", "Statements sent to one shard as they came"},
        sum_of(gate, [](const Core& core) { return load(core.executor.counters.forwarded); }));
    metrics.read(counter, {"SluiceHeapAllocations", "Heap allocations while statements ran"},
                 sum_of(gate, [](const Core& core) {
                     return load(core.executor.counters.heap_allocations);
                 }));
    metrics.read(
        counter, {"SluiceRowsCut", "Rows of shards cut into columns"},
        sum_of(gate, [](const Core& core) { return load(core.executor.counters.rows_cut); }));
    metrics.read(
        counter, {"SluiceKills", "Sessions and statements killed"},
        sum_of(gate, [](const Core& core) { return load(core.executor.counters.killed); }));
    metrics.read_labelled(gauge, {"SluiceSessions", "Sessions by loop", {"loop"}}, [gate] {
        std::map<servenv::LabelKey, double> sessions;
        for (const auto& core : gate->loops()) {
            sessions[std::to_string(core->executor.index)] =
                static_cast<double>(load(core->front.counters.assigned));
        }
        return sessions;
    });
}

namespace {

// Why clients should not be sent here now; empty: they should. On the main loop.
std::string unready(const servenv::Process& process, const Gate& gate) {
    if (process.ending()) return "draining: the process ends";
    const executor::Core& core = gate.loops().front()->executor;
    if (core.snapshots == nullptr) return "starting: the topology is being read";
    bool any = false;
    bool primary = false;
    for (const auto& [name, keyspace] : core.snapshots->cluster()->keyspaces) {
        for (const auto& shard : keyspace->shards) {
            for (const discovery::TabletType type : discovery::served_types) {
                const bool healthy = std::ranges::any_of(shard->tablets[discovery::slot(type)],
                                                         &discovery::KnownTablet::healthy);
                any |= healthy;
                primary |= healthy && type == discovery::TabletType::primary;
            }
        }
    }
    if (!any) return "starting: no tablet answers yet";
    return primary ? "" : "no primary answers";
}

}  // namespace

void add_pages(servenv::Process& process, const Gate* gate) {
    servenv::AdminServer& admin = process.admin();
    admin.page(
        "/debug/ready",
        [&process, gate](const servenv::HttpRequest&) {
            const std::string why = unready(process, *gate);
            if (why.empty()) return servenv::HttpResponse{.body = "ok"};
            return servenv::HttpResponse{.status = 503, .body = why + "\n"};
        },
        servenv::Role::monitoring);
    admin.page(
        "/debug/vschema",
        [gate](const servenv::HttpRequest&) {
            const executor::Core& core = gate->loops().front()->executor;
            servenv::HttpResponse response;
            response.content_type = "application/json; charset=utf-8";
            response.body =
                core.snapshots == nullptr ? "{}" : vschema::debug_json(*core.snapshots->schema());
            return response;
        },
        servenv::Role::debugging);
}

}  // namespace sluice::vtgate
