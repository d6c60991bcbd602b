// Part of step 6 of a request: the hashes of the xxhash and md5 vindexes.
#include "vindex/detail/digest.h"

#include <bit>
#include <cstddef>
#include <cstring>

namespace sluice::vindex {

namespace {

template <class Number>
Number read(const char* bytes) {
    static_assert(std::endian::native == std::endian::little);
    Number number;
    std::memcpy(&number, bytes, sizeof(number));
    return number;
}

constexpr std::uint64_t prime_1 = 0x9E3779B185EBCA87, prime_2 = 0xC2B2AE3D27D4EB4F,
                        prime_3 = 0x165667B19E3779F9, prime_4 = 0x85EBCA77C2B2AE63,
                        prime_5 = 0x27D4EB2F165667C5;

std::uint64_t accumulate(std::uint64_t lane, std::uint64_t word) {
    return std::rotl(lane + word * prime_2, 31) * prime_1;
}

std::uint64_t hash_stripes(std::string_view& bytes) {
    std::uint64_t lanes[4] = {prime_1 + prime_2, prime_2, 0, 0 - prime_1};
    for (; bytes.size() >= 32; bytes.remove_prefix(32)) {
        for (std::size_t i = 0; i < 4; ++i) {
            lanes[i] = accumulate(lanes[i], read<std::uint64_t>(bytes.data() + i * 8));
        }
    }
    std::uint64_t hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) +
                         std::rotl(lanes[3], 18);
    for (const std::uint64_t lane : lanes) hash = (hash ^ accumulate(0, lane)) * prime_1 + prime_4;
    return hash;
}

// RFC 1321, 3.4: T[i] = floor(2^32 * abs(sin(i + 1))), and the shifts of the four rounds.
constexpr std::uint32_t sines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};
constexpr int shifts[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

void md5_block(std::array<std::uint32_t, 4>& state, const char* block) {
    auto [a, b, c, d] = state;
    for (std::uint32_t i = 0; i < 64; ++i) {
        std::uint32_t mixed = 0, word = 0;
        if (i < 16) {
            mixed = (b & c) | (~b & d);
            word = i;
        } else if (i < 32) {
            mixed = (d & b) | (~d & c);
            word = (5 * i + 1) % 16;
        } else if (i < 48) {
            mixed = b ^ c ^ d;
            word = (3 * i + 5) % 16;
        } else {
            mixed = c ^ (b | ~d);
            word = 7 * i % 16;
        }
        const std::uint32_t sum = a + mixed + sines[i] + read<std::uint32_t>(block + word * 4);
        a = d;
        d = c;
        c = b;
        b += std::rotl(sum, shifts[i / 16][i % 4]);
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}

}  // namespace

std::uint64_t xxhash64(std::string_view bytes) {
    const std::uint64_t length = bytes.size();
    std::uint64_t hash = (length >= 32 ? hash_stripes(bytes) : prime_5) + length;
    for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
        hash ^= accumulate(0, read<std::uint64_t>(bytes.data()));
        hash = std::rotl(hash, 27) * prime_1 + prime_4;
    }
    if (bytes.size() >= 4) {
        hash ^= read<std::uint32_t>(bytes.data()) * prime_1;
        hash = std::rotl(hash, 23) * prime_2 + prime_3;
        bytes.remove_prefix(4);
    }
    for (const char byte : bytes) {
        hash ^= static_cast<unsigned char>(byte) * prime_5;
        hash = std::rotl(hash, 11) * prime_1;
    }
    hash = (hash ^ hash >> 33) * prime_2;
    hash = (hash ^ hash >> 29) * prime_3;
    return hash ^ hash >> 32;
}

std::array<char, 16> md5(std::string_view bytes) {
    std::array<std::uint32_t, 4> state{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    const std::uint64_t bits = std::uint64_t{bytes.size()} * 8;
    for (; bytes.size() >= 64; bytes.remove_prefix(64)) md5_block(state, bytes.data());
    // The rest, a one bit, zeros, and the length in bits at the end of the last block.
    std::array<char, 128> tail{};
    if (!bytes.empty()) std::memcpy(tail.data(), bytes.data(), bytes.size());
    tail[bytes.size()] = static_cast<char>(0x80);
    const std::size_t end = bytes.size() < 56 ? 64 : 128;
    std::memcpy(tail.data() + end - sizeof(bits), &bits, sizeof(bits));
    for (std::size_t at = 0; at < end; at += 64) md5_block(state, tail.data() + at);
    return std::bit_cast<std::array<char, 16>>(state);
}

}  // namespace sluice::vindex
