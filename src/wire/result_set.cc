// Step 10 of a request: rows that the gate made itself become packets. Before: engine's rows.
// After: the client's socket.
#include "wire/result_set.h"

#include "wire/detail/fields.h"

namespace sluice::wire {

void ResultSetWriter::column_count(std::uint64_t count) {
    out_->begin();
    detail::put_lenenc(out_->out(), count);
    out_->end();
}

void ResultSetWriter::definitions_end(Status status) {
    if ((negotiated_ & capability::deprecate_eof) == 0) write_eof(*out_, {.status = status});
}

void ResultSetWriter::columns(std::span<const ColumnDefinition> columns, Status status) {
    column_count(columns.size());
    types_.clear();
    for (const ColumnDefinition& column : columns) {
        write_column(*out_, column);
        if (format_ == RowFormat::binary) types_.push_back(column_type(column));
    }
    definitions_end(status);
}

Result<void> ResultSetWriter::row(std::span<const ValueView> row) {
    if (format_ == RowFormat::binary) return write_binary_row(*out_, types_, row);
    write_text_row(*out_, row);
    return {};
}

Result<void> ResultSetWriter::row(std::span<const Value> row) {
    if (format_ == RowFormat::binary) return write_binary_row(*out_, types_, row);
    write_text_row(*out_, row);
    return {};
}

}  // namespace sluice::wire
