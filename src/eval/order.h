#pragma once
// Rows as keys: compared, hashed, sorted, told apart. NULL is the lowest value and equal to NULL,
// as in ORDER BY, GROUP BY and DISTINCT. Equal rows have equal hashes and equal keys under their
// collations.
#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "eval/evaluate.h"
#include "eval/expression.h"

namespace sluice::eval {

struct KeyPart {
    FieldType type;
    std::uint32_t column = 0;  // its place in the row
    bool descending = false;
};

// Of two values of one type.
std::weak_ordering compare_values(const FieldType& type, const Datum& left, const Datum& right);
std::weak_ordering compare_rows(std::span<const KeyPart> parts, Row left, Row right);
bool equal_rows(std::span<const KeyPart> parts, Row left, Row right);
std::uint64_t hash_value(const FieldType& type, const Datum& value, std::uint64_t seed);
std::uint64_t hash_row(std::span<const KeyPart> parts, Row row, std::uint64_t seed);

// Bytes that are equal for equal values only, and whose order is that of the values, but for JSON
// and for texts with characters below the space under PAD SPACE collations.
void append_sort_key(std::string& out, const KeyPart& part, const Datum& value);
// The order in which `rows` are sorted: places in it. Equal rows stay as they are.
std::vector<std::uint32_t> sorted(std::span<const KeyPart> parts, std::span<const Row> rows);

}  // namespace sluice::eval
