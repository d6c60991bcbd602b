#pragma once
// Writes complete result sets for a client: definitions, rows and the end, by what the client
// negotiated.
#include <cstdint>
#include <span>
#include <vector>

#include "wire/answer.h"
#include "wire/column.h"
#include "wire/response.h"
#include "wire/row.h"

namespace sluice::wire {

class ResultSetWriter {
 public:
    ResultSetWriter(PacketWriter* out, Capabilities negotiated, RowFormat format)
        : out_(out), negotiated_(negotiated), format_(format) {}

    // `status` is for the EOF after the definitions, sent to clients without deprecate_eof.
    void columns(std::span<const ColumnDefinition> columns, Status status);
    // The same in parts, for definitions that are forwarded: count, then each definition, then
    // definitions_end.
    void column_count(std::uint64_t count);
    void definitions_end(Status status);

    // Errors: a value that does not fit its column (binary only); nothing is appended then.
    Result<void> row(std::span<const ValueView> row);
    Result<void> row(std::span<const Value> row);

    void end(const OkPacket& ok) { write_end(*out_, ok, negotiated_); }

 private:
    PacketWriter* out_;
    Capabilities negotiated_;
    RowFormat format_;
    std::vector<ColumnType> types_;  // binary only
};

}  // namespace sluice::wire
