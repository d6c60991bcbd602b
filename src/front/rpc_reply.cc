// Step 10 of a request over gRPC: rows go back to the client. Before: engine/route.cc or tablet/.
// After: vtgate_call.cc.
#include "front/rpc_reply.h"

#include <algorithm>

#include "query.pb.h"
#include "rpc/status.h"
#include "wire/row.h"

namespace sluice::front {
namespace {

// Field numbers of query.QueryResult and query.Row (vtgate-contract 12.4), as protobuf's tags.
constexpr std::uint32_t fields_field = 1, rows_field = 4;
constexpr char lengths_tag = 1 << 3 | 2, values_tag = 2 << 3 | 2;

void put_varint(std::string& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) out += static_cast<char>(value | 0x80U);
    out += static_cast<char>(value);
}

constexpr std::size_t varint_size(std::uint64_t value) {
    std::size_t size = 1;
    for (; value >= 0x80; value >>= 7U) ++size;
    return size;
}

void put_bytes(std::string& out, std::uint32_t field, std::string_view bytes) {
    put_varint(out, field << 3U | 2U);
    put_varint(out, bytes.size());
    out += bytes;
}

// sint64's zigzag of a value's length; NULL has the length -1.
constexpr std::uint64_t coded_length(const ValueView& value) {
    return value.is_null() ? 1 : std::uint64_t{value.bytes.size()} << 1U;
}

std::string field_of(const wire::ColumnDefinition& column, IncludedFields included) {
    ::query::Field field;
    field.set_type(
        static_cast<::query::Type>(wire::type_of(column.type, column.flags, column.charset)));
    if (included != IncludedFields::type_only) field.set_name(std::string(column.name));
    if (included == IncludedFields::all) {
        field.set_table(std::string(column.table));
        field.set_org_table(std::string(column.org_table));
        field.set_database(std::string(column.schema));
        field.set_org_name(std::string(column.org_name));
        field.set_column_length(column.length);
        field.set_charset(column.charset);
        field.set_decimals(column.decimals);
        field.set_flags(column.flags);
    }
    return field.SerializeAsString();
}

}  // namespace

Result<void> RpcReply::columns(const tablet::ColumnPackets& columns) {
    VT_ASSERT(!has_columns_);
    has_columns_ = true;
    wire::ByteView rest = columns.packets;
    for (std::uint32_t index = 0; index < columns.count; ++index) {
        const auto frame = wire::next_frame(rest);
        const auto* whole = std::get_if<wire::Frame>(&frame);
        if (whole == nullptr) return bug("column definitions are cut short");
        rest = rest.subspan(whole->size());
        wire::ColumnDefinition definition = TRY(wire::parse_column(whole->payload));
        const auto renamed = std::ranges::find_if(names_, [&](const executor::ColumnName& name) {
            return name.column == (name.from_end ? columns.count - 1 - index : index);
        });
        if (renamed != names_.end()) definition.name = renamed->name;
        if (!columns.database.empty() && definition.schema == columns.database)
            definition.schema = columns.keyspace;
        types_.push_back(wire::type_of(definition.type, definition.flags, definition.charset));
        fields_.push_back(field_of(definition, options_.included));
        TRY(charge_.add(fields_.back().size()));
    }
    row_.resize(types_.size());
    std::string& part = options_.stream == nullptr ? result_ : columns_part_;
    part = fields_as(fields_field);
    return {};
}

std::string RpcReply::fields_as(std::uint32_t field_number) const {
    std::string bytes;
    for (const std::string& field : fields_) put_bytes(bytes, field_number, field);
    return bytes;
}

Result<void> RpcReply::add_row(wire::ByteView payload) {
    TRY(wire::cut_text_row(payload, types_, row_));
    std::size_t lengths = 0, values = 0;
    for (const ValueView& value : row_) {
        lengths += varint_size(coded_length(value));
        values += value.bytes.size();
    }
    const std::size_t size =
        1 + varint_size(lengths) + lengths + (values == 0 ? 0 : 1 + varint_size(values) + values);
    const std::size_t whole = 1 + varint_size(size) + size;
    if (options_.limit != 0 && result_.size() + whole > options_.limit)
        return std::unexpected(rpc::sending_too_large(result_.size() + whole, options_.limit));
    TRY(charge_.add(whole));
    put_varint(result_, rows_field << 3U | 2U);
    put_varint(result_, size);
    result_ += lengths_tag;
    put_varint(result_, lengths);
    for (const ValueView& value : row_) put_varint(result_, coded_length(value));
    if (values != 0) {
        result_ += values_tag;
        put_varint(result_, values);
        for (const ValueView& value : row_) result_ += value.bytes;
    }
    ++row_count_;
    return {};
}

Result<void> RpcReply::take_rows(wire::ByteView packets) {
    wire::MessageCutter cutter(packets.size());
    while (!packets.empty()) {
        cutter.expect(packets[3]);
        const wire::MessageCutter::Cut cut = TRY(cutter.cut(packets));
        if (cut.message) TRY(add_row(*cut.message));
        packets = packets.subspan(cut.consumed);
    }
    return {};
}

Result<RpcReply::Take> RpcReply::rows(const tablet::RowRun& run) {
    if (run.begins_inside || run.ends_inside) {
        TRY(charge_.add(run.packets.size()));
        gathered_.append(wire::ByteView(run.packets));
        if (run.ends_inside) return Take::more;
        TRY(take_rows(gathered_.view()));
        gathered_.release();
    } else {
        TRY(take_rows(wire::ByteView(run.packets)));
    }
    const bool full = options_.stream != nullptr && result_.size() >= options_.part;
    return full ? Take::full : Take::more;
}

Task<Result<void>> RpcReply::send(std::string* part, Stop* stop) {
    if (part->empty()) co_return Result<void>{};
    sent_ = true;
    Result<void> sent = co_await options_.stream->send(*part, stop);
    part->clear();
    co_return sent;
}

Task<Result<void>> RpcReply::drain(Stop* stop) {
    if (options_.stream == nullptr) co_return Result<void>{};
    CO_TRY(co_await send(&columns_part_, stop));
    Result<void> sent = co_await send(&result_, stop);
    charge_.reset();
    co_return sent;
}

Task<Result<void>> RpcReply::finish(executor::Ending ending, Stop* stop) {
    ::query::QueryResult end;
    if (!has_columns_) end.set_rows_affected(ending.affected_rows);
    end.set_insert_id(ending.insert_id);
    end.set_info(std::move(ending.text));
    end.AppendToString(&result_);
    if (options_.stream == nullptr) co_return Result<void>{};
    // Who gets no rows is told so with an empty result.
    if (!has_columns_ && result_.empty()) {
        sent_ = true;
        co_return co_await options_.stream->send({}, stop);
    }
    co_return co_await drain(stop);
}

}  // namespace sluice::front
