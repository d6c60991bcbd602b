#include "gateway/scatter.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "async/deadline.h"
#include "async/scope.h"
#include "gateway/detail/merge_ends.h"
#include "gateway/scripted.h"
#include "gateway/shard_streams.h"

namespace sluice::gateway {
namespace {

using namespace std::chrono_literals;

ScriptedAnswer rows_answer(std::vector<ScriptedRun> runs, wire::ColumnDefinition column = {}) {
    ScriptedAnswer answer;
    column.name = "a";
    answer.columns = scripted_columns({column});
    answer.column_count = 1;
    answer.runs = std::move(runs);
    for (const ScriptedRun& run : answer.runs) answer.end.rows += run.starts;
    return answer;
}

std::vector<ShardRequest> requests_to(ScriptedCluster& cluster,
                                      const std::vector<std::string>& shards,
                                      bool is_write = false) {
    std::vector<ShardRequest> requests;
    for (const std::string& shard : shards) {
        requests.push_back(cluster.request(shard, "q", is_write));
    }
    return requests;
}

Task<void> keep_taking(KeepingSink* sink, const bool* done) {
    while (!*done) {
        sink->take();
        std::ignore = co_await async::pause(0ms, nullptr);
    }
}

Task<void> check_rows(bool slow) {
    ScriptedCluster cluster({"-40", "40-80", "80-"});
    const std::string long_cell(5000, 'x');
    std::vector<ScriptedRun> pieces = scripted_pieces(long_cell, 700);
    pieces.push_back(scripted_rows({"b1", "b2"}));
    cluster.tablet("-40").script = [](const Call&) {
        return rows_answer(
            {scripted_rows({"a1"}), scripted_rows({"a2", "a3"}), scripted_rows({"a4"})});
    };
    cluster.tablet("40-80").script = [&](const Call&) { return rows_answer(pieces); };
    cluster.tablet("80-").script = [](const Call&) {
        return rows_answer({scripted_rows({"c1"}), scripted_rows({"c2"}), scripted_rows({"c3"})});
    };
    auto requests = requests_to(cluster, {"80-", "-40", "40-80"});
    KeepingSink sink;
    sink.slow = slow;
    bool done = false;
    async::Scope scope;
    if (slow) scope.spawn("client", keep_taking(&sink, &done));
    Stop stop;
    const ScatterOutcome outcome = co_await scatter(&cluster.gateway, &requests, &sink, &stop);
    done = true;
    co_await scope.join();
    EXPECT_TRUE(outcome.end.has_value());
    EXPECT_EQ(outcome.end->rows, 10u);
    EXPECT_EQ(sink.column_calls, 1u);
    std::vector<std::string> cells = sink.cells();
    std::ranges::sort(cells);
    EXPECT_EQ(cells, (std::vector<std::string>{"a1", "a2", "a3", "a4", "b1", "b2", "c1", "c2", "c3",
                                               long_cell}));
    co_await cluster.close();
}

TEST(Scatter, RowsOfSeveralShardsStayWholeAndInSequence) {
    for (const bool slow : {false, true}) {
        async::Loop loop;
        run_until_done(loop, check_rows(slow));
    }
}

Task<void> check_failure() {
    ScriptedCluster cluster({"-40", "40-80", "80-"});
    ScriptedAnswer waits;
    waits.waits = true;
    cluster.tablet("-40").script = [&](const Call&) { return waits; };
    cluster.tablet("40-80").script = [](const Call&) {
        return ScriptedAnswer::failure(
            make_error(Code::invalid_argument, er::bad_field, "Unknown column 'x'"));
    };
    cluster.tablet("80-").script = [&](const Call&) { return waits; };
    auto requests = requests_to(cluster, {"-40", "40-80", "80-"});
    KeepingSink sink;
    Stop stop;
    // The others wait for ever: only being stopped ends them.
    const ScatterOutcome outcome = co_await scatter(&cluster.gateway, &requests, &sink, &stop);
    EXPECT_EQ(outcome.end.error().text, "Unknown column 'x'");
    EXPECT_EQ(outcome.end.error().number, er::bad_field);
    EXPECT_EQ(outcome.failed(), 3u);
    co_await cluster.close();
}

TEST(Scatter, AFailureStopsTheOtherReads) {
    async::Loop loop;
    run_until_done(loop, check_failure());
}

Task<void> let_go(ScriptedCluster* cluster, std::string shard) {
    while (!cluster->tablet(shard).has_waiters()) std::ignore = co_await async::pause(0ms, nullptr);
    cluster->tablet(shard).go_on();
}

Task<void> check_write_failure() {
    ScriptedCluster cluster({"-80", "80-"});
    ScriptedAnswer waits = ScriptedAnswer::written(3);
    waits.waits = true;
    cluster.tablet("80-").script = [&](const Call&) { return waits; };
    cluster.tablet("-80").script = [](const Call&) {
        return ScriptedAnswer::failure(make_error(Code::already_exists, er::dup_entry, "Dup"));
    };
    auto requests = requests_to(cluster, {"-80", "80-"}, true);
    KeepingSink sink;
    Stop stop;
    async::Scope scope;
    scope.spawn("go on", let_go(&cluster, "80-"));
    const ScatterOutcome outcome = co_await scatter(&cluster.gateway, &requests, &sink, &stop);
    co_await scope.join();
    EXPECT_EQ(outcome.end.error().number, er::dup_entry);
    EXPECT_EQ(outcome.failed(), 1u);
    EXPECT_EQ(outcome.shards[1].end->affected_rows, 3u);
    co_await cluster.close();
}

TEST(Scatter, WritesRunToTheirEnd) {
    async::Loop loop;
    run_until_done(loop, check_write_failure());
}

// The other shard fails while the client takes the row; then the client takes the rest.
Task<void> fail_inside_row(ScriptedCluster* cluster, KeepingSink* sink, const bool* done) {
    while (!sink->is_full() || !cluster->tablet("80-").has_waiters())
        std::ignore = co_await async::pause(0ms, nullptr);
    cluster->tablet("80-").go_on();
    std::ignore = co_await async::pause(1ms, nullptr);
    co_await keep_taking(sink, done);
}

Task<void> check_row_in_flight(bool in_pieces) {
    ScriptedCluster cluster({"-80", "80-"});
    const std::string long_cell(5000, 'x');
    std::vector<ScriptedRun> runs{scripted_rows({long_cell})};
    if (in_pieces) runs = scripted_pieces(long_cell, 700);
    for (int i = 0; i < 100; ++i) runs.push_back(scripted_rows({"not wanted"}));
    cluster.tablet("-80").script = [&](const Call&) { return rows_answer(runs); };
    cluster.tablet("80-").script = [](const Call&) {
        ScriptedAnswer fails = ScriptedAnswer::failure(
            make_error(Code::resource_exhausted, er::net_packet_too_large, "no memory"));
        fails.waits = true;
        return fails;
    };
    auto requests = requests_to(cluster, {"-80", "80-"});
    KeepingSink sink;
    sink.slow = true;
    bool done = false;
    async::Scope scope;
    scope.spawn("client", fail_inside_row(&cluster, &sink, &done));
    Stop stop;
    const ScatterOutcome outcome = co_await scatter(&cluster.gateway, &requests, &sink, &stop);
    done = true;
    co_await scope.join();
    EXPECT_EQ(outcome.end.error().text, "no memory");
    EXPECT_EQ(sink.drains_cut, 0u);
    EXPECT_EQ(sink.cells(), std::vector<std::string>{long_cell});
    co_await cluster.close();
}

TEST(Scatter, AFailureCutsNoRowThatTheClientHasBegunToGet) {
    for (const bool in_pieces : {false, true}) {
        async::Loop loop;
        run_until_done(loop, check_row_in_flight(in_pieces));
    }
}

Task<void> check_stop() {
    ScriptedCluster cluster({"-40", "40-80", "80-"});
    ScriptedAnswer waits;
    waits.waits = true;
    for (const char* shard : {"-40", "40-80", "80-"}) {
        cluster.tablet(shard).script = [&](const Call&) { return waits; };
    }
    auto requests = requests_to(cluster, {"-40", "40-80", "80-"});
    KeepingSink sink;
    Stop stop;
    const async::Deadline deadline(
        &stop, 20ms, make_error(Code::canceled, er::query_interrupted, "Query was killed"));
    const ScatterOutcome outcome = co_await scatter(&cluster.gateway, &requests, &sink, &stop);
    EXPECT_EQ(outcome.end.error().text, "Query was killed");
    EXPECT_EQ(outcome.end.error().number, er::query_interrupted);
    co_await cluster.close();
}

TEST(Scatter, AStopEndsAllShards) {
    async::Loop loop;
    run_until_done(loop, check_stop());
}

Task<void> check_guard(wire::ColumnDefinition first, wire::ColumnDefinition second,
                       std::string error) {
    ScriptedCluster cluster({"-80", "80-"});
    cluster.tablet("-80").script = [=](const Call&) {
        return rows_answer({scripted_rows({"1"})}, first);
    };
    cluster.tablet("80-").script = [=](const Call&) {
        return rows_answer({scripted_rows({"2"})}, second);
    };
    for (const bool streams : {false, true}) {
        auto requests = requests_to(cluster, {"-80", "80-"});
        Stop stop;
        Result<void> result;
        if (streams) {
            ShardStreams lanes(&cluster.gateway, requests, {}, &stop);
            const auto columns = co_await lanes.start();
            if (!columns) result = fail(columns.error());
            const Result<void> finished = co_await lanes.finish();
            EXPECT_EQ(result.has_value(), finished.has_value()) << error;
        } else {
            KeepingSink sink;
            const auto outcome = co_await scatter(&cluster.gateway, &requests, &sink, &stop);
            if (!outcome.end) result = fail(outcome.end.error());
        }
        EXPECT_EQ(result ? "" : result.error().text, error);
    }
    co_await cluster.close();
}

TEST(Scatter, ShardsMustMeanTheSameColumns) {
    using wire::field_type::longlong, wire::field_type::var_string;
    const wire::ColumnDefinition number{.charset = 63, .length = 20, .type = longlong};
    const auto with = [&](auto change) {
        wire::ColumnDefinition other = number;
        change(other);
        return other;
    };
    const std::tuple<wire::ColumnDefinition, std::string> cases[] = {
        {with([](auto& c) { c.length = 11; }), ""},
        {with([](auto& c) { c.decimals = 2; }), ""},
        {with([](auto& c) { c.flags = wire::column_flag::primary_key; }), ""},
        {with([](auto& c) { c.schema = "vt_ks_80-"; }), ""},
        {with([](auto& c) { c.type = var_string; }),
         "shards answer with different types for column 'a'"},
        {with([](auto& c) { c.charset = 255; }),
         "shards answer with different character sets for column 'a'"},
        {with([](auto& c) { c.flags = wire::column_flag::unsigned_; }),
         "shards answer with different signedness for column 'a'"},
        {with([](auto& c) { c.flags = wire::column_flag::enum_; }),
         "shards answer with different types for column 'a'"},
    };
    for (const auto& [second, error] : cases) {
        async::Loop loop;
        run_until_done(loop, check_guard(number, second, error));
    }
}

Task<void> scatter_once(ScriptedCluster* cluster, std::vector<std::string> shards, bool streams,
                        std::size_t* rows) {
    auto requests = requests_to(*cluster, shards);
    Stop stop;
    const async::Deadline deadline(&stop, 20s, make_error(Code::deadline_exceeded, "a stall"));
    if (!streams) {
        KeepingSink sink;
        const ScatterOutcome outcome = co_await scatter(&cluster->gateway, &requests, &sink, &stop);
        EXPECT_TRUE(outcome.end.has_value()) << outcome.end.error().text;
        *rows += sink.cells().size();
        co_return;
    }
    // As a merge does: a row of every shard first, then the rest.
    ShardStreams lanes(&cluster->gateway, requests, {.window = 8}, &stop);
    EXPECT_TRUE((co_await lanes.start()).has_value());
    for (bool more = true; more;) {
        more = false;
        for (std::size_t i = 0; i < lanes.size(); ++i) {
            const auto batch = co_await lanes.next(i);
            EXPECT_TRUE(batch.has_value());
            if (!batch || !*batch) continue;
            *rows += (*batch)->rows;
            more = true;
        }
    }
    EXPECT_TRUE((co_await lanes.finish()).has_value());
}

Task<void> check_no_stall() {
    const std::vector<std::string> names{"-40", "40-80", "80-c0", "c0-"};
    ScriptedCluster cluster(names);
    for (const std::string& name : names) {
        cluster.tablet(name).capacity = 2;
        cluster.tablet(name).script = [](const Call&) {
            return rows_answer({scripted_rows({"1"}), scripted_rows({"2"}), scripted_rows({"3"})});
        };
    }
    std::size_t rows = 0;
    async::Scope clients;
    std::vector<std::string> order = names;
    for (int i = 0; i < 64; ++i) {
        std::ranges::next_permutation(order);
        clients.spawn("client", scatter_once(&cluster, order, i % 2 == 0, &rows));
    }
    co_await clients.join();
    EXPECT_EQ(rows, 64u * 4 * 3);
    for (const std::string& name : names) {
        EXPECT_EQ(cluster.tablet(name).most_in_use, 2u);
        EXPECT_EQ(cluster.tablet(name).in_use, 0u);
    }
    co_await cluster.close();
}

TEST(Scatter, ManyClientsOnSmallPoolsNeverStall) {
    async::Loop loop;
    run_until_done(loop, check_no_stall());
}

TEST(Scatter, ErrorsOfShardsBecomeOne) {
    const Error a = make_error(Code::invalid_argument, er::bad_field, "Unknown column 'x'");
    const Error b = make_error(Code::unavailable, er::cr_server_lost, "Lost connection");
    EXPECT_EQ(aggregate({a}), a);
    EXPECT_EQ(aggregate({a, a}), a);
    const Error both = aggregate({b, a});
    EXPECT_EQ(both.text, "Lost connection\nUnknown column 'x'");
    EXPECT_EQ(both.code, Code::invalid_argument);
    EXPECT_EQ(both.number, er::bad_field);
}

TEST(Scatter, InfoTextsAreSummed) {
    EXPECT_EQ(sum_texts("Rows matched: 1  Changed: 10  Warnings: 0",
                        "Rows matched: 12  Changed: 0  Warnings: 0"),
              "Rows matched: 13  Changed: 10  Warnings: 0");
    EXPECT_EQ(sum_texts("", ""), "");
    EXPECT_EQ(sum_texts("Records: 1", "Rows matched: 1"), "");
}

Task<void> check_window() {
    ScriptedCluster cluster({"-80", "80-"});
    std::vector<ScriptedRun> runs;
    for (int i = 0; i < 100; ++i) runs.push_back(scripted_rows({std::string(100, 'x')}));
    for (const char* name : {"-80", "80-"}) {
        cluster.tablet(name).script = [&](const Call&) { return rows_answer(runs); };
    }
    ProcessBudget process(0);
    Budget core(&process, "core");
    Budget statement(&core, 1 << 20, "--statement_memory_limit");
    Stop stop;
    ShardStreams lanes(&cluster.gateway, requests_to(cluster, {"-80", "80-"}),
                       {.budget = &statement, .window = 500}, &stop);
    const auto columns = co_await lanes.start();
    EXPECT_EQ(columns->count, 1u);
    std::uint64_t rows = 0;
    while (const auto batch = *co_await lanes.next(0)) {
        rows += batch->rows;
        // Both windows, a run beyond each, and the batch in hand.
        EXPECT_LE(statement.used(), 2u * (500 + 120) + 120);
    }
    EXPECT_EQ(rows, 100u);
    EXPECT_TRUE((co_await lanes.finish()).has_value());
    EXPECT_EQ(statement.used(), 0u);
    co_await cluster.close();
}

TEST(ShardStreams, AWindowBoundsWhatIsKept) {
    async::Loop loop;
    run_until_done(loop, check_window());
}

Task<void> check_budget() {
    ScriptedCluster cluster({"-80", "80-"});
    cluster.tablet("-80").script = [](const Call&) {
        return rows_answer({scripted_rows({std::string(2000, 'x')})});
    };
    cluster.tablet("80-").script = [](const Call&) {
        ScriptedAnswer waits = rows_answer({});
        waits.waits = true;
        return waits;
    };
    ProcessBudget process(0);
    Budget core(&process, "core");
    Budget statement(&core, 1000, "--statement_memory_limit");
    Stop stop;
    ShardStreams lanes(&cluster.gateway, requests_to(cluster, {"-80", "80-"}),
                       {.budget = &statement}, &stop);
    const auto columns = co_await lanes.start();
    EXPECT_EQ(columns.error().number, er::net_packet_too_large);
    const Result<void> finished = co_await lanes.finish();
    EXPECT_EQ(finished.error().number, er::net_packet_too_large);
    EXPECT_EQ(statement.used(), 0u);
    co_await cluster.close();
}

TEST(ShardStreams, OverTheBudgetTheStatementEnds) {
    async::Loop loop;
    run_until_done(loop, check_budget());
}

Task<void> check_early_end() {
    ScriptedCluster cluster({"-80", "80-"});
    std::vector<ScriptedRun> runs;
    for (int i = 0; i < 50; ++i) runs.push_back(scripted_rows({std::string(100, 'x')}));
    cluster.tablet("-80").script = [&](const Call&) { return rows_answer(runs); };
    cluster.tablet("80-").script = [&](const Call&) {
        ScriptedAnswer waits = rows_answer({});
        waits.waits = true;
        return waits;
    };
    Stop stop;
    ShardStreams lanes(&cluster.gateway, requests_to(cluster, {"-80", "80-"}),
                       {.window = 200, .discard = 1000}, &stop);
    async::Scope scope;
    scope.spawn("go on", let_go(&cluster, "80-"));
    EXPECT_TRUE((co_await lanes.start()).has_value());
    EXPECT_TRUE((co_await lanes.next(0)).value().has_value());
    EXPECT_TRUE((co_await lanes.finish()).has_value());
    co_await scope.join();
    EXPECT_FALSE(lanes.outcome(0).end.has_value()) << "the long rest is cut off";
    EXPECT_FALSE(stop.requested());
    co_await cluster.close();
}

TEST(ShardStreams, TheRestIsCutOffWhenNobodyWantsIt) {
    async::Loop loop;
    run_until_done(loop, check_early_end());
}

}  // namespace
}  // namespace sluice::gateway
