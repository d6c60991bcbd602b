// Step 10 of a request: rows that someone looks into, or that the gate made itself. Rows that only
// pass through are never cut (response.cc, run_rows).
#include "wire/row.h"

#include <algorithm>

#include "base/assert.h"
#include "wire/detail/binary_value.h"

namespace sluice::wire {
namespace {

template <class Cell>
void write_cells(PacketWriter& out, std::span<const Cell> row) {
    out.begin();
    for (const Cell& cell : row) {
        if (cell.is_null()) {
            put_null_cell(out.out());
        } else {
            put_cell(out.out(), cell.bytes);
        }
    }
    out.end();
}

// In binary rows the NULL bits begin at the third; two are reserved.
constexpr std::size_t reserved_bits = 2;
constexpr std::size_t bitmap_size(std::size_t columns) {
    return (columns + reserved_bits + 7) / 8;
}

template <class Cell>
Result<void> write_binary_cells(PacketWriter& out, std::span<const ColumnType> columns,
                                std::span<const Cell> row) {
    VT_ASSERT(columns.size() == row.size());
    Bytes& bytes = out.out();
    out.begin();
    bytes.push(0);
    const std::size_t bitmap = bytes.size();
    std::memset(bytes.extend(bitmap_size(columns.size())), 0, bitmap_size(columns.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (row[i].is_null()) {
            const std::size_t bit = i + reserved_bits;
            std::uint8_t& byte = bytes[bitmap + bit / 8];
            byte = static_cast<std::uint8_t>(byte | 1U << bit % 8);
        } else if (!detail::put_value(bytes, columns[i].field, is_unsigned(columns[i].type),
                                      row[i].bytes)) {
            out.abandon();
            return fail(
                Code::internal, er::unknown_error,
                "value does not fit its column's type " + std::string(type_name(columns[i].type)));
        }
    }
    out.end();
    return {};
}

}  // namespace

void put_cell(Bytes& out, std::string_view cell) {
    if (cell.size() >= detail::lenenc_null) return detail::put_text(out, cell);
    std::uint8_t* const at = out.extend(1 + cell.size());
    *at = static_cast<std::uint8_t>(cell.size());
    if (!cell.empty()) std::memcpy(at + 1, cell.data(), cell.size());
}

void write_text_row(PacketWriter& out, std::span<const ValueView> row) {
    write_cells(out, row);
}
void write_text_row(PacketWriter& out, std::span<const Value> row) {
    write_cells(out, row);
}

Result<void> cut_text_row(ByteView payload, std::span<const Type> types, std::span<ValueView> row) {
    VT_ASSERT(types.size() == row.size());
    detail::FieldReader reader(payload);
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (reader.left() > 0 && reader.peek() == detail::lenenc_null) {
            reader.constant(detail::lenenc_null);
            row[i] = {};
            continue;
        }
        // A column whose type is NULL holds nothing else; its cell must not turn into a NULL if it
        // does.
        row[i].type = types[i] == Type::null_type ? Type::varbinary : types[i];
        reader.text(row[i].bytes);
    }
    if (!reader.complete()) return detail::malformed("text row");
    return {};
}

// Grammar: 0x00 nulls((columns + 9) / 8) value*; a value is there for each column whose bit is
// clear.
Result<std::vector<Value>> cut_binary_row(ByteView payload, std::span<const ColumnType> columns) {
    detail::FieldReader reader(payload);
    std::string_view nulls;
    reader.constant(0);
    reader.raw(nulls, bitmap_size(columns.size()));
    if (!reader.ok()) return detail::malformed("binary row");
    std::vector<Value> row(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const std::size_t bit = i + reserved_bits;
        const ColumnType& column = columns[i];
        if ((static_cast<std::uint8_t>(nulls[bit / 8]) >> bit % 8 & 1) != 0) continue;
        if (detail::layout_of(column.field).shape == detail::Shape::none) continue;
        const ByteView raw = detail::read_raw(reader, column.field);
        const detail::Printing printing{.field = column.field,
                                        .is_unsigned = is_unsigned(column.type),
                                        .decimals = column.decimals};
        if (!reader.ok() || !detail::append_value_text(row[i].bytes, printing, raw)) {
            return detail::malformed("binary row");
        }
        row[i].type = column.type == Type::null_type ? Type::varbinary : column.type;
    }
    if (!reader.complete()) return detail::malformed("binary row");
    return row;
}

Result<void> write_binary_row(PacketWriter& out, std::span<const ColumnType> columns,
                              std::span<const ValueView> row) {
    return write_binary_cells(out, columns, row);
}
Result<void> write_binary_row(PacketWriter& out, std::span<const ColumnType> columns,
                              std::span<const Value> row) {
    return write_binary_cells(out, columns, row);
}

}  // namespace sluice::wire
