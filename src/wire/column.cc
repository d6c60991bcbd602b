// Step 10 of a request: what a column is called and made of. Before: wire/response.cc. After:
// wire/result_set.cc.
#include "wire/column.h"

#include <algorithm>

#include "wire/detail/fields.h"

namespace sluice::wire {
namespace {

// Bytes after the names: length 12, charset(2) length(4) type(1) flags(2) decimals(1) filler(2).
constexpr std::uint8_t fixed_fields = 0x0c;

std::string_view renamed(std::string_view name, std::span<const Renaming> renamings) {
    for (const Renaming& renaming : renamings) {
        if (renaming.from == name) return renaming.to;
    }
    return name;
}

Type integer_type(std::uint8_t field, bool is_unsigned) {
    switch (field) {
        case field_type::tiny:
            return is_unsigned ? Type::uint8 : Type::int8;
        case field_type::short_:
            return is_unsigned ? Type::uint16 : Type::int16;
        case field_type::int24:
            return is_unsigned ? Type::uint24 : Type::int24;
        case field_type::long_:
            return is_unsigned ? Type::uint32 : Type::int32;
        default:
            return is_unsigned ? Type::uint64 : Type::int64;
    }
}

}  // namespace

// Grammar: catalog schema table org_table name org_name, each <lenenc>; 0x0c charset(2) length(4)
// type(1) flags(2) decimals(1) 0(2).
template <class F, detail::Of<ColumnDefinition> Message>
static void fields(F& f, Message& column) {
    f.text(column.catalog);
    f.text(column.schema);
    f.text(column.table);
    f.text(column.org_table);
    f.text(column.name);
    f.text(column.org_name);
    f.constant(fixed_fields);
    f.u16(column.charset);
    f.u32(column.length);
    f.u8(column.type);
    f.u16(column.flags);
    f.u8(column.decimals);
    f.reserved(2);
}

Result<ColumnDefinition> parse_column(ByteView payload) {
    return detail::parse_exactly<ColumnDefinition>(payload, "column definition");
}

void write_column(PacketWriter& out, const ColumnDefinition& column) {
    detail::write_message(out, column);
}

Result<void> write_renamed_column(PacketWriter& out, ByteView payload,
                                  const ColumnRenamings& renamings) {
    detail::FieldReader reader(payload);
    std::string_view catalog, schema, table, org_table, rest;
    reader.text(catalog);
    reader.text(schema);
    reader.text(table);
    reader.text(org_table);
    reader.rest(rest);
    if (!reader.ok()) return detail::malformed("column definition");
    out.begin();
    detail::FieldWriter writer(out.out());
    writer.text(catalog);
    writer.text(renamed(schema, renamings.schemas));
    writer.text(renamed(table, renamings.tables));
    writer.text(renamed(org_table, renamings.tables));
    writer.rest(rest);
    out.end();
    return {};
}

Type type_of(std::uint8_t field, std::uint16_t flags, std::uint16_t charset) {
    const bool binary = charset == binary_charset;
    switch (field) {
        case field_type::decimal:
        case field_type::newdecimal:
            return Type::decimal;
        case field_type::tiny:
        case field_type::short_:
        case field_type::long_:
        case field_type::int24:
        case field_type::longlong:
            return integer_type(field, (flags & column_flag::unsigned_) != 0);
        case field_type::boolean:
            return Type::int8;
        case field_type::float_:
            return Type::float32;
        case field_type::double_:
            return Type::float64;
        case field_type::null:
            return Type::null_type;
        case field_type::timestamp:
        case field_type::timestamp2:
            return Type::timestamp;
        case field_type::date:
        case field_type::newdate:
            return Type::date;
        case field_type::time:
        case field_type::time2:
            return Type::time;
        case field_type::datetime:
        case field_type::datetime2:
            return Type::datetime;
        case field_type::year:
            return Type::year;
        case field_type::bit:
            return Type::bit;
        case field_type::vector:
            return Type::vector;
        case field_type::json:
            return Type::json;
        case field_type::enum_:
            return Type::enum_;
        case field_type::set:
            return Type::set;
        case field_type::tiny_blob:
        case field_type::medium_blob:
        case field_type::long_blob:
        case field_type::blob:
            return binary ? Type::blob : Type::text;
        case field_type::string:
            if ((flags & column_flag::enum_) != 0) return Type::enum_;
            if ((flags & column_flag::set) != 0) return Type::set;
            return binary ? Type::binary : Type::char_;
        case field_type::geometry:
            return Type::geometry;
        default:
            return binary ? Type::varbinary
                          : Type::varchar;  // varchar, var_string, and what is yet to come
    }
}

ColumnType column_type(const ColumnDefinition& column) {
    return {.field = column.type,
            .type = type_of(column.type, column.flags, column.charset),
            .decimals = column.decimals};
}

FieldShape field_shape(Type type) {
    namespace flag = column_flag;
    const std::uint16_t sign = is_unsigned(type) ? flag::unsigned_ : 0;
    switch (type) {
        case Type::int8:
        case Type::uint8:
            return {field_type::tiny, sign};
        case Type::int16:
        case Type::uint16:
            return {field_type::short_, sign};
        case Type::int24:
        case Type::uint24:
            return {field_type::int24, sign};
        case Type::int32:
        case Type::uint32:
            return {field_type::long_, sign};
        case Type::int64:
        case Type::uint64:
            return {field_type::longlong, sign};
        case Type::float32:
            return {field_type::float_, 0};
        case Type::float64:
            return {field_type::double_, 0};
        case Type::timestamp:
            return {field_type::timestamp, 0};
        case Type::date:
            return {field_type::date, flag::binary};
        case Type::time:
            return {field_type::time, flag::binary};
        case Type::datetime:
            return {field_type::datetime, flag::binary};
        case Type::year:
            return {field_type::year, flag::unsigned_};
        case Type::decimal:
            return {field_type::newdecimal, 0};
        case Type::null_type:
            return {field_type::null, flag::binary};
        case Type::text:
            return {field_type::blob, 0};
        case Type::blob:
            return {field_type::blob, flag::binary};
        case Type::varbinary:
        case Type::hexnum:
        case Type::hexval:
        case Type::bitnum:
            return {field_type::var_string, flag::binary};
        case Type::char_:
            return {field_type::string, 0};
        case Type::binary:
            return {field_type::string, flag::binary};
        case Type::bit:
            return {field_type::bit, flag::unsigned_};
        case Type::enum_:
            return {field_type::string, flag::enum_};
        case Type::set:
            return {field_type::string, flag::set};
        case Type::geometry:
            return {field_type::geometry, flag::binary};
        case Type::json:
            return {field_type::json, flag::binary};
        case Type::vector:
            return {field_type::vector, flag::binary};
        case Type::varchar:
        case Type::tuple:
        case Type::expression:
            return {field_type::var_string, 0};
    }
    return {field_type::var_string, 0};
}

}  // namespace sluice::wire
