// Steps 6 and 10 of a request: the characters of a value, and a value in another character set.
// Before: eval. After: compare.cc, like.cc.
#include "collation/charset.h"

#include <algorithm>

#include "collation/detail/multibyte.h"
#include "collation/detail/single_byte.h"

namespace sluice::collation {
namespace {

constexpr Char broken(std::size_t bytes) {
    return {.code = no_code, .bytes = static_cast<std::uint8_t>(bytes), .valid = false};
}

constexpr Char whole(char32_t code, std::size_t bytes) {
    return {.code = code, .bytes = static_cast<std::uint8_t>(bytes), .valid = true};
}

constexpr std::uint32_t at(std::string_view text, std::size_t place) {
    return static_cast<std::uint8_t>(text[place]);
}

constexpr bool surrogate(std::uint32_t code) {
    return code >= 0xD800 && code < 0xE000;
}

// Whether so many bytes that continue a character follow the first.
bool continued(std::string_view text, std::size_t count) {
    if (text.size() <= count) return false;
    for (std::size_t i = 1; i <= count; ++i) {
        if ((at(text, i) & 0xC0) != 0x80) return false;
    }
    return true;
}

Char next_utf8(std::string_view text, bool basic) {
    const std::uint32_t first = at(text, 0);
    if (first < 0x80) return whole(first, 1);
    if (first < 0xC2) return broken(1);
    if (first < 0xE0) {
        if (!continued(text, 1)) return broken(1);
        return whole((first & 0x1F) << 6 | (at(text, 1) & 0x3F), 2);
    }
    if (first < 0xF0) {
        if (!continued(text, 2)) return broken(1);
        const std::uint32_t code =
            (first & 0x0F) << 12 | (at(text, 1) & 0x3F) << 6 | (at(text, 2) & 0x3F);
        return code < 0x800 || surrogate(code) ? broken(1) : whole(code, 3);
    }
    if (basic || first > 0xF4 || !continued(text, 3)) return broken(1);
    const std::uint32_t code = (first & 0x07) << 18 | (at(text, 1) & 0x3F) << 12 |
                               (at(text, 2) & 0x3F) << 6 | (at(text, 3) & 0x3F);
    return code < 0x10000 || code > 0x10FFFF ? broken(1) : whole(code, 4);
}

Char next_utf16(std::string_view text, bool little) {
    if (text.size() < 2) return broken(text.size());
    const auto unit = [text, little](std::size_t place) {
        return little ? at(text, place + 1) << 8 | at(text, place)
                      : at(text, place) << 8 | at(text, place + 1);
    };
    const std::uint32_t high = unit(0);
    if (!surrogate(high)) return whole(high, 2);
    if (high >= 0xDC00 || text.size() < 4) return broken(2);
    const std::uint32_t low = unit(2);
    if (low < 0xDC00 || low >= 0xE000) return broken(2);
    return whole(0x10000 + ((high - 0xD800) << 10 | (low - 0xDC00)), 4);
}

Char next_utf32(std::string_view text) {
    if (text.size() < 4) return broken(text.size());
    const std::uint32_t code =
        at(text, 0) << 24 | at(text, 1) << 16 | at(text, 2) << 8 | at(text, 3);
    return code > 0x10FFFF || surrogate(code) ? broken(4) : whole(code, 4);
}

// MySQL's ucs2 takes halves of surrogate pairs for characters.
Char next_ucs2(std::string_view text) {
    if (text.size() < 2) return broken(text.size());
    return whole(at(text, 0) << 8 | at(text, 1), 2);
}

void append_utf16_unit(std::string& out, std::uint32_t unit, bool little) {
    const char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xFF);
    out.push_back(little ? low : high);
    out.push_back(little ? high : low);
}

void append_utf8(std::string& out, char32_t code) {
    const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (code < 0x80) return put(code);
    if (code < 0x800) {
        put(0xC0 | code >> 6);
    } else {
        if (code < 0x10000) {
            put(0xE0 | code >> 12);
        } else {
            put(0xF0 | code >> 18);
            put(0x80 | (code >> 12 & 0x3F));
        }
        put(0x80 | (code >> 6 & 0x3F));
    }
    put(0x80 | (code & 0x3F));
}

bool append_single(std::string& out, const Charset& charset, char32_t code) {
    const auto byte = detail::single_byte_set(charset).byte_of(code);
    if (byte) out.push_back(static_cast<char>(*byte));
    return byte.has_value();
}

bool append_multibyte(std::string& out, const Charset& charset, char32_t code) {
    const auto key = detail::multibyte_set(charset).key_of(code);
    if (key) detail::append_key(out, *key);
    return key.has_value();
}

std::size_t least_bytes(Encoding encoding) {
    switch (encoding) {
        case Encoding::utf32:
            return 4;
        case Encoding::utf16:
        case Encoding::utf16le:
        case Encoding::ucs2:
            return 2;
        case Encoding::bytes:
        case Encoding::single_byte:
        case Encoding::utf8:
        case Encoding::utf8_basic:
        case Encoding::multibyte:
            return 1;
    }
    return 1;
}

Converted from_binary(const Charset& to, std::string_view text) {
    const std::size_t least = least_bytes(to.encoding);
    Converted converted;
    converted.text.assign((least - text.size() % least) % least, '\0');
    converted.text += text;
    if (!valid(to, converted.text)) converted = {.text = {}, .replaced = 1};
    return converted;
}

// Every text of `from` is the same text in `to`.
bool contains(const Charset& to, const Charset& from) {
    if (&to == &from || to.name == from.name || to.encoding == Encoding::bytes) return true;
    return to.encoding == Encoding::utf8 && from.encoding == Encoding::utf8_basic;
}

bool keeps_ascii(const Charset& charset) {
    return least_bytes(charset.encoding) == 1 && charset.name != "swe7";
}

}  // namespace

Char detail::next_by_encoding(const Charset& charset, std::string_view text) {
    switch (charset.encoding) {
        case Encoding::bytes:
            return whole(at(text, 0), 1);
        case Encoding::single_byte: {
            const char32_t code = detail::single_byte_set(charset).code[at(text, 0)];
            return whole(code == detail::unmapped ? no_code : code, 1);
        }
        case Encoding::utf8:
            return next_utf8(text, false);
        case Encoding::utf8_basic:
            return next_utf8(text, true);
        case Encoding::utf16:
            return next_utf16(text, false);
        case Encoding::utf16le:
            return next_utf16(text, true);
        case Encoding::utf32:
            return next_utf32(text);
        case Encoding::ucs2:
            return next_ucs2(text);
        case Encoding::multibyte:
            return detail::next_multibyte(charset, text);
    }
    return broken(1);
}

std::size_t characters(const Charset& charset, std::string_view text) {
    if (charset.max_bytes == 1) return text.size();
    std::size_t count = 0;
    for (; !text.empty(); ++count) text.remove_prefix(next_char(charset, text).bytes);
    return count;
}

std::size_t valid_prefix(const Charset& charset, std::string_view text) {
    if (charset.max_bytes == 1) return text.size();
    std::string_view rest = text;
    while (!rest.empty()) {
        const Char c = next_char(charset, rest);
        if (!c.valid) break;
        rest.remove_prefix(c.bytes);
    }
    return text.size() - rest.size();
}

bool valid(const Charset& charset, std::string_view text) {
    return valid_prefix(charset, text) == text.size();
}

std::size_t bytes_of(const Charset& charset, std::string_view text, std::size_t count) {
    if (charset.max_bytes == 1) return std::min(count, text.size());
    std::string_view rest = text;
    for (; count > 0 && !rest.empty(); --count) rest.remove_prefix(next_char(charset, rest).bytes);
    return text.size() - rest.size();
}

bool append_char(std::string& out, const Charset& charset, char32_t code) {
    if (code > 0x10FFFF) return false;
    if (surrogate(code) && charset.encoding != Encoding::ucs2) return false;
    switch (charset.encoding) {
        case Encoding::bytes:
            if (code > 0xFF) return false;
            out.push_back(static_cast<char>(code));
            return true;
        case Encoding::single_byte:
            return append_single(out, charset, code);
        case Encoding::multibyte:
            return append_multibyte(out, charset, code);
        case Encoding::utf8_basic:
            if (code > 0xFFFF) return false;
            [[fallthrough]];
        case Encoding::utf8:
            append_utf8(out, code);
            return true;
        case Encoding::ucs2:
            if (code > 0xFFFF) return false;
            append_utf16_unit(out, code, false);
            return true;
        case Encoding::utf16:
        case Encoding::utf16le: {
            const bool little = charset.encoding == Encoding::utf16le;
            if (code > 0xFFFF) {
                append_utf16_unit(out, 0xD800 + ((code - 0x10000) >> 10), little);
                code = 0xDC00 + ((code - 0x10000) & 0x3FF);
            }
            append_utf16_unit(out, code, little);
            return true;
        }
        case Encoding::utf32:
            for (int shift = 24; shift >= 0; shift -= 8) {
                out.push_back(static_cast<char>(code >> shift & 0xFF));
            }
            return true;
    }
    return false;
}

Converted convert(const Charset& from, const Charset& to, std::string_view text) {
    if (contains(to, from)) return {.text = std::string(text), .replaced = 0};
    if (from.encoding == Encoding::bytes) return from_binary(to, text);
    const bool ascii_kept = keeps_ascii(from) && keeps_ascii(to);
    Converted converted;
    converted.text.reserve(text.size() * least_bytes(to.encoding));
    while (!text.empty()) {
        if (ascii_kept && at(text, 0) < 0x80 && text[0] != '\\') {  // which sjis writes otherwise
            converted.text.push_back(text[0]);
            text.remove_prefix(1);
            continue;
        }
        const Char c = next_char(from, text);
        if (!append_char(converted.text, to, c.code)) {
            append_char(converted.text, to, '?');
            ++converted.replaced;
        }
        text.remove_prefix(c.bytes);
    }
    return converted;
}

}  // namespace sluice::collation
