// What a statement costs before it is planned.
#include <cstring>
#include <string>

#include <benchmark/benchmark.h>

#include "sql/fingerprint.h"
#include "sql/format.h"
#include "sql/normalize.h"
#include "sql/parse.h"

namespace {

using namespace sluice::sql;
constexpr std::string_view point = "SELECT c FROM sbtest1 WHERE id=5042";
// The shape of TPC-H's eighth query: eight tables, a derived table, a CASE, an EXTRACT.
constexpr std::string_view tpch_8 =
    "select o_year, sum(case when nation = 'FRANCE' then volume else 0 end) / sum(volume) as "
    "mkt_share from (select extract(year from o_orderdate) as o_year, l_extendedprice * (1 - "
    "l_discount) as volume, n2.n_name as nation from part, supplier, lineitem, orders, customer, "
    "nation n1, nation n2, region where p_partkey = l_partkey and s_suppkey = l_suppkey and "
    "l_orderkey = o_orderkey and o_custkey = c_custkey and c_nationkey = n1.n_nationkey and "
    "n1.n_regionkey = r_regionkey and r_name = 'EUROPE' and s_nationkey = n2.n_nationkey and "
    "o_orderdate between date '1995-01-01' and date '1996-12-31' and p_type = 'SMALL PLATED "
    "TIN') as all_nations group by o_year order by o_year";

// Rows of a number, two strings and a number, as a loader sends them: one megabyte.
std::string many_rows() {
    std::string text = "INSERT INTO sbtest1 (id, k, c, pad) VALUES ";
    for (int row = 1; text.size() < 1'000'000; ++row) {
        text += (row == 1 ? "(" : ", (") + std::to_string(row) + ", " +
                std::to_string(row * 7919 % 100'003) +
                ", 'a row of words, which are no longer than most', 'and its padding')";
    }
    return text;
}

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

void fingerprint_rows(benchmark::State& state) {
    const std::string text = many_rows();
    Fingerprint result;
    for (auto _ : state) {
        fingerprint(text, {}, {1, 2}, result);
        benchmark::DoNotOptimize(result.high);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(fingerprint_rows);

void point_parse(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(parse(point));
}
BENCHMARK(point_parse);

void tpch_8_parse(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(parse(tpch_8));
}
BENCHMARK(tpch_8_parse);

void parse_rows(benchmark::State& state) {
    const std::string text = many_rows();
    for (auto _ : state) benchmark::DoNotOptimize(parse(text));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(parse_rows);

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
