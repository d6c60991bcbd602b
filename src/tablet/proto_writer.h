#pragma once
// Writes protobuf fields where they shall lie, for messages whose values must not be copied twice.
// Source: protobuf's encoding, "Message Structure".
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "wire/bytes.h"

namespace sluice::tablet {

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
// One of a repeated field, or of a map's halves: it counts even if it is empty.
inline void put_entry(wire::Bytes& out, std::uint32_t number, std::string_view text) {
    put_bytes_head(out, number, text.size());
    out.append(text);
}
inline void put_text(wire::Bytes& out, std::uint32_t number, std::string_view text) {
    if (!text.empty()) put_entry(out, number, text);
}

// A message inside of a message: what is appended between open_message and close_message, which is
// given what the former returned.
inline std::size_t open_message(wire::Bytes& out, std::uint32_t number) {
    put_bytes_head(out, number, 0);
    return out.size();
}
inline void close_message(wire::Bytes& out, std::size_t begin) {
    const std::size_t size = out.size() - begin;
    const std::size_t more = varint_size(size) - 1;  // than the byte that is there
    if (more != 0) {
        out.extend(more);
        std::memmove(out.data() + begin + more, out.data() + begin, size);
    }
    write_varint(out.data() + begin - 1, size);
}

// sint64's zigzag.
constexpr std::uint64_t to_zigzag(std::int64_t value) {
    return (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63U);
}

}  // namespace sluice::tablet
