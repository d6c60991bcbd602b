// What people and monitoring see of a tablet's plans. Before: debug_pages.cc.
#include "tabletserver/detail/plan_pages.h"

#include <boost/json.hpp>

#include "async/cross.h"

namespace sluice::tabletserver {
namespace {

namespace json = boost::json;
using servenv::HttpRequest;
using servenv::HttpResponse;
using servenv::Metrics;

using Sums = std::map<servenv::LabelKey, double>;

// The sum over loops of one count of each plan.
std::function<Sums()> by_plan(ServerOf server, async::Count PlanCounters::* count) {
    return [server, count] {
        Sums sums;
        const Server* const of = server();
        if (of == nullptr) return sums;
        for (const auto& core : of->cores()) {
            core->plan_counters.for_each([&](const std::string& key, const PlanCounters& plan) {
                if (const std::uint64_t value = (plan.*count).get(); value != 0)
                    sums[key] += static_cast<double>(value);
            });
        }
        return sums;
    };
}

std::function<Sums()> errors_by_plan(ServerOf server) {
    return [server] {
        Sums sums;
        const Server* const of = server();
        if (of == nullptr) return sums;
        for (const auto& core : of->cores()) {
            core->plan_counters.for_each([&](const std::string& key, const PlanCounters& plan) {
                std::uint64_t all = 0;
                for (const async::Count& count : plan.errors) all += count.get();
                if (all != 0) sums[key] += static_cast<double>(all);
            });
        }
        return sums;
    };
}

// These never tell workloads apart.
std::function<Sums()> errors_by_code(ServerOf server, bool by_workload) {
    return [server, by_workload] {
        Sums sums;
        const Server* const of = server();
        if (of == nullptr) return sums;
        for (const auto& core : of->cores()) {
            core->plan_counters.for_each([&](const std::string& key, const PlanCounters& plan) {
                const std::string plan_key = by_workload ? key.substr(0, key.rfind('.')) : key;
                for (std::size_t code = 0; code < plan.errors.size(); ++code) {
                    const std::uint64_t value = plan.errors[code].get();
                    if (value == 0) continue;
                    sums[plan_key + "." + std::string(code_name(static_cast<Code>(code)))] +=
                        static_cast<double>(value);
                }
            });
        }
        return sums;
    };
}

json::array tables_of(const CachedPlan& cached) {
    json::array tables;
    for (const std::string& table : cached.plan.tables) tables.emplace_back(table);
    return tables;
}

json::object as_plan(const CachedPlan& cached) {
    return {{"Query", cached.text},
            {"Plan", std::string(plan_name(cached.plan.kind))},
            {"FullQuery", cached.plan.query.text},
            {"Tables", tables_of(cached)}};
}

json::object as_figures(const CachedPlan& cached) {
    return {{"Query", cached.text},
            {"Table", cached.plan.table},
            {"Plan", std::string(plan_name(cached.plan.kind))},
            {"QueryCount", cached.runs},
            {"Time", cached.time.count()},
            {"RowsAffected", cached.affected_rows},
            {"RowsReturned", cached.rows},
            {"ErrorCount", cached.errors}};
}

using Show = json::object (*)(const CachedPlan&);

json::array plans_of(const Core* core, Show show) {
    json::array list;
    core->plans->for_each([&](const CachedPlan& cached) { list.push_back(show(cached)); });
    return list;
}

async::Task<HttpResponse> plans_page(ServerOf server, Show show) {
    HttpResponse response{.content_type = "application/json; charset=utf-8"};
    const Server* const of = server();
    if (of != nullptr && of->options().redact_pages) {
        response.body = "\"statements are redacted\"";
        co_return response;
    }
    json::array all;
    if (of != nullptr) {
        for (const auto& core : of->cores()) {
            for (json::value& plan : co_await async::on_loop(
                     core->loop, [core = core.get(), show] { return plans_of(core, show); }))
                all.push_back(std::move(plan));
        }
    }
    response.body = json::serialize(all);
    co_return response;
}

}  // namespace

void add_plan_metrics(Metrics& metrics, ServerOf server, bool by_workload) {
    std::vector<std::string> labels = {"Table", "Plan"};
    if (by_workload) labels.emplace_back("Workload");
    const auto add = [&](std::string variable, std::string help, std::function<Sums()> read) {
        metrics.read_labelled(Metrics::Kind::counter,
                              {std::move(variable), std::move(help), labels}, std::move(read));
    };
    add("QueryCounts", "query counts", by_plan(server, &PlanCounters::queries));
    add("QueryTimesNs", "query times in ns", by_plan(server, &PlanCounters::nanoseconds));
    add("QueryRowsAffected", "query rows affected", by_plan(server, &PlanCounters::rows_affected));
    add("QueryRowsReturned", "query rows returned", by_plan(server, &PlanCounters::rows_returned));
    add("QueryTextCharactersProcessed", "query text characters processed",
        by_plan(server, &PlanCounters::characters));
    add("QueryErrorCounts", "query error counts", errors_by_plan(server));
    labels = {"Table", "Plan", "Code"};
    add("QueryErrorCountsWithCode", "query error counts with error code",
        errors_by_code(server, by_workload));
}

void add_plan_pages(servenv::AdminServer& admin, ServerOf server) {
    using servenv::Role;
    admin.awaiting_page(
        "/debug/tablet_plans",
        [server](HttpRequest, async::Stop*) { return plans_page(server, &as_plan); },
        Role::debugging);
    admin.awaiting_page(
        "/debug/query_stats",
        [server](HttpRequest, async::Stop*) { return plans_page(server, &as_figures); },
        Role::debugging);
}

}  // namespace sluice::tabletserver
