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

// What becomes of the second argument if the first one is NULL.
enum class Second : std::uint8_t { read, skipped };

// Of two arguments; NULL if one is. Both are made numbers of, with their warnings.
template <Second second = Second::read, class Work>
Datum of_reals(const Node& node, Run& run, Work work) {
    Operand left(node.arguments[0], run);
    if (second == Second::skipped && left.is_null()) return {};
    const double a = left.is_null() ? 0 : left.real();
    Operand right(node.arguments[1], run);
    const double b = right.is_null() ? 0 : right.real();
    if (left.is_null() || right.is_null()) return {};
    return work(a, b);
}

}  // namespace sluice::eval
