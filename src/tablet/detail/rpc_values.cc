// Under rpc_request.cc and rpc_result.cc.
#include "tablet/detail/rpc_values.h"

#include <algorithm>

namespace sluice::tablet {
namespace {

constexpr std::uint16_t utf8mb4_charset = 255;  // utf8mb4_0900_ai_ci

template <class Message>
void fill_value(Message* message, const Value& value) {
    message->set_type(static_cast<::query::Type>(value.type));
    if (!value.is_null()) message->set_value(value.bytes);
}

}  // namespace

void fill_query(::query::BoundQuery* query, std::string_view text, const BindVars* variables) {
    query->set_sql(std::string(text));
    if (variables == nullptr) return;
    auto& named = *query->mutable_bind_variables();
    for (const auto& [name, bound] : *variables) {
        ::query::BindVariable& variable = named[name];
        if (!bound.is_list()) {
            fill_value(&variable, bound.value);
            continue;
        }
        variable.set_type(::query::TUPLE);
        for (const Value& member : bound.list) fill_value(variable.add_values(), member);
    }
}

Type type_of(const ::query::Field& field) {
    const auto type = static_cast<Type>(field.type());
    // What only later versions know travels as bytes.
    return type_name(type) == "UNKNOWN" ? Type::varbinary : type;
}

wire::ColumnDefinition column_of(const ::query::Field& field) {
    const Type type = type_of(field);
    const wire::FieldShape shape = wire::field_shape(type);
    wire::ColumnDefinition column;
    column.schema = field.database();
    column.table = field.table();
    column.org_table = field.org_table();
    column.name = field.name();
    column.org_name = field.org_name();
    column.type = shape.field;
    column.flags = field.flags() == 0 ? shape.flags : static_cast<std::uint16_t>(field.flags());
    const bool is_words = is_text(type) || type == Type::enum_ || type == Type::set;
    column.charset = is_words ? utf8mb4_charset : wire::binary_charset;
    if (field.charset() != 0) column.charset = static_cast<std::uint16_t>(field.charset());
    column.length = field.column_length();
    column.decimals = static_cast<std::uint8_t>(std::min(field.decimals(), 255U));
    return column;
}

}  // namespace sluice::tablet
