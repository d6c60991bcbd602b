// Metrics of the health check, the topology's watchers and the buffer, under v21's names
// (vtgate-contract 11.2). All of them belong to the main loop, where pages are made.
#include "gate.h"
#include "metrics.h"

namespace sluice::vtgate {
namespace {

using buffering::ShardCounters;
using servenv::LabelKey;
using servenv::Metrics;
using Totals = std::map<LabelKey, double>;
using enum Metrics::Kind;

const std::vector<std::string> shard_labels = {"keyspace", "shard_name"};
const std::vector<std::string> reason_labels = {"keyspace", "shard_name", "reason"};
const std::vector<std::string> target_labels = {"keyspace", "shard_name", "tablet_type"};

LabelKey key_of(const discovery::Labels& labels) {
    LabelKey key;
    for (const std::string& label : labels) {
        if (!key.empty()) key += '.';
        key += servenv::label_key({label});
    }
    return key;
}

// `known` stand in the family with zero before anything is counted.
std::function<Totals()> counts_of(const Gate* gate,
                                  discovery::LabelledCounts discovery::HealthCounters::* counts,
                                  std::vector<std::string> known = {}) {
    return [gate, counts, known = std::move(known)] {
        Totals totals;
        for (const std::string& key : known) totals[key] = 0;
        if (gate->discovery() == nullptr) return totals;
        for (const auto& [labels, count] : gate->discovery()->counters().*counts)
            totals[key_of(labels)] = static_cast<double>(count);
        return totals;
    };
}

template <class Read>
std::function<double()> health_number(const Gate* gate, Read read) {
    return [gate, read] {
        return gate->discovery() == nullptr
                   ? 0.0
                   : static_cast<double>(read(gate->discovery()->counters()));
    };
}

// "keyspace/shard" as labels.
LabelKey shard_key(const std::string& name) {
    const std::size_t slash = name.find('/');
    return servenv::label_key(
        {std::string_view(name).substr(0, slash), std::string_view(name).substr(slash + 1)});
}

std::function<Totals()> held(const Gate* gate, std::uint64_t ShardCounters::* count) {
    return [gate, count] {
        Totals totals;
        if (gate->buffer() == nullptr) return totals;
        for (const auto& [name, shard] : gate->buffer()->shards())
            totals[shard_key(name)] = static_cast<double>(shard->counters().*count);
        return totals;
    };
}

template <class Reason, std::size_t Size>
std::function<Totals()> by_reason(const Gate* gate, std::uint64_t (ShardCounters::*counts)[Size]) {
    return [gate, counts] {
        Totals totals;
        if (gate->buffer() == nullptr) return totals;
        for (const auto& [name, shard] : gate->buffer()->shards()) {
            for (std::size_t i = 0; i < Size; ++i) {
                const std::string_view reason = buffering::name_of(static_cast<Reason>(i));
                totals[shard_key(name) + "." + servenv::label_key({reason})] =
                    static_cast<double>((shard->counters().*counts)[i]);
            }
        }
        return totals;
    };
}

Totals unresolved(const Gate* gate) {
    Totals totals;
    if (gate->discovery() == nullptr) return totals;
    for (const auto& [labels, transactions] : gate->discovery()->unresolved())
        totals[key_of(labels)] = static_cast<double>(transactions.size());
    return totals;
}

void add_health(Metrics& metrics, const Gate* gate) {
    using discovery::HealthCounters;
    metrics.read_labelled(
        gauge, {"HealthcheckConnections", "healthy tablets that are followed", target_labels},
        counts_of(gate, &HealthCounters::connections));
    metrics.read_labelled(counter,
                          {"HealthcheckErrors", "health streams that ended", target_labels},
                          counts_of(gate, &HealthCounters::errors));
    metrics.read_labelled(counter,
                          {"HealthcheckPrimaryPromoted", "primaries of a later term", shard_labels},
                          counts_of(gate, &HealthCounters::primary_promoted));
    metrics.read_labelled(gauge,
                          {"SluiceUnresolvedTransactions",
                           "distributed transactions that their gate has left", shard_labels},
                          [gate] { return unresolved(gate); });
    metrics.read(gauge, {"HealthcheckChecksum", "of the tablets that are followed"},
                 health_number(gate, [](const HealthCounters& all) { return all.checksum; }));
    metrics.read_labelled(
        counter, {"TopologyWatcherOperations", "of the lists of tablets", {"operation"}},
        counts_of(gate, &HealthCounters::topology,
                  {"AddTablet", "GetTablet", "ListTablets", "RemoveTablet", "ReplaceTablet"}));
    metrics.read_labelled(
        counter, {"TopologyWatcherErrors", "tablets that could not be read", {"operation"}},
        counts_of(gate, &HealthCounters::topology_errors, {"GetTablet", "ListTablets"}));
    metrics.read(
        gauge, {"TopologyWatcherChecksum", "of the topology's tablets"},
        health_number(gate, [](const HealthCounters& all) { return all.topology_checksum; }));
    metrics.read(
        gauge, {"TopologyWatcherMaxRefreshLag", "age of the oldest list of tablets, ns"},
        health_number(gate, [](const HealthCounters& all) { return all.topology_age.count(); }));
}

struct Held {
    Metrics::Kind kind;
    const char* name;
    const char* help;
    std::uint64_t ShardCounters::* count;
};
const Held held_counts[] = {
    {counter, "BufferStarts", "failovers that were waited for", &ShardCounters::starts},
    {counter, "BufferRequestsBuffered", "requests held", &ShardCounters::buffered},
    {counter, "BufferRequestsBufferedDryRun", "requests that would have been held",
     &ShardCounters::buffered_dry_run},
    {counter, "BufferRequestsDrained", "held requests that were sent", &ShardCounters::drained},
    {counter, "BufferFailoverDurationSumMs", "time of all failovers",
     &ShardCounters::failover_duration_sum},
    {counter, "BufferUtilizationDryRunSum", "per cent of the buffer, all failovers, dry",
     &ShardCounters::utilization_dry_run_sum},
    {gauge, "BufferLastFailoverDurationMs", "time of the last failover",
     &ShardCounters::last_failover_duration},
    {gauge, "BufferLastRequestsInFlightMax", "most requests held in the last failover",
     &ShardCounters::last_in_flight_max},
    {gauge, "BufferLastRequestsDryRunMax", "the same, dry", &ShardCounters::last_dry_run_max},
    {gauge, "BufferUtilizationSum", "per cent of the buffer, all failovers",
     &ShardCounters::utilization_sum},
};

void add_buffer(Metrics& metrics, const Gate* gate) {
    for (const Held& each : held_counts) {
        metrics.read_labelled(each.kind, {each.name, each.help, shard_labels},
                              held(gate, each.count));
    }
    metrics.read_labelled(counter, {"BufferStops", "why failovers ended", reason_labels},
                          by_reason<buffering::StopReason>(gate, &ShardCounters::stops));
    metrics.read_labelled(counter,
                          {"BufferRequestsEvicted", "held requests given up", reason_labels},
                          by_reason<buffering::EvictReason>(gate, &ShardCounters::evicted));
    metrics.read_labelled(counter, {"BufferRequestsSkipped", "requests not held", reason_labels},
                          by_reason<buffering::SkipReason>(gate, &ShardCounters::skipped));
    metrics.read(gauge, {"BufferSize", "most requests held at once"}, [gate] {
        return gate->buffer() == nullptr ? 0.0 : static_cast<double>(gate->buffer()->size());
    });
}

}  // namespace

void add_failover_metrics(Metrics& metrics, const Gate* gate) {
    add_health(metrics, gate);
    add_buffer(metrics, gate);
}

}  // namespace sluice::vtgate
