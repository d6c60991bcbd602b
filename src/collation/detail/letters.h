#pragma once
// What is about code points alone: the weights of *_general_ci, and upper and lower case.
#include <cstdint>
#include <string_view>

namespace sluice::collation::detail {

// By code, of the basic plane.
const std::uint16_t* general_weights();
const std::uint16_t* tolower_weights();  // of utf8mb3_tolower_ci

struct CodeCase {
    char32_t code, upper, lower;
};

class CaseTable;
// Of a collation of Unicode's, by its name without the character set: "unicode_520_ci". Collations
// of one family share a table.
const CaseTable& case_table(std::string_view name);
CodeCase case_of(const CaseTable& table, char32_t code);

}  // namespace sluice::collation::detail
