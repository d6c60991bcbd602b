// How long a value takes to become a shard. Aims: hash with number parsing under 100 ns, to a shard
// index included.
#include <array>
#include <string>

#include <benchmark/benchmark.h>

#include "vindex/create.h"
#include "vindex/destination.h"

namespace sluice::vindex {
namespace {

constexpr std::array<std::string_view, 4> numbers{"1", "123456", "18446744073709551615",
                                                  "999999999"};
constexpr std::array<std::string_view, 4> texts{"a", "Alice Example", "alice@example.org",
                                                "Zoë Größe"};

void map_values(benchmark::State& state, std::string_view vindex_type, Type type,
                const auto& values) {
    const auto vindex = create(vindex_type, "v", {}).value();
    std::size_t i = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(vindex->map({type, values[i++ % values.size()]}));
    }
}

void map_hash(benchmark::State& state) {
    map_values(state, "hash", Type::uint64, numbers);
}
void map_xxhash(benchmark::State& state) {
    map_values(state, "xxhash", Type::varchar, texts);
}
void map_binary_md5(benchmark::State& state) {
    map_values(state, "binary_md5", Type::varchar, texts);
}
void map_unicode_xxhash(benchmark::State& state) {
    map_values(state, "unicode_loose_xxhash", Type::varchar, texts);
}
BENCHMARK(map_hash);
BENCHMARK(map_xxhash);
BENCHMARK(map_binary_md5);
BENCHMARK(map_unicode_xxhash);

// From the text of a number to the index of its shard.
void hash_to_shard(benchmark::State& state) {
    std::vector<ShardRange> shards;
    for (const std::string& name : generate_shard_ranges(state.range(0)).value()) {
        shards.push_back({name, validate_shard_name(name)->range});
    }
    const ShardMap map(std::move(shards));
    const auto vindex = create("hash", "v", {}).value();
    std::size_t i = 0;
    for (auto _ : state) {
        const auto id = vindex->map({Type::uint64, numbers[i++ % numbers.size()]});
        benchmark::DoNotOptimize(map.shard_of((*id)->view()));
    }
}
BENCHMARK(hash_to_shard)->Arg(2)->Arg(16)->Arg(256);

}  // namespace
}  // namespace sluice::vindex
