// Part of step 6 of a request, for unicode_loose vindexes: looks characters up in the generated
// tables.
#include "vindex/detail/unicode_tables.h"

#include <algorithm>

namespace sluice::vindex {

namespace {

#include "vindex/detail/unicode_weights.inc"

// How the numbers lie in the generated arrays.
constexpr std::uint32_t block_bits = 6;
constexpr std::uint32_t contracts_bit = 1u << 31;

struct ClassRow {
    std::uint32_t character, lead, trail;
};
struct IdeographRange {
    std::uint32_t first, last, offset;
};

template <class Row, std::size_t n>
std::span<const Row> rows(const std::uint32_t (&numbers)[n]) {
    static_assert(n % (sizeof(Row) / sizeof(std::uint32_t)) == 0);
    return {reinterpret_cast<const Row*>(numbers), n * sizeof(std::uint32_t) / sizeof(Row)};
}

}  // namespace

std::span<const CharacterRange> printable() {
    return rows<CharacterRange>(printable_ranges);
}

std::span<const Element> elements_at(std::uint32_t place) {
    return rows<Element>(weight_elements).subspan(place + 1, weight_elements[place]);
}

Entry find_entry(char32_t character) {
    const std::uint32_t block = weight_blocks[character >> block_bits];
    const std::uint32_t value =
        weight_values[(block << block_bits) + (character & ((1u << block_bits) - 1))];
    if (value == 0) return {};
    return {true, (value & contracts_bit) != 0, elements_at((value & ~contracts_bit) - 1)};
}

std::span<const Contraction> contractions_of(char32_t first) {
    const auto found =
        std::ranges::equal_range(rows<Contraction>(weight_contractions),
                                 static_cast<std::uint32_t>(first), {}, &Contraction::first);
    return {found.begin(), found.end()};
}

CombiningClass combining_class(char32_t character) {
    if (character < 0x300) return {};
    const auto all = rows<ClassRow>(combining_classes);
    const auto found = std::ranges::lower_bound(all, static_cast<std::uint32_t>(character), {},
                                                &ClassRow::character);
    if (found == all.end() || found->character != character) return {};
    return {found->lead, found->trail};
}

std::uint32_t implicit_primary(char32_t character) {
    constexpr std::uint32_t other_offset = 0x50000;
    for (const IdeographRange& range : rows<IdeographRange>(ideograph_ranges)) {
        if (character >= range.first && character <= range.last) return character + range.offset;
    }
    return character + other_offset;
}

}  // namespace sluice::vindex
