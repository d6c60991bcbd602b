#pragma once
// Which collation two operands of an operator have together (MySQL's manual, "Collation
// Coercibility in Expressions").
#include <cstdint>
#include <span>
#include <string_view>

#include "base/error.h"
#include "collation/collation.h"

namespace sluice::collation {

// The lower wins.
enum class Coercibility : std::uint8_t {
    explicit_collate,  // COLLATE in the statement
    none,              // two that did not agree
    implicit,          // a column
    system_constant,   // USER(), VERSION()
    coercible,         // a literal
    numeric,           // a number or a date
    ignorable,         // NULL
};

// Which characters there may be.
enum class Repertoire : std::uint8_t { ascii = 1, unicode = 3 };

struct Operand {
    const Collation* collation = nullptr;
    Coercibility coercibility = Coercibility::coercible;
    Repertoire repertoire = Repertoire::unicode;

    bool operator==(const Operand&) const = default;
};

struct MergeRules {
    bool to_superset = true;  // text may be converted to a set that has all its characters
    bool to_lower_coercibility = true;  // text of a literal may be converted to a column's set
    // Of two of one coercibility the one in Unicode wins, even if it has ASCII only and the other
    // has not. MySQL does so; v21 takes the left one.
    bool unicode_first = false;
};

struct Merged {
    Operand result;
    bool left_converted = false, right_converted = false;  // to the result's character set
};

// 1267 if there is none; `operation` is how MySQL names the function, e.g. "=" or "concat".
Result<Merged> merge(const Operand& left, const Operand& right, std::string_view operation = {},
                     MergeRules rules = {});

// "Illegal mix of collations": 1267 for two operands, 1270 for three, 1271 for more.
Error illegal_mix(std::span<const Operand> operands, std::string_view operation);

}  // namespace sluice::collation
