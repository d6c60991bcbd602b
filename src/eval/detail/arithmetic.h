#pragma once
// What functions of doubles share.
#include <cmath>

#include "eval/detail/failure.h"
#include "eval/detail/operand.h"

namespace sluice::eval {

// 1690 for what is no number.
inline Datum finite(double number, const Node& node) {
    if (!std::isfinite(number)) raise_out_of_range("DOUBLE", node);
    return number;
}

// Of two arguments; NULL if one is.
template <class Work>
Datum of_reals(const Node& node, Run& run, Work work) {
    Operand left(node.arguments[0], run);
    if (left.is_null()) return {};
    Operand right(node.arguments[1], run);
    if (right.is_null()) return {};
    return work(left.real(), right.real());
}

}  // namespace sluice::eval
