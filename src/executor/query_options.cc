// Step 6 of a request: for how long a plan may run, and what tablets are told about it. Before:
// run_plan.cc.
#include "executor/query_time_out.h"
#include "executor/work.h"

namespace sluice::executor {

std::chrono::milliseconds time_limit(const Work& work, const plan::Plan* plan) {
    if (plan != nullptr && plan->hints.timeout_ms)
        return std::chrono::milliseconds(*plan->hints.timeout_ms);
    if (work.session->query_timeout.count() != 0) return work.session->query_timeout;
    return work.core->options->query_timeout;
}

void limit_time(const Work& work, const plan::Plan* plan) {
    if (work.deadline == nullptr) return;
    const std::chrono::milliseconds limit = time_limit(work, plan);
    work.deadline->reset();
    if (limit.count() != 0) work.deadline->emplace(&work.session->stop, limit, query_timed_out());
}

tablet::QueryOptions query_options(const Work& work, const plan::Plan& plan) {
    const Session& session = *work.session;
    tablet::QueryOptions options{
        .workload = static_cast<tablet::QueryOptions::Workload>(session.workload),
        .consolidator = static_cast<tablet::QueryOptions::Consolidator>(plan.hints.consolidator),
        .skip_query_plan_cache = session.skip_plan_cache,
        .has_created_temp_tables = session.shards.pinned(),
        .workload_name = plan.hints.workload,
        .priority = plan.hints.priority,
        .timeout = {}};
    const std::chrono::milliseconds limit = time_limit(work, &plan);
    if (limit.count() != 0 || plan.hints.timeout_ms == 0) options.timeout = limit;
    return options;
}

}  // namespace sluice::executor
