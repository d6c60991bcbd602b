#pragma once
// Runs a bound expression over a row.
#include <span>
#include <string>

#include "base/error.h"
#include "eval/environment.h"
#include "eval/expression.h"
#include "values/value.h"

namespace sluice::eval {

// The columns as `bind` was told of them, each held as its type says (see `read_value`).
using Row = std::span<const Datum>;

// The expression's value. Warnings go to the environment; what MySQL ends a query with is the
// error. A value's form fits `bound.type()`.
Result<Datum> evaluate(const Bound& bound, Row row, Environment& environment);
// The same as a condition: true is 1, false and NULL are 0.
Result<bool> evaluate_condition(const Bound& bound, Row row, Environment& environment);

// A column's value from the text in which it travels in results. `members` are those of an ENUM or
// SET. Fails with 1105 for a text that such a column does not send.
Result<Datum> read_value(const FieldType& type, ValueView value,
                         std::span<const std::string> members = {});
// The way back: the text in which a datum of that type travels; empty for NULL.
std::string value_text(const FieldType& type, const Datum& datum);
// With its type: null_type for NULL.
Value to_value(const FieldType& type, const Datum& datum);

}  // namespace sluice::eval
