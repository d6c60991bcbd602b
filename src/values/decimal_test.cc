#include "values/decimal.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

using Rounding = Decimal::Rounding;

Decimal number(std::string_view text) {
    return Decimal::read(text).value;
}

std::string text_of(const std::optional<Decimal>& made) {
    return made ? made->text() : "none";
}

TEST(Decimal, ParsesAndPrints) {
    for (const std::string text :
         {"0", "1", "-1", "0.5", "-0.05", "12345678901234567890.123456789", "0.00",
          "100000000000000000000000000000000000000", "0.000000000000000000000000000001",
          "99999999999999999999999999999999999999999999999999999999999999999"}) {
        EXPECT_EQ(text_of(Decimal::parse(text)), text);
    }
    EXPECT_EQ(text_of(Decimal::parse(".5")), "0.5");
    EXPECT_EQ(text_of(Decimal::parse("+7.10")), "7.10");
    EXPECT_EQ(text_of(Decimal::parse("007.10")), "7.10");
    EXPECT_EQ(text_of(Decimal::parse("-0.0")), "0.0");
    for (const char* text :
         {"", "-", ".", "1e5", "1.2.3", " 1", "1 ", "0x1", "0.0000000000000000000000000000001",
          "100000000000000000000000000000000000000000000000000000000000000000"}) {
        EXPECT_FALSE(Decimal::parse(text).has_value()) << text;
    }
}

TEST(Decimal, ReadsTheNumberAtATextsStart) {
    struct Case {
        std::string_view text;
        std::string want;
        std::size_t used;
    };
    for (const Case& c : {
             Case{" \t1.50 apples", "1.50", 6},
             Case{"1.", "1", 2},
             Case{"-.5x", "-0.5", 3},
             Case{"1e3", "1000", 3},
             Case{"1.5E+3", "1500", 6},
             Case{"15e-3", "0.015", 5},
             Case{"1e", "1", 1},
             Case{"1e+", "1", 1},
             Case{"0.0000000001e85", "1" + std::string(75, '0'), 15},
             Case{"0e99999999999999999999", "0", 22},
             Case{"-0", "0", 2},
             Case{"", "0", 0},
             Case{"abc", "0", 0},
             Case{" -", "0", 0},
         }) {
        const Decimal::Reading reading = Decimal::read(c.text);
        EXPECT_EQ(reading.value.text(), c.want) << c.text;
        EXPECT_EQ(reading.used, c.used) << c.text;
        EXPECT_FALSE(reading.out_of_range) << c.text;
    }
}

TEST(Decimal, ReadingTellsWhatWasLost) {
    const Decimal::Reading wide = Decimal::read("-1e81");
    EXPECT_TRUE(wide.out_of_range);
    EXPECT_EQ(wide.value.text(), "-" + std::string(65, '9'));
    EXPECT_FALSE(Decimal::read("1e80").out_of_range);
    const Decimal::Reading fine = Decimal::read("0." + std::string(82, '1'));
    EXPECT_TRUE(fine.cut);
    EXPECT_EQ(fine.value.text(), "0." + std::string(81, '1'));
    const Decimal::Reading nothing = Decimal::read("1e-500");
    EXPECT_TRUE(nothing.cut);
    EXPECT_TRUE(nothing.value.is_zero());
    EXPECT_FALSE(Decimal::read("0.5").cut);
    // The digit that is not read would have been before the point.
    const Decimal::Reading late = Decimal::read("." + std::string(500, '0') + "9e560");
    EXPECT_TRUE(late.cut);
    EXPECT_EQ(late.value.text(), "0");
}

TEST(Decimal, AddsAndSubtracts) {
    EXPECT_EQ(text_of(Decimal::add(number("1.5"), number("-0.25"))), "1.25");
    EXPECT_EQ(text_of(Decimal::add(number("-1.5"), number("1.50"))), "0.00");
    EXPECT_EQ(text_of(Decimal::subtract(number("1"), number("0.001"))), "0.999");
    const Decimal nines = number(std::string(81, '9'));
    EXPECT_EQ(text_of(Decimal::add(nines, number("0.9"))), std::string(81, '9'));
    EXPECT_EQ(text_of(Decimal::add(nines, number("1"))), "none");
}

TEST(Decimal, Multiplies) {
    EXPECT_EQ(text_of(Decimal::multiply(number("-1.5"), number("0.25"))), "-0.375");
    EXPECT_EQ(text_of(Decimal::multiply(number("1e40"), number("1e41"))), "none");
    // 61 digits before the point leave two groups behind it.
    EXPECT_EQ(text_of(Decimal::multiply(number("1e60"), number("1.1234567891234567891"))),
              "11234567891234567891" + std::string(41, '0') + "." + std::string(18, '0'));
}

// What SELECT of MySQL 9.7 computes before it rounds to its column.
TEST(Decimal, DividesIntoWholeGroups) {
    EXPECT_EQ(text_of(Decimal::divide(Decimal(5L), Decimal(3L), 4)), "1.666666666");
    EXPECT_EQ(text_of(Decimal::divide(number("2.00000"), Decimal(3L), 4)), "0.666666666");
    EXPECT_EQ(text_of(Decimal::divide(number("-2.000000"), Decimal(3L), 4)),
              "-0.666666666666666666");
    EXPECT_EQ(text_of(Decimal::divide(number("10.333000000"), number("12.34500"), 5)),
              "0.837019036046982584042122316");
    EXPECT_EQ(text_of(Decimal::divide(number("1e60"), number("3"), 30)),
              std::string(60, '3') + "." + std::string(18, '3'));
    EXPECT_EQ(text_of(Decimal::divide(number("1e80"), number("1e-30"), 4)), "none");
    EXPECT_EQ(text_of(Decimal::divide(Decimal(1L), number("0.00"), 4)), "none");
}

TEST(Decimal, Remainders) {
    EXPECT_EQ(text_of(Decimal::remainder(number("7.5"), number("2"))), "1.5");
    EXPECT_EQ(text_of(Decimal::remainder(number("-7.5"), number("2.25"))), "-0.75");
    EXPECT_EQ(text_of(Decimal::remainder(number("7"), number("0"))), "none");
}

TEST(Decimal, Rounds) {
    struct Case {
        std::string_view text;
        int scale;
        Rounding how;
        std::string_view want;
    };
    for (const Case& c : {
             Case{"1.25", 1, Rounding::half_away, "1.3"},
             Case{"-1.25", 1, Rounding::half_away, "-1.3"},
             Case{"1.249", 1, Rounding::half_away, "1.2"},
             Case{"9.99", 1, Rounding::half_away, "10.0"},
             Case{"1.29", 1, Rounding::truncate, "1.2"},
             Case{"-1.21", 0, Rounding::floor, "-2"},
             Case{"1.9", 0, Rounding::floor, "1"},
             Case{"1.21", 0, Rounding::ceiling, "2"},
             Case{"-1.9", 0, Rounding::ceiling, "-1"},
             Case{"1551", -2, Rounding::half_away, "1600"},
             Case{"49", -2, Rounding::half_away, "0"},
             Case{"50", -2, Rounding::half_away, "100"},
             Case{"50", -2, Rounding::truncate, "0"},
             Case{"99999", -1000, Rounding::half_away, "0"},
             Case{"1.5", 4, Rounding::half_away, "1.5"},
         }) {
        EXPECT_EQ(number(c.text).rounded(c.scale, c.how).text(), c.want) << c.text;
    }
    EXPECT_EQ(number("1.5").with_scale(4).text(), "1.5000");
    EXPECT_EQ(number("0.66666").with_scale(4).text(), "0.6667");
}

TEST(Decimal, CompareByValue) {
    EXPECT_TRUE(number("1.50") == number("1.5"));
    EXPECT_TRUE(number("0.00") == number("-0"));
    EXPECT_LT(number("-2"), number("-1.99"));
    EXPECT_GT(number(std::string(81, '9')), number("0." + std::string(81, '9')));
}

TEST(Decimal, BecomesOtherNumbers) {
    EXPECT_EQ(number("9223372036854775807.4").to_int64(), 9223372036854775807);
    EXPECT_EQ(number("9223372036854775807.5").to_int64(), std::nullopt);
    EXPECT_EQ(number("-9223372036854775808.4").to_int64(), std::int64_t(-9223372036854775807) - 1);
    EXPECT_EQ(number("18446744073709551615").to_uint64(), 18446744073709551615U);
    EXPECT_EQ(number("18446744073709551615.5").to_uint64(), std::nullopt);
    EXPECT_EQ(number("-0.4").to_uint64(), 0U);
    EXPECT_EQ(number("-0.5").to_uint64(), std::nullopt);
    EXPECT_EQ(number("-0.1").to_double(), -0.1);
    EXPECT_EQ(text_of(Decimal::of(1.1)), "1.1");
    EXPECT_EQ(text_of(Decimal::of(-1e20)), "-100000000000000000000");
    EXPECT_EQ(text_of(Decimal::of(1e300)), "none");
    EXPECT_EQ(text_of(Decimal::of(std::numeric_limits<double>::infinity())), "none");
    EXPECT_EQ(Decimal::largest(5, 2, true).text(), "-999.99");
    EXPECT_EQ(Decimal(std::uint64_t(18446744073709551615U)).text(), "18446744073709551615");
}

}  // namespace
}  // namespace sluice
