// Step 10 of a request to a tablet: its rows. Before: tablet/mysql_tablet.cc. After:
// query_service.cc.
#include "tabletserver/result_writer.h"

#include "tablet/proto_writer.h"
#include "wire/column.h"

namespace sluice::tabletserver {

using tablet::bytes_tag;
using tablet::close_message;
using tablet::max_varint;
using tablet::open_message;
using tablet::put_bytes_head;
using tablet::put_number;
using tablet::put_text;
using tablet::put_varint;
using tablet::to_zigzag;
using tablet::varint_size;
using tablet::write_varint;
namespace {

// Field numbers of query.QueryResult, query.Field and query.Row.
constexpr std::uint32_t fields = 1, rows_affected = 2, insert_id = 3, rows_field = 4, info = 6;
constexpr std::uint32_t row_lengths = 1, row_values = 2;

std::unexpected<Error> malformed() {
    return fail(Code::internal, er::cr_server_lost, "the server's row is malformed");
}

// A length-encoded integer; moves *at. False: it is cut short, or no length.
bool read_length(const std::uint8_t** at, const std::uint8_t* end, std::uint64_t* length) {
    const std::uint8_t first = *(*at)++;
    if (first < 0xfb) {
        *length = first;
        return true;
    }
    const std::size_t size = first == 0xfc ? 2 : first == 0xfd ? 3 : first == 0xfe ? 8 : 0;
    if (size == 0 || static_cast<std::size_t>(end - *at) < size) return false;
    *length = 0;
    for (std::size_t i = 0; i < size; ++i) *length |= std::uint64_t{(*at)[i]} << (8 * i);
    *at += size;
    return true;
}

}  // namespace

// SHOW TABLES names its column by the database.
void ResultWriter::put_name(std::string_view name, bool first, wire::Bytes* out) const {
    constexpr std::string_view listing = "Tables_in_";
    const bool renamed = first && shape_.listing && name.starts_with(listing) &&
                         name.substr(listing.size()).starts_with(shape_.database);
    if (!renamed) {
        put_text(*out, 1, name);
        return;
    }
    std::string told(name);
    told.replace(listing.size(), shape_.database.size(), shape_.keyspace);
    put_text(*out, 1, told);
}

Result<void> ResultWriter::add_field(wire::ByteView packet, bool first) {
    const wire::ColumnDefinition column = TRY(wire::parse_column(packet));
    wire::Bytes& out = shape_.chunk == 0 ? out_ : fields_;
    const std::size_t field = open_message(out, fields);
    if (shape_.fields != IncludedFields::type_only) put_name(column.name, first, &out);
    const Type type = wire::type_of(column.type, column.flags, column.charset);
    put_number(out, 2, static_cast<std::uint64_t>(type));
    if (shape_.fields == IncludedFields::all) {
        put_text(out, 3, column.table);
        put_text(out, 4, column.org_table);
        const bool ours = !shape_.database.empty() && column.schema == shape_.database;
        put_text(out, 5, ours ? shape_.keyspace : column.schema);
        put_text(out, 6, column.org_name);
        put_number(out, 7, column.length);
        put_number(out, 8, column.charset);
        put_number(out, 9, column.decimals);
        put_number(out, 10, column.flags);
    }
    close_message(out, field);
    return {};
}

std::unexpected<Error> ResultWriter::too_many_rows() const {
    std::string text = std::string(shape_.limit_words) + std::to_string(shape_.row_limit);
    if (shape_.caller != nullptr) text = "caller id: " + shape_.caller->username() + ": " + text;
    return fail(Code::aborted, std::move(text));
}

Result<void> ResultWriter::columns(const tablet::ColumnPackets& columns) {
    constexpr std::size_t usual = 1000;  // has room for a row or two, and costs no more than less
    if (columns.binary) return bug("a tablet runs no binary statements");
    out_.reserve(usual);
    column_count_ = columns.count;
    cells_.resize(columns.count);
    wire::ByteView rest = columns.packets;
    for (std::uint32_t i = 0; i < columns.count; ++i) {
        const auto frame = wire::next_frame(rest);
        const auto* packet = std::get_if<wire::Frame>(&frame);
        if (packet == nullptr) return malformed();
        TRY(add_field(packet->payload, i == 0));
        rest = rest.subspan(packet->size());
    }
    cutter_.expect(sequence);
    return {};
}

Result<void> ResultWriter::add_row(wire::ByteView row) {
    if (++count_ > shape_.row_limit && shape_.row_limit != 0) return too_many_rows();
    const std::uint8_t* at = row.data();
    const std::uint8_t* const end = at + row.size();
    lengths_.clear();
    std::uint8_t* length_at = lengths_.extend(cells_.size() * max_varint);
    const std::uint8_t* const lengths = length_at;
    std::size_t values = 0;
    for (Cell& cell : cells_) {
        if (at == end) return malformed();
        if (*at == 0xfb) {
            ++at;
            cell = {nullptr, 0};
            *length_at++ = static_cast<std::uint8_t>(to_zigzag(-1));
            continue;
        }
        std::uint64_t size = 0;
        if (!read_length(&at, end, &size) || size > static_cast<std::uint64_t>(end - at))
            return malformed();
        cell = {at, static_cast<std::size_t>(size)};
        at += size;
        values += cell.size;
        length_at = write_varint(length_at, size << 1U);
    }
    if (at != end) return malformed();
    const auto lengths_size = static_cast<std::size_t>(length_at - lengths);
    std::size_t whole = 0;
    if (lengths_size != 0) whole += 1 + varint_size(lengths_size) + lengths_size;
    if (values != 0) whole += 1 + varint_size(values) + values;
    std::uint8_t* to = out_.extend(1 + varint_size(whole) + whole);
    to = write_varint(to, bytes_tag(rows_field));
    to = write_varint(to, whole);
    if (lengths_size != 0) {
        to = write_varint(to, bytes_tag(row_lengths));
        to = write_varint(to, lengths_size);
        std::memcpy(to, lengths, lengths_size);
        to += lengths_size;
    }
    if (values == 0) return {};
    to = write_varint(to, bytes_tag(row_values));
    to = write_varint(to, values);
    for (const Cell& cell : cells_) {
        if (cell.size == 0) continue;
        std::memcpy(to, cell.at, cell.size);
        to += cell.size;
    }
    return {};
}

Result<tablet::RowSink::Take> ResultWriter::rows(const tablet::RowRun& run) {
    wire::ByteView rest = run.packets;
    while (!rest.empty()) {
        const wire::MessageCutter::Cut cut = TRY(cutter_.cut(rest));
        if (cut.message) TRY(add_row(*cut.message));
        if (cut.consumed == 0) return bug("a run of rows ends inside of a header");
        rest = rest.subspan(cut.consumed);
    }
    if (shape_.chunk == 0 || (out_.size() < shape_.chunk && fields_.empty())) return Take::more;
    return Take::full;
}

Task<Result<void>> ResultWriter::drain(Stop* stop) {
    if (!fields_.empty()) {
        CO_TRY(co_await deliver(fields_.view(), stop));
        fields_.clear();
    }
    if (out_.empty()) co_return Result<void>{};
    CO_TRY(co_await deliver(out_.view(), stop));
    out_.clear();
    co_return Result<void>{};
}

Task<Result<void>> ResultWriter::deliver(wire::ByteView, Stop*) {
    co_return bug("a result that is no stream is delivered at its end");
}

void ResultWriter::finish(const tablet::ResultEnd& end) {
    wire::Bytes& out = !fields_.empty() && out_.empty() ? fields_ : out_;
    put_number(out, rows_affected, end.affected_rows);
    put_number(out, insert_id, end.insert_id);
    put_text(out, info, end.text);
}

// One column with one whole number: the answer of a sequence.
void ResultWriter::put_number_result(std::string_view column, std::int64_t value) {
    wire::Bytes& out = out_;
    wire::Bytes field;
    put_text(field, 1, column);
    put_number(field, 2, static_cast<std::uint64_t>(Type::int64));
    put_bytes_head(out, fields, field.size());
    out.append(field.view());
    const std::string text = std::to_string(value);
    put_bytes_head(out, rows_field, 3 + 2 + text.size());
    put_bytes_head(out, row_lengths, 1);
    put_varint(out, to_zigzag(static_cast<std::int64_t>(text.size())));
    put_bytes_head(out, row_values, text.size());
    out.append(text);
}

}  // namespace sluice::tabletserver
