// From ECMAScript's regular expressions to ICU's.
#include "eval/detail/byte_pattern.h"

#include <algorithm>

#include "eval/detail/failure.h"

namespace sluice::eval {
namespace {

constexpr std::string_view word = "0-9A-Za-z_", digit = "0-9", space = " \\t\\n\\x0B\\f\\r";

// Of [:name:], for bytes that are ASCII.
std::optional<std::string_view> class_named(std::string_view name) {
    static constexpr std::pair<std::string_view, std::string_view> classes[] = {
        {"alnum", "0-9A-Za-z"},
        {"alpha", "A-Za-z"},
        {"blank", " \\t"},
        {"cntrl", "\\x00-\\x1F\\x7F"},
        {"d", digit},
        {"digit", digit},
        {"graph", "\\x21-\\x7E"},
        {"lower", "a-z"},
        {"print", "\\x20-\\x7E"},
        {"punct", "\\x21-\\x2F\\x3A-\\x40\\x5B-\\x60\\x7B-\\x7E"},
        {"s", space},
        {"space", space},
        {"upper", "A-Z"},
        {"w", word},
        {"xdigit", "0-9A-Fa-f"},
    };
    for (const auto& [known, ranges] : classes) {
        if (known == name) return ranges;
    }
    return std::nullopt;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_hexadecimal(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_plain(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

class Translator {
 public:
    explicit Translator(std::string_view pattern) : rest_(pattern) {}

    // pattern: { ^ | $ | . | \escape | [bracket] | (group | {bounds} | any other character }
    bool run() {
        while (!rest_.empty()) {
            if (!step(take())) return false;
        }
        return true;
    }
    std::string take_text() { return std::move(out_); }

 private:
    char take() {
        const char c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }
    bool accept(std::string_view text) {
        if (!rest_.starts_with(text)) return false;
        rest_.remove_prefix(text.size());
        return true;
    }
    void literal(char c) {
        if (!is_plain(c)) out_ += '\\';
        out_ += c;
    }

    bool step(char c) {
        switch (c) {
            case '^':
                out_ += "\\A";
                return true;
            case '$':
                out_ += "\\z";
                return true;
            case '.':
                out_ += "[^\\n\\r]";
                return true;
            case '\\':
                return escape(false);
            case '[':
                return bracket();
            case '(':
                return group();
            case '{':
                return bounds();
            case '*':
            case '+':
            case '?':
            case '|':
            case ')':
                out_ += c;
                return true;
            default:
                literal(c);
                return true;
        }
    }

    // group: ( | (?: | (?= | (?!
    bool group() {
        out_ += '(';
        if (rest_.empty() || rest_.front() != '?') return true;
        take();
        if (rest_.empty() || std::string_view(":=!").find(rest_.front()) == std::string_view::npos)
            return false;
        out_ += '?';
        out_ += take();
        return true;
    }

    // bounds: {digits} | {digits,} | {digits,digits}
    bool bounds() {
        const std::size_t end = rest_.find('}');
        if (end == std::string_view::npos || end == 0 || !is_digit(rest_.front())) return false;
        const std::string_view inside = rest_.substr(0, end);
        if (std::ranges::count(inside, ',') > 1 ||
            !std::ranges::all_of(inside, [](char c) { return is_digit(c) || c == ','; }))
            return false;
        (out_ += '{').append(inside) += '}';
        rest_.remove_prefix(end + 1);
        return true;
    }

    void set(std::string_view ranges, bool negated, bool inside) {
        if (inside && !negated) {
            out_ += ranges;
        } else {
            (out_ += negated ? "[^" : "[").append(ranges) += ']';
        }
    }

    // \xHH, \uHHHH
    bool hexadecimal(char kind) {
        const std::size_t size = kind == 'x' ? 2 : 4;
        if (rest_.size() < size || !std::ranges::all_of(rest_.substr(0, size), is_hexadecimal))
            return false;
        ((out_ += '\\') += kind).append(rest_.substr(0, size));
        rest_.remove_prefix(size);
        return true;
    }

    void boundary(bool negated) {
        const std::string in = "[" + std::string(word) + "]";
        const std::string begins = "(?<!" + in + ")(?=" + in + ")";
        const std::string ends = "(?<=" + in + ")(?!" + in + ")";
        out_ += (negated ? "(?!" : "(?:") + begins + "|" + ends + ")";
    }

    bool escape(bool inside) {
        if (rest_.empty()) return false;
        const char c = take();
        switch (c) {
            case 'd':
            case 'D':
                set(digit, c == 'D', inside);
                return true;
            case 's':
            case 'S':
                set(space, c == 'S', inside);
                return true;
            case 'w':
            case 'W':
                set(word, c == 'W', inside);
                return true;
            case 'n':
            case 'r':
            case 't':
            case 'f':
                (out_ += '\\') += c;
                return true;
            case 'v':
                out_ += "\\x0B";
                return true;
            case '0':
                out_ += "\\x00";
                return true;
            case 'x':
            case 'u':
                return hexadecimal(c);
            case 'c':
                if (rest_.empty()) return false;
                literal(take());
                return true;
            default:
                return other_escape(c, inside);
        }
    }

    bool other_escape(char c, bool inside) {
        if (c == 'b' && inside) {
            out_ += "\\x08";
        } else if (c == 'b' || (c == 'B' && !inside)) {
            boundary(c == 'B');
        } else if (is_digit(c)) {
            if (inside) return false;
            (out_ += '\\') += c;
        } else {
            literal(c);
        }
        return true;
    }

    // bracket: [ [^] { [:name:] | \escape | character | character-character } ]
    bool bracket() {
        const bool negated = accept("^");
        if (accept("]")) {
            out_ += negated ? "[\\x00-\\xFF]" : "(?!)";
            return true;
        }
        out_ += negated ? "[^" : "[";
        for (bool first = true; !rest_.empty(); first = false) {
            if (accept("]")) {
                out_ += ']';
                return true;
            }
            if (!item(first)) return false;
        }
        return false;
    }

    bool item(bool first) {
        if (accept("[:")) {
            const std::size_t end = rest_.find(":]");
            if (end == std::string_view::npos) return false;
            const auto ranges = class_named(rest_.substr(0, end));
            if (!ranges) return false;
            out_ += *ranges;
            rest_.remove_prefix(end + 2);
            return true;
        }
        const char c = take();
        if (c == '\\') return escape(true);
        if (c == '-' && !first && !rest_.starts_with(']')) {
            out_ += '-';
        } else {
            literal(c);
        }
        return true;
    }

    std::string_view rest_;
    std::string out_;
};

icu::UnicodeString widened(std::string_view bytes) {
    std::u16string text;
    text.reserve(bytes.size());
    for (const char c : bytes) text += static_cast<char16_t>(static_cast<unsigned char>(c));
    return {text.data(), static_cast<std::int32_t>(text.size())};
}

}  // namespace

std::optional<std::string> icu_pattern(std::string_view ecmascript) {
    Translator translator(ecmascript);
    if (!translator.run()) return std::nullopt;
    return translator.take_text();
}

std::optional<BytePattern> BytePattern::of(std::string_view ecmascript) {
    const auto text = icu_pattern(ecmascript);
    if (!text) return std::nullopt;
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::RegexPattern> pattern(
        icu::RegexPattern::compile(widened(*text), 0, status));
    if (U_FAILURE(status)) return std::nullopt;
    return BytePattern(std::move(pattern));
}

bool BytePattern::found_in(std::string_view text, const Environment& environment) const {
    const icu::UnicodeString wide = widened(text);
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<icu::RegexMatcher> matcher(pattern_->matcher(wide, status));
    if (U_FAILURE(status)) raise(3687, "Internal error in the regular expression library.");
    matcher->setTimeLimit(static_cast<std::int32_t>(environment.regexp_time_limit), status);
    matcher->setStackLimit(static_cast<std::int32_t>(environment.regexp_stack_limit), status);
    const bool found = matcher->find(status) != 0;
    if (status == U_REGEX_STACK_OVERFLOW)
        raise(3698, "Overflow in the regular expression backtrack stack.");
    if (U_FAILURE(status)) raise(3699, "Timeout exceeded in regular expression match.");
    return found;
}

}  // namespace sluice::eval
