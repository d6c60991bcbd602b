// Exact numbers. Aim: a sum within 8 ns.
#include <array>

#include <benchmark/benchmark.h>

#include "values/decimal.h"

namespace sluice {
namespace {

const std::array<Decimal, 4> numbers{*Decimal::parse("12.50"), *Decimal::parse("-99999.99"),
                                     *Decimal::parse("0.01"), *Decimal::parse("1234567.89")};

void add(benchmark::State& state) {
    std::size_t i = 0;
    for (auto _ : state) {
        ++i;
        benchmark::DoNotOptimize(Decimal::add(numbers[i % 4], numbers[(i + 1) % 4]));
    }
}
void divide(benchmark::State& state) {
    std::size_t i = 0;
    for (auto _ : state) {
        ++i;
        benchmark::DoNotOptimize(Decimal::divide(numbers[i % 4], numbers[(i + 1) % 4], 4));
    }
}
void parse(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(Decimal::parse("1234567.89"));
}
void print(benchmark::State& state) {
    std::size_t i = 0;
    for (auto _ : state) benchmark::DoNotOptimize(numbers[++i % 4].text());
}
BENCHMARK(add);
BENCHMARK(divide);
BENCHMARK(parse);
BENCHMARK(print);

}  // namespace
}  // namespace sluice
