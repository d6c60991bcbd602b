#pragma once
// Exact numbers as MySQL's DECIMAL. A column has up to 65 digits, up to 30 of them behind the
// point; MySQL computes with more: nine groups of nine digits, where a group lies wholly before or
// wholly behind the point. What does not fit there loses digits behind the point, or is out of
// range.
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

class Decimal {
 public:
    static constexpr int max_digits = 65, max_scale = 30;
    static constexpr int group_digits = 9, max_groups = 9;

    enum class Rounding { half_away, truncate, floor, ceiling };
    struct Reading;

    Decimal() = default;
    explicit Decimal(std::int64_t integer) : Decimal(integer, 0) {}
    explicit Decimal(std::uint64_t integer) : Decimal(Coefficient(integer), 0) {}

    // A whole text that is a column's value.
    // decimal = [ sign ] digits [ "." digits ] | [ sign ] "." digits; spaces around it are not
    // allowed. nullopt for anything else, and for more digits than a column has.
    static std::optional<Decimal> parse(std::string_view text);
    // The longest number at the text's start, behind spaces, as MySQL makes a DECIMAL of a text:
    // [ sign ] ( digits [ "." [ digits ] ] | "." digits ) [ ( "e" | "E" ) [ sign ] digits ].
    static Reading read(std::string_view text);
    // Of the fewest digits that read back as the same number; nullopt for what is no number, and
    // out of range.
    static std::optional<Decimal> of(double number);
    // The largest of that many digits.
    static Decimal largest(int digits, int scale, bool negative);

    int scale() const { return scale_; }
    bool is_zero() const { return coefficient_ == 0; }
    bool is_negative() const { return coefficient_ < 0; }
    // All that count, before and behind the point; 0.05 has one.
    int digits() const { return digits_of(coefficient_); }

    // nullopt: out of range; quotients also for a division by zero.
    // Sums have the larger scale of both, products the sum of both.
    static std::optional<Decimal> add(const Decimal& left, const Decimal& right);
    static std::optional<Decimal> subtract(const Decimal& left, const Decimal& right);
    static std::optional<Decimal> multiply(const Decimal& left, const Decimal& right);
    // MySQL's quotient: whole groups of digits behind the point, at least `more_digits`
    // (div_precision_increment) more than both operands have together; further digits are dropped,
    // not rounded.
    static std::optional<Decimal> divide(const Decimal& left, const Decimal& right,
                                         int more_digits);
    // Has the sign of `left` and the larger scale of both.
    static std::optional<Decimal> remainder(const Decimal& left, const Decimal& right);

    Decimal negated() const;
    // With at most `scale` digits behind the point; a negative scale makes zeros before it.
    Decimal rounded(int scale, Rounding how = Rounding::half_away) const;
    // With exactly `scale` digits behind the point, 0 to max_scale: rounded, or zeros appended.
    Decimal with_scale(int scale) const;

    // Rounded to the next integer; nullopt if it does not fit.
    std::optional<std::int64_t> to_int64() const;
    std::optional<std::uint64_t> to_uint64() const;
    double to_double() const;

    std::strong_ordering operator<=>(const Decimal& other) const;
    bool operator==(const Decimal& other) const { return (*this <=> other) == 0; }

    // With exactly scale() digits behind the point.
    std::string text() const;

 private:
    // Wide enough for 81 digits brought to a scale larger by 81, and for nine digits more.
    using Coefficient = _BitInt(576);
    using Size = unsigned _BitInt(576);
    // Clang 19 ends on const local numbers this wide, and on std::bit_cast of them.
    using Words = std::array<std::uint64_t, 9>;  // the lowest first
    Coefficient coefficient_ = 0;
    int scale_ = 0;
    // Whether the coefficient fits into 64 bits, as nearly all do: sums and comparisons of such
    // numbers touch one word.
    bool is_small_ = true;

    Decimal(const Coefficient& coefficient, int scale)
        : coefficient_(coefficient), scale_(scale), is_small_(fits_word(coefficient)) {}
    Decimal(std::int64_t coefficient, int scale) : coefficient_(coefficient), scale_(scale) {}
    std::int64_t word() const { return static_cast<std::int64_t>(coefficient_); }
    static bool fits_word(const Coefficient& coefficient);
    // Coefficients of both at the larger scale; false: one does not fit into a word.
    static bool align(const Decimal& left, const Decimal& right, std::int64_t& one,
                      std::int64_t& other);
    static Coefficient power_of_ten(int exponent);
    static Words words_of(const Size& size);
    static int digits_of(const Coefficient& coefficient);
    static Coefficient number_of(std::string_view whole, std::string_view part);
    static Size divided(const Size& dividend, const Size& divisor, Size* rest);
    static std::optional<Decimal> fitted(Coefficient coefficient, int scale);
    Coefficient at_scale(int scale) const;
    Size size() const;
};

struct Decimal::Reading {
    Decimal value;         // of the largest size if it was out of range
    std::size_t used = 0;  // characters of the text with the spaces before; 0: there is no number
    bool out_of_range = false;
    bool cut = false;  // digits behind the point were lost
};

}  // namespace sluice
