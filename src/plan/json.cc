// Beside a request: the text of descriptions. Before: describe.cc.
#include "plan/detail/json.h"

#include "base/overload.h"

namespace sluice::plan {

namespace {

// Bytes of the UTF-8 character at the front; 0 if it is none.
std::size_t character_length(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
    }
    return length;
}

void write_string(std::string& out, std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    out += '"';
    while (!text.empty()) {
        const std::size_t length = character_length(text);
        const char c = text.front();
        const std::string_view character = text.substr(0, length);
        text.remove_prefix(length == 0 ? 1 : length);
        if (length != 1) {
            out += length == 0 ? std::string_view("\\ufffd") : character;
            continue;
        }
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (static_cast<unsigned char>(c) >= 0x20) {
                    out += c;
                    break;
                }
                out += "\\u00";
                out += digits[static_cast<unsigned char>(c) >> 4];
                out += digits[static_cast<unsigned char>(c) & 15];
        }
    }
    out += '"';
}

void new_line(std::string& out, int depth, char indent) {
    out += '\n';
    out.append(static_cast<std::size_t>(depth), indent);
}

}  // namespace

void write(std::string& out, const Json& json, int depth, char indent) {
    std::visit(Overload{[&](const std::string& text) { write_string(out, text); },
                        [&](std::int64_t number) { out += std::to_string(number); },
                        [&](bool truth) { out += truth ? "true" : "false"; },
                        [&](const JsonMembers& members) {
                            out += '{';
                            const char* separator = "";
                            for (const auto& [name, value] : members) {
                                out += std::exchange(separator, ",");
                                new_line(out, depth + 1, indent);
                                write_string(out, name);
                                out += ": ";
                                write(out, value, depth + 1, indent);
                            }
                            if (!members.empty()) new_line(out, depth, indent);
                            out += '}';
                        },
                        [&](const JsonItems& items) {
                            out += '[';
                            const char* separator = "";
                            for (const Json& item : items) {
                                out += std::exchange(separator, ",");
                                new_line(out, depth + 1, indent);
                                write(out, item, depth + 1, indent);
                            }
                            if (!items.empty()) new_line(out, depth, indent);
                            out += ']';
                        }},
               json.node);
}

}  // namespace sluice::plan
