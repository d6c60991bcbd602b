// Part of step 6 of a request: reads numbers and hex out of values and parameters; on the error
// path only, the texts that v21 shows its clients.
#include "vindex/detail/go_text.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "vindex/detail/unicode_tables.h"
#include "vindex/keyspace_id.h"

namespace sluice::vindex {

namespace {

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_printable(char32_t character) {
    if (character < 0x80) return character >= 0x20 && character < 0x7f;
    const auto ranges = printable();
    const auto after = std::ranges::upper_bound(ranges, character, {}, &CharacterRange::first);
    return after != ranges.begin() && character <= std::prev(after)->last;
}

std::string padded_hex(std::uint32_t number, int width) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text(static_cast<std::size_t>(width), '0');
    for (auto digit = text.rbegin(); digit != text.rend(); ++digit, number >>= 4)
        *digit = digits[number & 15];
    return text;
}

void append_escaped(std::string& out, char32_t character) {
    constexpr std::string_view plain = "\a\b\f\n\r\t\v\\\"";
    constexpr std::string_view letters = "abfnrtv\\\"";
    if (character < 0x80) {
        const std::size_t at = plain.find(static_cast<char>(character));
        if (at != std::string_view::npos) {
            out += {'\\', letters[at]};
            return;
        }
    }
    if (is_printable(character)) return append_utf8(out, character);
    if (character < 0x80) {
        out += "\\x" + padded_hex(character, 2);
    } else if (character < 0x10000) {
        out += "\\u" + padded_hex(character, 4);
    } else {
        out += "\\U" + padded_hex(character, 8);
    }
}

std::unexpected<Error> invalid(std::string text) {
    return fail(Code::invalid_argument, std::move(text));
}

std::unexpected<Error> invalid_hex_byte(char byte) {
    const auto value = static_cast<unsigned char>(byte);
    std::string upper = padded_hex(value, 4);
    std::ranges::transform(upper, upper.begin(),
                           [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
    std::string text = "encoding/hex: invalid byte: U+" + upper;
    if (is_printable(value)) {
        text += " '";
        append_utf8(text, value);
        text += "'";
    }
    return invalid(std::move(text));
}

int hex_digit(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

template <class Number>
Result<Number> parse_signed(std::string_view text, std::string_view function) {
    const auto failed = [&](std::string_view why) {
        return invalid("strconv." + std::string(function) + ": parsing " + quoted(text) + ": " +
                       std::string(why));
    };
    std::string_view digits = text;
    if (digits.starts_with('+')) digits.remove_prefix(1);
    if (digits.empty() || (digits.size() != text.size() && !is_digit(digits[0])))
        return failed("invalid syntax");
    Number number = 0;
    const auto [end, problem] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (problem == std::errc::invalid_argument || end != digits.data() + digits.size()) {
        return failed("invalid syntax");
    }
    if (problem != std::errc()) return failed("value out of range");
    return number;
}

}  // namespace

std::string quoted(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const Decoded next = decode_utf8(text);
        if (next.length == 0) {
            out += "\\x" + padded_hex(static_cast<unsigned char>(text[0]), 2);
            text.remove_prefix(1);
            continue;
        }
        append_escaped(out, next.character);
        text.remove_prefix(next.length);
    }
    return out + "\"";
}

Decoded decode_utf8(std::string_view text) {
    if (text.empty()) return {};
    const auto first = static_cast<unsigned char>(text[0]);
    if (first < 0x80) return {first, 1};
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < length) return {};
    char32_t character = first & (0x7fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xc0) != 0x80) return {};
        character = character << 6 | (byte & 0x3f);
    }
    const bool too_long =
        (length == 3 && character < 0x800) || (length == 4 && character < 0x10000);
    const bool surrogate = character >= 0xd800 && character < 0xe000;
    if (too_long || surrogate || character > 0x10ffff) return {};
    return {character, length};
}

void append_utf8(std::string& out, char32_t character) {
    const auto tail = [&](int shift) {
        out += static_cast<char>(0x80 | (character >> shift & 0x3f));
    };
    if (character < 0x80) {
        out += static_cast<char>(character);
    } else if (character < 0x800) {
        out += static_cast<char>(0xc0 | character >> 6);
        tail(0);
    } else if (character < 0x10000) {
        out += static_cast<char>(0xe0 | character >> 12);
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xf0 | character >> 18);
        tail(12);
        tail(6);
        tail(0);
    }
}

Result<std::string> parse_hex(std::string_view text) {
    std::string bytes;
    bytes.reserve(text.size() / 2);
    int high = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int digit = hex_digit(text[i]);
        if (digit < 0) return invalid_hex_byte(text[i]);
        if (i % 2 == 0) {
            high = digit;
        } else {
            bytes += static_cast<char>(high << 4 | digit);
        }
    }
    if (text.size() % 2 != 0) return invalid("encoding/hex: odd length hex string");
    return bytes;
}

Result<std::uint64_t> parse_uint64(std::string_view text) {
    if (text.empty()) return invalid("cannot parse uint64 from empty string");
    std::string_view rest = text;
    while (!rest.empty() && is_space(rest.front())) rest.remove_prefix(1);
    std::uint64_t number = 0;
    const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (problem == std::errc::invalid_argument)
        return invalid("cannot parse uint64 from " + quoted(text));
    if (problem != std::errc())
        return invalid("cannot parse uint64 from " + quoted(text) + ": overflow");
    const std::string_view tail(end, static_cast<std::size_t>(rest.data() + rest.size() - end));
    if (std::ranges::all_of(tail, is_space)) return number;
    return invalid("unparsed tail left after parsing uint64 from " + quoted(text) + ": " +
                   quoted(tail));
}

Result<std::int64_t> parse_int64(std::string_view text) {
    return parse_signed<std::int64_t>(text, "ParseInt");
}
Result<int> parse_int(std::string_view text) {
    return parse_signed<int>(text, "Atoi");
}

}  // namespace sluice::vindex
