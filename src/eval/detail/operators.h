#pragma once
// Making nodes of operators: operands are bound, the answer has its type and what computes it.
#include <string_view>
#include <vector>

#include "eval/detail/operand.h"
#include "eval/detail/types.h"
#include "sql/ast_expr.h"

namespace sluice::eval {

// 1241 for a tuple where one value belongs.
void refuse_tuple(const Node& node);

Node arithmetic(sql::BinaryOp op, Node left, Node right, const Environment& environment);
Node bit_operation(sql::BinaryOp op, Node left, Node right);
Node bit_not(Node operand);
Node negated(Node operand, const Environment& environment);

Node comparison(sql::CompareOp op, Node left, Node right, const Environment& environment);
Node in_list(Node needle, std::vector<Node> list, bool negated, const Environment& environment);
Node between(Node operand, Node low, Node high, bool negated, const Environment& environment);
Node like(Node text, Node pattern, std::vector<Node> escape, bool negated,
          const Environment& environment);

Node conjunction(std::vector<Node> operands, bool is_and);
Node exclusive_or(Node left, Node right);
Node not_node(Node operand);
Node is_node(Node operand, sql::IsKind kind);
// operand = whens[0] and so on: pairs of condition and result, and perhaps one more behind them.
Node case_node(std::vector<Node> operand, std::vector<Node> parts, bool has_else,
               const Environment& environment);

Node cast(Node operand, const sql::CastType& type, const Environment& environment);
Node convert_using(Node operand, std::string_view charset, const Environment& environment);
Node collated(Node operand, std::string_view collation, const Environment& environment);
// The lower type of CAST ... AS CHAR and its kin: in cast.cc.
Node node_of(std::string_view name, Print print, Compute compute, FieldType type,
             std::vector<Node> arguments);

}  // namespace sluice::eval
