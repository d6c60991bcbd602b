#pragma once
// Collations of single-byte sets that read a text more than once, or in another order:
// latin2_czech_cs, cp1250_czech_cs and tis620_thai_ci. A text's key is bytes whose order is that of
// the texts.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "collation/collation.h"

namespace sluice::collation::detail {

// Two bytes that weigh as one.
struct PassContraction {
    std::array<std::uint8_t, 2> bytes{};
    std::vector<std::uint8_t> weights;  // of each pass
};

struct PassOrder {
    enum class Rule : std::uint8_t {
        words,  // the first two passes go over each word in turn, the others over the whole text
        whole,  // each pass goes over the whole text
        thai,   // one pass, before which vowels change places and marks go to the end
    };
    // Of `words`: a weight that divides words.
    static constexpr std::uint8_t divider = 2;
    // Of `thai`, in the second table: what a byte is. From `first_mark` on it is a mark.
    static constexpr std::uint8_t other = 0, latin = 1, consonant = 2, leading_vowel = 3,
                                  first_mark = 4;

    Rule rule = Rule::whole;
    std::vector<std::array<std::uint8_t, 256>> tables;  // of weights, for each pass; 0: none
    std::vector<PassContraction> contractions;
};

// nullptr: the collation is none of these.
const PassOrder* pass_order(const Collation& collation);

// What two texts are compared by, spaces at the end left out.
std::string pass_key(const PassOrder& order, std::string_view text);
// WEIGHT_STRING.
void append_passes(std::string& out, const PassOrder& order, std::string_view text);

}  // namespace sluice::collation::detail
