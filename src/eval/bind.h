#pragma once
// From the parser's tree to a bound expression: names become places, types, collations, lengths and
// nullability are decided as MySQL decides them.
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "eval/environment.h"
#include "eval/expression.h"
#include "sql/ast_expr.h"
#include "values/value.h"

namespace sluice::eval {

struct ColumnField {
    std::string name;
    FieldType type;
    std::vector<std::string> members;  // of ENUM and SET, in their order
};

// A bind variable. One without a value gets its place behind the row's columns, in the order here.
struct VariableField {
    std::string name;
    FieldType type;
    std::optional<Datum> value;
    std::vector<Datum> list;  // of ::name
    std::vector<FieldType> list_types;
};

struct Columns {
    std::vector<ColumnField> columns;
    std::vector<VariableField> variables;
    // Which of `columns` a name means. Empty: the one of that name without its table; 1054 and 1052
    // if there is none, or several.
    std::function<Result<std::size_t>(const sql::Column& column)> find;
};

// Fails with MySQL's errors for what MySQL refuses, and with VT12001 (1235) for what is not
// computed here: subqueries, functions that ask the server, names of stored functions.
Result<Bound> bind(const sql::Expr& expression, const Columns& columns,
                   const Environment& environment);

// The type of a table's column from its definition in a result: `length` counts bytes, `flags` are
// those of the protocol.
FieldType column_type(Type type, const collation::Collation& collation, std::uint32_t length,
                      std::uint8_t decimals, std::uint16_t flags);

// The type of a literal or of a bind variable's value, as bind() gives it.
FieldType literal_type(ValueView value, const Environment& environment);
// Makes a variable with its value of what came with a statement; 1105 for a value that its type
// does not have.
Result<VariableField> variable(std::string name, const BindValue& value,
                               const Environment& environment);

}  // namespace sluice::eval
