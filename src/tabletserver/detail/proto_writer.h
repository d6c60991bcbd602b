#pragma once
// Writes protobuf fields where they shall lie, for messages whose values must not be copied twice.
// Source: protobuf's encoding, "Message Structure".
#include <bit>
#include <cstdint>
#include <string_view>

#include "wire/bytes.h"

namespace sluice::tabletserver {

inline constexpr std::size_t max_varint = 10;

constexpr std::size_t varint_size(std::uint64_t value) {
    return (static_cast<std::size_t>(std::bit_width(value | 1U)) + 6) / 7;
}

// Returns the byte behind what was written.
inline std::uint8_t* write_varint(std::uint8_t* at, std::uint64_t value) {
    while (value >= 0x80) {
        *at++ = static_cast<std::uint8_t>(value) | 0x80U;
        value >>= 7U;
    }
    *at++ = static_cast<std::uint8_t>(value);
    return at;
}

inline void put_varint(wire::Bytes& out, std::uint64_t value) {
    write_varint(out.extend(varint_size(value)), value);
}

constexpr std::uint64_t varint_tag(std::uint32_t number) {
    return std::uint64_t{number} << 3U;
}
constexpr std::uint64_t bytes_tag(std::uint32_t number) {
    return std::uint64_t{number} << 3U | 2U;
}

// Zero and empty values are what a missing field means: they are left out.
inline void put_number(wire::Bytes& out, std::uint32_t number, std::uint64_t value) {
    if (value == 0) return;
    put_varint(out, varint_tag(number));
    put_varint(out, value);
}
inline void put_bytes_head(wire::Bytes& out, std::uint32_t number, std::uint64_t size) {
    put_varint(out, bytes_tag(number));
    put_varint(out, size);
}
inline void put_text(wire::Bytes& out, std::uint32_t number, std::string_view text) {
    if (text.empty()) return;
    put_bytes_head(out, number, text.size());
    out.append(text);
}

// sint64's zigzag.
constexpr std::uint64_t to_zigzag(std::int64_t value) {
    return (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63U);
}

}  // namespace sluice::tabletserver
