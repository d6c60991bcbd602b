#pragma once
// How a leg of a path that names cells meets an array.
#include <cstddef>

#include "values/json_path.h"

namespace sluice::detail {

// [begin, end); none: both 0.
struct Cells {
    std::size_t begin = 0;
    std::size_t end = 0;
};
Cells cells_of(const JsonPathLeg& leg, std::size_t size);

}  // namespace sluice::detail
