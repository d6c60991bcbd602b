// Step 10 of a request, for prepared statements that ran as text.
#include "engine/binary_rows.h"

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

// Converts what has come of `input`; keeps the rest of it. Gives the number of whole rows.
Result<std::uint64_t> BinaryRows::convert_all(wire::ByteView input, wire::PacketWriter& writer) {
    std::uint64_t count = 0;
    while (!input.empty()) {
        if (!cutter_.gathering() && input.size() >= wire::header_size) cutter_.expect(input[3]);
        const wire::MessageCutter::Cut cut = TRY(cutter_.cut(input));
        input = input.subspan(cut.consumed);
        if (!cut.message) break;
        TRY(convert(*cut.message, writer));
        ++count;
        charge_.reset();
    }
    wire::Bytes left;
    if (!input.empty()) left.append(input);
    left_ = std::move(left);
    return count;
}

Result<tablet::RowSink::Take> BinaryRows::rows(const tablet::RowRun& run) {
    converted_.clear();
    wire::PacketWriter writer(&converted_, inner_->sequence);
    if (run.begins_inside || run.ends_inside) TRY(charge_.add(2 * run.packets.size()));
    wire::Bytes joined;
    wire::ByteView input = run.packets;
    if (!left_.empty()) {
        joined = std::move(left_);
        joined.append(input);
        input = joined.view();
    }
    const std::uint64_t count = TRY(convert_all(input, writer));
    if (count == 0) return Take::more;
    inner_->sequence = writer.sequence();
    return inner_->rows({.packets = converted_.span(),
                         .starts = count,
                         .begins_inside = false,
                         .ends_inside = false});
}

Task<Result<void>> BinaryRows::drain(Stop* stop) {
    return inner_->drain(stop);
}

}  // namespace sluice::engine
