#pragma once
// left op ANY (item, ..) and left op ALL (item, ..).
#include <vector>

#include "eval/environment.h"
#include "eval/expression.h"
#include "sql/ast_expr.h"

namespace sluice::eval {

// The operator is one of = <> < <= > >=; 1241 where tuples do not fit together.
Node quantified(sql::CompareOp op, sql::Quantifier quantifier, Node left, std::vector<Node> list,
                const Environment& environment);

}  // namespace sluice::eval
