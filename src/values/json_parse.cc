// Step 6 of a request with JSON texts: they become values. Errors are worded and placed as MySQL's.
// After: values/json.cc.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "values/json.h"

namespace sluice {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

void append_utf8(std::string& out, std::uint32_t code) {
    const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (code < 0x80) {
        put(code);
        return;
    }
    if (code < 0x800) {
        put(0xc0 | code >> 6);
    } else if (code < 0x10000) {
        put(0xe0 | code >> 12);
        put(0x80 | (code >> 6 & 0x3f));
    } else {
        put(0xf0 | code >> 18);
        put(0x80 | (code >> 12 & 0x3f));
        put(0x80 | (code >> 6 & 0x3f));
    }
    put(0x80 | (code & 0x3f));
}

class Parser {
 public:
    explicit Parser(std::string_view text) : text_(text) {}

    std::expected<Json, JsonSyntax> document();

 private:
    // NUL stands behind the end.
    char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool take(char c) {
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    void skip_spaces() {
        while (next() == ' ' || next() == '\n' || next() == '\r' || next() == '\t') ++at_;
    }
    bool refuse(std::string_view message, std::size_t position) {
        error_ = {.message = std::string(message), .position = position};
        return false;
    }
    bool value(Json& json);
    bool word(std::string_view rest, Json::Node node, Json& json);
    bool array(Json& json);
    bool object(Json& json);
    bool enter();
    bool string(std::string& out);
    bool escape(std::string& out);
    bool code_unit(std::size_t escape, std::uint32_t& unit);
    bool number(Json& json);
    bool exponent(std::int64_t& power);
    void set_integer(std::string_view digits, bool negative, Json& json);

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
    JsonSyntax error_;
};

// document = value, with spaces around it.
std::expected<Json, JsonSyntax> Parser::document() {
    skip_spaces();
    Json json;
    bool good = at_ < text_.size() || refuse("The document is empty.", at_);
    good = good && value(json);
    if (good) {
        skip_spaces();
        good = at_ == text_.size() ||
               refuse("The document root must not be followed by other values.", at_);
    }
    if (!good) return std::unexpected(error_);
    return json;
}

// value = "null" | "true" | "false" | string | array | object | number.
bool Parser::value(Json& json) {
    switch (next()) {
        case 'n':
            return word("ull", nullptr, json);
        case 't':
            return word("rue", true, json);
        case 'f':
            return word("alse", false, json);
        case '"':
            return string(json.node.emplace<std::string>());
        case '[':
            return array(json);
        case '{':
            return object(json);
        default:
            return number(json);
    }
}

bool Parser::word(std::string_view rest, Json::Node node, Json& json) {
    ++at_;
    for (const char c : rest) {
        if (!take(c)) return refuse("Invalid value.", at_);
    }
    json.node = std::move(node);
    return true;
}

bool Parser::enter() {
    ++at_;
    if (++depth_ <= max_json_depth) return true;
    error_ = {
        .message = "Terminate parsing due to Handler error.", .position = at_, .too_deep = true};
    return false;
}

// array = "[" [ value { "," value } ] "]".
bool Parser::array(Json& json) {
    if (!enter()) return false;
    auto& elements = json.node.emplace<JsonArray>();
    skip_spaces();
    bool more = !take(']');
    while (more) {
        if (!value(elements.emplace_back())) return false;
        skip_spaces();
        more = take(',');
        if (!more && !take(']')) {
            return refuse("Missing a comma or ']' after an array element.", at_);
        }
        skip_spaces();
    }
    --depth_;
    return true;
}

// object = "{" [ string ":" value { "," string ":" value } ] "}".
bool Parser::object(Json& json) {
    if (!enter()) return false;
    auto& members = json.node.emplace<JsonObject>();
    skip_spaces();
    bool more = !take('}');
    while (more) {
        if (next() != '"') return refuse("Missing a name for object member.", at_);
        std::string key;
        if (!string(key)) return false;
        skip_spaces();
        if (!take(':')) return refuse("Missing a colon after a name of object member.", at_);
        skip_spaces();
        Json member;
        if (!value(member)) return false;
        members.append(std::move(key), std::move(member));
        skip_spaces();
        more = take(',');
        if (!more && !take('}')) {
            return refuse("Missing a comma or '}' after an object member.", at_);
        }
        skip_spaces();
    }
    members.put_in_order();
    --depth_;
    return true;
}

bool Parser::string(std::string& out) {
    ++at_;
    for (;;) {
        const std::size_t start = at_;
        while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' &&
               static_cast<unsigned char>(text_[at_]) >= 0x20) {
            ++at_;
        }
        out.append(text_, start, at_ - start);
        if (take('"')) return true;
        if (next() == '\0') return refuse("Missing a closing quotation mark in string.", at_);
        if (next() != '\\') return refuse("Invalid encoding in string.", at_);
        if (!escape(out)) return false;
    }
}

bool Parser::code_unit(std::size_t escape, std::uint32_t& unit) {
    unit = 0;
    for (int i = 0; i < 4; ++i) {
        const char c = next();
        const char letter = static_cast<char>(c | 0x20);
        std::uint32_t digit = 0;
        if (is_digit(c)) {
            digit = static_cast<std::uint32_t>(c - '0');
        } else if (letter >= 'a' && letter <= 'f') {
            digit = static_cast<std::uint32_t>(letter - 'a') + 10;
        } else {
            return refuse("Incorrect hex digit after \\u escape in string.", escape);
        }
        unit = unit << 4 | digit;
        ++at_;
    }
    return true;
}

bool Parser::escape(std::string& out) {
    const std::size_t start = at_;
    ++at_;
    constexpr std::string_view letters = "\"/\\bfnrt", meanings = "\"/\\\b\f\n\r\t";
    if (const std::size_t i = letters.find(next()); i != std::string_view::npos && next() != 0) {
        ++at_;
        out.push_back(meanings[i]);
        return true;
    }
    if (!take('u')) return refuse("Invalid escape character in string.", start);
    std::uint32_t code = 0;
    if (!code_unit(start, code)) return false;
    constexpr std::uint32_t high = 0xd800, low = 0xdc00, after = 0xe000;
    if (code >= high && code < after) {
        constexpr std::string_view invalid = "The surrogate pair in string is invalid.";
        std::uint32_t second = 0;
        if (code >= low || !take('\\') || !take('u')) return refuse(invalid, start);
        if (!code_unit(start, second)) return false;
        if (second < low || second >= after) return refuse(invalid, start);
        code = 0x10000 + ((code - high) << 10 | (second - low));
    }
    append_utf8(out, code);
    return true;
}

// Behind "e" or "E": [ "+" | "-" ] digits.
bool Parser::exponent(std::int64_t& power) {
    constexpr std::int64_t far = 1'000'000'000;
    ++at_;
    const bool negative = take('-');
    if (!negative) take('+');
    if (!is_digit(next())) return refuse("Miss exponent in number.", at_);
    for (; is_digit(next()); ++at_) power = std::min(power * 10 + (next() - '0'), far);
    if (negative) power = -power;
    return true;
}

// What fits an integer is one: signed if it is negative or has 32 bits at most, as MySQL's parser
// counts.
void Parser::set_integer(std::string_view digits, bool negative, Json& json) {
    constexpr std::uint64_t lowest = std::uint64_t{1} << 63;
    constexpr std::uint64_t largest_word = 0xffff'ffff;
    std::uint64_t size = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), size);
    if (read.ec != std::errc{} || (negative && size > lowest)) return;
    if (negative) {
        json.node = static_cast<std::int64_t>(0 - size);
    } else if (size <= largest_word) {
        json.node = static_cast<std::int64_t>(size);
    } else {
        json.node = size;
    }
}

// number = [ "-" ] ( "0" | digits ) [ "." digits ] [ exponent ].
bool Parser::number(Json& json) {
    const std::size_t start = at_;
    const bool negative = take('-');
    const std::size_t first = at_;
    if (!is_digit(next())) return refuse("Invalid value.", at_);
    if (!take('0')) {
        while (is_digit(next())) ++at_;
    }
    const std::size_t whole_end = at_;
    if (take('.')) {
        if (!is_digit(next())) return refuse("Miss fraction part in number.", at_);
        while (is_digit(next())) ++at_;
    }
    const auto fraction = static_cast<std::int64_t>(at_ - whole_end) - (at_ > whole_end ? 1 : 0);
    std::int64_t power = 0;
    if ((next() == 'e' || next() == 'E') && !exponent(power)) return false;
    json.node = nullptr;
    if (at_ == whole_end) set_integer(text_.substr(first, at_ - first), negative, json);
    if (!json.is_null()) return true;
    double size = 0;
    const auto read = std::from_chars(text_.data() + first, text_.data() + at_, size);
    // Out of range is also what is too small, which is 0.
    const bool small = power < 0 || (power == 0 && text_[first] == '0');
    if (read.ec == std::errc::result_out_of_range && small) size = 0;
    if ((read.ec == std::errc::result_out_of_range && !small) || power > 308 + fraction) {
        return refuse("Number too big to be stored in double.", start);
    }
    json.node = negative ? -size : size;
    return true;
}

}  // namespace

std::expected<Json, JsonSyntax> parse_json(std::string_view text) {
    return Parser(text).document();
}

Error json_depth_error() {
    return make_error(Code::invalid_argument, 3157, "22032",
                      "The JSON document exceeds the maximum depth.");
}

Error json_text_error(const JsonSyntax& syntax, int argument, std::string_view function) {
    if (syntax.too_deep) return json_depth_error();
    return make_error(Code::invalid_argument, 3141, "22032",
                      "Invalid JSON text in argument " + std::to_string(argument) +
                          " to function " + std::string(function) + ": \"" + syntax.message +
                          "\" at position " + std::to_string(syntax.position) + ".");
}

std::expected<std::string, JsonSyntax> json_unquoted(std::string_view text) {
    if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
    std::expected<Json, JsonSyntax> parsed = parse_json(text);
    if (!parsed) return std::unexpected(std::move(parsed.error()));
    return std::move(std::get<std::string>(parsed->node));
}

}  // namespace sluice
