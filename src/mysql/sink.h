#pragma once
// Where a result's bytes go. Packets are whole and uncut, headers included; rows carry the sequence
// numbers of the sink's own conversation, stamped from `sequence` on.
#include <cstdint>
#include <span>

#include "async/stop.h"
#include "async/task.h"
#include "base/error.h"

namespace sluice::mysql {

using async::Stop;
using async::Task;

struct Columns {
    std::span<const std::uint8_t> packets;  // `count` definitions, one after another
    std::uint32_t count = 0;
    bool binary = false;  // of the rows that follow
};

// A row larger than the receive buffer comes in several runs.
struct Rows {
    std::span<std::uint8_t> packets;
    std::uint64_t starts = 0;    // rows that begin in this run
    bool begins_inside = false;  // the first bytes continue the last row of the run before
    bool ends_inside = false;    // the last row goes on in the next run
};

class ResultSink {
 public:
    ResultSink() = default;
    ResultSink(const ResultSink&) = delete;
    ResultSink& operator=(const ResultSink&) = delete;
    virtual ~ResultSink() = default;

    // Called in order: columns, rows*. An error cuts the result: its connection must be interrupted
    // or closed.
    virtual Result<void> columns(const Columns& columns) = 0;
    // True: drain() must be awaited before the run's bytes are given up.
    virtual Result<bool> rows(const Rows& rows) = 0;
    virtual Task<Result<void>> drain(Stop* stop) = 0;

    // What the next row packet will carry; counted on with each run.
    std::uint8_t sequence = 0;
};

}  // namespace sluice::mysql
