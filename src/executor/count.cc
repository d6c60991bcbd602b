// Step 8 of a request: a finished statement is counted. Before: execute.cc, run_plan.cc.
#include <algorithm>

#include "executor/work.h"
#include "plan/describe.h"

namespace sluice::executor {
namespace {

constexpr std::uint32_t out_of_memory = 1037;  // MySQL's number, for warnings only

// v21's labels of a session's target; a name with dots keeps its parts apart by "_".
std::string target_label(const Session& session, Operation operation) {
    return LabelText()
        .add(operation_names[static_cast<std::size_t>(operation)])
        .add(session.target.keyspace)
        .add(vindex::tablet_type_lower_name(session.target.tablet_type))
        .text();
}

ApiCells& api_cells(Core& core, Session& session, Operation operation) {
    ApiCells*& cells = session.cells.api[static_cast<std::size_t>(operation)];
    if (cells == nullptr) cells = &core.figures.api.at(target_label(session, operation));
    return *cells;
}

// v21 counts rows beyond what it would have kept in memory.
void warn_about(Core& core, Session& session, std::string_view text, std::uint64_t rows) {
    const std::size_t limit = core.options->warn_memory_rows;
    if (limit == 0 || rows <= limit) return;
    core.figures.warn(WarningKind::results_exceeded);
    session.warnings.push_back(
        {.code = out_of_memory,
         .message = "\"" + std::string(text) + "\" exceeds warning threshold of max memory rows: " +
                    std::to_string(limit) + ". Actual memory rows: " + std::to_string(rows)});
}

}  // namespace

Operation operation_of(const Session& session) {
    const bool streams = session.streams || session.workload == Workload::olap;
    return streams ? Operation::stream_execute : Operation::execute;
}

void count_statement(Core* core, Session* session, Operation operation, std::string_view text,
                     const Result<Ending>& ending) {
    ApiCells& cells = api_cells(*core, *session, operation);
    if (core->is_logged()) log_statement(core, session, operation, text, ending);
    const auto taken = async::Clock::now() - session->since;
    cells.timings.add(taken);
    if (!session->carried) core->figures.queries.add(taken);
    if (!ending) {
        core->figures.api_errors
            .at(LabelText()
                    .add(operation_names[static_cast<std::size_t>(operation)])
                    .add(session->target.keyspace)
                    .add(vindex::tablet_type_lower_name(session->target.tablet_type))
                    .add(code_name(ending.error().code))
                    .text())
            .add();
        return;
    }
    cells.rows_returned.add(ending->rows);
    cells.rows_affected.add(ending->affected_rows);
    cells.characters.add(text.size());
    warn_about(*core, *session, text, ending->rows);
}

void count_plan(const Work& work, std::string_view kind, std::uint64_t shard_queries) {
    PlanCells& cells = work.core->figures.plans.at(LabelText().add(kind).text());
    cells.processed.add();
    cells.routed.add(shard_queries);
    if (work.core->is_logged()) {
        work.session->trace.kind = kind;
        work.session->trace.shard_queries = shard_queries;
    }
}

void count_plan(const Work& work, CachedPlan& cached, const engine::Outcome& outcome,
                std::uint64_t shard_queries) {
    Statistics& figures = work.core->figures;
    if (cached.of_kind == nullptr) {
        const plan::PlanLabels labels = plan::labels_of(cached.plan);
        cached.of_kind = &figures.plans.at(LabelText().add(labels.kind).text());
        if (!labels.table.empty()) {
            cached.of_table = &figures.tables.at(
                LabelText().add(labels.kind).add(labels.keyspace).add(labels.table).text());
        }
    }
    for (PlanCells* cells : {cached.of_kind, cached.of_table}) {
        if (cells == nullptr) continue;
        cells->processed.add();
        cells->routed.add(shard_queries);
    }
    if (work.core->is_logged()) work.session->trace.shard_queries = shard_queries;
    ++cached.executions;
    cached.shard_queries += shard_queries;
    cached.time += async::Clock::now() - work.session->since;
    if (!outcome.end) {
        ++cached.errors;
    } else if (outcome.end->columns != 0) {
        cached.rows_returned += outcome.end->rows;
    } else {
        cached.rows_affected += outcome.end->affected_rows;
    }
}

}  // namespace sluice::executor
