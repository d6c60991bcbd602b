#pragma once
// What plans have done, by table, plan and, if asked for, workload: written by the loop that ran
// them, read for pages and metrics (v21's QueryCounts and its like).
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "async/counters.h"

namespace sluice::tabletserver {

struct PlanCounters {
    async::Count queries, nanoseconds, rows_affected, rows_returned, characters;
    std::array<async::Count, 19> errors;  // by code
};
using PlanCounterTable = async::Labelled<PlanCounters>;

// "table.plan" or "table.plan.workload". Plans of several tables, or of none, have "Join".
inline std::string plan_label(std::string_view table, std::string_view plan) {
    return async::LabelText().add(table.empty() ? "Join" : table).add(plan).text();
}

}  // namespace sluice::tabletserver
