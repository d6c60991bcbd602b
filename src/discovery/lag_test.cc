#include "discovery/lag.h"

#include <gtest/gtest.h>

namespace sluice::discovery {
namespace {

using namespace std::chrono_literals;
using Indexes = std::vector<std::size_t>;

TEST(Lag, TheOldRuleComparesWithTheOthers) {
    struct Case {
        std::vector<std::uint32_t> lags;
        Indexes want;
    };
    const LagRules rules;
    for (const auto& [lags, want] : {
             Case{{}, {}}, Case{{100'000}, {0}},         // one is better than none
             Case{{5, 30, 1}, {0, 1, 2}},                // all are low
             Case{{1, 1, 1, 1, 3600}, {0, 1, 2, 3}},     // one far behind the others
             Case{{1, 3600}, {0, 1}},                    // two must stay
             Case{{10'000, 10'001, 10'002}, {0, 1, 2}},  // all alike
             Case{{1, 10'000}, {0}},                     // too far behind to be one of the two
             Case{{1, 1, 1, 500, 5'000}, {0, 1, 2}},     // once more when one was taken out
         }) {
        EXPECT_EQ(within_lag(lags, rules), want) << testing::PrintToString(lags);
    }
}

TEST(Lag, TheNewRuleHasThresholds) {
    struct Case {
        std::vector<std::uint32_t> lags;
        Indexes want;
    };
    const LagRules rules{.legacy = false};
    for (const auto& [lags, want] : {
             Case{{5, 30, 1}, {2, 0, 1}},
             Case{{40, 50, 60}, {0, 1}},  // two stay although they lag
             Case{{40, 1, 60}, {1, 0}},   //
             Case{{7'201, 10'000}, {}},   // nobody so far behind
             Case{{7'200, 31, 2, 30}, {2, 3}},
         }) {
        EXPECT_EQ(within_lag(lags, rules), want) << testing::PrintToString(lags);
    }
}

TEST(Lag, SmallChangesMoveNobody) {
    const LagRules rules;
    EXPECT_TRUE(rules.is_trivial(0, 30));
    EXPECT_FALSE(rules.is_trivial(30, 31));
    EXPECT_TRUE(rules.is_trivial(100, 109));
    EXPECT_FALSE(rules.is_trivial(100, 111));
    EXPECT_FALSE(rules.is_trivial(100, 89));
}

}  // namespace
}  // namespace sluice::discovery
