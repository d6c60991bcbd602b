// Step 10 of a request, for prepared statements that ran as text.
#include "engine/binary_rows.h"

#include "base/limits.h"
#include "base/tally.h"
#include "wire/row.h"

namespace sluice::engine {

Result<void> BinaryRows::columns(const tablet::ColumnPackets& columns) {
    wire::ByteView rest = columns.packets;
    for (std::uint32_t i = 0; i < columns.count; ++i) {
        const auto frame = wire::next_frame(rest);
        const auto* whole = std::get_if<wire::Frame>(&frame);
        if (whole == nullptr) return bug("column definitions are cut short");
        const wire::ColumnDefinition definition = TRY(wire::parse_column(whole->payload));
        column_types_.push_back(wire::column_type(definition));
        types_.push_back(column_types_.back().type);
        rest = rest.subspan(whole->size());
    }
    row_.resize(types_.size());
    tablet::ColumnPackets announced = columns;
    announced.binary = true;
    inner_->sequence = sequence;
    TRY(inner_->columns(announced));
    sequence = inner_->sequence;
    return {};
}

Result<void> BinaryRows::convert(wire::ByteView payload, wire::PacketWriter& writer) {
    ++tally.rows_cut;
    TRY(wire::cut_text_row(payload, types_, row_));
    return wire::write_binary_row(writer, column_types_, std::span<const ValueView>(row_));
}

Result<tablet::RowSink::Take> BinaryRows::rows(const tablet::RowRun& run) {
    if (run.begins_inside || run.ends_inside) {
        return unsupported("a row of more than " + std::to_string(limits::read_chunk) +
                           " bytes of a prepared statement over several shards");
    }
    converted_.clear();
    wire::PacketWriter writer(&converted_, inner_->sequence);
    wire::ByteView rest = run.packets;
    while (!rest.empty()) {
        const auto frame = wire::next_frame(rest);
        const auto* whole = std::get_if<wire::Frame>(&frame);
        if (whole == nullptr) return bug("a row is cut short");
        TRY(convert(whole->payload, writer));
        rest = rest.subspan(whole->size());
    }
    tablet::RowRun converted{.packets = converted_.span(),
                             .starts = run.starts,
                             .begins_inside = false,
                             .ends_inside = false};
    inner_->sequence = writer.sequence();
    return inner_->rows(converted);
}

Task<Result<void>> BinaryRows::drain(Stop* stop) {
    return inner_->drain(stop);
}

}  // namespace sluice::engine
