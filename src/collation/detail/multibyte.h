#pragma once
// Character sets of ASCII and two to four bytes: big5, cp932, eucjpms, euckr, gb18030, gb2312, gbk,
// sjis, ujis; and their collations. A character is known by its key: its bytes as one number, the
// first the highest.
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "collation/charset.h"

namespace sluice::collation::detail {

struct FourByteRun {
    std::uint32_t place, count;  // in the order of gb18030's characters of four bytes
    char32_t code;               // of the first; the others follow
};

struct CasePair {
    std::uint32_t key, upper, lower;
};

struct KeyWeight {
    std::uint32_t key;
    std::uint8_t size;  // bytes of the weight
    std::uint32_t weight;
};

struct MultibyteSet {
    std::array<std::uint16_t, 256> one{};  // code of a single byte; absent and nameless as below
    std::vector<std::uint16_t> two;        // by key
    std::vector<std::uint16_t> three;      // by the key's last two bytes: the first is 0x8F
    std::vector<std::uint32_t> keys;       // by code, of the basic plane; absent: 0
    std::vector<FourByteRun> runs;
    std::vector<CasePair> cases;  // by key

    static constexpr std::uint16_t absent = 0, nameless = 0xFFFF;  // no character; no code

    // The key of a code point.
    std::optional<std::uint32_t> key_of(char32_t code) const;
    const CasePair* cased(std::uint32_t key) const;
};

// The set must be of Encoding::multibyte.
const MultibyteSet& multibyte_set(const Charset& charset);

// The first character of a text that is not empty.
Char next_multibyte(const Charset& charset, std::string_view text);

std::uint32_t key_of_bytes(std::string_view character);
void append_key(std::string& out, std::uint32_t key);

// What characters weigh if not their own bytes, by key; nullptr: all weigh their bytes.
struct MultibyteOrder {
    std::array<std::uint8_t, 128> one{};  // of ASCII
    std::vector<KeyWeight> others;
    bool four_byte_places = false;  // of gb18030: four bytes weigh 0xFF and their place
};
const MultibyteOrder* multibyte_order(const Collation& collation);
KeyWeight weight_of(const MultibyteOrder& order, std::uint32_t key, std::uint8_t size);

}  // namespace sluice::collation::detail
