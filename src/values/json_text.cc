// Steps 6 and 10 of a request with JSON: values become texts, and are measured.
#include <algorithm>

#include "base/overload.h"
#include "values/json.h"
#include "values/number.h"

namespace sluice {

namespace {

// Source: RFC 4648; MySQL breaks its lines after 76 characters.
std::string base64(std::string_view bytes) {
    constexpr std::string_view letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    constexpr std::size_t line = 76;
    std::string out;
    std::size_t column = 0;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        if (column == line) {
            out += '\n';
            column = 0;
        }
        const auto byte = [&](std::size_t k) {
            return k < bytes.size() ? static_cast<std::uint8_t>(bytes[k]) : 0U;
        };
        const std::uint32_t three = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
        for (std::size_t k = 0; k < 4; ++k) {
            const bool there = i + k <= bytes.size();
            out += there ? letters[three >> (18 - 6 * k) & 0x3f] : '=';
        }
        column += 4;
    }
    return out;
}

void append_number(std::string& out, double number) {
    const std::size_t start = out.size();
    append_double(out, number);
    if (out.find_first_not_of("-0123456789", start) == std::string::npos) out += ".0";
}

// Prints a value; with an indent, each member and element on a line of its own.
class Printer {
 public:
    Printer(std::string& out, bool pretty) : out_(out), pretty_(pretty) {}

    void print(const Json& json, int level);

 private:
    void separate(bool first, int level);
    void quote(std::string_view text) { out_.append("\"").append(text).append("\""); }
    void print_array(const JsonArray& array, int level);
    void print_object(const JsonObject& object, int level);

    std::string& out_;
    bool pretty_;
};

void Printer::separate(bool first, int level) {
    if (!first) out_ += pretty_ ? "," : ", ";
    if (pretty_) out_.append("\n").append(static_cast<std::size_t>(level) * 2, ' ');
}

void Printer::print_array(const JsonArray& array, int level) {
    out_ += '[';
    bool first = true;
    for (const Json& element : array) {
        separate(first, level + 1);
        print(element, level + 1);
        first = false;
    }
    if (!first && pretty_) separate(true, level);
    out_ += ']';
}

void Printer::print_object(const JsonObject& object, int level) {
    out_ += '{';
    bool first = true;
    for (const JsonMember& member : object) {
        separate(first, level + 1);
        append_json_quoted(out_, member.key);
        out_ += ": ";
        print(member.value, level + 1);
        first = false;
    }
    if (!first && pretty_) separate(true, level);
    out_ += '}';
}

void Printer::print(const Json& json, int level) {
    std::visit(Overload{[&](std::nullptr_t) { out_ += "null"; },
                        [&](bool value) { out_ += value ? "true" : "false"; },
                        [&](std::int64_t value) { out_ += std::to_string(value); },
                        [&](std::uint64_t value) { out_ += std::to_string(value); },
                        [&](double value) { append_number(out_, value); },
                        [&](const Box<Decimal>& value) { out_ += value->text(); },
                        [&](const std::string& value) { append_json_quoted(out_, value); },
                        [&](const JsonArray& value) { print_array(value, level); },
                        [&](const JsonObject& value) { print_object(value, level); },
                        [&](const Date& value) { quote(text(value)); },
                        [&](const Time& value) { quote(text(value, max_fraction_digits)); },
                        [&](const DateTime& value) { quote(text(value, max_fraction_digits)); },
                        [&](const JsonOpaque& value) {
                            append_json_quoted(out_, "base64:type" + std::to_string(value.type) +
                                                         ":" + base64(value.bytes));
                        }},
               json.node);
}

// ---- MySQL's binary form of a JSON column, of which only the size is asked here.
// Source: MySQL's description of the format: a type byte; an object or array holds its count, its
// size, entries for keys (offset and length) and values (type, and offset or the value itself).

// Bytes of a length in groups of seven bits.
std::size_t length_bytes(std::size_t length) {
    std::size_t bytes = 1;
    while (length >= 0x80) {
        length >>= 7;
        ++bytes;
    }
    return bytes;
}

std::size_t with_length(std::size_t size) {
    return length_bytes(size) + size;
}

// MySQL's DECIMAL: four bytes for nine digits, fewer for fewer.
std::size_t decimal_bytes(const Decimal& number) {
    constexpr std::size_t rest[] = {0, 1, 1, 2, 2, 3, 3, 4, 4};
    const int scale = number.scale();
    const int whole = std::max(number.digits() - scale, 0);
    const auto bytes = [&](int digits) {
        return static_cast<std::size_t>(digits / 9) * 4 + rest[digits % 9];
    };
    return bytes(whole) + bytes(scale);
}

template <class Integer>
std::size_t integer_bytes(Integer value) {
    if (std::in_range<std::conditional_t<std::is_signed_v<Integer>, std::int16_t, std::uint16_t>>(
            value)) {
        return 2;
    }
    if (std::in_range<std::conditional_t<std::is_signed_v<Integer>, std::int32_t, std::uint32_t>>(
            value)) {
        return 4;
    }
    return 8;
}

std::size_t payload_size(const Json& json);

// 2 or 4 bytes for each offset.
template <class Container, class ValueOf, class KeySize>
std::size_t container_size(const Container& container, std::size_t width, ValueOf value_of,
                           KeySize key_size) {
    std::size_t size = 2 * width;
    for (const auto& element : container) {
        const Json& value = value_of(element);
        size += key_size(element, width) + 1 + width;
        const bool word = value.get_if<bool>() != nullptr || value.is_null();
        const std::size_t payload = payload_size(value);
        const bool integer =
            value.get_if<std::int64_t>() != nullptr || value.get_if<std::uint64_t>() != nullptr;
        // Small values stand in their entry.
        if (word || (integer && payload <= width)) continue;
        size += payload;
    }
    return size;
}

template <class Container, class ValueOf, class KeySize>
std::size_t container_size(const Container& container, ValueOf value_of, KeySize key_size) {
    constexpr std::size_t largest_small = 0xffff;
    const std::size_t small = container_size(container, 2, value_of, key_size);
    if (small <= largest_small && container.size() <= largest_small) return small;
    return container_size(container, 4, value_of, key_size);
}

std::size_t payload_size(const Json& json) {
    return std::visit(
        Overload{
            [](std::nullptr_t) -> std::size_t { return 1; }, [](bool) -> std::size_t { return 1; },
            [](std::int64_t value) { return integer_bytes(value); },
            [](std::uint64_t value) { return integer_bytes(value); },
            [](double) -> std::size_t { return 8; },
            [](const Box<Decimal>& value) { return 1 + with_length(2 + decimal_bytes(*value)); },
            [](const std::string& value) { return with_length(value.size()); },
            [](const JsonArray& value) {
                return container_size(
                    value, [](const Json& element) -> const Json& { return element; },
                    [](const Json&, std::size_t) -> std::size_t { return 0; });
            },
            [](const JsonObject& value) {
                return container_size(
                    value, [](const JsonMember& member) -> const Json& { return member.value; },
                    [](const JsonMember& member, std::size_t width) {
                        return width + 2 + member.key.size();
                    });
            },
            [](const Date&) -> std::size_t { return 1 + with_length(8); },
            [](const Time&) -> std::size_t { return 1 + with_length(8); },
            [](const DateTime&) -> std::size_t { return 1 + with_length(8); },
            [](const JsonOpaque& value) { return 1 + with_length(value.bytes.size()); }},
        json.node);
}

}  // namespace

void append_json(std::string& out, const Json& json) {
    Printer(out, false).print(json, 0);
}

std::string json_text(const Json& json) {
    std::string out;
    append_json(out, json);
    return out;
}

std::string json_pretty(const Json& json) {
    std::string out;
    Printer(out, true).print(json, 0);
    return out;
}

void append_json_quoted(std::string& out, std::string_view text) {
    constexpr std::string_view special = "\"\\\b\f\n\r\t", letters = "\"\\bfnrt";
    constexpr std::string_view hex = "0123456789abcdef";
    out += '"';
    std::size_t start = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<std::uint8_t>(text[i]);
        if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
        out.append(text, start, i - start);
        start = i + 1;
        if (const std::size_t found = special.find(text[i]); found != std::string_view::npos) {
            out.append("\\").push_back(letters[found]);
        } else {
            out.append("\\u00").push_back(hex[byte >> 4]);
            out.push_back(hex[byte & 15]);
        }
    }
    out.append(text, start);
    out += '"';
}

std::string json_quoted(std::string_view text) {
    std::string out;
    append_json_quoted(out, text);
    return out;
}

std::string json_unquoted(const Json& json) {
    if (const auto* string = json.get_if<std::string>()) return *string;
    std::string out = json_text(json);
    // Temporal and opaque values are printed as strings.
    if (out.size() >= 2 && out.front() == '"') return out.substr(1, out.size() - 2);
    return out;
}

std::size_t json_storage_size(const Json& json) {
    return 1 + payload_size(json);
}

}  // namespace sluice
