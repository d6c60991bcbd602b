// Step 2 of a request over gRPC: variables become literals. Before: vtgate_call.cc. After:
// executor/execute.cc.
#include "front/bound_query.h"

#include <algorithm>

#include "engine/bindings.h"
#include "query.pb.h"

namespace sluice::front {
namespace {

using Variables = google::protobuf::Map<std::string, ::query::BindVariable>;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// [ "-" / "+" ] 1*DIGIT
bool is_integer(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    return !text.empty() && std::ranges::all_of(text, is_digit);
}

// An integer with a fraction, an exponent, or both.
bool is_number_text(std::string_view text) {
    if (const std::size_t exponent = text.find_first_of("eE"); exponent != std::string_view::npos) {
        if (!is_integer(text.substr(exponent + 1))) return false;
        text = text.substr(0, exponent);
    }
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    const auto dots = std::ranges::count(text, '.');
    return dots <= 1 && text.size() > static_cast<std::size_t>(dots) &&
           std::ranges::all_of(text, [](char c) { return is_digit(c) || c == '.'; });
}

// One literal of these kinds, as SQL writes it: it goes into the text as it is.
bool is_bytes_literal(std::string_view text) {
    sql::Lexer lexer(text, {});
    const sql::Token token = lexer.next();
    const bool right =
        token.kind == sql::TokenKind::hex_number || token.kind == sql::TokenKind::hex_string ||
        token.kind == sql::TokenKind::bit_number || token.kind == sql::TokenKind::bit_string;
    return right && token.offset == 0 && token.length == text.size();
}

// What stands in the text without quotes must be what its type says.
bool is_of_type(ValueView value) {
    if (is_integral(value.type)) return is_integer(value.bytes);
    if (is_float(value.type) || value.type == Type::decimal) return is_number_text(value.bytes);
    if (value.type == Type::hexnum || value.type == Type::hexval || value.type == Type::bitnum)
        return is_bytes_literal(value.bytes);
    return value.type != Type::expression && value.type != Type::tuple;
}

Result<void> append_value(std::string& out, std::string_view name, int type, std::string_view bytes,
                          const sql::LexerMode& mode) {
    const ValueView value{static_cast<Type>(type), bytes};
    if (!::query::Type_IsValid(type))
        return fail(Code::invalid_argument,
                    std::string(name) + ": there is no type " + std::to_string(type));
    if (!value.is_null() && !is_of_type(value)) {
        return fail(Code::invalid_argument,
                    std::string(name) + ": " +
                        ::query::Type_Name(static_cast<::query::Type>(type)) +
                        " is no type for the value \"" + std::string(bytes.substr(0, 64)) + "\"");
    }
    engine::append_literal(out, value, mode);
    return {};
}

Result<void> append_list(std::string& out, std::string_view name,
                         const ::query::BindVariable& variable, const sql::LexerMode& mode) {
    if (variable.type() != ::query::TUPLE)
        return fail(Code::invalid_argument, "unexpected list arg type (" +
                                                ::query::Type_Name(variable.type()) + ") for key " +
                                                std::string(name));
    if (variable.values().empty())
        return fail(Code::invalid_argument, "empty list supplied for " + std::string(name));
    out += '(';
    for (int i = 0; i < variable.values_size(); ++i) {
        if (i != 0) out += ", ";
        TRY(append_value(out, name, variable.values(i).type(), variable.values(i).value(), mode));
    }
    out += ')';
    return {};
}

struct Place {
    sql::Token token;
    std::string_view name;  // without colons; empty for ?
};

// The variables of a text, in order.
template <class Each>
Result<void> each_variable(std::string_view text, const sql::LexerMode& mode, Each each) {
    sql::Lexer lexer(text, mode);
    for (;;) {
        const sql::Token token = lexer.next();
        if (token.kind == sql::TokenKind::end || token.kind == sql::TokenKind::error) return {};
        std::string_view name = lexer.text(token);
        if (token.kind == sql::TokenKind::named_parameter) {
            name.remove_prefix(1);
        } else if (token.kind == sql::TokenKind::named_list_parameter) {
            name.remove_prefix(2);
        } else if (token.kind == sql::TokenKind::parameter) {
            name = {};
        } else {
            continue;
        }
        TRY(each(Place{token, name}));
    }
}

}  // namespace

Result<std::string> text_with_values(const ::query::BoundQuery& query, const sql::LexerMode& mode) {
    const std::string& text = query.sql();
    const Variables& variables = query.bind_variables();
    std::string out;
    std::size_t copied = 0, positional = 0;
    const auto replace = [&](const Place& place) -> Result<void> {
        const bool list = place.token.kind == sql::TokenKind::named_list_parameter;
        const std::string name = place.token.kind == sql::TokenKind::parameter
                                     ? "v" + std::to_string(++positional)
                                     : std::string(place.name);
        const auto found = variables.find(name);
        if (found == variables.end())
            return fail(Code::invalid_argument, "missing bind var " + name);
        out.append(text, copied, place.token.offset - copied);
        copied = place.token.end();
        if (list) return append_list(out, name, found->second, mode);
        if (found->second.type() == ::query::TUPLE)
            return fail(Code::invalid_argument,
                        "unexpected arg type (TUPLE) for non-list key " + name);
        return append_value(out, name, found->second.type(), found->second.value(), mode);
    };
    TRY(each_variable(text, mode, replace));
    if (copied == 0) return text;
    out.append(text, copied);
    return out;
}

std::string text_with_parameters(const ::query::BoundQuery& query, const sql::LexerMode& mode) {
    const std::string& text = query.sql();
    std::string out;
    std::size_t copied = 0;
    const auto replace = [&](const Place& place) -> Result<void> {
        out.append(text, copied, place.token.offset - copied);
        out += place.token.kind == sql::TokenKind::named_list_parameter ? "(?)" : "?";
        copied = place.token.end();
        return {};
    };
    static_cast<void>(each_variable(text, mode, replace));  // it never fails
    return out.append(text, copied);
}

}  // namespace sluice::front
