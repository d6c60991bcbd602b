#pragma once
// Text rows in, binary rows out: for clients of the binary protocol whose statement could not run
// as such on the shard (lists split over shards, merged or computed results).
#include <limits>
#include <vector>

#include "base/budget.h"
#include "tablet/tablet.h"
#include "wire/column.h"
#include "wire/packet.h"

namespace sluice::engine {

using async::Stop;
using async::Task;

class BinaryRows : public tablet::RowSink {
 public:
    // `inner` takes binary rows. A row that comes in pieces is put together first and charged to
    // `budget` (null: to nobody). Both outlive this.
    BinaryRows(tablet::RowSink* inner, Budget* budget) : inner_(inner), charge_(budget) {
        sequence = inner->sequence;
    }

    Result<void> columns(const tablet::ColumnPackets& columns) override;
    Result<Take> rows(const tablet::RowRun& run) override;
    Task<Result<void>> drain(Stop* stop) override;

 private:
    Result<void> convert(wire::ByteView payload, wire::PacketWriter& writer);
    Result<std::uint64_t> convert_all(wire::ByteView input, wire::PacketWriter& writer);

    tablet::RowSink* inner_;
    std::vector<Type> types_;
    std::vector<wire::ColumnType> column_types_;
    std::vector<ValueView> row_;
    wire::Bytes converted_;
    // The row of which a part has come: its beginning here, if it is long, or in left_.
    wire::MessageCutter cutter_{std::numeric_limits<std::size_t>::max()};
    wire::Bytes left_;
    Charge charge_;
};

}  // namespace sluice::engine
