#pragma once
// The hash functions behind vindexes. They are here because a vindex needs them in tens of
// nanoseconds without allocating; none is used for secrecy.
#include <array>
#include <cstdint>
#include <string_view>

namespace sluice::vindex {

// One DES block under the all-zero key (vtgate-contract 8.2). This is a weak key: applied twice it
// gives back its input, so it is its own inverse. Source: FIPS 46-3.
std::uint64_t des_zero_key(std::uint64_t block);

// XXH64 with seed 0. Source: xxHash specification 0.1.1.
std::uint64_t xxhash64(std::string_view bytes);

// MD5. Source: RFC 1321.
std::array<char, 16> md5(std::string_view bytes);

}  // namespace sluice::vindex
