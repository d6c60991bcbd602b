// Under rpc_result.cc.
#include "tablet/detail/rpc_values.h"

#include <algorithm>

#include "tablet/proto_fields.h"

namespace sluice::tablet {
namespace {

constexpr std::uint16_t utf8mb4_charset = 255;  // utf8mb4_0900_ai_ci
// Field numbers of query.Field.
enum Number : std::uint32_t {
    name = 1,
    type = 2,
    table = 3,
    org_table = 4,
    database = 5,
    org_name = 6,
    column_length = 7,
    charset = 8,
    decimals = 9,
    flags = 10,
};

// What was told; zero where nothing was.
struct Told {
    wire::ColumnDefinition definition{.charset = 0};
    std::uint64_t type = 0;
};

void take_text(Told* told, const ProtoField& field) {
    const std::string_view text = wire::text_of(field.bytes);
    switch (field.number) {
        case name:
            told->definition.name = text;
            break;
        case table:
            told->definition.table = text;
            break;
        case org_table:
            told->definition.org_table = text;
            break;
        case database:
            told->definition.schema = text;
            break;
        case org_name:
            told->definition.org_name = text;
            break;
        default:
            break;
    }
}

void take_number(Told* told, const ProtoField& field) {
    switch (field.number) {
        case type:
            told->type = field.value;
            break;
        case column_length:
            told->definition.length = static_cast<std::uint32_t>(field.value);
            break;
        case charset:
            told->definition.charset = static_cast<std::uint16_t>(field.value);
            break;
        case decimals:
            told->definition.decimals =
                static_cast<std::uint8_t>(std::min<std::uint64_t>(field.value, 255));
            break;
        case flags:
            told->definition.flags = static_cast<std::uint16_t>(field.value);
            break;
        default:
            break;
    }
}

// What only later versions know travels as bytes.
Type known_type(std::uint64_t number) {
    const auto type = static_cast<Type>(number);
    return number > 0xffff || type_name(type) == "UNKNOWN" ? Type::varbinary : type;
}

}  // namespace

std::unexpected<Error> malformed_answer(std::string_view what) {
    return fail(Code::internal, "the tablet's answer is malformed: " + std::string(what));
}

Result<RpcColumn> read_column(rpc::Bytes bytes) {
    Told told;
    ProtoFields all(bytes);
    for (ProtoField field; all.next(&field);) {
        if (field.kind == ProtoField::Kind::bytes) take_text(&told, field);
        if (field.kind == ProtoField::Kind::varint) take_number(&told, field);
    }
    if (all.broken() != nullptr) return malformed_answer(all.broken());
    RpcColumn column{.definition = told.definition, .type = known_type(told.type)};
    const wire::FieldShape shape = wire::field_shape(column.type);
    column.definition.type = shape.field;
    if (column.definition.flags == 0) column.definition.flags = shape.flags;
    if (column.definition.charset == 0) {
        const bool is_words =
            is_text(column.type) || column.type == Type::enum_ || column.type == Type::set;
        column.definition.charset = is_words ? utf8mb4_charset : wire::binary_charset;
    }
    return column;
}

}  // namespace sluice::tablet
