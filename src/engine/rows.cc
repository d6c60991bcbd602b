// Step 6 of a request, for plans whose rows the gate must look at. Before: engine/run.cc. After:
// engine/steps.cc.
#include "engine/rows.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "values/decimal.h"
#include "wire/row.h"

namespace sluice::engine {

wire::ColumnDefinition Column::definition() const {
    return {.schema = schema,
            .table = table,
            .org_table = org_table,
            .name = name,
            .org_name = org_name,
            .charset = charset,
            .length = length,
            .type = field,
            .flags = flags,
            .decimals = decimals};
}

Result<Columns> cut_columns(const tablet::ColumnPackets& packets) {
    Columns cut{.columns = {},
                .database = std::string(packets.database),
                .keyspace = std::string(packets.keyspace)};
    wire::ByteView rest = packets.packets;
    for (std::uint32_t i = 0; i < packets.count; ++i) {
        const auto frame = wire::next_frame(rest);
        const auto* whole = std::get_if<wire::Frame>(&frame);
        if (whole == nullptr) return bug("column definitions are cut short");
        const wire::ColumnDefinition column = TRY(wire::parse_column(whole->payload));
        cut.columns.push_back({.schema = std::string(column.schema),
                               .table = std::string(column.table),
                               .org_table = std::string(column.org_table),
                               .name = std::string(column.name),
                               .org_name = std::string(column.org_name),
                               .charset = column.charset,
                               .length = column.length,
                               .field = column.type,
                               .flags = column.flags,
                               .decimals = column.decimals,
                               .type = wire::column_type(column).type});
        rest = rest.subspan(whole->size());
    }
    return cut;
}

Result<void> Output::columns(Columns columns) {
    wire::Bytes packets;
    wire::PacketWriter writer(&packets, 1);
    for (const Column& column : columns.columns) {
        const wire::ColumnDefinition definition = column.definition();
        wire::write_column(writer, definition);
        types_.push_back(wire::column_type(definition));
    }
    values_.resize(types_.size());
    return sink_->columns({.packets = packets.view(),
                           .count = static_cast<std::uint32_t>(types_.size()),
                           .binary = binary_,
                           .database = columns.database,
                           .keyspace = columns.keyspace});
}

Result<Flow> Output::push(Row row) {
    for (std::size_t i = 0; i < values_.size(); ++i) {
        values_[i] = is_null(row[i]) ? ValueView() : ValueView{types_[i].type, row[i]};
    }
    wire::PacketWriter writer(&packets_, sink_->sequence);
    if (binary_) {
        TRY(wire::write_binary_row(writer, types_, std::span<const ValueView>(values_)));
    } else {
        wire::write_text_row(writer, std::span<const ValueView>(values_));
    }
    sink_->sequence = writer.sequence();
    ++pending_;
    ++rows_;
    return Flow::more;
}

async::Task<Result<void>> Output::flush(async::Stop* stop) {
    if (packets_.empty()) co_return Result<void>{};
    const tablet::RowRun run{.packets = packets_.span(),
                             .starts = pending_,
                             .begins_inside = false,
                             .ends_inside = false};
    if (CO_TRY(sink_->rows(run)) == tablet::RowSink::Take::full)
        CO_TRY(co_await sink_->drain(stop));
    packets_.clear();
    pending_ = 0;
    co_return Result<void>{};
}

namespace {

template <class T>
T number_of(Cell cell) {
    T number{};
    std::from_chars(cell.data(), cell.data() + cell.size(), number);
    return number;
}

template <class T>
int sign_of(const T& left, const T& right) {
    return left < right ? -1 : (right < left ? 1 : 0);
}

// TIME as it is printed, in microseconds: [-]hhh:mm:ss[.ffffff].
std::int64_t time_of(Cell cell) {
    const bool negative = cell.starts_with('-');
    if (negative) cell.remove_prefix(1);
    std::int64_t total = 0;
    std::int64_t part = 0;
    std::size_t i = 0;
    for (; i < cell.size() && cell[i] != '.'; ++i) {
        if (cell[i] == ':') {
            total = (total + part) * 60;
            part = 0;
        } else {
            part = part * 10 + (cell[i] - '0');
        }
    }
    total = (total + part) * 1'000'000;
    std::int64_t unit = 100'000;
    for (++i; i < cell.size(); ++i, unit /= 10) total += (cell[i] - '0') * unit;
    return negative ? -total : total;
}

// Without the zeros at the end of a fraction.
std::string_view without_zeros(std::string_view text) {
    if (!text.contains('.')) return text;
    text = text.substr(0, text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.remove_suffix(1);
    return text;
}

}  // namespace

namespace {

// Values that only their collation, their list or their kind can order.
bool needs_weight(Type type) {
    return is_text(type) || type == Type::enum_ || type == Type::set || type == Type::json ||
           type == Type::geometry;
}

}  // namespace

Result<Comparison> Comparison::of(const plan::Key& key, const std::vector<Column>& columns) {
    const auto position = [&](std::uint32_t column) {
        return key.from_end ? columns.size() - 1 - column : std::size_t{column};
    };
    Comparison made;
    made.descending_ = key.descending;
    made.position_ = position(key.column);
    // Who made the plan may not have known the type. The weight string of a number is its digits.
    if (key.weight && made.position_ < columns.size() && needs_weight(columns[made.position_].type))
        made.position_ = position(*key.weight);
    if (made.position_ >= columns.size()) return bug("a sort key is no column of its input");
    const Type type = columns[made.position_].type;
    if (type == Type::year || (is_integral(type) && is_unsigned(type))) {
        made.kind_ = Kind::unsigned_integer;
    } else if (is_integral(type)) {
        made.kind_ = Kind::signed_integer;
    } else if (is_float(type)) {
        made.kind_ = Kind::floating;
    } else if (type == Type::decimal) {
        made.kind_ = Kind::decimal;
    } else if (type == Type::time) {
        made.kind_ = Kind::time;
    } else if (type == Type::datetime || type == Type::timestamp) {
        made.kind_ = Kind::moment;
    } else if (needs_weight(type)) {
        return unsupported("comparing " + std::string(type_name(type)) + " column '" +
                           columns[made.position_].name + "' across shards");
    }
    return made;
}

int Comparison::compare_cells(Cell left, Cell right) const {
    if (is_null(left) || is_null(right)) return (is_null(left) ? 0 : 1) - (is_null(right) ? 0 : 1);
    switch (kind_) {
        case Kind::signed_integer:
            return sign_of(number_of<std::int64_t>(left), number_of<std::int64_t>(right));
        case Kind::unsigned_integer:
            return sign_of(number_of<std::uint64_t>(left), number_of<std::uint64_t>(right));
        case Kind::floating:
            return sign_of(number_of<double>(left), number_of<double>(right));
        case Kind::time:
            return sign_of(time_of(left), time_of(right));
        case Kind::decimal: {
            const auto a = Decimal::parse(left);
            const auto b = Decimal::parse(right);
            return a && b ? sign_of(*a, *b) : sign_of(left, right);
        }
        case Kind::moment:
            return sign_of(without_zeros(left).compare(without_zeros(right)), 0);
        case Kind::bytes:
            break;
    }
    return sign_of(left.compare(right), 0);
}

int Comparison::compare(Row left, Row right) const {
    return compare_cells(left[position_], right[position_]);
}

// Minus zero is zero, and a UNION's inputs may differ in scale: what has several texts gets one.
// Empty: the value itself.
std::string Comparison::identity_of(Cell value) const {
    switch (kind_) {
        case Kind::floating:
            return number_of<double>(value) == 0 ? "0" : "";
        case Kind::time:
            return std::to_string(time_of(value));
        case Kind::decimal:
            if (const auto decimal = Decimal::parse(value)) {
                const std::string text = decimal->text();
                return decimal->is_zero() ? "0" : std::string(without_zeros(text));
            }
            return {};
        case Kind::moment:
            return std::string(without_zeros(value));
        case Kind::signed_integer:
        case Kind::unsigned_integer:
        case Kind::bytes:
            return {};
    }
    return {};
}

void Comparison::append_identity(std::string& out, Row row) const {
    const Cell value = row[position_];
    if (is_null(value)) {
        out.push_back('\0');
        return;
    }
    const std::string made = identity_of(value);
    const Cell text = made.empty() ? value : Cell(made);
    const std::uint64_t size = text.size();
    out.push_back('\1');
    out.append(reinterpret_cast<const char*>(&size), sizeof(size));
    out.append(text);
}

Result<void> KeptRows::add(Row row) {
    if (max_rows_ != 0 && rows_.size() >= max_rows_) {
        return fail(Code::resource_exhausted, er::net_packet_too_large,
                    "in-memory row count exceeded allowed limit of " + std::to_string(max_rows_));
    }
    std::size_t bytes = 0;
    for (const Cell cell : row) bytes += cell.size();
    TRY(charge_.add(bytes + sizeof(Kept) + row.size() * sizeof(Cell)));
    Kept& kept = rows_.emplace_back();
    kept.bytes = std::make_unique_for_overwrite<char[]>(bytes + 1);
    kept.cells.reserve(row.size());
    char* at = kept.bytes.get();
    for (const Cell cell : row) {
        if (is_null(cell)) {
            kept.cells.emplace_back();
            continue;
        }
        std::memcpy(at, cell.data(), cell.size());
        kept.cells.emplace_back(at, cell.size());
        at += cell.size();
    }
    return {};
}

}  // namespace sluice::engine
