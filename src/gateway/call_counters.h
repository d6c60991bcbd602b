#pragma once
// What calls to each shard amount to, by v21's labels (vtgate-contract 11.2, VttabletCall). Of one
// loop, which counts; read by anybody.
#include <array>
#include <string>

#include "async/counters.h"
#include "gateway/target.h"
#include "tablet/tablet.h"

namespace sluice::gateway {

using async::Count;
using async::Labelled;
using async::LabelText;
using async::TimingCells;

struct CallCells {
    // For the writer; readers have the key.
    std::string keyspace;
    std::string shard;
    TabletType type = TabletType::unknown;
    TimingCells timings;
    Count errors;  // v21 does not count ALREADY_EXISTS and INVALID_ARGUMENT
};

class CallCounters {
 public:
    void add(const ShardTarget& target, std::chrono::nanoseconds taken,
             const tablet::Outcome& outcome);
    // By "Execute.customer.-80.primary".
    const Labelled<CallCells>& cells() const { return cells_; }

 private:
    CallCells& find(const ShardTarget& target);

    Labelled<CallCells> cells_;
    std::array<CallCells*, 64> recent_{};  // by the shard's hash: most calls look nothing up
};

}  // namespace sluice::gateway
