#pragma once
// Column definitions, and how MySQL's types become ours and back. Views point into the parsed
// payload. Source: MySQL client/server protocol, "Protocol::ColumnDefinition41", "Column Definition
// Flags".
#include <cstdint>
#include <span>
#include <string_view>

#include "base/error.h"
#include "values/type.h"
#include "wire/packet.h"

namespace sluice::wire {

// Names of MySQL; some are words of C++ and get a final underscore.
// NOLINTBEGIN(readability-identifier-naming)
namespace field_type {
inline constexpr std::uint8_t decimal = 0, tiny = 1, short_ = 2, long_ = 3, float_ = 4, double_ = 5,
                              null = 6, timestamp = 7, longlong = 8, int24 = 9, date = 10,
                              time = 11, datetime = 12, year = 13, newdate = 14, varchar = 15,
                              bit = 16, timestamp2 = 17, datetime2 = 18, time2 = 19, vector = 242,
                              boolean = 244, json = 245, newdecimal = 246, enum_ = 247, set = 248,
                              tiny_blob = 249, medium_blob = 250, long_blob = 251, blob = 252,
                              var_string = 253, string = 254, geometry = 255;
}

namespace column_flag {
inline constexpr std::uint16_t not_null = 1, primary_key = 2, unique_key = 4, multiple_key = 8,
                               blob = 16, unsigned_ = 32, zerofill = 64, binary = 128, enum_ = 256,
                               auto_increment = 512, timestamp = 1024, set = 2048,
                               no_default = 4096, on_update_now = 8192, number = 32768;
}
// NOLINTEND(readability-identifier-naming)

inline constexpr std::uint16_t binary_charset = 63;
// `decimals` of floating point and of values without a fixed scale.
inline constexpr std::uint8_t not_fixed_decimals = 31;

struct ColumnDefinition {
    std::string_view catalog = "def";
    std::string_view schema{};
    std::string_view table{};      // alias
    std::string_view org_table{};  // real name
    std::string_view name{};       // alias
    std::string_view org_name{};
    std::uint16_t charset = binary_charset;  // a collation id
    std::uint32_t length = 0;                // widest value in bytes
    std::uint8_t type = field_type::var_string;
    std::uint16_t flags = 0;
    std::uint8_t decimals = 0;

    bool operator==(const ColumnDefinition&) const = default;
};

Result<ColumnDefinition> parse_column(ByteView payload);
void write_column(PacketWriter& out, const ColumnDefinition& column);

// A name seen in definitions, and what the client is told instead.
struct Renaming {
    std::string_view from{};
    std::string_view to{};
};
struct ColumnRenamings {
    std::span<const Renaming> schemas{};
    std::span<const Renaming> tables{};  // alias and real name
};
// The same definition under other names; all bytes that are not names are kept.
Result<void> write_renamed_column(PacketWriter& out, ByteView payload,
                                  const ColumnRenamings& renamings);

// What row codecs need to know of a column.
struct ColumnType {
    std::uint8_t field = field_type::var_string;  // how the value lies in a binary row
    Type type = Type::varchar;                    // what it means; says signed or unsigned
    std::uint8_t decimals = 0;                    // fraction digits of temporal values

    bool operator==(const ColumnType&) const = default;
};

// A string is binary if its character set is (63), whatever the BINARY flag says: *_bin collations
// set that too.
Type type_of(std::uint8_t field, std::uint16_t flags, std::uint16_t charset);
ColumnType column_type(const ColumnDefinition& column);

// Type byte and flags with which a column of this type is announced; its character set is the
// caller's choice.
struct FieldShape {
    std::uint8_t field = field_type::var_string;
    std::uint16_t flags = 0;
};
FieldShape field_shape(Type type);

}  // namespace sluice::wire
