#pragma once
// Single-byte character sets and their collations.
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "collation/collation.h"

namespace sluice::collation::detail {

inline constexpr char32_t unmapped = 0x110000;  // a character that Unicode has no code for

struct SingleByteSet {
    std::array<char32_t, 256> code{};
    std::vector<std::pair<char32_t, std::uint8_t>> bytes;  // by code

    std::optional<std::uint8_t> byte_of(char32_t wanted) const;
};

struct SingleByteOrder {
    std::array<std::uint8_t, 256> weight{},
        second{};  // second: of a letter that weighs as two, or 0
    std::array<std::uint8_t, 256> upper{}, lower{};
    bool expands = false;
};

// The set must be of Encoding::single_byte.
const SingleByteSet& single_byte_set(const Charset& charset);
// nullptr: the collation is not one of a single-byte set. Of those that compare in several passes
// (detail/passes.h) the weights are what INSTR compares.
const SingleByteOrder* single_byte_order(const Collation& collation);

}  // namespace sluice::collation::detail
