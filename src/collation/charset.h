#pragma once
// Characters of a text: where they begin, which they are, and what they are in another character
// set. Every function ends and advances on broken text of any set.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "collation/collation.h"

namespace sluice::collation {

inline constexpr char32_t no_code = 0x110000;  // a character that Unicode lacks, or none at all

struct Char {
    char32_t code = no_code;
    std::uint8_t bytes = 0;  // at least 1
    bool valid = false;      // a character of its set; else so many bytes are to be skipped
};

namespace detail {
Char next_by_encoding(const Charset& charset, std::string_view text);
}

// The first character of a text that is not empty.
inline Char next_char(const Charset& charset, std::string_view text) {
    const auto byte = static_cast<std::uint8_t>(text[0]);
    const bool utf8 =
        charset.encoding == Encoding::utf8 || charset.encoding == Encoding::utf8_basic;
    if (byte < 0x80 && utf8) return {.code = byte, .bytes = 1, .valid = true};
    return detail::next_by_encoding(charset, text);
}

// How many; a broken one counts as one.
std::size_t characters(const Charset& charset, std::string_view text);

bool valid(const Charset& charset, std::string_view text);
// Bytes before the first broken character.
std::size_t valid_prefix(const Charset& charset, std::string_view text);
// Bytes of the first `count` characters, or of all.
std::size_t bytes_of(const Charset& charset, std::string_view text, std::size_t count);

// Appends a code point; false, and nothing is appended, if the set lacks it.
bool append_char(std::string& out, const Charset& charset, char32_t code);

struct Converted {
    std::string text;
    std::size_t replaced = 0;  // characters that became '?'
};

// As MySQL's CONVERT does. Text that is broken or has no like is replaced by '?'; bytes of binary
// that are not text of `to` give no text at all, and are filled up with zeros in front where
// characters of `to` are wider.
Converted convert(const Charset& from, const Charset& to, std::string_view text);

}  // namespace sluice::collation
