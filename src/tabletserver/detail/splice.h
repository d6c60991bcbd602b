#pragma once
// Step 6 of a request to a tablet: bind variables become literals in the text for MySQL.
#include <string>
#include <string_view>

#include "tabletserver/plan.h"
#include "tabletserver/settings.h"
#include "tabletserver/variables.h"

namespace sluice::tabletserver {

struct SpliceRules {
    Backslash backslash = Backslash::escapes;
    std::string_view database{};  // stands for __vtschemaname if __replacevtschemaname is bound
};

// Appends the text to `out`. Errors (INVALID_ARGUMENT): a variable is missing, is a list where a
// value stands or the other way round, or its bytes are not what its type says.
Result<void> splice(const QueryText& query, const Variables& variables, const SpliceRules& rules,
                    std::string* out);

// For error texts: "Sql: \"...\", BindVars: {...}" as v21 prints it, each value cut to `limit`.
std::string query_as_text(std::string_view sql, const Variables& variables);

}  // namespace sluice::tabletserver
