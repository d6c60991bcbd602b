// Plans recorded from v21.0.3 (corpus plans_bound), compared as JSON. Shapes that the gate refuses
// yet count as failed; the floors say what must not be lost.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <boost/json.hpp>

#include "gtest/gtest.h"
#include "planner/planning_test.h"
#include "sql/walk.h"

namespace sluice::planner {
namespace {

namespace json = boost::json;

struct CorpusFile {
    const char* name;
    int floor;  // percent
};
constexpr CorpusFile files[] = {
    {"aggr_cases", 11},
    {"bypass_keyrange_cases", 80},
    {"bypass_shard_cases", 95},
    {"call_cases", 95},
    {"cte_cases", 2},
    {"ddl_cases", 20},
    {"dml_cases", 20},
    {"filter_cases", 26},
    {"from_cases", 26},
    {"info_schema80_cases", 0},
    {"oltp_cases", 50},
    {"other_admin_cases", 95},
    {"other_read_cases", 10},
    {"postprocess_cases", 16},
    {"reference_cases", 32},
    {"select_cases", 22},
    {"show_cases", 18},
    {"sysschema_default", 0},
    {"tpcc_cases", 60},
    {"union_cases", 6},
    {"view_cases", 50},
    {"unsupported_cases", 20},
    {"unknown_schema_cases", 10},
};

std::string read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

// One view and one loaded function, known in all cases; the view's tables stand without a keyspace.
vschema::Discovered discovered_of(const json::value& contexts) {
    const auto text = [&](const char* what, const char* field) {
        return std::string(contexts.at(what).at(field).as_string());
    };
    vschema::Discovered discovered;
    const std::string keyspace = text("view", "keyspace");
    auto& told = discovered[keyspace];
    const vschema::DiscoveredView written = view_of(text("view", "name"), text("view", "select"));
    vschema::View view = *written.view;
    sql::walk(view.query, [&](sql::TableRef& table) {
        if (auto* aliased = table.as<sql::AliasedTable>()) aliased->table.keyspace = keyspace;
    });
    told.views.push_back({.name = written.name,
                          .text = written.text,
                          .view = std::make_shared<const vschema::View>(std::move(view))});
    discovered[text("aggregate_udf", "keyspace")].aggregates = {text("aggregate_udf", "name")};
    return discovered;
}

PlanContext context_of(const json::object& given, const vschema::Schema& schema) {
    PlanContext context{.schema = &schema};
    context.keyspace = std::string(given.at("default_keyspace").as_string());
    context.target = "targetString";
    context.views = given.at("views_enabled").as_bool();
    const json::value* destination = given.if_contains("destination");
    if (destination != nullptr) {
        const std::string text(destination->as_string());
        if (text.starts_with("shard:")) {
            context.destination = vindex::to::Shard{text.substr(6)};
        } else {
            context.destination = vindex::to::ExactRange{vindex::KeyRange{}};
        }
    }
    return context;
}

bool matches(const json::object& one, const PlanContext& context, std::string& ours) {
    const json::value& expected = one.at("plan");
    const auto plan = plan_text(one.at("query").as_string(), context, false);
    if (!plan) {
        ours = plan.error().text;
        return expected.is_string() && expected.as_string() == ours;
    }
    ours = plan::describe(*plan);
    std::error_code failed;
    return json::parse(ours, failed) == expected && !failed;
}

class PlanCorpus : public testing::TestWithParam<CorpusFile> {};

TEST_P(PlanCorpus, PlansBound) {
    const CorpusFile file = GetParam();
    const char* root = std::getenv("SLUICE_CORPORA");
    const std::string name = std::string("plans_bound/") + file.name;
    if (root == nullptr) {
        std::printf("corpus %s: absent\n", name.c_str());
        GTEST_SKIP();
    }
    const std::string folder = root;
    const json::value contexts = json::parse(read(folder + "/plans/contexts.json"));
    const json::object* given = nullptr;
    for (const json::value& context : contexts.at("contexts").as_array()) {
        if (context.at("file").as_string() == std::string(file.name) + ".json") {
            given = &context.as_object();
        }
    }
    ASSERT_NE(given, nullptr);
    const auto schema =
        schema_of(read(folder + "/plans/vschemas/" + std::string(given->at("vschema").as_string())),
                  discovered_of(contexts));
    ASSERT_NE(schema, nullptr);
    const PlanContext context = context_of(*given, *schema);
    const json::value cases = json::parse(read(folder + "/" + name + ".json"));
    int passed = 0;
    int total = 0;
    const bool verbose = std::getenv("SLUICE_VERBOSE") != nullptr;
    for (const json::value& one : cases.as_array()) {
        std::string ours;
        ++total;
        if (matches(one.as_object(), context, ours)) {
            ++passed;
        } else if (verbose) {
            std::printf("DIFF %s\n  want %s\n  have %s\n", one.at("query").as_string().c_str(),
                        json::serialize(one.at("plan")).c_str(), ours.c_str());
        }
    }
    std::printf("corpus %s: %d of %d\n", name.c_str(), passed, total);
    EXPECT_GE(passed * 100, file.floor * total);
}

INSTANTIATE_TEST_SUITE_P(Files, PlanCorpus, testing::ValuesIn(files),
                         [](const auto& found) { return std::string(found.param.name); });

}  // namespace
}  // namespace sluice::planner
