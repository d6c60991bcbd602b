#pragma once
// Scatter: calls to several shards at once, on the current loop. Connections are taken in shard
// order (keyspace, then shard name), so that two scatters never wait for each other's last
// connection.
#include <vector>

#include "gateway/gateway.h"
#include "gateway/guard.h"

namespace sluice::gateway {

struct ScatterOutcome {
    // Affected rows, warnings and rows are summed; the insert id is the first shard's that has one.
    // Several errors become one (vtgate-contract 4.3).
    Result<ResultEnd> end;
    std::vector<Outcome> shards;  // in the order of the requests
    std::vector<tablet::Warning> warnings;
    bool delivered = false;

    std::size_t failed() const;
};

// All rows go into one sink: columns once, then runs of whole rows of one shard or another. While
// the client does not take rows, no shard is read. When a shard fails the others are stopped,
// unless the runner holds its connections or the request is a write. `requests` and `sink` outlive
// the task; the requests' `stop` members are set by it.
Task<ScatterOutcome> scatter(ShardRunner* runner, std::vector<ShardRequest>* requests,
                             RowSink* sink, Stop* stop);

// Of errors in the order of shards: equal ones once; number and state are kept if all agree or by
// the gravest code.
Error aggregate(const std::vector<Error>& errors);

}  // namespace sluice::gateway
