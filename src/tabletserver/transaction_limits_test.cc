#include "tabletserver/transaction_limits.h"

#include <gtest/gtest.h>

namespace sluice::tabletserver {
namespace {

const std::string bob = "bob", eve = "eve", app = "app", page = "page";

TEST(TransactionLimits, OneUserHasASharePlacesComeBack) {
    const auto limits = std::make_shared<TransactionLimits>(
        TransactionLimitOptions{.enabled = true, .each = 2, .by_principal = false});
    auto first = limits->take({.username = &bob});
    const auto second = limits->take({.username = &bob});
    ASSERT_TRUE(first && second);
    const auto third = limits->take({.username = &bob});
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().code, Code::resource_exhausted);
    EXPECT_EQ(third.error().text, "per-user transaction pool connection limit exceeded");
    EXPECT_TRUE(limits->take({.username = &eve}));
    EXPECT_TRUE(limits->take({}));
    first->reset();
    EXPECT_TRUE(limits->take({.username = &bob}));
    EXPECT_EQ(limits->rejections(), (std::map<std::string, std::uint64_t>{{"bob", 1}}));
}

TEST(TransactionLimits, UsersDifferByWhatIsAskedFor) {
    const auto limits =
        std::make_shared<TransactionLimits>(TransactionLimitOptions{.enabled = true,
                                                                    .each = 0,
                                                                    .by_username = true,
                                                                    .by_principal = true,
                                                                    .by_component = true});
    for (const TransactionOwner& owner :
         {TransactionOwner{.username = &bob, .principal = &app, .component = &page},
          TransactionOwner{.username = &bob}, TransactionOwner{}})
        EXPECT_FALSE(limits->take(owner));
    EXPECT_EQ(limits->rejections(),
              (std::map<std::string, std::uint64_t>{
                  {"bob/app/page", 1}, {"bob/unknown", 1}, {"unknown/unknown", 1}}));
}

TEST(TransactionLimits, ADryRunOnlyCounts) {
    const auto limits = std::make_shared<TransactionLimits>(TransactionLimitOptions{
        .enabled = true, .dry_run = true, .each = 1, .by_principal = false});
    const auto first = limits->take({.username = &bob});
    const auto second = limits->take({.username = &bob});
    ASSERT_TRUE(first && second);
    EXPECT_TRUE(*first);
    EXPECT_FALSE(*second);
    EXPECT_EQ(limits->rejections().at("bob"), 1U);
}

}  // namespace
}  // namespace sluice::tabletserver
