// Step 4 of a request, SET: from variables to what a connection is told. Before: set_statement.cc.
// After: tablet/mysql_tablet.cc, when the next statement takes a connection.
#include "executor/settings.h"

#include <functional>

#include "collation/collation.h"
#include "engine/bindings.h"

namespace sluice::executor {
namespace {

// Both are what a connection to MySQL or MariaDB gets with utf8mb4 and nothing said.
bool is_default(std::uint16_t collation) {
    return collation == collation::utf8mb4_general_ci || collation == collation::utf8mb4_0900_ai_ci;
}

}  // namespace

std::string_view charset_name(std::uint16_t collation) {
    const collation::Collation* found = collation::find_collation(collation);
    return found == nullptr ? "utf8mb4" : found->charset->name;
}

std::string setting_literal(ValueView value) {
    std::string literal;
    if (value.is_null() || !value.bytes.contains('\\')) {
        engine::append_literal(literal, value, {.no_backslash_escapes = true});
        return literal;
    }
    constexpr std::string_view digits = "0123456789abcdef";
    literal = is_binary(value.type) ? "_binary x'" : "_utf8mb4 x'";
    for (const char c : value.bytes) {
        literal += digits[static_cast<unsigned char>(c) >> 4U];
        literal += digits[static_cast<unsigned char>(c) & 15U];
    }
    return literal + "'";
}

std::shared_ptr<const tablet::Settings> make_settings(const SystemVariables& variables,
                                                      std::uint16_t collation, bool found_rows) {
    const bool names = !is_default(collation) && collation::find_collation(collation) != nullptr;
    if (variables.empty() && !names && !found_rows) return nullptr;
    auto settings = std::make_shared<tablet::Settings>();
    settings->found_rows = found_rows;
    if (names) settings->collation = collation;
    for (const auto& [name, value] : variables) {
        const bool first = settings->set_statement.empty();
        settings->set_statement += first ? "set " : ", ";
        settings->set_statement += "@@session." + name + " = " + value;
        settings->reset_statement += first ? "set " : ", ";
        settings->reset_statement += "@@session." + name + " = default";
    }
    const std::hash<std::string> hash;
    settings->key = hash(settings->set_statement) * 31 + collation * (names ? 2U : 0U) +
                    (found_rows ? 1U : 0U) + 1U;
    return settings;
}

}  // namespace sluice::executor
