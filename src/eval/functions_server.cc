// What is asked of a server itself, as far as the gate is one: CURRENT_ROLE, ICU_VERSION.
#include <unicode/uversion.h>

#include "eval/detail/operators.h"
#include "eval/detail/registry.h"

namespace sluice::eval {
namespace {

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
        {"current_role", 0, 0, give_current_role, current_role},
        {"icu_version", 0, 0, give_icu_version, icu_version},
    };
    return functions;
}

}  // namespace sluice::eval
