#pragma once
// Strings as JSON, for pages.
#include <string>
#include <string_view>

namespace sluice::servenv {

inline std::string json_string(std::string_view text) {
    constexpr char hex[] = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out.append({'\\', c});
        } else if (byte < 0x20) {
            out.append({'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]});
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
    return out;
}

// Compact JSON laid out as Go's MarshalIndent does.
std::string json_indented(std::string_view compact, std::string_view indent);

}  // namespace sluice::servenv
