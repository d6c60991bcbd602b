// Beside a request: the text of descriptions. Before: describe.cc.
#include "base/overload.h"
#include "plan/detail/json.h"

namespace sluice::plan {

namespace {

void write_string(std::string& out, std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
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

void new_line(std::string& out, int depth) {
    out += '\n';
    out.append(static_cast<std::size_t>(depth), '\t');
}

}  // namespace

void write(std::string& out, const Json& json, int depth) {
    std::visit(Overload{[&](const std::string& text) { write_string(out, text); },
                        [&](std::int64_t number) { out += std::to_string(number); },
                        [&](bool truth) { out += truth ? "true" : "false"; },
                        [&](const JsonMembers& members) {
                            out += '{';
                            const char* separator = "";
                            for (const auto& [name, value] : members) {
                                out += std::exchange(separator, ",");
                                new_line(out, depth + 1);
                                write_string(out, name);
                                out += ": ";
                                write(out, value, depth + 1);
                            }
                            if (!members.empty()) new_line(out, depth);
                            out += '}';
                        },
                        [&](const JsonItems& items) {
                            out += '[';
                            const char* separator = "";
                            for (const Json& item : items) {
                                out += std::exchange(separator, ",");
                                new_line(out, depth + 1);
                                write(out, item, depth + 1);
                            }
                            if (!items.empty()) new_line(out, depth);
                            out += ']';
                        }},
               json.node);
}

}  // namespace sluice::plan
