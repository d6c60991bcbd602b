#include "executor/plan_cache.h"

#include <gtest/gtest.h>

namespace sluice::executor {
namespace {

constexpr sql::FingerprintSeed seed{0x1234567890abcdef, 0xfedcba0987654321};

struct Cache {
    PlanCache plans;

    explicit Cache(std::size_t capacity = 100) : plans(capacity) {}

    static sql::Fingerprint print_of(std::string_view text) {
        sql::Fingerprint slots;
        sql::fingerprint(text, {}, seed, slots);
        return slots;
    }
    void insert(std::string_view text, std::string kind, std::uint64_t session_key = 0,
                std::vector<std::uint32_t> pinned = {}) {
        auto plan = std::make_shared<CachedPlan>();
        plan->plan.kind = std::move(kind);
        plan->plan.pinned = std::move(pinned);
        plans.insert(print_of(text), session_key, text, seed, std::move(plan));
    }
    // The kind of the plan that is found; "" for none.
    std::string find(std::string_view text, std::uint64_t session_key = 0) {
        const auto found = plans.find(print_of(text), session_key, text, seed);
        return found ? found->plan.kind : "";
    }
};

TEST(PlanCache, FindsStatementsOfOneShape) {
    Cache cache;
    EXPECT_EQ(cache.find("select 1 from t"), "");
    cache.insert("select 1 from t", "one");
    cache.insert("select 1 from u", "other");
    EXPECT_EQ(cache.find("select 2 from t"), "one");
    EXPECT_EQ(cache.find("select /* c */ 3   from t"), "one");
    EXPECT_EQ(cache.find("select 2 from u"), "other");
    EXPECT_EQ(cache.find("select 'a' from t"), "");
    EXPECT_EQ(cache.find("select 1 from t", 7), "");
    cache.insert("select 1 from t", "seven", 7);
    EXPECT_EQ(cache.find("select 1 from t", 7), "seven");
    EXPECT_EQ(cache.find("select 1 from t"), "one");
    EXPECT_EQ(cache.plans.hits(), 5u);
    EXPECT_EQ(cache.plans.misses(), 3u);
}

TEST(PlanCache, ANewPlanTakesThePlaceOfTheOld) {
    Cache cache;
    cache.insert("select 1 from t", "old");
    cache.insert("select 2 from t", "new");
    EXPECT_EQ(cache.find("select 3 from t"), "new");
    EXPECT_EQ(cache.plans.size(), 1u);
    cache.plans.clear();
    EXPECT_EQ(cache.find("select 3 from t"), "");
    EXPECT_EQ(cache.plans.size(), 0u);
}

TEST(PlanCache, PinnedLiteralsMakeVariants) {
    Cache cache;
    cache.insert("select a from t where b = 5 order by 1", "by 1", 0, {1});
    EXPECT_EQ(cache.find("select a from t where b = 6 order by 1"), "by 1");
    EXPECT_EQ(cache.find("select a from t where b = 5 order by 2"), "");
    cache.insert("select a from t where b = 5 order by 2", "by 2", 0, {1});
    EXPECT_EQ(cache.find("select a from t where b = 9 order by 2"), "by 2");
    EXPECT_EQ(cache.find("select a from t where b = 9 order by 1"), "by 1");
    std::vector<std::string> kinds;
    cache.plans.for_each([&](const auto& cached) { kinds.push_back(cached->plan.kind); });
    EXPECT_EQ(kinds, (std::vector<std::string>{"by 1", "by 2"}));
}

TEST(PlanCache, TheLeastRecentlyUsedGoes) {
    Cache cache(2);
    cache.insert("select 1 from a", "a");
    cache.insert("select 1 from b", "b");
    EXPECT_EQ(cache.find("select 1 from a"), "a");
    cache.insert("select 1 from c", "c");
    EXPECT_EQ(cache.find("select 1 from b"), "");
    EXPECT_EQ(cache.find("select 1 from a"), "a");
    EXPECT_EQ(cache.find("select 1 from c"), "c");
    EXPECT_EQ(cache.plans.size(), 2u);
    // A plan that is in use outlives its place in the cache.
    const auto held =
        cache.plans.find(Cache::print_of("select 1 from a"), 0, "select 1 from a", seed);
    cache.insert("select 1 from d", "d");
    cache.insert("select 1 from e", "e");
    EXPECT_EQ(held->plan.kind, "a");
    Cache none(0);
    none.insert("select 1 from a", "a");
    EXPECT_EQ(none.find("select 1 from a"), "");
}

}  // namespace
}  // namespace sluice::executor
