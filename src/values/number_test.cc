#include "values/number.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(Number, ReadsIntegers) {
    EXPECT_EQ(read_integer(" 12 ").to_int64(), 12);
    EXPECT_FALSE(read_integer(" 12 ").cut);
    EXPECT_TRUE(read_integer("1e3").cut);
    EXPECT_EQ(read_integer("1e3").bits, 1U);
    EXPECT_EQ(read_integer("-5").to_int64(), -5);
    EXPECT_EQ(read_integer("-5").to_uint64(), 0U);
    EXPECT_TRUE(read_integer("99999999999999999999").out_of_range);
    EXPECT_EQ(read_integer("-99999999999999999999").to_int64(),
              std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(read_integer("x").used, 0U);
}

TEST(Number, ReadsDoubles) {
    EXPECT_EQ(read_double(" 1.5").value, 1.5);
    EXPECT_EQ(read_double(".5").value, 0.5);
    EXPECT_EQ(read_double("1e").value, 1);
    EXPECT_TRUE(read_double("1e").cut);
    EXPECT_EQ(read_double("-1e400").value, -std::numeric_limits<double>::max());
    EXPECT_TRUE(read_double("1e400").out_of_range);
    EXPECT_TRUE(read_double("1e99999999999999999999").out_of_range);
    EXPECT_EQ(read_double("1e-400").value, 0);
    EXPECT_FALSE(read_double("1e-400").out_of_range);
    EXPECT_EQ(read_double(".").used, 0U);
}

TEST(Number, Prints) {
    EXPECT_EQ(double_text(1234567890123456.7), "1234567890123456.8");
    EXPECT_EQ(double_text(12345678901234567.0), "1.2345678901234568e16");
    EXPECT_EQ(double_text(-0.0), "-0");
    EXPECT_EQ(float_text(16777216), "16777200");
    EXPECT_EQ(float_text(1.23456789F), "1.23457");
    EXPECT_EQ(fixed_text(2.5, 3), "2.500");
}

TEST(Number, Rounds) {
    EXPECT_EQ(rounded(2.5, 0, false), 2);
    EXPECT_EQ(rounded(-1.27, 1, true), -1.2);
    EXPECT_EQ(rounded(1234.0, -2, false), 1200);
    EXPECT_EQ(rounded(std::int64_t{-15}, -1, false), -20);
    EXPECT_EQ(rounded(std::numeric_limits<std::int64_t>::max(), -1, false), std::nullopt);
    EXPECT_EQ(rounded(std::uint64_t{149}, -2, true), 100U);
    EXPECT_EQ(to_int64(2.5).value, 2);
    EXPECT_TRUE(to_int64(1e20).out_of_range);
    EXPECT_TRUE(to_uint64(-1).out_of_range);
}

}  // namespace
}  // namespace sluice
