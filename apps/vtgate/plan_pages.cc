// Pages about cached plans: /debug/query_plans, /debug/queryz, /debug/scatter_stats
// (vtgate-contract 11.1). Each loop has a cache of its own; a page asks all of them and adds up.
#include <algorithm>
#include <array>
#include <cstdio>

#include "async/cross.h"
#include "gate.h"
#include "plan/describe.h"
#include "servenv/html.h"
#include "servenv/json_text.h"

namespace sluice::vtgate {
namespace {

// A plan with what its executions on all loops amount to.
struct PlanFigures {
    std::shared_ptr<const executor::CachedPlan> plan;
    plan::Executions executions;

    bool reads() const { return plan->plan.type == plan::QueryType::select; }
    bool scatters() const { return plan::labels_of(plan->plan).kind == "Scatter"; }
};
using PlanTable = std::map<std::string, PlanFigures>;  // by normal form

// On the cache's loop. A plan never changes, so that other threads may read it.
PlanTable plans_of(const executor::Core* core) {
    PlanTable table;
    core->plans.for_each([&](const std::shared_ptr<executor::CachedPlan>& cached) {
        PlanFigures& figures = table[cached->plan.original];
        figures.plan = cached;
        figures.executions.count += cached->executions;
        figures.executions.nanoseconds += static_cast<std::uint64_t>(cached->time.count());
        figures.executions.shard_queries += cached->shard_queries;
        figures.executions.rows_affected += cached->rows_affected;
        figures.executions.rows_returned += cached->rows_returned;
        figures.executions.errors += cached->errors;
    });
    return table;
}

Task<PlanTable> all_plans(const Gate* gate) {
    PlanTable all;
    for (const auto& core : gate->loops()) {
        PlanTable table = co_await async::on_loop(core->loop.get(),
                                                  [of = &core->executor] { return plans_of(of); });
        for (auto& [original, figures] : table) {
            const auto [at, added] = all.try_emplace(original, figures);
            if (added) continue;
            plan::Executions& sum = at->second.executions;
            sum.count += figures.executions.count;
            sum.nanoseconds += figures.executions.nanoseconds;
            sum.shard_queries += figures.executions.shard_queries;
            sum.rows_affected += figures.executions.rows_affected;
            sum.rows_returned += figures.executions.rows_returned;
            sum.errors += figures.executions.errors;
        }
    }
    co_return all;
}

// As Go's json.HTMLEscape does: what could be markup in a browser stands as \u00XX.
std::string without_markup(std::string_view json) {
    std::string out;
    for (const char c : json) {
        if (c == '<') {
            out += "\\u003c";
        } else if (c == '>') {
            out += "\\u003e";
        } else if (c == '&') {
            out += "\\u0026";
        } else {
            out += c;
        }
    }
    return out;
}

Task<servenv::HttpResponse> query_plans(const Gate* gate) {
    std::string json;
    for (const auto& [original, figures] : co_await all_plans(gate)) {
        json += (json.empty() ? "\n " : ",\n ") + servenv::json_string(original) + ": " +
                plan::describe_executed(figures.plan->plan, figures.executions, 1);
    }
    co_return servenv::HttpResponse{
        .content_type = "application/json; charset=utf-8",
        .body = without_markup("{" + json + (json.empty() ? "}" : "\n}"))};
}

std::string fraction(double value) {
    char text[64];
    std::snprintf(text, sizeof text, "%.6f", value);
    return text;
}

std::string percent(double part, double whole) {
    char text[64];
    std::snprintf(text, sizeof text, "%.2f%%", whole == 0 ? 0 : 100 * part / whole);
    return text;
}

double seconds(const plan::Executions& executions) {
    return static_cast<double>(executions.nanoseconds) / 1e9;
}

servenv::HttpResponse page(std::string_view title, std::string body) {
    return {.content_type = "text/html; charset=utf-8",
            .body = servenv::html_page(
                title, "<h1>" + servenv::html_escape(title) + "</h1>\n" + std::move(body))};
}

std::vector<PlanFigures> slowest_first(PlanTable table) {
    std::vector<PlanFigures> sorted;
    for (auto& [original, figures] : table) sorted.push_back(std::move(figures));
    std::ranges::sort(sorted, std::ranges::greater(),
                      [](const PlanFigures& figures) { return figures.executions.nanoseconds; });
    return sorted;
}

Task<servenv::HttpResponse> queryz(const Gate* gate) {
    constexpr std::array<std::string_view, 12> headings = {"Query",
                                                           "Count",
                                                           "Time",
                                                           "Shard Queries",
                                                           "RowsAffected",
                                                           "RowsReturned",
                                                           "Errors",
                                                           "Time per query",
                                                           "Shard queries per query",
                                                           "RowsAffected per query",
                                                           "RowsReturned per query",
                                                           "Errors per query"};
    servenv::HtmlTable table(headings);
    for (const PlanFigures& figures : slowest_first(co_await all_plans(gate))) {
        const plan::Executions& sum = figures.executions;
        const double count = std::max<double>(1, static_cast<double>(sum.count));
        const double each = seconds(sum) / count;
        const auto per_query = [&](std::uint64_t value) {
            return fraction(static_cast<double>(value) / count);
        };
        const std::array<std::string, 12> cells = {figures.plan->plan.original,
                                                   std::to_string(sum.count),
                                                   fraction(seconds(sum)),
                                                   std::to_string(sum.shard_queries),
                                                   std::to_string(sum.rows_affected),
                                                   std::to_string(sum.rows_returned),
                                                   std::to_string(sum.errors),
                                                   fraction(each),
                                                   per_query(sum.shard_queries),
                                                   per_query(sum.rows_affected),
                                                   per_query(sum.rows_returned),
                                                   per_query(sum.errors)};
        // v21's colours: under 10 ms, under 100 ms, slower.
        table.row(cells, each < 0.01 ? "low" : each < 0.1 ? "medium" : "high");
    }
    co_return page("Query plan statistics", table.text());
}

Task<servenv::HttpResponse> scatter_stats(const Gate* gate) {
    constexpr std::array<std::string_view, 7> headings = {
        "Query",      "# of executions", "Avg time/query", "% time of reads", "% time of scatters",
        "% of reads", "% of scatters"};
    double read_time = 0, scatter_time = 0, reads = 0, scatters = 0;
    std::vector<PlanFigures> all = slowest_first(co_await all_plans(gate));
    for (const PlanFigures& figures : all) {
        if (!figures.reads()) continue;
        read_time += seconds(figures.executions);
        reads += static_cast<double>(figures.executions.count);
        if (!figures.scatters()) continue;
        scatter_time += seconds(figures.executions);
        scatters += static_cast<double>(figures.executions.count);
    }
    servenv::HtmlTable table(headings);
    for (const PlanFigures& figures : all) {
        if (!figures.reads() || !figures.scatters()) continue;
        const double count = std::max<double>(1, static_cast<double>(figures.executions.count));
        const double time = seconds(figures.executions);
        const std::array<std::string, 7> cells = {
            figures.plan->plan.original,  std::to_string(figures.executions.count),
            fraction(time / count) + "s", percent(time, read_time),
            percent(time, scatter_time),  percent(count, reads),
            percent(count, scatters)};
        table.row(cells, "medium");
    }
    co_return page("Scatter query statistics",
                   "<p>" + percent(scatter_time, read_time) + " of the time of reads and " +
                       percent(scatters, reads) + " of the reads went to all shards.</p>\n" +
                       table.text());
}

}  // namespace

void add_plan_pages(servenv::AdminServer& admin, const Gate* gate) {
    const auto add = [&](const char* path, Task<servenv::HttpResponse> (*answer)(const Gate*)) {
        admin.awaiting_page(
            path, [gate, answer](const servenv::HttpRequest&, Stop*) { return answer(gate); },
            servenv::Role::debugging);
    };
    add("/debug/query_plans", query_plans);
    add("/debug/queryz", queryz);
    add("/debug/scatter_stats", scatter_stats);
}

}  // namespace sluice::vtgate
