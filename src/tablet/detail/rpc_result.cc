// Step 10 of a request that went to a tablet: its answer becomes MySQL packets. Before:
// rpc_tablet.cc. After: the sink.
#include "tablet/detail/rpc_result.h"

#include <algorithm>

#include "base/limits.h"
#include "tablet/detail/rpc_values.h"
#include "tablet/proto_fields.h"
#include "vtrpc.pb.h"
#include "wire/row.h"

namespace sluice::tablet {
namespace {

using Kind = ProtoField::Kind;

// Field numbers of query.QueryResult and query.Row.
constexpr std::uint32_t fields = 1, rows_affected = 2, insert_id = 3, rows = 4, info = 6;
constexpr std::uint32_t row_lengths = 1, row_values = 2;

std::string_view text_of(rpc::Bytes bytes) {
    return wire::text_of(bytes);
}

}  // namespace

Task<Result<void>> AnswerReader::take(rpc::Bytes message, Stop* stop) {
    ProtoFields all(message);
    for (ProtoField field; all.next(&field);) {
        if (field.kind == Kind::bytes && field.number == layout_.result) {
            CO_TRY(co_await take_result(field.bytes, stop));
        } else if (field.kind == Kind::bytes && field.number == layout_.error) {
            CO_TRY(take_error(field.bytes));
        } else if (field.kind == Kind::varint && field.number == layout_.transaction_id) {
            transaction_id = field.value;
        } else if (field.kind == Kind::varint && field.number == layout_.reserved_id) {
            reserved_id = field.value;
        }
    }
    if (all.broken() != nullptr) co_return malformed_answer(all.broken());
    co_return Result<void>{};
}

Result<void> AnswerReader::take_error(rpc::Bytes bytes) {
    ::vtrpc::RPCError message;
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
        return malformed_answer("its error");
    const int code = message.code();
    const bool known = code >= 0 && code <= static_cast<int>(Code::read_only);
    error = InBody{known ? static_cast<Code>(code) : Code::unknown, message.message()};
    return {};
}

Task<Result<void>> AnswerReader::take_result(rpc::Bytes result, Stop* stop) {
    ProtoFields all(result);
    for (ProtoField field; all.next(&field);) {
        if (field.kind == Kind::varint && field.number == rows_affected) {
            end.affected_rows = field.value;
        } else if (field.kind == Kind::varint && field.number == insert_id) {
            end.insert_id = field.value;
        } else if (field.kind != Kind::bytes) {
            continue;
        } else if (field.number == fields) {
            CO_TRY(add_column(field.bytes));
        } else if (field.number == info) {
            end.text = text_of(field.bytes);
        } else if (field.number == rows) {
            CO_TRY(announce());
            CO_TRY(add_row(field.bytes));
            if (packets_.size() >= limits::read_chunk) CO_TRY(co_await flush(stop));
        }
    }
    if (all.broken() != nullptr) co_return malformed_answer(all.broken());
    CO_TRY(announce());
    co_return co_await flush(stop);
}

Result<void> AnswerReader::add_column(rpc::Bytes bytes) {
    if (announced_) return malformed_answer("columns behind rows");
    const RpcColumn column = TRY(read_column(bytes));
    if (types_.empty()) {
        constexpr std::size_t usual = 4, usual_bytes = 80;
        types_.reserve(usual);
        definitions_.reserve(usual * usual_bytes);
        definition_writer_.set_sequence(sink_->sequence);
    }
    wire::write_column(definition_writer_, column.definition);
    types_.push_back({.field = column.definition.type,
                      .type = column.type,
                      .decimals = column.definition.decimals});
    return {};
}

Result<void> AnswerReader::announce() {
    if (announced_ || types_.empty()) return {};
    announced_ = true;
    end.columns = static_cast<std::uint32_t>(types_.size());
    row_.resize(types_.size());
    TRY(sink_->columns({.packets = definitions_.view(),
                        .count = end.columns,
                        .binary = binary_,
                        .database = {},
                        .keyspace = {}}));
    delivered = true;
    definitions_.release();
    return {};
}

// Finds the row's values; they stay in the message.
Result<void> AnswerReader::cut_row(rpc::Bytes bytes) {
    std::string_view values;
    ProtoFields scan(bytes);
    for (ProtoField field; scan.next(&field);) {
        if (field.number == row_values && field.kind == Kind::bytes) values = text_of(field.bytes);
    }
    std::size_t count = 0;
    const auto add = [&](std::uint64_t coded) -> Result<void> {
        const std::int64_t length = from_zigzag(coded);
        if (count == row_.size()) return malformed_answer("a row has too many values");
        ValueView& cell = row_[count];
        if (length < 0) {
            cell = {};
        } else {
            if (static_cast<std::uint64_t>(length) > values.size())
                return malformed_answer("a row is cut short");
            cell = {types_[count].type, values.substr(0, static_cast<std::size_t>(length))};
            values.remove_prefix(cell.bytes.size());
            // Only NULL itself has this type; a text of it is some other tablet's.
            if (cell.type == Type::null_type) cell.type = Type::varbinary;
        }
        ++count;
        return {};
    };
    ProtoFields all(bytes);
    for (ProtoField field; all.next(&field);) {
        if (field.number != row_lengths) continue;
        if (field.kind == Kind::varint) TRY(add(field.value));
        if (field.kind != Kind::bytes) continue;
        ProtoFields packed(field.bytes);
        for (std::uint64_t length = 0; packed.varint(&length);) TRY(add(length));
        if (!packed.at_end()) return malformed_answer(packed.broken());
    }
    if (all.broken() != nullptr) return malformed_answer(all.broken());
    if (count != row_.size()) return malformed_answer("a row has too few values");
    return {};
}

Result<void> AnswerReader::write_row() {
    if (binary_) return wire::write_binary_row(writer_, types_, std::span<const ValueView>(row_));
    wire::write_text_row(writer_, std::span<const ValueView>(row_));
    return {};
}

Result<void> AnswerReader::add_row(rpc::Bytes bytes) {
    if (!announced_) return malformed_answer("rows without columns");
    TRY(cut_row(bytes));
    if (waiting_ == 0) writer_.set_sequence(sink_->sequence);
    // A cell has up to nine bytes of length before it.
    constexpr std::size_t prefix = 9;
    const std::size_t room = bytes.size() + prefix * row_.size();
    if (room > limits::read_chunk) TRY(charge_.add(room));
    constexpr std::size_t packet_head = 4;
    if (waiting_ == 0) packets_.reserve(room + packet_head);
    TRY(write_row());
    ++waiting_;
    ++end.rows;
    return {};
}

// Gives the sink what has gathered, and waits while it has no room.
Task<Result<void>> AnswerReader::flush(Stop* stop) {
    if (waiting_ == 0) co_return Result<void>{};
    sink_->sequence = writer_.sequence();
    delivered = true;
    const RowSink::Take taken = CO_TRY(sink_->rows({.packets = packets_.span(),
                                                    .starts = waiting_,
                                                    .begins_inside = false,
                                                    .ends_inside = false}));
    if (taken == RowSink::Take::full) CO_TRY(co_await sink_->drain(stop));
    waiting_ = 0;
    // One large row is no reason to keep its room.
    if (charge_.bytes() != 0) {
        packets_.release();
        charge_.reset();
    }
    packets_.clear();
    co_return Result<void>{};
}

}  // namespace sluice::tablet
