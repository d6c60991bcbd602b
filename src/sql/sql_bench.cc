// What a statement costs before it is planned.
#include <cstring>

#include <benchmark/benchmark.h>

#include "sql/fingerprint.h"
#include "sql/format.h"
#include "sql/normalize.h"
#include "sql/parse.h"

namespace {

using namespace sluice::sql;
constexpr std::string_view point = "SELECT c FROM sbtest1 WHERE id=5042";

void copy_text(benchmark::State& state) {
    char room[64];
    for (auto _ : state) {
        std::memcpy(room, point.data(), point.size());
        benchmark::DoNotOptimize(room);
    }
}
BENCHMARK(copy_text);

void lex(benchmark::State& state) {
    for (auto _ : state) {
        Lexer lexer(point, {});
        while (lexer.next().kind != TokenKind::end) {
        }
        benchmark::DoNotOptimize(lexer);
    }
}
BENCHMARK(lex);

void fingerprint_point(benchmark::State& state) {
    Fingerprint result;
    for (auto _ : state) {
        fingerprint(point, {}, {1, 2}, result);
        benchmark::DoNotOptimize(result.high);
    }
}
BENCHMARK(fingerprint_point);

void decode_slot(benchmark::State& state) {
    Fingerprint result;
    fingerprint(point, {}, {1, 2}, result);
    for (auto _ : state) benchmark::DoNotOptimize(slot_value(point, result.slots()[0], {}));
}
BENCHMARK(decode_slot);

void point_parse(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(parse(point));
}
BENCHMARK(point_parse);

void normalize_point(benchmark::State& state) {
    const Statement statement = *parse(point);
    for (auto _ : state) benchmark::DoNotOptimize(normalize(statement, {}));
}
BENCHMARK(normalize_point);

void format_point(benchmark::State& state) {
    const Statement statement = *parse(point);
    for (auto _ : state) benchmark::DoNotOptimize(format(statement));
}
BENCHMARK(format_point);

}  // namespace
