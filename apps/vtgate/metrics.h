#pragma once
// Metrics of the gate, under v21's names. `gate` and `metrics` outlive the process's pages.
#include <array>

#include "async/stop.h"
#include "async/task.h"
#include "servenv/metrics.h"
#include "servenv/rates.h"

namespace sluice::vtgate {

class Gate;

void add_metrics(servenv::Metrics& metrics, const Gate* gate);
// Of health, failovers and the topology's watchers (failover_metrics.cc).
void add_failover_metrics(servenv::Metrics& metrics, const Gate* gate);
// --grpc_prometheus: the names of grpc-go's exporter (rpc_metrics.cc).
void add_rpc_metrics(servenv::Metrics& metrics, const Gate* gate);
// Names that a v21 gate exports from its start on, and of which nothing is counted here: numbers
// that stay 0, families that stay empty (metrics_v21.cc).
void add_v21_leftovers(servenv::Metrics& metrics);

// QPSByOperation and the like: sampled on the main loop, every five seconds or every minute.
class GateRates {
 public:
    explicit GateRates(const Gate* gate) : gate_(gate) {}
    void add_to(servenv::Metrics& metrics);
    // Samples until `stop`; `self` outlives the task.
    static async::Task<void> follow(GateRates* self, async::Stop* stop);
    // Statements per second in the last five seconds.
    double queries_per_second() const { return queries_[2].latest(); }

 private:
    static constexpr std::chrono::seconds interval{5};
    static constexpr std::uint64_t slow_ticks = 12;

    void sample(std::uint64_t tick);

    const Gate* gate_;
    // By operation, keyspace and db_type; v21 keeps 15 samples of a minute and 180 of 5 s.
    std::array<servenv::Rates, 3> queries_{servenv::Rates(15), servenv::Rates(15),
                                           servenv::Rates(180)};
    // By those and by code.
    std::array<servenv::Rates, 4> failures_{servenv::Rates(15), servenv::Rates(15),
                                            servenv::Rates(15), servenv::Rates(15)};
};

}  // namespace sluice::vtgate
