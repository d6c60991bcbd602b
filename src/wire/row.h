#pragma once
// Rows of result sets: text (COM_QUERY) and binary (COM_STMT_EXECUTE), from and to values.
// Source: MySQL client/server protocol, "Text Resultset Row", "Binary Protocol Resultset Row".
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "values/value.h"
#include "wire/column.h"
#include "wire/packet.h"

namespace sluice::wire {

// One text cell at a time, between PacketWriter::begin() and end().
void put_cell(Bytes& out, std::string_view cell);
inline void put_null_cell(Bytes& out) {
    out.push(0xfb);
}

void write_text_row(PacketWriter& out, std::span<const ValueView> row);
void write_text_row(PacketWriter& out, std::span<const Value> row);

// Fills `row` with views into `payload`; both spans have one entry per column.
Result<void> cut_text_row(ByteView payload, std::span<const Type> types, std::span<ValueView> row);

// A binary row in text form: numbers in decimal, dates as MySQL prints them.
Result<std::vector<Value>> cut_binary_row(ByteView payload, std::span<const ColumnType> columns);

// Values in text form as a binary row. A value that its column's type cannot hold is an error
// (1105); nothing is appended then.
Result<void> write_binary_row(PacketWriter& out, std::span<const ColumnType> columns,
                              std::span<const ValueView> row);
Result<void> write_binary_row(PacketWriter& out, std::span<const ColumnType> columns,
                              std::span<const Value> row);

}  // namespace sluice::wire
