#pragma once
// What the statements of one loop amount to, by v21's labels (vtgate-contract 11.2). Written by the
// loop, read by anybody; counting a statement whose plan and target were seen before looks nothing
// up.
#include <array>
#include <string_view>

#include "async/counters.h"

namespace sluice::executor {

using async::Count;
using async::Labelled;
using async::LabelText;
using async::TimingCells;

// Of one operation on one keyspace and tablet type: "Execute.customer.primary".
struct ApiCells {
    TimingCells timings;
    Count rows_returned;
    Count rows_affected;
    Count characters;
};

// Of one kind of plan ("EqualUnique"), or of it on one table ("EqualUnique.customer.orders").
struct PlanCells {
    Count processed;
    Count routed;  // shards that were sent something
};

// VtGateWarnings.
enum class WarningKind : std::uint8_t {
    ignored_set,
    non_atomic_commit,
    results_exceeded,
    payload_size_exceeded,
    unsharded_only
};
inline constexpr std::array<std::string_view, 5> warning_kinds = {
    "IgnoredSet", "NonAtomicCommit", "ResultsExceeded", "WarnPayloadSizeExceeded",
    "WarnUnshardedOnly"};

struct Statistics {
    Labelled<ApiCells> api;
    Labelled<Count> api_errors;  // "Execute.customer.primary.NOT_FOUND"
    Labelled<PlanCells> plans;
    Labelled<PlanCells> tables;
    std::array<Count, warning_kinds.size()> warnings;
    TimingCells queries;  // of MySQL clients

    void warn(WarningKind kind) { warnings[static_cast<std::size_t>(kind)].add(); }
};

// What a client asked for; the first label.
enum class Operation : std::uint8_t { execute, stream_execute, execute_batch, prepare };
inline constexpr std::array<std::string_view, 4> operation_names = {"Execute", "StreamExecute",
                                                                    "ExecuteBatch", "Prepare"};

// A session's cells, as long as its target stays the same.
struct SessionCells {
    std::array<ApiCells*, operation_names.size()> api{};
};

}  // namespace sluice::executor
