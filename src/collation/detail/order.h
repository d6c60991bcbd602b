#pragma once
// How a collation compares: which tables and which rule.
#include "collation/collation.h"
#include "collation/detail/letters.h"
#include "collation/detail/multibyte.h"
#include "collation/detail/passes.h"
#include "collation/detail/single_byte.h"
#include "collation/detail/uca.h"

namespace sluice::collation::detail {

enum class Kind : std::uint8_t {
    refused,    // not known here: MariaDB's own
    bytes,      // by the bytes as they are
    single,     // a weight for each byte
    passes,     // of single bytes, too, by keys made in several passes
    multibyte,  // weights by the bytes of each character
    points,     // a weight for each code point
    uca,
};

struct Order {
    Kind kind = Kind::refused;
    bool pads = true;               // PAD SPACE: the shorter is as if filled up with spaces
    bool by_bytes = false;          // of points: the order of codes is that of the bytes
    std::uint8_t weight_bytes = 2;  // of points
    const std::uint16_t* weights = nullptr;   // of points: of the basic plane; nullptr: the code
    bool sharp_s_apart = false;               // of points: MySQL 5.0's order
    const SingleByteOrder* single = nullptr;  // of single and passes: there what INSTR compares
    const PassOrder* passes = nullptr;
    const MultibyteOrder* multibyte = nullptr;  // nullptr: the bytes are the weights
    // Of big5_chinese_ci: MySQL compares characters of two bytes by their codes, though its sort
    // keys have them by strokes.
    bool codes_compared = false;
    const Uca* uca = nullptr;
    const CaseTable* cases = nullptr;  // of Unicode's character sets

    std::uint32_t weight(char32_t code) const {
        if (weights == nullptr) return code;
        if (code > 0xFFFF) return 0xFFFD;
        return sharp_s_apart && code == 0xDF ? code : weights[code];
    }
};

// Made when first asked for; threads may ask at once.
const Order& order_of(const Collation& collation);

// The name without the character set: "unicode_ci".
std::string_view kind_name(const Collation& collation);

}  // namespace sluice::collation::detail
