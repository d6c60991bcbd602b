#include "servenv/metrics.h"

#include <thread>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "async/loop.h"

namespace sluice::servenv {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

TEST(Metrics, NamesAreV21s) {
    for (const auto& [camel, snake] : std::map<std::string, std::string>{
             {"QueriesProcessedByTable", "queries_processed_by_table"},
             {"VttabletCallErrorCount", "vttablet_call_error_count"},
             {"MysqlServerConnCountByTLSVer", "mysql_server_conn_count_by_tls_ver"},
             {"VStreamsCreated", "v_streams_created"},
             {"SidecarDBDDLQueryCount", "sidecar_dbddl_query_count"},
             {"backup_duration_seconds", "backup_duration_seconds"},
             {"Uptime", "uptime"}}) {
        EXPECT_EQ(snake_name(camel), snake) << camel;
    }
}

TEST(Metrics, BothForms) {
    Metrics metrics("vtgate", 2);
    metrics.counter({"QueryPlanCacheHits", "hits"}).add(5);
    metrics.gauge({"BufferSize", "size"}).set(1.5);
    auto& processed =
        metrics.labelled_counter({"QueriesProcessedByTable", "queries", {"plan", "table"}});
    processed.add(label_key({"Scatter", "ks.t"}), 2);
    processed.add(label_key({"Scatter", "a\"b"}));
    metrics.labelled_counter({"VtGateWarnings", "warnings", {"type"}, "vtgate_warnings"})
        .add("IgnoredSet");
    auto& api = metrics.timings({"VtgateApi", "calls", {"operation"}});
    api.add("Execute", 500us);
    api.add("Execute", 500001ns);
    api.add("Execute", 20s);
    metrics.text("BuildHost", "h");

    const auto vars = json::parse(metrics.debug_vars()).as_object();
    EXPECT_EQ(vars.at("QueryPlanCacheHits"), 5);
    EXPECT_EQ(vars.at("BufferSize"), 1.5);
    EXPECT_EQ(vars.at("BuildHost"), "h");
    EXPECT_EQ(vars.at("QueriesProcessedByTable"),
              json::parse(R"({"Scatter.a\"b":1,"Scatter.ks_t":2})"));
    EXPECT_EQ(
        vars.at("VtgateApi"),
        json::parse(R"({"TotalCount":3,"TotalTime":20001000001,"Histograms":{"Execute":{"500000":1,
                  "1000000":1,"5000000":0,"10000000":0,"50000000":0,"100000000":0,"500000000":0,
                  "1000000000":0,"5000000000":0,"10000000000":0,"inf":1,"Count":3,"Time":20001000001}}})"));

    const std::string text = metrics.prometheus();
    for (const std::string_view line :
         {"# TYPE vtgate_query_plan_cache_hits counter\nvtgate_query_plan_cache_hits 5\n",
          "# TYPE vtgate_buffer_size gauge\nvtgate_buffer_size 1.5\n",
          "vtgate_queries_processed_by_table{plan=\"Scatter\",table=\"ks_t\"} 2\n",
          "vtgate_queries_processed_by_table{plan=\"Scatter\",table=\"a\\\"b\"} 1\n",
          "vtgate_warnings{type=\"IgnoredSet\"} 1\n", "# TYPE vtgate_api histogram\n",
          "vtgate_api_bucket{operation=\"Execute\",le=\"0.0005\"} 1\n",
          "vtgate_api_bucket{operation=\"Execute\",le=\"10\"} 2\n",
          "vtgate_api_bucket{operation=\"Execute\",le=\"+Inf\"} 3\n",
          "vtgate_api_sum{operation=\"Execute\"} 20.001000001\n",
          "vtgate_api_count{operation=\"Execute\"} 3\n"}) {
        EXPECT_NE(text.find(line), text.npos) << line << "\n" << text;
    }
    EXPECT_EQ(text.find("BuildHost"), text.npos);
}

async::Task<void> count(Counter* one, LabelledCounter* many, int times) {
    for (int i = 0; i < times; ++i) {
        one->add();
        many->add(i % 2 == 0 ? "even" : "odd");
    }
    co_return;
}

TEST(Metrics, LoopsCountWithoutLosses) {
    Metrics metrics("vtgate", 3);
    Counter& one = metrics.counter({"One", ""});
    LabelledCounter& many = metrics.labelled_counter({"Many", "", {"kind"}});
    constexpr int times = 20'000;
    std::vector<std::thread> threads;
    // Three loops, and a fourth that the registry does not know.
    for (std::size_t index = 0; index < 4; ++index) {
        threads.emplace_back([&, index] {
            async::Loop loop(index);
            run_until_done(loop, count(&one, &many, times));
        });
    }
    while (one.total() < 4 * times) EXPECT_FALSE(metrics.debug_vars().empty());
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(one.total(), 4U * times);
    EXPECT_EQ(many.totals(), (std::map<LabelKey, double>{{"even", 2 * times}, {"odd", 2 * times}}));
}

TEST(Metrics, ProcessMetricsAreThere) {
    Metrics metrics("vtgate", 1);
    metrics.add_process_metrics();
    const auto vars = json::parse(metrics.debug_vars()).as_object();
    EXPECT_GT(vars.at("MaxFds").to_number<double>(), 0);
    EXPECT_TRUE(vars.at("cmdline").is_array());
    const std::string text = metrics.prometheus();
    EXPECT_NE(text.find("\nprocess_resident_memory_bytes "), text.npos);
    EXPECT_NE(text.find("\nvtgate_uptime "), text.npos);
}

}  // namespace
}  // namespace sluice::servenv
