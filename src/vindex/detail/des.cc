// Part of step 6 of a request: the hash of the `hash` vindex.
#include <array>
#include <bit>
#include <cstdint>
#include <utility>

#include "vindex/detail/digest.h"

namespace sluice::vindex {

namespace {

// FIPS 46-3, appendix 1: the selection functions, row after row.
constexpr std::uint8_t selection[8][64] = {
    {14, 4,  13, 1, 2,  15, 11, 8, 3, 10, 6, 12, 5,  9,  0,  7,  0,  15, 7,  4,  14, 2,
     13, 1,  10, 6, 12, 11, 9,  5, 3, 8,  4, 1,  14, 8,  13, 6,  2,  11, 15, 12, 9,  7,
     3,  10, 5,  0, 15, 12, 8,  2, 4, 9,  1, 7,  5,  11, 3,  14, 10, 0,  6,  13},
    {15, 1,  8,  14, 6,  11, 3,  4, 9,  7,  2, 13, 12, 0,  5,  10, 3,  13, 4,  7, 15, 2,
     8,  14, 12, 0,  1,  10, 6,  9, 11, 5,  0, 14, 7,  11, 10, 4,  13, 1,  5,  8, 12, 6,
     9,  3,  2,  15, 13, 8,  10, 1, 3,  15, 4, 2,  11, 6,  7,  12, 0,  5,  14, 9},
    {10, 0,  9,  14, 6, 3,  15, 5,  1,  13, 12, 7, 11, 4,  2,  8,  13, 7, 0,  9, 3, 4,
     6,  10, 2,  8,  5, 14, 12, 11, 15, 1,  13, 6, 4,  9,  8,  15, 3,  0, 11, 1, 2, 12,
     5,  10, 14, 7,  1, 10, 13, 0,  6,  9,  8,  7, 4,  15, 14, 3,  11, 5, 2,  12},
    {7, 13, 14, 3, 0, 6,  9, 10, 1,  2, 8,  5, 11, 12, 4,  15, 13, 8,  11, 5, 6, 15,
     0, 3,  4,  7, 2, 12, 1, 10, 14, 9, 10, 6, 9,  0,  12, 11, 7,  13, 15, 1, 3, 14,
     5, 2,  8,  4, 3, 15, 0, 6,  10, 1, 13, 8, 9,  4,  5,  11, 12, 7,  2,  14},
    {2,  12, 4, 1,  7,  10, 11, 6, 8, 5,  3, 15, 13, 0,  14, 9,  14, 11, 2,  12, 4,  7,
     13, 1,  5, 0,  15, 10, 3,  9, 8, 6,  4, 2,  1,  11, 10, 13, 7,  8,  15, 9,  12, 5,
     6,  3,  0, 14, 11, 8,  12, 7, 1, 14, 2, 13, 6,  15, 0,  9,  10, 4,  5,  3},
    {12, 1,  10, 15, 9,  2,  6, 8,  0, 13, 3,  4,  14, 7,  5, 11, 10, 15, 4, 2, 7, 12,
     9,  5,  6,  1,  13, 14, 0, 11, 3, 8,  9,  14, 15, 5,  2, 8,  12, 3,  7, 0, 4, 10,
     1,  13, 11, 6,  4,  3,  2, 12, 9, 5,  15, 10, 11, 14, 1, 7,  6,  0,  8, 13},
    {4, 11, 2,  14, 15, 0,  8,  13, 3, 12, 9,  7, 5,  10, 6,  1,  13, 0,  11, 7,  4, 9,
     1, 10, 14, 3,  5,  12, 2,  15, 8, 6,  1,  4, 11, 13, 12, 3,  7,  14, 10, 15, 6, 8,
     0, 5,  9,  2,  6,  11, 13, 8,  1, 4,  10, 7, 9,  5,  0,  15, 14, 2,  3,  12},
    {13, 2, 8,  4, 6, 15, 11, 1,  10, 9,  3, 14, 5,  0,  12, 7,  1,  15, 13, 8, 10, 3,
     7,  4, 12, 5, 6, 11, 0,  14, 9,  2,  7, 11, 4,  1,  9,  12, 14, 2,  0,  6, 10, 13,
     15, 3, 5,  8, 2, 1,  14, 7,  4,  10, 8, 13, 15, 12, 9,  0,  3,  5,  6,  11},
};

// The permutation P: output bit i (from the left, from 1) is input bit permutation[i - 1].
constexpr std::uint8_t permutation[32] = {16, 7, 20, 21, 29, 12, 28, 17, 1,  15, 23,
                                          26, 5, 18, 31, 10, 2,  8,  24, 14, 32, 27,
                                          3,  9, 19, 13, 30, 6,  22, 11, 4,  25};

// Each selection function with P applied, by its six input bits in the order in which they lie in a
// word.
constexpr auto make_rounds() {
    std::array<std::array<std::uint32_t, 64>, 8> tables{};
    for (unsigned box = 0; box < 8; ++box) {
        for (unsigned input = 0; input < 64; ++input) {
            const unsigned row = (input >> 4 & 2) | (input & 1);
            const unsigned column = input >> 1 & 15;
            const std::uint32_t chosen = std::uint32_t{selection[box][row * 16 + column]}
                                         << (28 - 4 * box);
            std::uint32_t permuted = 0;
            for (unsigned bit = 0; bit < 32; ++bit) {
                permuted |= (chosen >> (32 - permutation[bit]) & 1) << (31 - bit);
            }
            tables[box][input] = permuted;
        }
    }
    return tables;
}
constexpr auto rounds = make_rounds();

// One round's function. The zero key adds nothing, so the expansion E is only a choice of six
// neighbouring bits.
std::uint32_t mix(std::uint32_t half) {
    const auto box = [half](int n) {
        return rounds[static_cast<std::size_t>(n)][std::rotl(half, 5 + 4 * n) & 63];
    };
    // As a tree, not a chain: the rounds wait for each other, so what counts is the longest path.
    return ((box(0) ^ box(1)) ^ (box(2) ^ box(3))) ^ ((box(4) ^ box(5)) ^ (box(6) ^ box(7)));
}

// Swaps the bits of `left` chosen by mask << shift with those of `right` chosen by mask.
void swap_bits(std::uint32_t& left, std::uint32_t& right, int shift, std::uint32_t mask) {
    const std::uint32_t difference = (left >> shift ^ right) & mask;
    right ^= difference;
    left ^= difference << shift;
}

}  // namespace

std::uint64_t des_zero_key(std::uint64_t block) {
    auto left = static_cast<std::uint32_t>(block >> 32);
    auto right = static_cast<std::uint32_t>(block);
    // The initial permutation is a transposition of bits, done by five exchanges.
    swap_bits(left, right, 4, 0x0f0f0f0f);
    swap_bits(left, right, 16, 0x0000ffff);
    swap_bits(right, left, 2, 0x33333333);
    swap_bits(right, left, 8, 0x00ff00ff);
    swap_bits(left, right, 1, 0x55555555);
    for (int pair = 0; pair < 8; ++pair) {
        left ^= mix(right);
        right ^= mix(left);
    }
    std::swap(left, right);
    swap_bits(left, right, 1, 0x55555555);
    swap_bits(right, left, 8, 0x00ff00ff);
    swap_bits(right, left, 2, 0x33333333);
    swap_bits(left, right, 16, 0x0000ffff);
    swap_bits(left, right, 4, 0x0f0f0f0f);
    return std::uint64_t{left} << 32 | right;
}

}  // namespace sluice::vindex
