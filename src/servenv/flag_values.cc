// Start of a process: values of flags. Before: servenv/flags.cc.
#include "servenv/detail/flag_values.h"

#include <charconv>
#include <cstdlib>
#include <limits>

#include "base/overload.h"

namespace sluice::servenv {
namespace detail {

std::string quoted(std::string_view text) {
    std::string made = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') made += '\\';
        made += c;
    }
    return made + "\"";
}

namespace {

// strconv's words.
std::unexpected<Error> bad_number(std::string_view function, std::string_view text,
                                  std::string_view why) {
    return fail(Code::invalid_argument, "strconv." + std::string(function) + ": parsing " +
                                            quoted(text) + ": " + std::string(why));
}

// integer = [ "+" / "-" ] ( 1*DIGIT / "0x" 1*HEXDIG / "0o" 1*OCTDIG / "0" 1*OCTDIG / "0b" 1*BINDIG
// )
template <class Integer>
Result<Integer> parse_integer(std::string_view text) {
    constexpr bool is_signed = std::is_signed_v<Integer>;
    constexpr std::string_view function = is_signed ? "ParseInt" : "ParseUint";
    std::string_view digits = text;
    const bool negative = is_signed && digits.starts_with('-');
    if (negative || (is_signed && digits.starts_with('+'))) digits.remove_prefix(1);
    int base = 10;
    const char mark = digits.size() > 1 && digits[0] == '0' ? digits[1] : '\0';
    if (mark == 'x' || mark == 'X') base = 16;
    if (mark == 'o' || mark == 'O') base = 8;
    if (mark == 'b' || mark == 'B') base = 2;
    if (base != 10) digits.remove_prefix(2);
    if (base == 10 && mark != '\0') {
        base = 8;
        digits.remove_prefix(1);
    }
    std::uint64_t size = 0;
    const char* end = digits.data() + digits.size();
    const auto [at, error] = std::from_chars(digits.data(), end, size, base);
    if (error == std::errc::invalid_argument || at != end) {
        return bad_number(function, text, "invalid syntax");
    }
    constexpr std::uint64_t largest = std::numeric_limits<Integer>::max();
    if (error != std::errc{} || size > largest + (negative ? 1 : 0)) {
        return bad_number(function, text, "value out of range");
    }
    return static_cast<Integer>(negative ? 0 - size : size);
}

}  // namespace

Result<std::int64_t> parse_signed(std::string_view text) {
    return parse_integer<std::int64_t>(text);
}

Result<std::uint64_t> parse_unsigned(std::string_view text) {
    return parse_integer<std::uint64_t>(text);
}

// boolean = "1" / "t" / "T" / "true" / "TRUE" / "True" / "0" / "f" / "F" / "false" / "FALSE" /
// "False"
Result<bool> parse_boolean(std::string_view text) {
    for (const std::string_view word : {"1", "t", "T", "true", "TRUE", "True"}) {
        if (text == word) return true;
    }
    for (const std::string_view word : {"0", "f", "F", "false", "FALSE", "False"}) {
        if (text == word) return false;
    }
    return bad_number("ParseBool", text, "invalid syntax");
}

// float = what C's strtod takes, all of it
Result<double> parse_float(std::string_view text) {
    const std::string copy(text);
    char* end = nullptr;
    const double value = std::strtod(copy.c_str(), &end);
    if (copy.empty() || end != copy.c_str() + copy.size()) {
        return bad_number("ParseFloat", text, "invalid syntax");
    }
    return value;
}

// severity = "0" ... "3" / "INFO" / "WARNING" / "ERROR" / "FATAL", in any case
Result<log::Severity> parse_severity(std::string_view text) {
    std::string upper(text);
    for (char& c : upper) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    constexpr std::string_view names[] = {"INFO", "WARNING", "ERROR", "FATAL"};
    for (std::uint8_t number = 0; number < 4; ++number) {
        if (upper == names[number] || upper == std::to_string(number)) {
            return static_cast<log::Severity>(number);
        }
    }
    return bad_number("Atoi", text, "invalid syntax");
}

// list = [ field *( "," field ) ] ; field = *( any but "," ) / DQUOTE *( any but DQUOTE / 2DQUOTE )
// DQUOTE
Result<std::vector<std::string>> parse_list(std::string_view text) {
    std::vector<std::string> fields;
    if (text.empty()) return fields;
    for (std::size_t at = 0;; ++at) {
        std::string field;
        if (at < text.size() && text[at] == '"') {
            for (++at; at < text.size(); ++at) {
                const bool quote = text[at] == '"';
                if (quote && (at + 1 == text.size() || text[at + 1] != '"')) break;
                if (quote) ++at;
                field.push_back(text[at]);
            }
            if (at == text.size()) {
                return fail(Code::invalid_argument, "a quoted value has no closing quote");
            }
            if (++at < text.size() && text[at] != ',') {
                return fail(Code::invalid_argument, "text follows the quotes of a value");
            }
        } else {
            for (; at < text.size() && text[at] != ','; ++at) field.push_back(text[at]);
        }
        fields.push_back(std::move(field));
        if (at >= text.size()) return fields;
    }
}

std::string_view type_name(const FlagTarget& target) {
    return std::visit(Overload{
                          [](bool*) { return ""; },
                          [](std::int64_t*) { return "int"; },
                          [](std::uint64_t*) { return "uint"; },
                          [](double*) { return "float"; },
                          [](std::string*) { return "string"; },
                          [](Duration*) { return "duration"; },
                          [](std::vector<std::string>*) { return "strings"; },
                          [](RepeatedText*) { return "stringArray"; },
                          [](log::Severity*) { return "severityFlag"; },
                      },
                      target);
}

}  // namespace detail

std::string flag_text(const FlagTarget& target) {
    return std::visit(
        Overload{
            [](bool* value) { return std::string(*value ? "true" : "false"); },
            [](std::int64_t* value) { return std::to_string(*value); },
            [](std::uint64_t* value) { return std::to_string(*value); },
            [](double* value) {
                char digits[32];
                return std::string(digits,
                                   std::to_chars(digits, digits + sizeof digits, *value).ptr);
            },
            [](std::string* value) { return detail::quoted(*value); },
            [](Duration* value) { return to_text(*value); },
            [](std::vector<std::string>* value) {
                std::string text;
                for (const std::string& one : *value) text += (text.empty() ? "" : ",") + one;
                return "[" + text + "]";
            },
            [](RepeatedText* value) {
                std::string text;
                for (const std::string& one : value->values)
                    text += (text.empty() ? "" : ",") + one;
                return "[" + text + "]";
            },
            [](log::Severity* value) { return std::to_string(static_cast<int>(*value)); },
        },
        target);
}

}  // namespace sluice::servenv
