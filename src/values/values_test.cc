#include <gtest/gtest.h>

#include "values/decimal.h"
#include "values/value.h"

namespace sluice {
namespace {

TEST(Decimal, ParsesAndPrints) {
    for (const char* text :
         {"0", "1", "-1", "0.5", "-0.05", "12345678901234567890.123456789", "0.00",
          "99999999999999999999999999999999999999999999999999999999999999999"}) {
        const auto parsed = Decimal::parse(text);
        ASSERT_TRUE(parsed.has_value()) << text;
        EXPECT_EQ(parsed->text(), text);
    }
    EXPECT_EQ(Decimal::parse(".5")->text(), "0.5");
    EXPECT_EQ(Decimal::parse("+7.10")->text(), "7.10");
    for (const char* text :
         {"", "-", ".", "1e5", "1.2.3", " 1", "0x1",
          "100000000000000000000000000000000000000000000000000000000000000000"}) {
        EXPECT_FALSE(Decimal::parse(text).has_value()) << text;
    }
}

TEST(Decimal, AddsDividesAndCompares) {
    const auto sum = Decimal::add(*Decimal::parse("1.5"), *Decimal::parse("-0.25"));
    EXPECT_EQ(sum->text(), "1.25");
    const std::string nines(65, '9');
    EXPECT_FALSE(Decimal::add(*Decimal::parse(nines), Decimal(1)).has_value());
    EXPECT_EQ(Decimal::divide(Decimal(5), 3, 4)->text(), "1.6667");
    EXPECT_EQ(Decimal::divide(Decimal(-5), 3, 4)->text(), "-1.6667");
    EXPECT_EQ(Decimal::divide(*Decimal::parse("0.10"), 4, 6)->text(), "0.025000");
    EXPECT_EQ(Decimal::divide(Decimal(1), 8, 2)->text(), "0.13");
    EXPECT_FALSE(Decimal::divide(Decimal(1), 0, 4).has_value());
    EXPECT_TRUE(*Decimal::parse("1.50") == *Decimal::parse("1.5"));
    EXPECT_LT(*Decimal::parse("-2"), *Decimal::parse("-1.99"));
}

TEST(DoubleText, AsMysqlPrints) {
    EXPECT_EQ(double_text(0), "0");
    EXPECT_EQ(double_text(1.5), "1.5");
    EXPECT_EQ(double_text(-0.1), "-0.1");
    EXPECT_EQ(double_text(1e14), "100000000000000");
    EXPECT_EQ(double_text(1e15), "1e15");
    EXPECT_EQ(double_text(1.25e-20), "1.25e-20");
    EXPECT_EQ(double_text(0.00001), "0.00001");
}

TEST(Literal, Escapes) {
    std::string out;
    append_literal(out, {Type::varchar, "it's\n\\"});
    EXPECT_EQ(out, "'it\\'s\\n\\\\'");
    out.clear();
    append_literal(out, {Type::varbinary, std::string_view("\0\xff", 2)});
    EXPECT_EQ(out, "_binary'\\0\xff'");
    out.clear();
    append_literal(out, {Type::int64, "-5"});
    append_literal(out, {});
    EXPECT_EQ(out, "-5null");
}

}  // namespace
}  // namespace sluice
