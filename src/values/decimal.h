#pragma once
// Exact numbers as MySQL's DECIMAL: up to 65 digits, up to 30 of them behind the point.
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

class Decimal {
 public:
    static constexpr int max_digits = 65, max_scale = 30;

    Decimal() = default;
    explicit Decimal(std::int64_t integer) : coefficient_(integer) {}

    // decimal = [ sign ] digits [ "." digits ] | [ sign ] "." digits; spaces around it are not
    // allowed. nullopt for anything else, and for more digits than fit.
    static std::optional<Decimal> parse(std::string_view text);

    int scale() const { return scale_; }
    bool is_zero() const { return coefficient_ == 0; }

    // The larger scale of both; nullopt if the sum has more than 65 digits.
    static std::optional<Decimal> add(const Decimal& left, const Decimal& right);
    // Quotient rounded half away from zero to `scale` digits; nullopt for a division by zero.
    static std::optional<Decimal> divide(const Decimal& left, std::int64_t right, int scale);

    std::strong_ordering operator<=>(const Decimal& other) const;
    bool operator==(const Decimal& other) const { return (*this <=> other) == 0; }

    // With exactly scale() digits behind the point.
    std::string text() const;

 private:
    // Wide enough for 65 digits brought to a scale larger by 30.
    using Coefficient = _BitInt(384);
    Coefficient coefficient_ = 0;
    int scale_ = 0;

    static Coefficient power_of_ten(int exponent);
    Coefficient at_scale(int scale) const { return coefficient_ * power_of_ten(scale - scale_); }
    static bool too_long(Coefficient coefficient);
};

// A double as MySQL prints it: the fewest digits that read back as the same number, with an
// exponent from 1e15 on and below 1e-15.
std::string double_text(double number);

}  // namespace sluice
