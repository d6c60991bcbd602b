#pragma once
// The generated tables (tools/unicode_weights) behind types; unicode_weights.inc is included by
// unicode_tables.cc only.
#include <cstdint>
#include <span>

namespace sluice::vindex {

struct CharacterRange {
    std::uint32_t first, last;
};
// What Go's %q prints unescaped, above ASCII.
std::span<const CharacterRange> printable();

// A collation element: its primary weight in 21 bits (0: ignored), above them the canonical
// combining class.
struct Element {
    std::uint32_t packed;
    std::uint32_t primary() const { return packed & 0x1fffff; }
    std::uint32_t combining_class() const { return packed >> 21; }
};
// The elements of a character, and whether it may start a contraction. `listed` false: the weight
// is implicit.
struct Entry {
    bool listed = false;
    bool contracts = false;
    std::span<const Element> elements;
};
Entry find_entry(char32_t character);
std::span<const Element> elements_at(std::uint32_t place);

struct Contraction {
    std::uint32_t first, second, third;  // third is 0 in contractions of two
    std::uint32_t place;                 // of its elements
};
std::span<const Contraction> contractions_of(char32_t first);

// Canonical combining classes of a character's decomposition: of its first and its last part. {0,
// 0} for starters.
struct CombiningClass {
    std::uint32_t lead = 0, trail = 0;
};
CombiningClass combining_class(char32_t character);

// Primary weight of a character that has no entry.
std::uint32_t implicit_primary(char32_t character);

}  // namespace sluice::vindex
