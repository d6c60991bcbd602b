#pragma once
// Text to tree. Errors are 1064/42000 with v21's words: "syntax error at position P near 'token'";
// 1065 for text without a statement.
#include <string_view>

#include "base/error.h"
#include "sql/ast.h"
#include "sql/lexer.h"

namespace sluice::sql {

// Exactly one statement, perhaps with semicolons behind it. Comments before and behind it are
// skipped, so that spans count from the start of `text`. A text of comments only is CommentOnly.
// Depth and number of tokens are limited.
Result<Statement> parse(std::string_view text, const LexerMode& mode = {});
// LIMIT takes numbers and parameters: 1327 for a name, 1064 for any other expression, as MySQL
// answers. parse() reads them, as v21 does; who runs a statement asks here first.
Result<void> check_limits(const Statement& statement);
// One expression and nothing else.
Result<Expr> parse_expression(std::string_view text, const LexerMode& mode = {});
// A table name as in `ks`.`t`.
Result<TableName> parse_table_name(std::string_view text, const LexerMode& mode = {});

}  // namespace sluice::sql
