#pragma once
// Names that v21 gives to what a plan does.
#include <string_view>

#include "plan/plan.h"

namespace sluice::plan {

std::string_view opcode_name(Opcode opcode);  // "EqualUnique"

}  // namespace sluice::plan
