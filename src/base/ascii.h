#pragma once
// ASCII in texts, looked at by eight bytes.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace sluice {

inline constexpr std::uint64_t not_ascii = 0x8080808080808080;  // bits of eight bytes

inline bool is_ascii(std::string_view text) {
    std::uint64_t bits = 0, eight = 0;
    for (; text.size() >= sizeof eight; text.remove_prefix(sizeof eight)) {
        std::memcpy(&eight, text.data(), sizeof eight);
        bits |= eight;
    }
    for (const char c : text) bits |= static_cast<unsigned char>(c);
    return (bits & not_ascii) == 0;
}

// Bytes of ASCII in front.
inline std::size_t ascii_in_front(std::string_view text) {
    std::size_t i = 0;
    for (std::uint64_t eight = 0; i + sizeof eight <= text.size(); i += sizeof eight) {
        std::memcpy(&eight, text.data() + i, sizeof eight);
        if ((eight & not_ascii) != 0) break;
    }
    while (i < text.size() && static_cast<unsigned char>(text[i]) < 0x80) ++i;
    return i;
}

}  // namespace sluice
