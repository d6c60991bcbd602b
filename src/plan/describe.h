#pragma once
// A plan as v21 prints it: VEXPLAIN PLAN, EXPLAIN FORMAT=VTEXPLAIN (planner.md section 11).
#include <string>

#include "plan/plan.h"

namespace sluice::plan {

// JSON, indented by tabs: {"QueryType", "Original", "Instructions", "TablesUsed"}.
std::string describe(const Plan& plan);

}  // namespace sluice::plan
