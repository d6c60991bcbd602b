// RAND. Without an argument the environment's chance; with one MySQL's own sequence.
#include "eval/detail/registry.h"

namespace sluice::eval {
namespace {

struct PreparedSequence : Prepared {};

Datum by_chance(Run& run) {
    if (!run.environment.random) refuse("RAND");
    std::uint64_t bits = 0;
    run.environment.random(reinterpret_cast<char*>(&bits), sizeof bits);
    return static_cast<double>(bits >> 11) * 0x1p-53;
}

Datum random_number(const Node& node, Run& run) {
    if (node.arguments.empty()) return by_chance(run);
    auto& sequences = run.environment.sequences;
    // A constant argument is the seed of all rows of a statement; another one of its row.
    const Prepared* key = node.prepared.get();
    if (key != nullptr) {
        const auto found = sequences.find(key);
        if (found != sequences.end()) return found->second.next();
    }
    Operand seed(node.arguments[0], run);
    RandomSequence sequence(seed.is_null() ? 0 : static_cast<std::uint32_t>(seed.integer().bits));
    const double number = sequence.next();
    if (key != nullptr) sequences.emplace(key, sequence);
    return number;
}
void give_random_number(Node& node, const Environment&) {
    node.type = real_type(any_nullable(node.arguments));
    node.is_constant = false;
    if (!node.arguments.empty() && node.arguments[0].is_constant)
        node.prepared = std::make_shared<PreparedSequence>();
}

}  // namespace

std::span<const Function> random_functions() {
    static constexpr Function functions[] = {
        {"rand", 0, 1, give_random_number, random_number},
    };
    return functions;
}

}  // namespace sluice::eval
