// Sums, products, quotients and roundings of exact numbers. Before: values/decimal.cc.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <ranges>

#include "values/decimal.h"

namespace sluice {

namespace {

using Wide = unsigned __int128;

constexpr int whole_groups(int digits) {
    return (digits + Decimal::group_digits - 1) / Decimal::group_digits;
}

constexpr int in_groups(int digits) {
    return whole_groups(digits) * Decimal::group_digits;
}

}  // namespace

// Most numbers fit into the processor's own division, and most divisors into a word.
Decimal::Size Decimal::divided(const Size& dividend, const Size& divisor, Size* rest) {
    constexpr Size widest = ~static_cast<Wide>(0);
    constexpr Size word = std::numeric_limits<std::uint64_t>::max();
    if (dividend <= widest && divisor <= widest) {
        const auto left = static_cast<Wide>(dividend);
        const auto right = static_cast<Wide>(divisor);
        *rest = left % right;
        return left / right;
    }
    if (divisor <= word) {
        Words words = words_of(dividend);
        const auto right = static_cast<std::uint64_t>(divisor);
        Wide carried = 0;
        for (std::uint64_t& limb : std::views::reverse(words)) {
            carried = carried << 64 | limb;
            limb = static_cast<std::uint64_t>(carried / right);
            carried %= right;
        }
        *rest = carried;
        Size quotient = 0;
        std::memcpy(&quotient, words.data(), sizeof(words));
        return quotient;
    }
    Size quotient = dividend / divisor;
    *rest = dividend - quotient * divisor;
    return quotient;
}

// Drops the digits behind the point that the groups have no place for.
std::optional<Decimal> Decimal::fitted(Coefficient coefficient, int scale) {
    // Five groups before the point and four behind it.
    constexpr Coefficient small = static_cast<Coefficient>(1) << 126;
    if (scale <= 4 * group_digits && coefficient < small && coefficient > -small) {
        return Decimal(coefficient, scale);
    }
    const int before = whole_groups(std::max(digits_of(coefficient) - scale, 0));
    if (before > max_groups) return std::nullopt;
    const int room = (max_groups - before) * group_digits;
    if (scale > room) {
        coefficient /= power_of_ten(scale - room);
        scale = room;
    }
    return Decimal(coefficient, scale);
}

bool Decimal::fits_word(const Coefficient& coefficient) {
    return coefficient >= std::numeric_limits<std::int64_t>::min() &&
           coefficient <= std::numeric_limits<std::int64_t>::max();
}

bool Decimal::align(const Decimal& left, const Decimal& right, std::int64_t& one,
                    std::int64_t& other) {
    if (!left.is_small_ || !right.is_small_) return false;
    one = left.word();
    other = right.word();
    const int shift = left.scale_ - right.scale_;
    if (shift == 0) return true;
    constexpr auto powers = [] {
        std::array<std::int64_t, 19> made{1};
        for (std::size_t i = 1; i < made.size(); ++i) made[i] = made[i - 1] * 10;
        return made;
    }();
    const auto places = static_cast<std::size_t>(std::abs(shift));
    std::int64_t& shifted = shift > 0 ? other : one;
    return places < powers.size() && !__builtin_mul_overflow(shifted, powers[places], &shifted);
}

namespace {

// What has at most this many digits behind the point, and a word's digits, has a place in MySQL's
// groups.
constexpr int small_scale = 4 * Decimal::group_digits;

}  // namespace

std::optional<Decimal> Decimal::add(const Decimal& left, const Decimal& right) {
    const int scale = std::max(left.scale_, right.scale_);
    std::int64_t one = 0;
    std::int64_t other = 0;
    if (scale <= small_scale && align(left, right, one, other) &&
        !__builtin_add_overflow(one, other, &one)) {
        return Decimal(one, scale);
    }
    return fitted(left.at_scale(scale) + right.at_scale(scale), scale);
}

std::optional<Decimal> Decimal::subtract(const Decimal& left, const Decimal& right) {
    const int scale = std::max(left.scale_, right.scale_);
    std::int64_t one = 0;
    std::int64_t other = 0;
    if (scale <= small_scale && align(left, right, one, other) &&
        !__builtin_sub_overflow(one, other, &one)) {
        return Decimal(one, scale);
    }
    return fitted(left.at_scale(scale) - right.at_scale(scale), scale);
}

std::optional<Decimal> Decimal::multiply(const Decimal& left, const Decimal& right) {
    const int scale = left.scale_ + right.scale_;
    std::int64_t product = 0;
    if (scale <= small_scale && left.is_small_ && right.is_small_ &&
        !__builtin_mul_overflow(left.word(), right.word(), &product)) {
        return Decimal(product, scale);
    }
    return fitted(left.coefficient_ * right.coefficient_, scale);
}

std::optional<Decimal> Decimal::divide(const Decimal& left, const Decimal& right, int more_digits) {
    if (right.is_zero()) return std::nullopt;
    Size dividend = left.size();
    Size divisor = right.size();
    const int shift = right.scale_ - left.scale_;
    (shift > 0 ? dividend : divisor) *= static_cast<Size>(power_of_ten(std::abs(shift)));

    Size rest = 0;
    Size quotient = divided(dividend, divisor, &rest);
    const int left_digits = in_groups(left.scale_);
    const int right_digits = in_groups(right.scale_);
    const int more =
        std::max(more_digits - (left_digits - left.scale_) - (right_digits - right.scale_), 0);
    const int before = whole_groups(digits_of(static_cast<Coefficient>(quotient)));
    if (before > max_groups) return std::nullopt;
    const int groups =
        std::min(whole_groups(left_digits + right_digits + more), max_groups - before);
    auto group = static_cast<Size>(power_of_ten(group_digits));
    for (int i = 0; i < groups; ++i)
        quotient = quotient * group + divided(rest * group, divisor, &rest);
    auto made = static_cast<Coefficient>(quotient);
    const bool negative = left.is_negative() != right.is_negative();
    return Decimal(negative ? -made : made, groups * group_digits);
}

std::optional<Decimal> Decimal::remainder(const Decimal& left, const Decimal& right) {
    if (right.is_zero()) return std::nullopt;
    const int scale = std::max(left.scale_, right.scale_);
    return fitted(left.at_scale(scale) % right.at_scale(scale), scale);
}

Decimal Decimal::negated() const {
    return {-coefficient_, scale_};
}

Decimal Decimal::rounded(int scale, Rounding how) const {
    if (scale >= scale_) return *this;
    scale = std::max(scale, -max_groups * group_digits);
    const int dropped = scale_ - scale;
    Coefficient unit = power_of_ten(dropped);
    Coefficient kept = coefficient_ / unit;
    Coefficient rest = coefficient_ % unit;
    const bool negative = coefficient_ < 0;
    const bool away = (how == Rounding::half_away && (negative ? -rest : rest) * 2 >= unit) ||
                      (how == Rounding::floor && rest < 0) ||
                      (how == Rounding::ceiling && rest > 0);
    if (away) kept += negative ? -1 : 1;
    if (scale < 0) return {kept * power_of_ten(-scale), 0};
    return {kept, scale};
}

Decimal Decimal::with_scale(int scale) const {
    return scale <= scale_ ? rounded(scale) : Decimal(at_scale(scale), scale);
}

std::optional<std::int64_t> Decimal::to_int64() const {
    Coefficient whole = rounded(0).coefficient_;
    if (whole < std::numeric_limits<std::int64_t>::min() ||
        whole > std::numeric_limits<std::int64_t>::max()) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(whole);
}

std::optional<std::uint64_t> Decimal::to_uint64() const {
    Coefficient whole = rounded(0).coefficient_;
    if (whole < 0 || whole > std::numeric_limits<std::uint64_t>::max()) return std::nullopt;
    return static_cast<std::uint64_t>(whole);
}

}  // namespace sluice
