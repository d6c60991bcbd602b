#pragma once
// The ways in which plans run.
#include "tabletserver/detail/query.h"

namespace sluice::tabletserver {

struct Execution {
    Core* core = nullptr;
    const Query* query = nullptr;
    const Plan* plan = nullptr;
    std::string_view leading;  // comments, which are sent along
    std::string_view trailing;
    ResultWriter* writer = nullptr;
    Stop* stop = nullptr;
};

// Says why a connection that a statement has just opened is held no more.
Error ended_meanwhile(const Core& core, const Query& query);

// `execution` outlives the task.
Task<Executed> run_plan(const Execution* execution);

}  // namespace sluice::tabletserver
