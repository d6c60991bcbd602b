#pragma once
// ShardStreams: a fan-out for consumers that look at rows (merge, aggregate, sort): each shard has
// a bounded window of rows, and is read only as fast as the window empties.
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "async/deadline.h"
#include "async/scope.h"
#include "base/budget.h"
#include "gateway/gateway.h"
#include "gateway/guard.h"

namespace sluice::gateway {

// Whole rows as row packets, headers included, in a buffer of its own. The bytes are charged to the
// statement as long as the batch lives.
struct RowBatch {
    std::vector<std::uint8_t> packets;
    std::uint64_t rows = 0;
    Charge charge;
};

struct StreamOptions {
    Budget* budget = nullptr;           // null: not charged
    std::size_t window = 256 * 1024;    // bytes per shard that wait to be taken
    std::size_t discard = 1024 * 1024;  // so much is read and dropped when nobody wants the rest
};

struct StreamsState;

class ShardStreams {
 public:
    // `runner`, `budget` and what the requests point to outlive this. finish() must have been
    // awaited before the destructor.
    ShardStreams(ShardRunner* runner, std::vector<ShardRequest> requests, StreamOptions options,
                 Stop* stop);
    ShardStreams(const ShardStreams&) = delete;
    ShardStreams& operator=(const ShardStreams&) = delete;
    ~ShardStreams();

    std::size_t size() const;

    // Starts all calls and waits until every shard has sent its columns (or ended): the
    // definitions, compared by the guard, as the first shard sent them. count 0: a statement
    // without rows.
    Task<Result<tablet::ColumnPackets>> start();
    // The next rows of a shard; nullopt after its last. Any shard's error ends every stream with
    // it.
    Task<Result<std::optional<RowBatch>>> next(std::size_t shard);
    // Rows that are not taken yet are dropped, calls are waited for. What is left beyond
    // options.discard is cut off, unless the runner holds its connections: then it is read to the
    // end. Returns the shards' error, if there is one.
    Task<Result<void>> finish();
    // After finish(): in the order of the requests.
    const Outcome& outcome(std::size_t shard) const;

 private:
    std::unique_ptr<StreamsState> state_;
};

}  // namespace sluice::gateway
