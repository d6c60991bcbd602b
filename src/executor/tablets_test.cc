// A gate whose shards are vttablets: what they are sent for a statement.
#include <gtest/gtest.h>

#include "executor/session_test.h"

namespace sluice::executor {
namespace {

struct Sent {
    const char* statement;
    Journal want;
};

Task<void> check_texts(Gate* gate) {
    gate->options.tablets = true;
    Session* session = gate->session();
    for (const Sent& c : {
             Sent{"select a from t where k = 'A'",
                  {"40-60: select a from t where k = :k /* VARCHAR */ {k=A}"}},
             Sent{"select a from t where k = 'B'",
                  {"40-60: select a from t where k = :k /* VARCHAR */ {k=B}"}},
             Sent{"select a + -1.5, x'41' from ks.t where k in ('A', 'B') and b = 'it''s'",
                  {"40-60: select a + -:vtg1 /* DECIMAL(2,1) */, :vtg2 /* HEXVAL */ from t where k "
                   "in ::__vals and b = :b /* VARCHAR */ {vtg1=1.5 vtg2=x'41' __vals=(A B) "
                   "b=it's}"}},
             Sent{
                 "insert into t(k, a) values ('A', 1), ('1', 2), ('B', null)",
                 {"-40: begin; insert into t(k, a) values (:vtg3 /* VARCHAR */, :vtg4 /* INT64 */) "
                  "{vtg3=1 vtg4=2}",
                  "40-60: begin; insert into t(k, a) values (:vtg1 /* VARCHAR */, :vtg2 /* INT64 "
                  "*/), (:vtg5 /* VARCHAR */, null) {vtg1=A vtg2=1 vtg5=B}",
                  "-40: commit", "40-60: commit"}},
             Sent{"delete from t where k = 'a'",
                  {"60-: delete from t where k = :k /* VARCHAR */ {k=a}"}},
             Sent{"select a from t where k = 'A' limit 3",
                  {"40-60: select a from t where k = :k /* VARCHAR */ limit :vtg1 /* INT64 */ {k=A "
                   "vtg1=3}"}},
         }) {
        EXPECT_EQ(co_await run(gate, session, c.statement), "ok") << c.statement;
        EXPECT_EQ(gate->take_journal(), c.want) << c.statement;
    }
}

TEST(Tablets, AreSentThePlansTextAndItsVariables) {
    with_gate(&check_texts);
}

// What the last call said besides its text.
struct Told {
    std::string user, principal, workload_name, priority;
    std::optional<std::chrono::milliseconds> timeout;
    tablet::QueryOptions::Consolidator consolidator{};
    tablet::QueryOptions::Workload workload{};
    bool stream = false, found_rows = false, binary = false;
};

void listen(Gate* gate, Told* told) {
    for (const char* shard : {"-40", "40-60", "60-"}) {
        gate->cluster.tablet(shard).script = [told](const tablet::Call& call) {
            if (call.caller == nullptr || call.options == nullptr)
                return gateway::ScriptedAnswer::failure(make_error(Code::internal, "told nothing"));
            *told = {.user = call.caller->user,
                     .principal = call.caller->principal,
                     .workload_name = call.options->workload_name,
                     .priority = call.options->priority,
                     .timeout = call.options->timeout,
                     .consolidator = call.options->consolidator,
                     .workload = call.options->workload,
                     .stream = call.stream,
                     .found_rows = call.settings != nullptr && call.settings->found_rows,
                     .binary = call.binary};
            return gateway::ScriptedAnswer{};
        };
    }
}

Task<void> check_told(Gate* gate) {
    using Workload = tablet::QueryOptions::Workload;
    gate->options.tablets = true;
    Session* session = gate->session();
    session->user = "ann";
    session->identity.user_data = "ann-at-work";
    gate->executor.start(session);
    Told told;
    listen(gate, &told);
    EXPECT_EQ(co_await run(gate, session,
                           "select /*vt+ WORKLOAD_NAME=batch PRIORITY=7 QUERY_TIMEOUT_MS=250 "
                           "CONSOLIDATOR=enabled_replicas */ a from t where k = 'A'"),
              "ok");
    EXPECT_EQ(told.user, "ann-at-work");
    EXPECT_EQ(told.principal, "ann");
    EXPECT_EQ(told.workload_name, "batch");
    EXPECT_EQ(told.priority, "7");
    EXPECT_EQ(told.timeout, std::chrono::milliseconds(250));
    EXPECT_EQ(told.consolidator, tablet::QueryOptions::Consolidator::enabled_replicas);
    EXPECT_EQ(told.workload, Workload::oltp);
    EXPECT_FALSE(told.stream);
    EXPECT_EQ(co_await run(gate, session, "select a from t where k = 'A'"), "ok");
    EXPECT_EQ(told.workload_name + told.priority, "");
    EXPECT_FALSE(told.timeout.has_value());
    EXPECT_EQ(co_await run(gate, session, "set workload = olap, client_found_rows = 1"), "ok");
    EXPECT_EQ(co_await run(gate, session, "select a from t where k = 'A'"), "ok");
    EXPECT_TRUE(told.stream && told.found_rows);
    EXPECT_EQ(told.workload, Workload::olap);
    EXPECT_EQ(co_await run(gate, session, "delete from t where k = 'A'"), "ok");
    EXPECT_FALSE(told.stream);
    EXPECT_EQ(co_await run(gate, session, "select /*vt+ PRIORITY=101 */ a from t where k = 'A'"),
              "1105 Invalid priority value specified in query");
}

TEST(Tablets, AreToldWhoAsksAndHow) {
    with_gate(&check_told);
}

Task<void> check_modes(Gate* gate) {
    gate->options.tablets = true;
    Session* session = gate->session();
    gate->answer_everywhere({});
    EXPECT_EQ(co_await run(gate, session, "set sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_DATE'"),
              "ok");
    for (const std::string mode :
         {"ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "PIPES_AS_CONCAT", "REAL_AS_FLOAT", "ANSI"}) {
        EXPECT_EQ(co_await run(gate, session, "set sql_mode = 'NO_ZERO_DATE," + mode + "'"),
                  "1235 setting the " + mode + " sql_mode is unsupported");
    }
    EXPECT_EQ(co_await run(gate, session, "set sql_mode = 4"),
              "1235 VT12001: unsupported: sql_mode as a number");
}

TEST(Tablets, ModesThatTheyCannotReadAreRefused) {
    with_gate(&check_modes);
}

Task<void> check_prepared(Gate* gate) {
    gate->options.tablets = true;
    Session* session = gate->session();
    PreparedStatement statement;
    statement.text = "select a, ? from t where k = ? limit ?";
    RecordingReply columns;
    EXPECT_TRUE((co_await gate->executor.prepare(session, &statement, &columns)).has_value());
    EXPECT_EQ(statement.parameters, 3);
    EXPECT_EQ(gate->take_journal(),
              Journal{"-40: select a, :v1 from t where 1 != 1 {v1=NULL v2=NULL v3=NULL}"});
    Told told;
    gate->executor.start(session);
    listen(gate, &told);
    const std::string key = "A";
    const std::uint8_t seven[8] = {7};
    const std::vector<wire::Parameter> values = {
        {.type = {.field = wire::field_type::longlong}, .raw = seven},
        {.type = {.field = wire::field_type::var_string},
         .raw = {reinterpret_cast<const std::uint8_t*>(key.data()), key.size()}},
        {.type = {.field = wire::field_type::longlong}, .raw = seven}};
    const Parameters parameters{
        .values = values, .null_bitmap = {}, .types = {}, .raw_values = {}, .raw = true};
    RecordingReply reply;
    EXPECT_TRUE(
        (co_await gate->executor.execute(session, &statement, &parameters, &reply)).has_value());
    EXPECT_EQ(gate->take_journal(), Journal{"40-60: select a, :v1 from t where k = :v2 limit :v3 "
                                            "{v1=7 v2=A v3=7}"});
}

TEST(Tablets, PreparedStatementsTravelAsVariables) {
    with_gate(&check_prepared);
}

}  // namespace
}  // namespace sluice::executor
