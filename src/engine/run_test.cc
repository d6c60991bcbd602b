#include "engine/run.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "engine/running_test.h"
#include "engine/targets.h"

namespace sluice::engine {
namespace {

using plan::Opcode;
using Journal = std::vector<std::string>;

plan::Routing with_multicol(plan::Routing routing) {
    routing.vindex = vindex_of(
        "multicol",
        {{"column_count", "2"}, {"column_bytes", "1,7"}, {"column_vindex", "binary,binary"}});
    return routing;
}

// Shards with their parts of a list: "-40(1 2) 60-(a)".
std::string shown(const Result<std::vector<RoutedShard>>& shards) {
    if (!shards) return "error " + shards.error().text;
    std::string text;
    for (const RoutedShard& shard : *shards) {
        text += (text.empty() ? "" : " ") + std::string(shard.target.shard);
        if (shard.values.empty()) continue;
        text += "(";
        for (const ValueView& value : shard.values)
            text += (text.ends_with('(') ? "" : " ") + std::string(value.bytes);
        text += ")";
    }
    return text;
}

struct TargetCase {
    const char* name;
    plan::Routing routing;
    const char* want;
};

std::vector<TargetCase> target_cases(const Runner& r) {
    const plan::ValueRef null{.from = Value()};
    plan::Routing by_shard = r.routing(Opcode::by_destination);
    by_shard.destination = vindex::to::Shard{"60-"};
    plan::Routing elsewhere = r.routing(Opcode::scatter);
    elsewhere.keyspace = "nowhere";
    return {
        {"equal", r.routing(Opcode::equal_unique, {text_ref("A")}), "40-60"},
        {"equal NULL", r.routing(Opcode::equal_unique, {null}), ""},
        {"in", r.routing(Opcode::in, {list_ref({"a", "1", "b", "2"})}), "-40(1 2) 60-(a b)"},
        {"in of one", r.routing(Opcode::in, {list_ref({"A"})}), "40-60(A)"},
        {"in with NULL", r.routing(Opcode::in, {{.items = {null, text_ref("1")}}}), "-40(1)"},
        {"in of NULL", r.routing(Opcode::in, {{.items = {null}}}), ""},
        {"scatter", r.routing(Opcode::scatter), "-40 40-60 60-"},
        {"none", r.routing(Opcode::none), ""},
        {"destination", by_shard, "60-"},
        {"unknown keyspace", elsewhere, "error VT05003: unknown database 'nowhere' in vschema"},
        {"tuples",
         with_multicol(
             r.routing(Opcode::multi_equal, {list_ref({"1", "A"}), list_ref({"x", "y"})})),
         "-40 40-60"},
        {"tuples with one value",
         with_multicol(r.routing(Opcode::multi_equal, {list_ref({"a", "b"}), text_ref("x")})),
         "60-"},
        {"a tuple with NULL",
         with_multicol(r.routing(Opcode::multi_equal,
                                 {list_ref({"1", "a"}), {.items = {null, text_ref("x")}}})),
         "60-"},
        {"leading column", with_multicol(r.routing(Opcode::sub_shard, {text_ref("A")})), "40-60"},
        {"both columns",
         with_multicol(r.routing(Opcode::equal_unique, {text_ref("1"), text_ref("x")})), "-40"},
    };
}

Task<void> check_targets(Runner* r) {
    for (const TargetCase& c : target_cases(*r)) {
        Bindings bindings(&r->plan, &r->statement);
        EXPECT_EQ(shown(targets(r->context, c.routing, bindings)), c.want) << c.name;
    }
    co_return;
}

TEST(Targets, OfEveryRouting) {
    with_runner(&check_targets);
}

plan::Route route_of(plan::Routing routing, std::string text) {
    plan::Route route;
    route.routing = std::move(routing);
    route.query = fixed(std::move(text));
    route.field_query = fixed("fields");
    return route;
}

Task<void> check_single(Runner* r) {
    r->answer_everywhere({number_column("n")}, {{{"1"}}, {{"2"}}, {{"3"}}});
    r->plan.root.node = route_of(r->routing(Opcode::equal_unique, {text_ref("A")}), "planned");
    r->statement.text = "as it came";
    EXPECT_EQ((co_await run_plan(r)).end->rows, 1u);
    r->plan.forwards_text = true;
    EXPECT_TRUE((co_await run_plan(r)).end.has_value());
    EXPECT_EQ(r->shown_rows(), Journal{"2"});
    r->plan.root.node = route_of(r->routing(Opcode::equal_unique, {{.from = Value()}}), "planned");
    EXPECT_TRUE((co_await run_plan(r)).end.has_value());
    EXPECT_EQ(r->take_journal(), (Journal{"40-60: planned", "40-60: as it came", "-40: fields"}));
    plan::Route write = route_of(r->routing(Opcode::equal_unique, {{.from = Value()}}), "planned");
    write.is_write = true;
    r->plan.root.node = write;
    EXPECT_EQ((co_await run_plan(r)).end->affected_rows, 0u);
    EXPECT_EQ(r->take_journal(), Journal{});
}

TEST(Route, OneShard) {
    with_runner(&check_single);
}

Task<void> check_in_split(Runner* r) {
    r->answer_everywhere({number_column("n")}, {{{"1"}}, {{"2"}}, {{"3"}}});
    plan::Route route = route_of(r->routing(Opcode::in, {list_ref({"a", "1", "b"})}), "");
    r->plan.variables.push_back(made_variable("__vals"));
    route.routing.shard_values = 0;
    route.query.pieces = {{.text = "x in ", .variable = 0, .list = true}};
    r->plan.root.node = route;
    EXPECT_TRUE((co_await run_plan(r)).end.has_value());
    Journal journal = r->take_journal();
    std::ranges::sort(journal);
    EXPECT_EQ(journal, (Journal{"-40: x in ('1')", "60-: x in ('a', 'b')"}));
    Journal rows = r->shown_rows();
    std::ranges::sort(rows);
    EXPECT_EQ(rows, (Journal{"1", "3"}));
}

TEST(Route, EachShardGetsItsPartOfAList) {
    with_runner(&check_in_split);
}

Task<void> check_writes(Runner* r) {
    for (const char* shard : {"-40", "40-60", "60-"}) {
        r->cluster.tablet(shard).script = [](const tablet::Call&) {
            return gateway::ScriptedAnswer::written(2);
        };
    }
    plan::Route route = route_of(r->routing(Opcode::scatter), "update");
    route.is_write = true;
    r->plan.root.node = route;
    EXPECT_EQ((co_await run_plan(r)).end->affected_rows, 6u);
    route.copies = true;
    r->plan.root.node = route;
    EXPECT_EQ((co_await run_plan(r)).end->affected_rows, 2u);
}

TEST(Route, WritesAreSummedAndCopiesCountOnce) {
    with_runner(&check_writes);
}

plan::Node merged(const Runner& r, std::vector<plan::Key> order, std::uint32_t extra = 0) {
    plan::Route route = route_of(r.routing(Opcode::scatter), "select");
    route.order_by = std::move(order);
    route.extra_columns = extra;
    return {route};
}

Task<void> check_merge(Runner* r) {
    r->answer_everywhere({number_column("n"), {.name = "w", .type = wire::field_type::blob}},
                         {{{"1", "a"}, {"10", "d"}}, {}, {{"2", "b"}, {"9", "c"}, {"10", "e"}}});
    r->plan.root = merged(*r, {{.column = 0}}, 1);
    const Outcome outcome = co_await run_plan(r);
    EXPECT_EQ(outcome.end->rows, 5u);
    EXPECT_EQ(outcome.end->columns, 1u);
    EXPECT_EQ(r->shown_rows(), (Journal{"1", "2", "9", "10", "10"}));
    r->plan.root.node = plan::Limit{.count = plan::ValueRef{.from = Value{Type::int64, "2"}},
                                    .offset = plan::ValueRef{.from = Value{Type::int64, "1"}},
                                    .input = merged(*r, {{.column = 0}})};
    EXPECT_EQ((co_await run_plan(r)).end->rows, 2u);
    EXPECT_EQ(r->shown_rows(), (Journal{"2|b", "9|c"}));
    r->answer_everywhere({number_column("n")}, {{{"10"}, {"1"}}, {{"5"}}, {{std::nullopt}}});
    plan::Node sorted{
        plan::Sort{.keys = {{.column = 0, .descending = true}}, .input = merged(*r, {})}};
    r->plan.root = sorted;
    EXPECT_TRUE((co_await run_plan(r)).end.has_value());
    EXPECT_EQ(r->shown_rows(), (Journal{"10", "5", "1", "NULL"}));
}

TEST(Feed, MergesShardsInOrder) {
    with_runner(&check_merge);
}

Task<void> check_upper_limit(Runner* r) {
    r->answer_everywhere({number_column("n")}, {{{"1"}}, {{"2"}}, {{"3"}}});
    r->plan.variables.push_back(made_variable("__upper_limit"));
    plan::Route route = route_of(r->routing(Opcode::scatter), "");
    route.query.pieces = {{.text = "limit ", .variable = 0}};
    route.upper_limit = 0;
    r->plan.root.node = plan::Limit{.count = plan::ValueRef{.from = Value{Type::int64, "3"}},
                                    .offset = plan::ValueRef{.from = Value{Type::int64, "4"}},
                                    .input = plan::Node{route}};
    EXPECT_TRUE((co_await run_plan(r)).end.has_value());
    for (const std::string& line : r->take_journal()) EXPECT_TRUE(line.ends_with(": limit 7"));
    for (const char* bad : {"-1", "x", "1.5"}) {
        std::get<plan::Limit>(r->plan.root.node).count =
            plan::ValueRef{.from = Value{Type::varchar, bad}};
        const Outcome outcome = co_await run_plan(r);
        EXPECT_EQ(outcome.end.error().number, er::wrong_arguments) << bad;
    }
    EXPECT_EQ(r->take_journal(), Journal{});
}

TEST(Feed, ShardsAreAskedForNoMoreThanTheLimit) {
    with_runner(&check_upper_limit);
}

Task<void> check_aggregate(Runner* r) {
    r->answer_everywhere({number_column("k"), number_column("n")},
                         {{{"1", "2"}, {"3", "1"}}, {{"1", "5"}}, {{"3", "1"}}});
    r->plan.root.node =
        plan::Aggregate{.keys = {{.column = 0}},
                        .aggregates = {{.kind = plan::AggregateKind::count, .column = 1}},
                        .input = merged(*r, {{.column = 0}})};
    EXPECT_TRUE((co_await run_plan(r)).end.has_value());
    EXPECT_EQ(r->shown_rows(), (Journal{"1|7", "3|2"}));
    plan::Concatenate both;
    both.inputs = {merged(*r, {}), merged(*r, {})};
    r->plan.root.node =
        plan::Distinct{.keys = {{.column = 0}, {.column = 1}}, .input = plan::Node{both}};
    EXPECT_EQ((co_await run_plan(r)).end->rows, 3u);
    EXPECT_EQ(r->shown_rows(), (Journal{"1|2", "3|1", "1|5"}));
    plan::Route nobody = route_of(r->routing(Opcode::none), "row");
    nobody.always_row = true;
    r->plan.root.node = nobody;
    r->take_journal();
    EXPECT_TRUE((co_await run_plan(r)).end.has_value());
    EXPECT_EQ(r->take_journal(), Journal{"-40: row"});
}

TEST(Feed, AggregatesAndUnions) {
    with_runner(&check_aggregate);
}

Task<void> check_failures(Runner* r) {
    r->answer_everywhere({number_column("n")}, {{{"1"}}, {{"2"}}, {{"3"}}});
    const Error no_table = make_error(Code::not_found, er::no_such_table, "no table");
    r->cluster.tablet("40-60").script = [no_table](const tablet::Call&) {
        return gateway::ScriptedAnswer::failure(no_table);
    };
    r->plan.root = merged(*r, {{.column = 0}});
    EXPECT_EQ((co_await run_plan(r)).end.error().number, er::no_such_table);
    // Shards that disagree on columns are never mixed.
    r->answer_everywhere({number_column("n")}, {{{"1"}}, {{"2"}}, {{"3"}}});
    const gateway::ScriptedAnswer other =
        answer_of({number_column("n"), number_column("m")}, {{"1", "2"}});
    r->cluster.tablet("60-").script = [other](const tablet::Call&) { return other; };
    EXPECT_FALSE((co_await run_plan(r)).end.has_value());
}

TEST(Feed, ErrorsOfOneShardEndTheStatement) {
    with_runner(&check_failures);
}

plan::Insert insert_of(const std::vector<std::string>& keys) {
    plan::Insert insert;
    insert.keyspace = "ks";
    insert.table = "t";
    insert.vindex = vindex_of("binary");
    insert.vindex_columns = {"k"};
    insert.head = fixed("insert into t(k) values ");
    insert.tail = fixed(" end");
    for (const std::string& key : keys) {
        insert.vindex_values.push_back({text_ref(key)});
        insert.rows.push_back(fixed("('" + key + "')"));
    }
    return insert;
}

Task<void> check_insert(Runner* r) {
    for (const char* shard : {"-40", "40-60", "60-"}) {
        r->cluster.tablet(shard).script = [](const tablet::Call&) {
            return gateway::ScriptedAnswer::written(1);
        };
    }
    r->plan.root.node = insert_of({"a", "1", "b"});
    EXPECT_EQ((co_await run_plan(r)).end->affected_rows, 2u);
    Journal journal = r->take_journal();
    std::ranges::sort(journal);
    EXPECT_EQ(journal,
              (Journal{"-40: begin; insert into t(k) values ('1') end", "-40: commit",
                       "60-: begin; insert into t(k) values ('a'), ('b') end", "60-: commit"}));
    r->plan.root.node = insert_of({"A"});
    r->plan.forwards_text = true;
    r->statement.text = "insert as it came";
    EXPECT_TRUE((co_await run_plan(r)).end.has_value());
    EXPECT_EQ(r->take_journal(), Journal{"40-60: insert as it came"});
}

TEST(Insert, RowsGoToTheirShards) {
    with_runner(&check_insert);
}

Task<void> check_insert_refusals(Runner* r) {
    plan::Insert insert = insert_of({"a"});
    insert.vindex_values[0][0] = {.from = Value()};
    r->plan.root.node = insert;
    EXPECT_EQ((co_await run_plan(r)).end.error().text,
              "VT09023: could not map [null] to a keyspace id");
    insert = insert_of({"a", "1"});
    insert.verified.push_back({.name = "second",
                               .vindex = vindex_of("binary"),
                               .values = {{text_ref("a")}, {text_ref("2")}},
                               .columns = {"c"}});
    r->plan.root.node = insert;
    EXPECT_EQ((co_await run_plan(r)).end.error().text,
              "values ['2'] for column [c] does not map to keyspace ids");
    EXPECT_EQ(r->take_journal(), Journal{});
    insert.ignore = true;
    r->plan.root.node = insert;
    EXPECT_TRUE((co_await run_plan(r)).end.has_value());
    EXPECT_EQ(r->take_journal(), Journal{"60-: insert into t(k) values ('a') end"});
}

TEST(Insert, RefusesRowsThatBelongNowhere) {
    with_runner(&check_insert_refusals);
}

}  // namespace
}  // namespace sluice::engine
