#pragma once
// A column of JSON_TABLE: its type, and JSON values as it holds them. A value is stored as MySQL
// stores it in a column, which is stricter than CAST.
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "eval/environment.h"
#include "eval/expression.h"
#include "sql/ast_select.h"
#include "values/json.h"

namespace sluice::eval {

struct JsonColumn {
    std::string name;  // for messages
    FieldType type = {};
    std::int64_t lowest = 0;                // of integers
    std::uint64_t highest = 0;              // of integers and BIT
    std::uint64_t room = 0;                 // of text: characters, or bytes
    bool counts_bytes = false;              // TEXT and its kin, BINARY and its kin
    std::vector<std::string> members = {};  // of ENUM and SET, in the column's character set
};

// The number of a value that its column has no place for, and of a word that is no member.
inline constexpr std::uint16_t value_out_of_range = 3669;

// Why a value does not fit: a MySQL error, which ON ERROR may replace by a value.
struct Misfit {
    std::uint16_t number = 0;
    std::string text;
};

// VT12001 for types that are not known here, MySQL's errors for sizes that no column has.
JsonColumn json_column(const sql::JsonTableColumn& written, const Environment& environment);

// JSON's null is NULL.
std::expected<Datum, Misfit> stored_json(const JsonColumn& column, const Json& value,
                                         Environment& environment);

}  // namespace sluice::eval
