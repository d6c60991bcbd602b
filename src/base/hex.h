#pragma once
// Bytes as hexadecimal digits, two a byte.
#include <string>
#include <string_view>

namespace sluice {

inline std::string hex_by(std::string_view digits, std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

inline std::string upper_hex(std::string_view bytes) {
    return hex_by("0123456789ABCDEF", bytes);
}

inline std::string lower_hex(std::string_view bytes) {
    return hex_by("0123456789abcdef", bytes);
}

}  // namespace sluice
