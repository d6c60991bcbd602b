#pragma once
// The numbers of RAND(n), which are MySQL's: the same n gives the same ones.
#include <cstdint>

namespace sluice::eval {

class RandomSequence {
 public:
    explicit RandomSequence(std::uint32_t seed)
        : first_((seed * 0x10001U + 55'555'555U) % modulus),
          second_(seed * 0x10000001U % modulus) {}

    // From 0 to 1, without 1.
    double next() {
        first_ = (first_ * 3 + second_) % modulus;
        second_ = (first_ + second_ + 33) % modulus;
        return static_cast<double>(first_) / modulus;
    }

 private:
    static constexpr std::uint32_t modulus = 0x3FFFFFFF;

    std::uint64_t first_, second_;
};

}  // namespace sluice::eval
