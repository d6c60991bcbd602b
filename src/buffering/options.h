#pragma once
// Settings of the buffer and what it counts (vtgate-contract 10, 11.2).
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace sluice::buffering {

using Duration = std::chrono::steady_clock::duration;
using Time = std::chrono::steady_clock::time_point;

enum class Mode : std::uint8_t { disabled, enabled, dry_run };

struct BufferOptions {
    bool enabled = false;                                  // --enable_buffer
    bool dry_run = false;                                  // --enable_buffer_dry_run
    std::size_t size = 1000;                               // --buffer_size: requests, all shards
    std::size_t bytes = std::size_t{64} << 20U;            // --buffer_memory: their statements
    Duration window = std::chrono::seconds(10);            // --buffer_window
    Duration max_failover = std::chrono::seconds(20);      // --buffer_max_failover_duration
    Duration min_between = std::chrono::minutes(1);        // --buffer_min_time_between_failovers
    std::size_t drain_concurrency = 1;                     // --buffer_drain_concurrency
    std::set<std::string, std::less<>> keyspaces, shards;  // --buffer_keyspace_shards

    // keyspace-shards = [ item *( "," item ) ] ; item = keyspace [ "/" shard ]
    Result<void> set_keyspace_shards(std::string_view list);
    Mode mode(const std::string& keyspace, const std::string& shard) const;
};

enum class StopReason : std::uint8_t { new_primary, resharded, tables_moved, too_long, shutdown };
enum class SkipReason : std::uint8_t { full, disabled, shutdown, recent_reparent, recent_failover };
enum class EvictReason : std::uint8_t { stopped, full, window };
// The words of the label "reason".
std::string_view name_of(StopReason reason);
std::string_view name_of(SkipReason reason);
std::string_view name_of(EvictReason reason);

// Of one shard, labels {keyspace, shard_name} and, where there are several, reason.
struct ShardCounters {
    std::uint64_t starts = 0;                   // BufferStarts
    std::uint64_t stops[5] = {};                // BufferStops, by StopReason
    std::uint64_t buffered = 0;                 // BufferRequestsBuffered
    std::uint64_t buffered_dry_run = 0;         // BufferRequestsBufferedDryRun
    std::uint64_t drained = 0;                  // BufferRequestsDrained
    std::uint64_t evicted[3] = {};              // BufferRequestsEvicted, by EvictReason
    std::uint64_t skipped[5] = {};              // BufferRequestsSkipped, by SkipReason
    std::uint64_t failover_duration_sum = 0;    // BufferFailoverDurationSumMs
    std::uint64_t last_failover_duration = 0;   // BufferLastFailoverDurationMs
    std::uint64_t last_in_flight_max = 0;       // BufferLastRequestsInFlightMax
    std::uint64_t last_dry_run_max = 0;         // BufferLastRequestsDryRunMax
    std::uint64_t utilization_sum = 0;          // BufferUtilizationSum, percent
    std::uint64_t utilization_dry_run_sum = 0;  // BufferUtilizationDryRunSum
};

// What the gate's own errors and tablets' errors say, in v21's words: these texts cross gRPC and
// are all that there is to tell them by.
inline constexpr std::string_view resharding_text = "current keyspace is being resharded";
inline constexpr std::string_view reparent_text =
    "primary is not serving, there may be a reparent operation in progress";
inline constexpr std::string_view rule_text = "disallowed due to rule";
inline constexpr std::string_view missing_shard_text =
    "destination shard is missing after a resharding operation";

// Does an error start buffering: any CLUSTER_EVENT, or a table that a rule denies.
bool is_failover(const Error& error);
// A primary of a later term must come; not so when a keyspace is resharded or tables move.
bool is_reparent(const Error& error);

}  // namespace sluice::buffering
