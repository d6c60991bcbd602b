// Step 6 of a request: values become literals in the text for a shard. Before: engine/bindings.cc.
#include "values/value.h"

namespace sluice {
namespace {

// The characters that MySQL needs escaped inside '...' under the default sql_mode, and those that
// v21 escapes too.
char escape_of(char c) {
    switch (c) {
        case '\0':
            return '0';
        case '\'':
            return '\'';
        case '"':
            return '"';
        case '\b':
            return 'b';
        case '\n':
            return 'n';
        case '\r':
            return 'r';
        case '\t':
            return 't';
        case '\x1a':
            return 'Z';
        case '\\':
            return '\\';
        default:
            return 0;
    }
}

void append_quoted(std::string& out, std::string_view bytes) {
    out.push_back('\'');
    std::size_t start = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const char escaped = escape_of(bytes[i]);
        if (escaped == 0) continue;
        out.append(bytes, start, i - start);
        out.push_back('\\');
        out.push_back(escaped);
        start = i + 1;
    }
    out.append(bytes, start);
    out.push_back('\'');
}

}  // namespace

void append_literal(std::string& out, ValueView value) {
    if (value.is_null()) {
        out += "null";
    } else if (value.type == Type::bitnum && value.bytes == "0b") {
        out += "b''";  // 0b is a name
    } else if (is_number(value.type) || value.type == Type::hexnum || value.type == Type::hexval ||
               value.type == Type::bitnum || value.type == Type::expression) {
        out += value.bytes;
    } else if (is_binary(value.type) || value.type == Type::bit) {
        out += "_binary";
        append_quoted(out, value.bytes);
    } else {
        append_quoted(out, value.bytes);
    }
}

}  // namespace sluice
