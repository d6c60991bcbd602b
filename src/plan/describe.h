#pragma once
// A plan as v21 prints it: VEXPLAIN PLAN, EXPLAIN FORMAT=VTEXPLAIN (planner.md section 11).
#include <string>

#include "plan/plan.h"

namespace sluice::plan {

// JSON, indented by tabs: {"QueryType", "Original", "Instructions", "TablesUsed"}.
std::string describe(const Plan& plan);

// What the executions of a plan amount to.
struct Executions {
    std::uint64_t count = 0;
    std::uint64_t nanoseconds = 0;
    std::uint64_t shard_queries = 0;
    std::uint64_t rows_affected = 0;
    std::uint64_t rows_returned = 0;
    std::uint64_t errors = 0;
};
// The same with them, as /debug/query_plans has it: indented by single spaces, beginning at
// `depth`.
std::string describe_executed(const Plan& plan, const Executions& executions, int depth);

// Under which names v21 counts the executions of a plan (vtgate-contract 11.2).
struct PlanLabels {
    std::string_view kind;  // "EqualUnique", "InsertSharded"; empty: nothing is sent anywhere
    std::string_view keyspace;
    std::string_view table;  // empty: not counted by table
};
// Views into the plan.
PlanLabels labels_of(const Plan& plan);

}  // namespace sluice::plan
