#pragma once
// Types of SQL values. Numbers are those of Vitess's query.Type (proto/query.proto), so that they
// can travel in RPCs; the low byte counts, the flags above tell families apart.
#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice {

namespace type_flag {
inline constexpr std::uint16_t integral = 256, unsigned_ = 512, floating = 1024, quoted = 2048,
                               text = 4096, binary = 8192;
}

enum class Type : std::uint16_t {
    null_type = 0,
    int8 = 257,
    uint8 = 770,
    int16 = 259,
    uint16 = 772,
    int24 = 261,
    uint24 = 774,
    int32 = 263,
    uint32 = 776,
    int64 = 265,
    uint64 = 778,
    float32 = 1035,
    float64 = 1036,
    timestamp = 2061,
    date = 2062,
    time = 2063,
    datetime = 2064,
    year = 785,
    decimal = 18,
    text = 6163,
    blob = 10260,
    varchar = 6165,
    varbinary = 10262,
    char_ = 6167,
    binary = 10264,
    bit = 2073,
    enum_ = 2074,
    set = 2075,
    tuple = 28,
    geometry = 2077,
    json = 2078,
    expression = 31,
    hexnum = 4128,
    hexval = 4129,
    bitnum = 4130,
    vector = 2083,
};

constexpr bool has_flag(Type type, std::uint16_t flag) {
    return (static_cast<std::uint16_t>(type) & flag) != 0;
}
constexpr bool is_integral(Type type) {
    return has_flag(type, type_flag::integral);
}
constexpr bool is_unsigned(Type type) {
    return has_flag(type, type_flag::unsigned_);
}
constexpr bool is_float(Type type) {
    return has_flag(type, type_flag::floating);
}
constexpr bool is_number(Type type) {
    return is_integral(type) || is_float(type) || type == Type::decimal;
}
constexpr bool is_quoted(Type type) {
    return has_flag(type, type_flag::quoted);
}
constexpr bool is_text(Type type) {
    return type == Type::text || type == Type::varchar || type == Type::char_;
}
constexpr bool is_binary(Type type) {
    return type == Type::blob || type == Type::varbinary || type == Type::binary;
}

// "INT64", as query.Type prints; nullopt for an unknown name.
std::string_view type_name(Type type);
std::optional<Type> type_of_name(std::string_view name);

}  // namespace sluice
