#pragma once
// The statement of an RPC: a text with named variables, and their values beside it.
#include <string>

#include "base/error.h"
#include "sql/lexer.h"

namespace query {
class BindVariable;
class BoundQuery;
}  // namespace query

namespace sluice::front {

// The statement with each variable's value in its place as a literal, so that it finds the same
// plan as a client's who has written the value there. `?` stands for :v1, :v2 and so on. Errors
// (INVALID_ARGUMENT): a variable without a value, a value that its type cannot have.
Result<std::string> text_with_values(const ::query::BoundQuery& query, const sql::LexerMode& mode);

// The statement with `?` for each variable, for PREPARE.
std::string text_with_parameters(const ::query::BoundQuery& query, const sql::LexerMode& mode);

}  // namespace sluice::front
