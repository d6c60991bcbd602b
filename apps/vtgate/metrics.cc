// Metrics of the gate: what the rooms count themselves, under v21's names (vtgate-contract 11.2).
#include "metrics.h"

#include "async/loop.h"
#include "gate.h"

namespace sluice::vtgate {
namespace {

using async::Count;
using async::Labelled;
using servenv::Distribution;
using servenv::LabelKey;
using servenv::Metrics;
using Core = Gate::PerLoop;
using Totals = std::map<LabelKey, double>;
using enum Metrics::Kind;

const std::vector<std::string> api_labels = {"operation", "keyspace", "db_type"};
const std::vector<std::string> call_labels = {"operation", "keyspace", "shard_name", "db_type"};
const std::vector<std::string> shard_labels = {"keyspace", "shard_name"};

// The sum over loops of one of the rooms' counters.
template <class Read>
std::function<double()> sum_of(const Gate* gate, Read read) {
    return [gate, read] {
        double sum = 0;
        for (const auto& core : gate->loops()) sum += static_cast<double>(read(*core));
        return sum;
    };
}

// The same by label; `cells` gives a loop's Labelled, `read` a cell's number.
template <class Cells, class Read>
std::function<Totals()> sums_of(const Gate* gate, Cells cells, Read read) {
    return [gate, cells, read] {
        Totals sums;
        for (const auto& core : gate->loops()) {
            cells(*core).for_each([&](const std::string& key, const auto& cell) {
                sums[key] += static_cast<double>(read(cell));
            });
        }
        return sums;
    };
}

template <class Cells>
std::function<std::map<LabelKey, Distribution>()> distributions_of(const Gate* gate, Cells cells) {
    return [gate, cells] {
        std::map<LabelKey, Distribution> sums;
        for (const auto& core : gate->loops()) {
            cells(*core).for_each(
                [&](const std::string& key, const auto& cell) { sums[key].add(cell.timings); });
        }
        return sums;
    };
}

template <class Counter>
auto load(const Counter& counter) {
    return counter.load(std::memory_order_relaxed);
}

std::uint64_t number(const Count& count) {
    return count.get();
}

// Gauges are kept as counts that wrap around; no one is left of those that have ended.
double open_now(const Count& count) {
    return static_cast<double>(static_cast<std::int64_t>(count.get()));
}

const auto api = [](const Core& core) -> const auto& { return core.executor.figures.api; };
const auto api_errors = [](const Core& core) -> const auto& {
    return core.executor.figures.api_errors;
};
const auto plans = [](const Core& core) -> const auto& { return core.executor.figures.plans; };
const auto tables = [](const Core& core) -> const auto& { return core.executor.figures.tables; };

// Before the gate is wired there are no calls.
const Labelled<gateway::CallCells>& calls(const Core& core) {
    static const Labelled<gateway::CallCells> none;
    return core.gateway == nullptr ? none : core.gateway->counters().cells();
}

void add_api(Metrics& metrics, const Gate* gate) {
    metrics.read_timings({"VtgateApi", "Statements of clients, and how long they took", api_labels},
                         distributions_of(gate, api));
    metrics.read_labelled(counter,
                          {"VtgateApiErrorCounts",
                           "Statements that ended in an error",
                           {"operation", "keyspace", "db_type", "code"}},
                          sums_of(gate, api_errors, number));
    metrics.read_labelled(counter, {"VtgateApiRowsReturned", "Rows sent to clients", api_labels},
                          sums_of(gate, api, [](const executor::ApiCells& cell) {
                              return cell.rows_returned.get();
                          }));
    metrics.read_labelled(
        counter, {"VtgateApiRowsAffected", "Rows that clients have changed", api_labels},
        sums_of(gate, api,
                [](const executor::ApiCells& cell) { return cell.rows_affected.get(); }));
    metrics.read_labelled(
        counter,
        {"VtgateQueryTextCharactersProcessed", "Length of the statements in bytes", api_labels},
        sums_of(gate, api, [](const executor::ApiCells& cell) { return cell.characters.get(); }));
    metrics.read_timings({"VttabletCall", "Calls to shards, and how long they took", call_labels},
                         distributions_of(gate, calls));
    metrics.read_labelled(
        counter, {"VttabletCallErrorCount", "Calls to shards that failed", call_labels},
        sums_of(gate, calls, [](const gateway::CallCells& cell) { return cell.errors.get(); }));
}

void add_plans(Metrics& metrics, const Gate* gate) {
    const auto processed = [](const executor::PlanCells& cell) { return cell.processed.get(); };
    const auto routed = [](const executor::PlanCells& cell) { return cell.routed.get(); };
    const std::vector<std::string> by_table = {"plan", "keyspace", "table"};
    metrics.read_labelled(counter, {"QueriesProcessed", "Statements by kind of plan", {"plan"}},
                          sums_of(gate, plans, processed));
    metrics.read_labelled(counter, {"QueriesRouted", "Queries to shards by kind of plan", {"plan"}},
                          sums_of(gate, plans, routed));
    metrics.read_labelled(counter,
                          {"QueriesProcessedByTable", "Statements by plan and table", by_table},
                          sums_of(gate, tables, processed));
    metrics.read_labelled(counter,
                          {"QueriesRoutedByTable", "Queries to shards by plan and table", by_table},
                          sums_of(gate, tables, routed));
    const auto cache = [&](auto read) {
        return sum_of(gate, [read](const Core& core) { return read(core.executor.plans); });
    };
    using Cache = executor::PlanCache;
    const auto kept = cache([](const Cache& plan_cache) { return plan_cache.kept(); });
    metrics.read(gauge, {"QueryPlanCacheLength", "Plans in the caches of all loops"}, kept);
    metrics.read(gauge, {"QueryPlanCacheSize", "The same: caches are bounded by number"}, kept);
    metrics.read(gauge, {"QueryPlanCacheCapacity", "Plans that fit into the caches"},
                 cache([](const Cache& plan_cache) { return plan_cache.capacity(); }));
    metrics.read(counter, {"QueryPlanCacheHits", "Statements whose plan was cached"},
                 cache([](const Cache& plan_cache) { return plan_cache.hits(); }));
    metrics.read(counter, {"QueryPlanCacheMisses", "Statements whose plan was not cached"},
                 cache([](const Cache& plan_cache) { return plan_cache.misses(); }));
    metrics.read(counter, {"QueryPlanCacheEvictions", "Plans that had to go for others"},
                 cache([](const Cache& plan_cache) { return plan_cache.evictions(); }));
    metrics.read_labelled(
        counter,
        {.variable = "VtGateWarnings",
         .help = "What sessions were warned of",
         .labels = {"type"},
         .prometheus = "vtgate_warnings"},
        [gate] {
            Totals sums;
            for (std::size_t i = 0; i < executor::warning_kinds.size(); ++i) {
                double& sum = sums[std::string(executor::warning_kinds[i])];
                for (const auto& core : gate->loops())
                    sum += static_cast<double>(core->executor.figures.warnings[i].get());
            }
            return sums;
        });
    metrics.read_labelled(
        counter,
        {.variable = "VtgateVSchemaCounts",
         .help = "Changes of the VSchema that were taken up",
         .labels = {"changes"},
         .prometheus = "vtgate_vtgatevschema_counts"},
        [gate] {
            const executor::Core& core = gate->loops().front()->executor;
            if (core.snapshots == nullptr) return Totals();
            return Totals{{"Reload", static_cast<double>(core.snapshots->schema()->epoch())}};
        });
}

void add_mysql_server(Metrics& metrics, const Gate* gate) {
    metrics.read_timings({"MysqlServerTimings", "Logins and statements", {"operation"}}, [gate] {
        std::map<LabelKey, Distribution> sums;
        for (const auto& core : gate->loops()) {
            sums["Connect"].add(core->front.counters.connect);
            sums["Query"].add(core->executor.figures.queries);
        }
        std::erase_if(sums, [](const auto& each) { return each.second.count == 0; });
        return sums;
    });
    const auto of = [&](auto read) {
        return sum_of(gate, [read](const Core& core) { return read(core.front.counters); });
    };
    using Counters = front::Counters;
    metrics.read(gauge, {"MysqlServerConnCount", "Connections of MySQL clients"},
                 of([](const Counters& counters) { return load(counters.connections); }));
    metrics.read(gauge, {"MysqlServerConnCountUnauthenticated", "Those that have not logged in"},
                 of([](const Counters& counters) { return load(counters.unauthenticated); }));
    metrics.read(counter, {"MysqlServerConnAccepted", "Connections accepted"},
                 of([](const Counters& counters) { return load(counters.accepted); }));
    metrics.read(counter, {"MysqlServerConnRefused", "Connections refused"},
                 of([](const Counters& counters) { return load(counters.refused); }));
    metrics.read(counter, {"MysqlServerConnSlow", "Logins that took longer than the threshold"},
                 of([](const Counters& counters) { return load(counters.slow); }));
    metrics.read_labelled(
        gauge, {"MysqlServerConnCountByTLSVer", "Connections by version of TLS", {"tls"}},
        sums_of(
            gate, [](const Core& core) -> const auto& { return core.front.counters.by_tls; },
            open_now));
    // v21 calls the user's label "count".
    metrics.read_labelled(
        gauge, {"MysqlServerConnCountPerUser", "Connections by user", {"count"}},
        sums_of(
            gate, [](const Core& core) -> const auto& { return core.front.counters.by_user; },
            open_now));
}

// What only we count.
void add_own(Metrics& metrics, const Gate* gate) {
    const auto executed = [&](const char* name, const char* help,
                              std::atomic<std::uint64_t> executor::Counters::* which) {
        metrics.read(counter, {name, help}, sum_of(gate, [which](const Core& core) {
                         return load(core.executor.counters.*which);
                     }));
    };
    using Counters = executor::Counters;
    metrics.read(counter, {"SluiceCommands", "Commands of MySQL clients"},
                 sum_of(gate, [](const Core& core) { return load(core.front.counters.commands); }));
    executed("SluiceQueries", "Statements executed", &Counters::queries);
    executed("SluiceQueryErrors", "Statements that ended in an error", &Counters::errors);
    executed("SluiceParses", "Statements parsed", &Counters::parses);
    executed("SluicePlansBuilt", "Plans built", &Counters::plans_built);
    executed("SluicePlanHits", "Statements that ran by a cached plan", &Counters::plan_hits);
    executed("SluiceForwarded", "Statements sent to one shard as they came", &Counters::forwarded);
    executed("SluiceHeapAllocations", "Heap allocations while statements ran",
             &Counters::heap_allocations);
    executed("SluiceRowsCut", "Rows of shards cut into columns", &Counters::rows_cut);
    executed("SluiceKills", "Sessions and statements killed", &Counters::killed);
    metrics.read_labelled(gauge, {"SluiceSessions", "Sessions by loop", {"loop"}}, [gate] {
        Totals sessions;
        for (const auto& core : gate->loops()) {
            sessions[std::to_string(core->executor.index)] =
                static_cast<double>(load(core->front.counters.assigned));
        }
        return sessions;
    });
    metrics.read(gauge, {"SluiceMemoryBudgetUsed", "Bytes charged to the memory budget"},
                 [gate] { return static_cast<double>(gate->memory().used()); });
    metrics.read(gauge, {"SluiceMemoryBudgetLimit", "Bytes that may be charged; 0: no limit"},
                 [gate] { return static_cast<double>(gate->memory().limit()); });
    metrics.read(gauge,
                 {"SluiceMemoryBudgetAllowed",
                  "Bytes of the limit that may be charged as the process's memory is now"},
                 [gate] { return static_cast<double>(gate->memory().allowed()); });
}

// The query log's: every statement is offered to it.
void add_streamlog(Metrics& metrics, const Gate* gate) {
    metrics.read_labelled(
        counter, {"StreamlogSend", "Statements offered to logs", {"logger_names"}}, [gate] {
            Distribution all;
            for (const auto& core : gate->loops()) {
                core->executor.figures.api.for_each(
                    [&](const std::string&, const executor::ApiCells& cell) {
                        all.add(cell.timings);
                    });
            }
            return Totals{{"VTGate", static_cast<double>(all.count)}};
        });
    const std::vector<std::string> labels = {"log", "subscriber"};
    const auto totals = [](const Labelled<Count>& counts) {
        Totals all;
        counts.for_each([&](const std::string& key, const Count& count) {
            all[key] = static_cast<double>(count.get());
        });
        return all;
    };
    metrics.read_labelled(counter, {"StreamlogDelivered", "Statements that reached a log", labels},
                          [gate, totals] { return totals(gate->query_log().delivered()); });
    metrics.read_labelled(
        counter,
        {"StreamlogDeliveryDroppedMessages", "Statements that came too fast for a log", labels},
        [gate, totals] { return totals(gate->query_log().dropped()); });
}

}  // namespace

void add_metrics(Metrics& metrics, const Gate* gate) {
    add_api(metrics, gate);
    add_plans(metrics, gate);
    add_mysql_server(metrics, gate);
    add_streamlog(metrics, gate);
    add_own(metrics, gate);
    add_failover_metrics(metrics, gate);
    add_v21_leftovers(metrics);
}

void GateRates::sample(std::uint64_t tick) {
    const auto now = servenv::Rates::Clock::now();
    const auto by = [&](std::size_t label, auto read, bool with_all) {
        Totals totals;
        if (with_all) totals["All"] = 0;
        for (const auto& core : gate_->loops())
            read(*core, [&](std::string_view key, double count) {
                for (std::size_t i = 0; i < label; ++i) key.remove_prefix(key.find('.') + 1);
                totals[std::string(key.substr(0, key.find('.')))] += count;
                if (with_all) totals["All"] += count;
            });
        return totals;
    };
    const auto statements = [](const Core& core, auto add) {
        core.executor.figures.api.for_each(
            [&](const std::string& key, const executor::ApiCells& cell) {
                Distribution sum;
                sum.add(cell.timings);
                add(key, static_cast<double>(sum.count));
            });
    };
    const auto errors = [](const Core& core, auto add) {
        core.executor.figures.api_errors.for_each([&](const std::string& key, const Count& count) {
            add(key, static_cast<double>(count.get()));
        });
    };
    queries_[2].sample(by(2, statements, true), now);
    if (tick % slow_ticks != 0) return;
    for (const std::size_t label : {0U, 1U})
        queries_[label].sample(by(label, statements, true), now);
    for (const std::size_t label : {0U, 1U, 2U, 3U})
        failures_[label].sample(by(label, errors, false), now);
}

void GateRates::add_to(Metrics& metrics) {
    const char* const of_queries[] = {"QPSByOperation", "QPSByKeyspace", "QPSByDbType"};
    const char* const of_failures[] = {"ErrorsByOperation", "ErrorsByKeyspace", "ErrorsByDbType",
                                       "ErrorsByCode"};
    for (std::size_t i = 0; i < std::size(of_queries); ++i)
        metrics.json(of_queries[i], [this, i] { return queries_[i].json(); });
    for (std::size_t i = 0; i < std::size(of_failures); ++i)
        metrics.json(of_failures[i], [this, i] { return failures_[i].json(); });
}

async::Task<void> GateRates::follow(GateRates* self, Stop* stop) {
    for (std::uint64_t tick = 0;; ++tick) {
        self->sample(tick);
        if (!co_await async::pause(interval, stop)) co_return;
    }
}

}  // namespace sluice::vtgate
