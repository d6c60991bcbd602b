#pragma once
// One value of the binary protocol: in rows (row.cc) and in parameters (statement.cc).
// Source: MySQL client/server protocol, "Binary Protocol Value".
#include <cstdint>
#include <string>
#include <string_view>

#include "wire/column.h"
#include "wire/detail/fields.h"

namespace sluice::wire::detail {

enum class Shape : std::uint8_t { none, integer, real, date, time, string };
struct Layout {
    Shape shape = Shape::string;
    std::uint8_t width = 0;  // bytes of an integer or real
};
// Unknown type bytes are strings, as all types since 4.1 have been.
Layout layout_of(std::uint8_t field);

// The value's bytes without their length prefix, or a failed reader.
ByteView read_raw(FieldReader& reader, std::uint8_t field);

// What is needed beyond the bytes to print a value.
struct Printing {
    std::uint8_t field = field_type::var_string;
    bool is_unsigned = false;
    std::uint8_t decimals = 0;
    bool widen = false;  // print a FLOAT as the double that it becomes in an expression
};
// False if the bytes are not such a value.
bool append_value_text(std::string& out, const Printing& printing, ByteView raw);

// The reverse; false if the text is not such a value, with `out` in any state.
bool put_value(Bytes& out, std::uint8_t field, bool is_unsigned, std::string_view text);

}  // namespace sluice::wire::detail
