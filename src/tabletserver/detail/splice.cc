// Step 6 of a request to a tablet: the text that MySQL runs. Before: execute.cc. After:
// tablet/mysql_tablet.cc.
#include "tabletserver/detail/splice.h"

#include <algorithm>
#include <map>

#include "base/hex.h"
#include "sql/format.h"
#include "values/value.h"

namespace sluice::tabletserver {
namespace {

std::unexpected<Error> wrong(std::string text) {
    return fail(Code::invalid_argument, std::move(text));
}

bool all_of(std::string_view text, std::string_view allowed) {
    return !text.empty() && text.find_first_not_of(allowed) == text.npos;
}

// Numbers and the like stand in the text as they came, so they are looked at first.
bool is_well_formed(Type type, std::string_view bytes) {
    constexpr std::string_view digits = "0123456789";
    constexpr std::string_view hexadecimal = "0123456789abcdefABCDEF";
    if (is_integral(type)) {
        if (bytes.starts_with('-')) bytes.remove_prefix(1);
        return all_of(bytes, digits);
    }
    if (type == Type::decimal || is_float(type)) return all_of(bytes, "0123456789+-.eE");
    const std::string_view rest = bytes.size() < 2 ? std::string_view() : bytes.substr(2);
    switch (type) {
        case Type::hexnum:
            return bytes.starts_with("0x") && all_of(rest, hexadecimal);
        case Type::hexval:
            return (bytes.starts_with("x'") || bytes.starts_with("X'")) && rest.ends_with('\'') &&
                   (rest.size() == 1 || all_of(rest.substr(0, rest.size() - 1), hexadecimal));
        case Type::bitnum:
            return bytes.starts_with("0b") && (rest.empty() || all_of(rest, "01"));
        case Type::expression:
        case Type::tuple:
            return false;
        default:
            return true;
    }
}

// A string whose bytes two readers would read differently.
void append_string(std::string& out, Type type, std::string_view bytes, Backslash backslash) {
    const bool binary = is_binary(type) || type == Type::bit;
    if (backslash == Backslash::plain) {
        if (binary) out += "_binary";
        sql::append_string(out, bytes, true);
        return;
    }
    if (!binary) out += "_utf8mb4 ";
    (out += "x'").append(lower_hex(bytes)) += '\'';
}

Result<void> append_value(std::string& out, ::query::Type kind, std::string_view bytes,
                          const SpliceRules& rules, std::string_view name) {
    const auto type = static_cast<Type>(kind);
    if (!is_well_formed(type, bytes) && type != Type::null_type)
        return wrong("invalid value for bind variable " + std::string(name));
    const bool is_string = is_quoted(type) || is_text(type) || is_binary(type);
    if (rules.backslash != Backslash::escapes && is_string) {
        append_string(out, type, bytes, rules.backslash);
        return {};
    }
    append_literal(out, {type, bytes});
    return {};
}

Result<void> append_variable(std::string& out, const QueryText::Place& place,
                             const Variable& variable, const SpliceRules& rules) {
    const bool is_list = variable.type == ::query::TUPLE;
    if (!place.list) {
        if (is_list) return wrong("unexpected arg type (TUPLE) for non-list key " + place.name);
        return append_value(out, variable.type, variable.value, rules, place.name);
    }
    if (!is_list) {
        return wrong("unexpected list arg type (" + ::query::Type_Name(variable.type) +
                     ") for key " + place.name);
    }
    if (variable.values.empty()) return wrong("empty list supplied for " + place.name);
    char before = '(';
    for (const VariableValue& value : variable.values) {
        out.push_back(before);
        if (before == ',') out.push_back(' ');
        before = ',';
        TRY(append_value(out, value.type, value.value, rules, place.name));
    }
    out.push_back(')');
    return {};
}

}  // namespace

Result<void> splice(const QueryText& query, const Variables& variables, const SpliceRules& rules,
                    std::string* out) {
    constexpr std::string_view schema_name = "__vtschemaname";
    constexpr std::size_t room_per_value = 16;
    out->reserve(out->size() + query.text.size() + room_per_value * query.places.size());
    std::size_t at = 0;
    for (const QueryText::Place& place : query.places) {
        out->append(query.text, at, place.offset - at);
        at = place.offset + place.length;
        if (place.name == schema_name && variables.contains("__replacevtschemaname")) {
            append_literal(*out, {Type::varchar, rules.database});
            continue;
        }
        const Variable* const found = variables.find(place.name);
        if (found == nullptr) return wrong("missing bind var " + place.name);
        TRY(append_variable(*out, place, *found, rules));
    }
    out->append(query.text, at);
    return {};
}

namespace {

// As Go's %q prints text; `ascii`: bytes beyond ASCII are no characters.
std::string quoted(std::string_view text, bool ascii) {
    constexpr char digits[] = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n') {
            out += "\\n";
        } else if (byte < ' ' || byte == 0x7f || (ascii && byte > 0x7f)) {
            out += {'\\', 'x', digits[byte >> 4U], digits[byte & 0xfU]};
        } else {
            if (c == '"' || c == '\\') out.push_back('\\');
            out.push_back(c);
        }
    }
    return out + "\"";
}

std::string value_text(::query::Type type, std::string_view bytes) {
    constexpr std::size_t longest = 256;
    std::string text = "type:" + ::query::Type_Name(type);
    const bool ascii = is_binary(static_cast<Type>(type));
    if (!bytes.empty()) text += " value:" + quoted(bytes.substr(0, longest), ascii);
    return text;
}

}  // namespace

std::string query_as_text(std::string_view sql, const Variables& variables) {
    std::map<std::string_view, std::string> sorted;
    for (const Variable& variable : variables) {
        std::string& text = sorted[variable.name];
        text = value_text(variable.type, variable.value);
        for (const VariableValue& value : variable.values)
            text += " values:{" + value_text(value.type, value.value) + "}";
    }
    std::string out = "Sql: " + quoted(sql, false) + ", BindVars: {";
    for (const auto& [name, text] : sorted) out += std::string(name) + ": " + quoted(text, false);
    return out + "}";
}

}  // namespace sluice::tabletserver
