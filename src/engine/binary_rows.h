#pragma once
// Text rows in, binary rows out: for clients of the binary protocol whose statement could not run
// as such on the shard (lists split over shards, merged or computed results).
#include <vector>

#include "tablet/tablet.h"
#include "wire/column.h"
#include "wire/packet.h"

namespace sluice::engine {

using async::Stop;
using async::Task;

class BinaryRows : public tablet::RowSink {
 public:
    // `inner` takes binary rows and outlives this.
    explicit BinaryRows(tablet::RowSink* inner) : inner_(inner) { sequence = inner->sequence; }

    Result<void> columns(const tablet::ColumnPackets& columns) override;
    Result<Take> rows(const tablet::RowRun& run) override;
    Task<Result<void>> drain(Stop* stop) override;

    // After the last row: hands the sequence number on.
    void finish() { inner_->sequence = sequence; }

 private:
    Result<void> convert(wire::ByteView payload, wire::PacketWriter& writer);

    tablet::RowSink* inner_;
    std::vector<Type> types_;
    std::vector<wire::ColumnType> column_types_;
    std::vector<ValueView> row_;
    wire::Bytes converted_;
    wire::Bytes gathered_;  // a row that comes in pieces
};

}  // namespace sluice::engine
