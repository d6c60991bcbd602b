#pragma once
// std::ranges::contains, which this standard library does not have yet.
#include <algorithm>

namespace sluice::planner {

template <class Range, class T>
bool contains(const Range& range, const T& value) {
    return std::ranges::find(range, value) != std::ranges::end(range);
}

}  // namespace sluice::planner
