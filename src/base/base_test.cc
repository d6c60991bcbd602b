#include <gtest/gtest.h>

#include "base/box.h"
#include "base/budget.h"
#include "base/error.h"

namespace sluice {
namespace {

TEST(Error, NumbersHaveTheirStates) {
    EXPECT_EQ(sqlstate_of(1064), "42000");
    EXPECT_EQ(sqlstate_of(1062), "23000");
    EXPECT_EQ(sqlstate_of(1105), "HY000");
    EXPECT_EQ(sqlstate_of(9999), "HY000");
    EXPECT_EQ(make_error(Code::deadline_exceeded, "late").number, 1317);
    EXPECT_EQ(make_error(Code::resource_exhausted, "full").number, 1203);
    EXPECT_EQ(unsupported("x").error().text, "VT12001: unsupported: x");
}

Result<int> half(int value) {
    if (value % 2 != 0) return fail(Code::invalid_argument, "odd");
    return value / 2;
}
Result<int> quarter(int value) {
    return TRY(half(TRY(half(value))));
}

TEST(Error, TryReturnsTheError) {
    EXPECT_EQ(*quarter(8), 2);
    EXPECT_EQ(quarter(6).error().text, "odd");
}

TEST(Box, CopiesAndComparesLikeItsValue) {
    Box<std::string> first(std::string("a"));
    Box<std::string> second = first;
    EXPECT_TRUE(first == second);
    *second += "b";
    EXPECT_FALSE(first == second);
    EXPECT_EQ(*first, "a");
}

TEST(Budget, ChargesTheWholePathOrNothing) {
    ProcessBudget process(3 << 20);
    Budget core(&process, "core");
    Budget connection(&core, 0, "connection");
    Budget statement(&connection, 1000, "--statement_memory_limit");
    EXPECT_TRUE(statement.charge(600).has_value());
    const Result<void> refused = statement.charge(600);
    EXPECT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().number, 1153);
    EXPECT_EQ(refused.error().text,
              "memory limit exceeded (--statement_memory_limit is 1000 bytes)");
    EXPECT_EQ(core.used(), 600U);
    statement.release(600);
    EXPECT_EQ(core.used(), 0U);
    EXPECT_TRUE(connection.charge(3 << 20).has_value());
    EXPECT_FALSE(connection.charge(1).has_value());
    EXPECT_EQ(connection.used(), std::size_t{3 << 20});
    connection.release(3 << 20);
    EXPECT_LE(process.used(), std::size_t{1 << 20});
    Charge charge(&statement);
    EXPECT_TRUE(charge.add(10).has_value());
    EXPECT_EQ(statement.used(), 10U);
}

TEST(Budget, ChargesWhatIsAllowedForNow) {
    ProcessBudget process(8 << 20);
    Budget core(&process, "core");
    EXPECT_TRUE(core.charge(6 << 20).has_value());
    process.allow(4 << 20);
    const Result<void> refused = core.charge(2 << 20);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().text,
              "memory limit of the process exceeded (--memory_limit is 8388608 bytes, 4194304 of "
              "them may be used for now)");
    core.release(5 << 20);
    EXPECT_TRUE(core.charge(2 << 20).has_value());
    process.allow(100 << 20);
    EXPECT_EQ(process.allowed(), process.limit());
    EXPECT_TRUE(core.charge(5 << 20).has_value());
    core.release(8 << 20);
}

}  // namespace
}  // namespace sluice
