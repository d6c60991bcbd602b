#include "servenv/rates.h"

#include <gtest/gtest.h>

namespace sluice::servenv {
namespace {

using namespace std::chrono_literals;

TEST(Rates, OneNumberForEachInterval) {
    Rates rates(3);
    const Rates::Clock::time_point start{};
    EXPECT_EQ(rates.json(), "{}");
    rates.sample({{"a", 10}}, start);
    EXPECT_EQ(rates.json(), "{}");
    rates.sample({{"a", 20}}, start + 5s);
    EXPECT_EQ(rates.json(), R"({"a":[2]})");
    rates.sample({{"a", 20}, {"b", 5}}, start + 10s);
    EXPECT_EQ(rates.json(), R"({"a":[2,0],"b":[0,1]})");
    EXPECT_EQ(rates.latest(), 1);
    // The oldest goes.
    rates.sample({{"a", 23}, {"b", 5}}, start + 15s);
    EXPECT_EQ(rates.json(), R"({"a":[0,0.6],"b":[1,0]})");
    EXPECT_EQ(rates.latest(), 0.6);
}

TEST(Rates, AllIsNoLabelOfItsOwn) {
    Rates rates(2);
    const Rates::Clock::time_point start{};
    rates.sample({{"All", 0}, {"x", 0}}, start);
    rates.sample({{"All", 10}, {"x", 10}}, start + 5s);
    EXPECT_EQ(rates.latest(), 2);
}

}  // namespace
}  // namespace sluice::servenv
