#pragma once
// For tests: bytes written as hexadecimal digits, with blanks where they help.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/hex.h"
#include "wire/bytes.h"
#include "wire/packet.h"

namespace sluice::wire::testing {

inline std::vector<std::uint8_t> hex(std::string_view digits) {
    std::string packed;
    for (const char c : digits) {
        if (c != ' ' && c != '\n') packed += c;
    }
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i + 1 < packed.size(); i += 2) {
        bytes.push_back(static_cast<std::uint8_t>(std::stoi(packed.substr(i, 2), nullptr, 16)));
    }
    return bytes;
}

inline std::string to_hex(ByteView bytes) {
    return lower_hex(text_of(bytes));
}

// What `write` appends to a new buffer, from sequence number `sequence` on.
template <class Write>
std::vector<std::uint8_t> written(Write write, std::uint8_t sequence = 0) {
    Bytes out;
    PacketWriter writer(&out, sequence);
    write(writer);
    return {out.data(), out.data() + out.size()};
}

// The payload of the one packet that `write` writes.
template <class Write>
std::vector<std::uint8_t> payload_of(Write write) {
    const std::vector<std::uint8_t> all = written(write);
    return {all.begin() + header_size, all.end()};
}

// One packet with this payload.
inline std::vector<std::uint8_t> packet(std::uint8_t sequence, ByteView payload) {
    return written([&](PacketWriter& out) { out.packet(payload); }, sequence);
}

inline void append(std::vector<std::uint8_t>& to, const std::vector<std::uint8_t>& more) {
    to.insert(to.end(), more.begin(), more.end());
}

}  // namespace sluice::wire::testing
