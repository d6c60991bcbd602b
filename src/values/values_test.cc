#include <gtest/gtest.h>

#include "values/decimal.h"
#include "values/number.h"
#include "values/value.h"

namespace sluice {
namespace {

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
