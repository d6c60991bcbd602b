// What a statement costs whose plan is there: the pass over its text, and the look-up.
#include <string>

#include <benchmark/benchmark.h>

#include "executor/plan_cache.h"

namespace {

using namespace sluice;
constexpr sql::FingerprintSeed seed{1, 2};
constexpr std::uint64_t session_key = 42;

// As many other plans as an application with a few hundred statements has.
void fill(executor::PlanCache& cache, std::string_view text) {
    sql::Fingerprint slots;
    for (int i = 0; i < 500; ++i) {
        const std::string other = "select a from t" + std::to_string(i) + " where id = 1";
        sql::fingerprint(other, {}, seed, slots);
        cache.insert(slots, session_key, other, seed, std::make_shared<executor::CachedPlan>());
    }
    sql::fingerprint(text, {}, seed, slots);
    cache.insert(slots, session_key, text, seed, std::make_shared<executor::CachedPlan>());
}

void plan_hit(benchmark::State& state) {
    const std::string_view point = "SELECT c FROM sbtest1 WHERE id=5042";
    executor::PlanCache cache(5000);
    fill(cache, point);
    sql::Fingerprint slots;
    for (auto _ : state) {
        sql::fingerprint(point, {}, seed, slots);
        benchmark::DoNotOptimize(cache.find(slots, session_key, point, seed));
    }
    if (cache.misses() != 0) state.SkipWithError("the plan is not found");
}
BENCHMARK(plan_hit);

}  // namespace
