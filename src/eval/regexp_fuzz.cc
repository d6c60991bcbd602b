// Any bytes as pattern and text of REGEXP_*, in several character sets, and as the pattern of a
// JSON schema: all end within their limits and say the same again.
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "eval/bind.h"
#include "eval/detail/byte_pattern.h"
#include "eval/detail/failure.h"
#include "eval/evaluate.h"
#include "sql/ast.h"
#include "sql/parse.h"

namespace {

using namespace sluice;

constexpr std::string_view queries[] = {
    "regexp_like(:text, :pattern)",
    "regexp_like(:text, :pattern, 'i')",
    "regexp_instr(:text, :pattern, 2)",
    "regexp_instr(:text, :pattern, 1, 2, 1, 'mn')",
    "regexp_substr(:text, :pattern, 1, 2)",
    "regexp_replace(:text, :pattern, '<$0>')",
    "regexp_replace(:text, :pattern, :pattern)",
};
constexpr std::string_view collations[] = {"utf8mb4_0900_ai_ci", "utf8mb4_0900_as_cs",
                                           "latin1_swedish_ci", "binary", "utf16_general_ci"};

std::string outcome(const sql::Expr& tree, const eval::Columns& columns) {
    eval::Environment environment;
    environment.max_allowed_packet = 1 << 20;
    const auto bound = eval::bind(tree, columns, environment);
    if (!bound) return bound.error().text;
    const auto value = eval::evaluate(*bound, {}, environment);
    return value ? eval::value_text(bound->type(), *value) : value.error().text;
}

eval::VariableField field(std::string name, std::string_view bytes,
                          const collation::Collation* collation) {
    eval::Environment environment;
    environment.connection = collation;
    eval::VariableField made{.name = std::move(name),
                             .type = eval::literal_type({Type::varchar, bytes}, environment),
                             .value = eval::Datum(std::string(bytes)),
                             .list = {},
                             .list_types = {}};
    made.type.collation = collation;
    return made;
}

std::string schema_outcome(std::string_view pattern, std::string_view text) {
    const auto compiled = eval::BytePattern::of(pattern);
    if (!compiled) return "none";
    const auto found =
        eval::caught([&] { return compiled->found_in(text, eval::Environment()) ? 1 : 0; });
    return found ? std::to_string(*found) : found.error().text;
}

void require_same(const std::string& first, const std::string& second, std::string_view what) {
    if (first == second) return;
    std::cerr << what << ": " << first << " / " << second << "\n";
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
    if (size < 3) return 0;
    const std::string_view input(reinterpret_cast<const char*>(bytes) + 3, size - 3);
    const std::size_t cut = bytes[2] % (input.size() + 1);
    const std::string_view pattern = input.substr(0, cut), text = input.substr(cut);
    const std::string_view query = queries[bytes[0] % std::size(queries)];
    const auto* collation = collation::find_collation(collations[bytes[1] % std::size(collations)]);
    eval::Columns columns;
    columns.variables.push_back(field("text", text, collation));
    columns.variables.push_back(field("pattern", pattern, collation));
    static const auto trees = [] {
        std::vector<sql::Expr> all;
        for (const std::string_view each : queries) all.push_back(*sql::parse_expression(each));
        return all;
    }();
    const sql::Expr& tree = trees[bytes[0] % std::size(queries)];
    require_same(outcome(tree, columns), outcome(tree, columns), query);
    require_same(schema_outcome(pattern, text), schema_outcome(pattern, text), "schema");
    return 0;
}
