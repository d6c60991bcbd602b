// Step 6 of a request whose numbers the gate adds, divides or compares. Before:
// engine/aggregate.cc, engine/rows.cc.
#include "values/decimal.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace sluice {

Decimal::Coefficient Decimal::power_of_ten(int exponent) {
    Coefficient power = 1;
    for (int i = 0; i < exponent; ++i) power *= 10;
    return power;
}

bool Decimal::too_long(Coefficient coefficient) {
    static const Coefficient limit = power_of_ten(max_digits);
    return coefficient >= limit || coefficient <= -limit;
}

std::optional<Decimal> Decimal::parse(std::string_view text) {
    Decimal made;
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    bool point = false;
    bool digit = false;
    for (const char c : text) {
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9') return std::nullopt;
        digit = true;
        if (point && made.scale_ == max_scale) return std::nullopt;
        made.coefficient_ = made.coefficient_ * 10 + (c - '0');
        made.scale_ += point ? 1 : 0;
        if (too_long(made.coefficient_)) return std::nullopt;
    }
    if (!digit) return std::nullopt;
    if (negative) made.coefficient_ = -made.coefficient_;
    return made;
}

std::optional<Decimal> Decimal::add(const Decimal& left, const Decimal& right) {
    Decimal sum;
    sum.scale_ = std::max(left.scale_, right.scale_);
    sum.coefficient_ = left.at_scale(sum.scale_) + right.at_scale(sum.scale_);
    if (too_long(sum.coefficient_)) return std::nullopt;
    return sum;
}

std::optional<Decimal> Decimal::divide(const Decimal& left, std::int64_t right, int scale) {
    if (right == 0) return std::nullopt;
    Decimal quotient;
    quotient.scale_ = std::min(std::max(scale, left.scale_), max_scale);
    const Coefficient dividend = left.at_scale(quotient.scale_);
    const Coefficient divisor = right;
    quotient.coefficient_ = dividend / divisor;
    Coefficient rest = dividend % divisor;
    if (rest < 0) rest = -rest;
    const Coefficient size = divisor < 0 ? -divisor : divisor;
    if (rest * 2 >= size) quotient.coefficient_ += (dividend < 0) == (divisor < 0) ? 1 : -1;
    return quotient;
}

std::strong_ordering Decimal::operator<=>(const Decimal& other) const {
    const int scale = std::max(scale_, other.scale_);
    const Coefficient left = at_scale(scale);
    const Coefficient right = other.at_scale(scale);
    if (left < right) return std::strong_ordering::less;
    return left > right ? std::strong_ordering::greater : std::strong_ordering::equal;
}

std::string Decimal::text() const {
    const bool negative = coefficient_ < 0;
    Coefficient rest = negative ? -coefficient_ : coefficient_;
    std::string digits;  // from the last one on
    do {
        digits.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
        rest /= 10;
        if (static_cast<int>(digits.size()) == scale_ && scale_ > 0) digits.push_back('.');
    } while (rest != 0 || static_cast<int>(digits.size()) <= scale_);
    if (digits.back() == '.') digits.push_back('0');
    if (negative) digits.push_back('-');
    std::ranges::reverse(digits);
    return digits;
}

std::string double_text(double number) {
    char shortest[40];
    const auto end =
        std::to_chars(shortest, shortest + sizeof(shortest), number, std::chars_format::scientific)
            .ptr;
    const std::string_view text(shortest, static_cast<std::size_t>(end - shortest));
    const std::size_t e = text.find('e');
    if (e == std::string_view::npos) return std::string(text);  // inf, nan
    int exponent = 0;
    const char* from = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
    std::from_chars(from, end, exponent);
    if (exponent >= 15 || exponent < -15) {
        return std::string(text.substr(0, e)) + "e" + std::to_string(exponent);
    }
    char fixed[64];
    const auto last =
        std::to_chars(fixed, fixed + sizeof(fixed), number, std::chars_format::fixed).ptr;
    return {fixed, last};
}

}  // namespace sluice
