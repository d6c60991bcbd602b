#pragma once
// Values and columns as they cross to a tablet and back (vttablet-contract 1.3).
#include <string_view>

#include "query.pb.h"
#include "values/value.h"
#include "wire/column.h"

namespace sluice::tablet {

// The text and its variables; `variables` may be null.
void fill_query(::query::BoundQuery* query, std::string_view text, const BindVars* variables);

// Views into `field`. What a tablet leaves out (it sends names and types only, if it was not asked
// for all) is what the type implies.
wire::ColumnDefinition column_of(const ::query::Field& field);
Type type_of(const ::query::Field& field);

}  // namespace sluice::tablet
