// Beside a request: JSON that people read.
#include "servenv/json_text.h"

namespace sluice::servenv {

std::string json_indented(std::string_view compact, std::string_view indent) {
    std::string out;
    std::size_t depth = 0;
    const auto new_line = [&] {
        out += '\n';
        for (std::size_t i = 0; i < depth; ++i) out += indent;
    };
    bool in_string = false;
    for (std::size_t i = 0; i < compact.size(); ++i) {
        const char c = compact[i];
        if (in_string) {
            out += c;
            if (c == '\\' && i + 1 < compact.size()) out += compact[++i];
            if (c == '"') in_string = false;
            continue;
        }
        const bool opens = c == '{' || c == '[';
        const bool closes = c == '}' || c == ']';
        if (opens && i + 1 < compact.size() && (compact[i + 1] == '}' || compact[i + 1] == ']')) {
            out += c;
            out += compact[++i];
            continue;
        }
        if (closes) {
            depth -= depth == 0 ? 0 : 1;
            new_line();
        }
        out += c;
        if (opens) ++depth;
        if (opens || c == ',') new_line();
        if (c == ':') out += ' ';
        in_string = c == '"';
    }
    return out;
}

}  // namespace sluice::servenv
