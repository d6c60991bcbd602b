// What is asked of a server itself, as far as the gate is one: BENCHMARK, CURRENT_ROLE,
// ICU_VERSION.
#include <algorithm>

#include <unicode/uversion.h>

#include "eval/detail/operators.h"
#include "eval/detail/registry.h"

namespace sluice::eval {
namespace {

// More would hold the core and all its sessions; a server has a thread for each.
constexpr std::int64_t most_repetitions = 1'000'000;

Datum benchmark(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    const Integer count = operand.integer();
    if (count.is_negative()) {
        run.environment.warnings.add(1411, "Incorrect count value: '" +
                                               std::to_string(count.clipped()) +
                                               "' for function benchmark");
        return {};
    }
    if (count.clipped() > most_repetitions) refuse("BENCHMARK of more than a million repetitions");
    for (std::int64_t i = 0; i < count.clipped(); ++i) Operand(node.arguments[1], run);
    return std::int64_t{0};
}

bool has_benchmark(const Node& node) {
    return node.compute == benchmark || std::ranges::any_of(node.arguments, has_benchmark);
}
void give_benchmark(Node& node, const Environment&) {
    if (std::ranges::any_of(node.arguments, has_benchmark)) refuse("BENCHMARK in BENCHMARK");
    node.type = integer_type(true, 1);
    node.is_constant = false;
}

FieldType system_text(std::uint64_t length, bool nullable) {
    return text_type(
        {collation::default_collation("utf8mb3"), Coercibility::system_constant, Repertoire::ascii},
        length, nullable);
}

// The gate's users have no roles.
Datum current_role(const Node&, Run&) {
    return std::string("NONE");
}
void give_current_role(Node& node, const Environment&) {
    node.type = system_text(blob_length, true);
    node.type.length = blob_length;
}

Datum icu_version(const Node&, Run&) {
    return std::string(U_ICU_VERSION);
}
void give_icu_version(Node& node, const Environment&) {
    node.type = system_text(std::string_view(U_ICU_VERSION).size(), false);
}

}  // namespace

std::span<const Function> server_functions() {
    static constexpr Function functions[] = {
        {"benchmark", 2, 2, give_benchmark, benchmark},
        {"current_role", 0, 0, give_current_role, current_role},
        {"icu_version", 0, 0, give_icu_version, icu_version},
    };
    return functions;
}

}  // namespace sluice::eval
