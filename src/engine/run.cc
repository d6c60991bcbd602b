// Step 6 of a request: runs a plan by its root. Before: executor/run_plan.cc. After:
// engine/route.cc, engine/insert.cc, engine/feed.cc.
#include "engine/run.h"

#include "engine/bindings.h"
#include "engine/feed.h"
#include "engine/insert.h"
#include "engine/route.h"
#include "engine/targets.h"

namespace sluice::engine {
namespace {

// Rows of such a route go to the client as they come.
bool passes_rows(const plan::Route& route) {
    return route.order_by.empty() && route.extra_columns == 0 &&
           (!route.always_row || is_single(route.routing.opcode));
}

Task<Outcome> run_rows(const Context* context, const plan::Plan* plan, const Statement* statement,
                       Bindings* bindings, tablet::RowSink* sink) {
    Output output(sink, statement->binary);
    Feed run{
        .context = context, .plan = plan, .bindings = bindings, .output = &output, .warnings = {}};
    Result<void> fed = co_await feed(&run, &plan->root, &output, std::nullopt);
    if (fed) fed = co_await output.flush(context->stop);
    if (!fed)
        co_return Outcome{.end = std::unexpected(std::move(fed).error()),
                          .warnings = std::move(run.warnings)};
    tablet::ResultEnd end;
    end.columns = output.column_count();
    end.rows = output.rows();
    co_return Outcome{.end = std::move(end), .warnings = std::move(run.warnings)};
}

Task<Outcome> run_other(const Context* context, const plan::Plan* plan, const Statement* statement,
                        tablet::RowSink* sink) {
    Bindings bindings(plan, statement);
    if (const auto* insert = std::get_if<plan::Insert>(&plan->root.node)) {
        co_return co_await run_insert(context, plan, insert, statement, &bindings, sink);
    }
    if (const auto* send = std::get_if<plan::Send>(&plan->root.node)) {
        co_return co_await run_send(context, plan, send, statement, &bindings, sink);
    }
    if (const auto* next = std::get_if<plan::NextValues>(&plan->root.node)) {
        co_return co_await run_next_values(context, next, statement, &bindings, sink);
    }
    co_return co_await run_rows(context, plan, statement, &bindings, sink);
}

}  // namespace

Task<Outcome> run(const Context* context, const plan::Plan* plan, const Statement* statement,
                  tablet::RowSink* sink) {
    const auto* route = std::get_if<plan::Route>(&plan->root.node);
    if (route != nullptr && passes_rows(*route))
        return run_route(context, plan, route, statement, sink);
    return run_other(context, plan, statement, sink);
}

}  // namespace sluice::engine
