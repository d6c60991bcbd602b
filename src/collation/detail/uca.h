#pragma once
// Weights by the Unicode Collation Algorithm as MySQL has them: versions 4.0.0, 5.2.0 and 9.0.0,
// tailored for languages. A text is cut into units, a character or a contraction each; each unit
// has a list of weights for each level.
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collation/charset.h"

namespace sluice::collation::detail {

inline constexpr unsigned max_levels = 4;

struct Unit {
    std::uint32_t at = 0;  // of its first weight; of the next level the weights follow
    std::array<std::uint8_t, max_levels> count{};
    bool implicit = false;  // one first weight stands for two that follow from the code point
};

struct Contraction {
    std::u32string text;
    std::uint32_t unit = 0;
};

struct UcaPages {
    std::vector<std::uint16_t> weights;
    std::vector<Unit> units;
    std::vector<std::array<std::uint32_t, 256>> pages;  // of numbers of units
    std::vector<std::vector<std::uint16_t>> tables;     // of numbers of pages
};

struct Uca {
    std::string name;  // without the character set
    const UcaPages* pages = nullptr;
    const std::uint16_t* table = nullptr;
    std::uint8_t levels = 1;
    // The contractions are pairs instead of which the second character alone has the unit.
    bool contextual = false;
    std::vector<Contraction> contractions;  // by text
    std::array<bool, 4096> heads{};  // by the lowest bits of a first (contextual: second) code
    // For each level of a byte of ASCII: its one weight, or 0: it has none or several, or begins a
    // contraction. Other bytes have 0.
    std::array<std::array<std::uint16_t, 256>, max_levels> ascii{};
    bool ascii_heads = false;
    std::uint16_t space = 0;
    bool basic = false;  // of the basic plane only: all others weigh the same

    // Whether a level of a text may be begun with the weights of `ascii`.
    bool ascii_apart(unsigned level, const Charset& charset) const {
        const bool utf8 =
            charset.encoding == Encoding::utf8 || charset.encoding == Encoding::utf8_basic;
        return utf8 && (level == 0 || !contextual);
    }

    const Unit& unit(char32_t code) const {
        return pages->units[pages->pages[table[code >> 8]][code & 0xFF]];
    }
};

// By the collation's name without its character set; nullptr: there is none.
const Uca* find_uca(std::string_view name);

// The first weights of an implicit unit, which follow from the code point.
std::array<std::uint16_t, 2> implicit_weights(std::uint16_t base, char32_t code);

// Cuts a text. It ends at broken text, too.
class Units {
 public:
    Units(const Uca& uca, const Charset& charset, std::string_view text)
        : uca_(uca), charset_(charset), rest_(text) {}

    // Of contextual collations: what stands before the first character, if it is one that asks.
    // MySQL takes the text's last character there, in the levels after the first.
    void begin_after_last();
    // nullptr: the end. `code` is of the unit's first character.
    const Unit* next();
    char32_t code() const { return code_; }
    std::size_t characters() const { return characters_; }

 private:
    const Unit* contracted(char32_t first);
    const Unit* contextual(char32_t before, char32_t code) const;

    const Uca& uca_;
    const Charset& charset_;
    std::string_view rest_;
    char32_t code_ = no_code;
    std::size_t characters_ = 0;  // so far
};

// The weights of one level, one by one.
class LevelWeights {
 public:
    static constexpr int end = -1;

    LevelWeights(const Uca& uca, const Charset& charset, std::string_view text, unsigned level)
        : uca_(uca), units_(uca, charset, text), level_(level) {
        if (level > 0 && uca.contextual) units_.begin_after_last();
    }

    int next() {
        while (left_ == 0) {
            if (!advance()) return end;
        }
        --left_;
        return *at_++;
    }
    std::size_t characters() const { return units_.characters(); }

 private:
    bool advance();

    const Uca& uca_;
    Units units_;
    unsigned level_;
    const std::uint16_t* at_ = nullptr;
    unsigned left_ = 0;
    std::array<std::uint16_t, 2> implicit_{};
};

}  // namespace sluice::collation::detail
