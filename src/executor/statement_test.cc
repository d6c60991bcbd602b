#include <algorithm>

#include <gtest/gtest.h>

#include "executor/session_test.h"
#include "executor/work.h"

namespace sluice::executor {
namespace {

gateway::ScriptedAnswer one_row(const std::string& cell) {
    gateway::ScriptedAnswer answer;
    answer.columns = gateway::scripted_columns({{.name = "n"}});
    answer.column_count = 1;
    answer.runs.push_back(gateway::scripted_rows({cell}));
    answer.end.columns = 1;
    answer.end.rows = 1;
    return answer;
}

// What a client says and is told, and what shards are sent because of it (sorted: a fan-out's
// order is not promised).
struct Step {
    const char* text;
    const char* want;  // the whole answer, or its beginning if it ends in "..."
    Journal sent;
};

Task<void> check_steps(Gate* gate, Session* session, std::vector<Step> steps) {
    for (const Step& step : steps) {
        const std::string got = co_await run(gate, session, step.text);
        std::string_view want = step.want;
        if (want.ends_with("...")) {
            want.remove_suffix(3);
            EXPECT_TRUE(got.starts_with(want)) << step.text << " gave " << got;
        } else {
            EXPECT_EQ(got, want) << step.text;
        }
        Journal journal = gate->take_journal();
        std::ranges::sort(journal);
        EXPECT_EQ(journal, step.sent) << step.text;
    }
}

Task<void> check_path(Gate* gate) {
    gate->answer_everywhere(one_row("7"));
    Session* session = gate->session();
    co_await check_steps(
        gate, session,
        {{"select n from t where k = 'A'", "7", {"40-60: select n from t where k = 'A'"}},
         {"select n from t where k = 'a'", "7", {"60-: select n from t where k = 'a'"}},
         {"select n from t where", "1064 syntax error...", {}},
         {"", "1065 Query was empty", {}},
         {" /* nothing */ ", "1065 Query was empty", {}},
         {"select n from nowhere.t where k = 'a'", "1049 VT05003...", {}}});
    EXPECT_EQ(gate->core.counters.plan_hits.load(), 1u);
    EXPECT_EQ(gate->core.counters.plans_built.load(), 1u);
    EXPECT_EQ(gate->core.counters.forwarded.load(), 2u);
    EXPECT_EQ(gate->core.counters.queries.load(), 6u);
    EXPECT_EQ(gate->core.counters.errors.load(), 4u);
    EXPECT_EQ(session->found_rows, 1u);
    EXPECT_EQ(session->row_count, -1);
    EXPECT_FALSE(session->busy);
}

TEST(Statement, SecondOfAShapeIsNotPlannedAgain) {
    with_gate(&check_path);
}

Task<void> check_stale_plans(Gate* gate) {
    gate->answer_everywhere(one_row("7"));
    Session* session = gate->session();
    const std::string text = "select n from t where k = 'A'";
    co_await run(gate, session, text);
    vschema::BuildOptions build;
    build.epoch = 2;
    gate->cluster.core.install(vschema::Schema::build(
        *vschema::parse_srv_vschema_json(R"({"keyspaces": {"ks": {"sharded": true}}})"), build));
    EXPECT_TRUE((co_await run(gate, session, text)).starts_with("1146 "));
    EXPECT_EQ(gate->core.counters.plan_hits.load(), 0u);
}

TEST(Statement, APlanEndsWithItsSchema) {
    with_gate(&check_stale_plans);
}

Task<void> check_transactions(Gate* gate) {
    gate->answer_everywhere(gateway::ScriptedAnswer::written(1));
    Session* session = gate->session();
    const char* insert = "insert into t(k) values ('A')";
    const std::string sent = "40-60: insert into t(k) values ('A')";
    const std::string first = "40-60: begin; insert into t(k) values ('A')";
    co_await check_steps(gate, session,
                         {{insert, "ok 1", {sent}},
                          {"commit", "ok", {}},
                          {"begin", "ok", {}},
                          {insert, "ok 1", {first}},
                          {insert, "ok 1", {sent}},
                          {"commit", "ok", {"40-60: commit"}},
                          {"start transaction read only", "ok", {}},
                          {"rollback", "ok", {}},
                          {"begin", "ok", {}},
                          {insert, "ok 1", {first}},
                          {"begin", "ok", {"40-60: commit"}},
                          {insert, "ok 1", {first}},
                          {"rollback", "ok", {"40-60: rollback"}},
                          {"begin", "ok", {}},
                          {insert, "ok 1", {first}},
                          {"commit and chain", "ok", {"40-60: commit"}},
                          {insert, "ok 1", {first}},
                          {"rollback and chain no release", "ok", {"40-60: rollback"}},
                          {insert, "ok 1", {first}},
                          {"commit and no chain", "ok", {"40-60: commit"}},
                          {"commit release", "1235 VT12001...", {}},
                          {"set autocommit = 0", "ok", {}},
                          {insert, "ok 1", {first}},
                          {"set autocommit = 1", "ok", {"40-60: commit"}},
                          {insert, "ok 1", {sent}}});
    EXPECT_EQ(Executor::status_of(*session), wire::status::autocommit);
    co_await run(gate, session, "begin");
    EXPECT_EQ(Executor::status_of(*session),
              wire::status::autocommit | wire::status::in_transaction);
    co_await gate->executor.reset(session);
    EXPECT_FALSE(session->shards.in_transaction());
}

TEST(Statement, Transactions) {
    with_gate(&check_transactions);
}

Task<void> check_use(Gate* gate) {
    gate->answer_everywhere(one_row("7"));
    Session* session = gate->session();
    co_await check_steps(
        gate, session,
        {{"use nowhere", "1049 VT05003...", {}},
         {"use ks", "ok", {}},
         {"use `ks:40-60`", "ok", {}},
         {"select n from t where k = '1'", "7", {"40-60: select n from t where k = '1'"}},
         {"use information_schema", "ok", {}},
         {"use ks", "ok", {}},
         {"begin", "ok", {}},
         {"use `ks@replica`", "1192 Can't execute...", {}},
         {"rollback", "ok", {}},
         {"use `ks@replica`", "ok", {}},
         {"insert into t(k) values ('A')", "1105 supported only for primary tablet type...", {}}});
    EXPECT_EQ(session->target_text, "ks@replica");
    EXPECT_FALSE(gate->executor.use(session, "").has_value());
}

TEST(Statement, Use) {
    with_gate(&check_use);
}

Task<void> check_set(Gate* gate) {
    Session* session = gate->session();
    const Journal probe{"-40: select 1 from dual where 1 != 1"};
    co_await check_steps(
        gate, session,
        {{"set sql_mode = 'ANSI'", "ok", probe},
         {"set @@session.time_zone = '+00:00', wait_timeout = 5", "ok", probe},
         {"set version = '1'", "1238 VT03010...", {}},
         {"set no_such_variable = 1", "1193 VT05006...", {}},
         {"set session_uuid = 'x'", "1193 VT05006...", {}},
         {"set sql_mode = 0x4e4f5f4241434b534c4153485f45534341504553", "1231 ...", {}},
         {"set sql_log_off = 1", "1235 VT12001: unsupported: system setting: sql_log_off", {}},
         {"set autocommit = 2", "1231 ...", {}},
         {"set sql_select_limit = 'x'", "1232 ...", {}},
         {"set transaction_mode = 'none'", "...", {}},
         {"set names latin1", "ok", {}},
         {"set names klingon", "1115 ...", {}},
         {"set @a = 5, @B = 'it''s'", "ok", {}},
         {"set workload = olap", "ok", {}},
         {"set global max_connections = 5", "ok", {}}});
    EXPECT_NE(session->settings, nullptr);
    if (session->settings == nullptr) co_return;
    EXPECT_EQ(session->settings->set_statement,
              "set @@session.sql_mode = 'ANSI', @@session.time_zone = '+00:00'");
    EXPECT_EQ(session->settings->collation, 8);
    EXPECT_TRUE(session->lexer_mode.ansi_quotes);
    EXPECT_EQ(session->workload, Workload::olap);
    EXPECT_EQ(find(session->user_variables, "a")->value, (Value{Type::int64, "5"}));
    EXPECT_EQ(find(session->user_variables, "b")->value, (Value{Type::varchar, "it's"}));
    const std::uint64_t key = session->plan_key();
    co_await run(gate, session, "set sql_mode = default");
    EXPECT_EQ(session->settings->set_statement, "set @@session.time_zone = '+00:00'");
    EXPECT_NE(session->plan_key(), key);
    session->reset_variables(gate->options);
    EXPECT_EQ(session->workload, gate->options.default_workload);
    EXPECT_TRUE(session->user_variables.empty());
}

TEST(Statement, Set) {
    with_gate(&check_set);
}

// What flags say about a session holds from its login on.
Task<void> check_defaults(Gate* gate) {
    gate->options.default_workload = Workload::olap;
    gate->options.transaction_mode = transaction::Mode::single;
    gate->options.system_settings = false;
    Session* one = gate->session();
    gate->executor.start(one);
    EXPECT_EQ(one->workload, Workload::olap);
    EXPECT_EQ(co_await run(gate, one, "set max_heap_table_size = 20000"), "ok");
    EXPECT_TRUE(one->system_variables.empty());
    EXPECT_EQ(co_await run(gate, one, "begin"), "ok");
    EXPECT_EQ(co_await run(gate, one, "insert into t(k) values ('A')"), "ok");
    const std::string refused = co_await run(gate, one, "insert into t(k) values ('a')");
    EXPECT_TRUE(refused.contains("multi-db transaction attempted")) << refused;
    gate->take_journal();

    gate->options.default_tablet_type = vindex::TabletType::replica;
    gate->options.ddl_strategy = "vitess";
    Session* session = gate->session();
    gate->executor.start(session);
    co_await check_steps(
        gate, session,
        {{"insert into t(k) values ('A')", "1105 supported only for primary tablet type...", {}},
         {"use `ks@primary`", "ok", {}},
         {"create table x(a int)", "1235 VT12001: unsupported: online DDL...", {}},
         {"set @@ddl_strategy = 'direct'", "ok", {}}});
    gate->options.direct_ddl = false;
    co_await check_steps(
        gate, session,
        {{"create table x(a int)", "1105 direct DDL is disabled", {}},
         {"use ks", "ok", {}},
         {"insert into t(k) values ('A')", "1105 supported only for primary tablet type...", {}}});
}

TEST(Statement, Defaults) {
    with_gate(&check_defaults);
}

Task<void> check_sql_mode(Gate* gate) {
    struct Case {
        const char* value;
        sql::LexerMode want;
    };
    const sql::LexerMode ansi{.ansi_quotes = true, .pipes_as_concat = true, .ignore_space = true};
    for (const auto& [value, want] : {
             Case{"'ANSI'", ansi},
             Case{"ansi", ansi},
             Case{"'NO_BACKSLASH_ESCAPES'", {.no_backslash_escapes = true}},
             Case{"'STRICT_TRANS_TABLES,ansi_quotes,NO_ZERO_DATE'", {.ansi_quotes = true}},
             Case{"1048580", {.ansi_quotes = true, .no_backslash_escapes = true}},
             Case{"''", {}},
         }) {
        Session* session = gate->session();
        EXPECT_EQ(co_await run(gate, session, std::string("set sql_mode = ") + value), "ok");
        EXPECT_EQ(session->lexer_mode.bits(), want.bits()) << value;
        co_await run(gate, session, "set sql_mode = default");
        EXPECT_EQ(session->lexer_mode.bits(), 0u) << value;
    }
}

TEST(Statement, TheLexerObeysSqlMode) {
    with_gate(&check_sql_mode);
}

// Texts that the gate makes are read by shards under the session's mode.
Task<void> check_made_texts(Gate* gate) {
    gate->answer_everywhere(one_row("7"));
    Session* session = gate->session();
    EXPECT_EQ(co_await run(gate, session, "set sql_mode = 'NO_BACKSLASH_ESCAPES'"), "ok");
    gate->take_journal();
    const char* sent = "40-60: select group_concat(n separator '\\') from t where k = 'A'";
    co_await check_steps(
        gate, session,
        {{"select group_concat(n separator '\\') from ks.t where k = 'A'", "7", {sent}},
         {"prepare p from 'select group_concat(n separator ''\\'') from ks.t where k = ?'",
          "ok",
          {}},
         {"set @k = 'A'", "ok", {}},
         {"execute p using @k", "7", {sent}}});
}

TEST(Statement, MadeTextsObeySqlMode) {
    with_gate(&check_made_texts);
}

Task<void> check_refused_setting(Gate* gate) {
    Session* session = gate->session();
    gate->answer_everywhere(gateway::ScriptedAnswer::failure(
        make_error(Code::invalid_argument, er::wrong_value_for_var, "wrong sql_mode")));
    EXPECT_EQ(co_await run(gate, session, "set sql_mode = 'x'"), "1231 wrong sql_mode");
    EXPECT_EQ(session->settings, nullptr);
    gate->answer_everywhere(gateway::ScriptedAnswer::failure(
        make_error(Code::invalid_argument, er::incorrect_global_local_var, "GLOBAL variable")));
    EXPECT_EQ(co_await run(gate, session, "set max_allowed_packet = 5"), "ok");
    EXPECT_EQ(session->settings, nullptr);
    session->enable_system_settings = false;
    EXPECT_EQ(co_await run(gate, session, "set sql_mode = 'x'"), "ok");
}

TEST(Statement, SetAsksAShardFirst) {
    with_gate(&check_refused_setting);
}

Task<void> check_prepared(Gate* gate) {
    gate->answer_everywhere(one_row("7"));
    Session* session = gate->session();
    co_await check_steps(gate, session,
                         {{"prepare p from 'select n from t where k = ?'", "ok", {}},
                          {"execute p", "1210 VT03025: Incorrect arguments to EXECUTE", {}},
                          {"set @k = 'A\\'x'", "ok", {}},
                          {"execute p using @k", "7", {"40-60: select n from t where k = 'A\\'x'"}},
                          {"prepare q from 'selec'", "1064 ...", {}},
                          {"execute q", "1243 VT09011...", {}},
                          {"deallocate prepare P", "ok", {}},
                          {"deallocate prepare p", "1243 VT09011...", {}}});
    // The value of a variable stays one string under NO_BACKSLASH_ESCAPES.
    session->lexer_mode.no_backslash_escapes = true;
    co_await check_steps(
        gate, session,
        {{"prepare p from 'select n from t where k = ?'", "ok", {}},
         {"execute p using @k", "7", {"40-60: select n from t where k = 'A''x'"}}});
}

TEST(Statement, PreparedByName) {
    with_gate(&check_prepared);
}

Task<void> store(Gate* gate, Session* session, std::string text, std::string* into) {
    *into = co_await run(gate, session, std::move(text));
}

Task<void> check_kill(Gate* gate) {
    Session* session = gate->session();
    Session* victim = gate->session();
    EXPECT_TRUE((co_await run(gate, session, "kill 2")).starts_with("1095 VT07001"));
    gate->options.allow_kill = true;
    co_await check_steps(gate, session,
                         {{"kill 77", "1094 Unknown thread id: 77", {}},
                          {"kill 0", "1094 Unknown thread id: 0", {}},
                          {"kill 99999999999", "1094 Unknown thread id: 99999999999", {}}});
    gate->answer_everywhere(one_row("77"));
    EXPECT_EQ(co_await run(gate, session, "kill query 76 + 1"), "1094 Unknown thread id: 77");
    gateway::ScriptedAnswer slow = one_row("7");
    slow.waits = true;
    gate->answer_everywhere(slow);
    for (const char* text : {"kill query 2", "kill 2"}) {
        std::string answer;
        async::Scope scope;
        scope.spawn("victim", store(gate, victim, "select n from t where k = 'A'", &answer));
        EXPECT_TRUE(victim->busy);
        EXPECT_EQ(victim->running, "select n from t where k = 'A'");
        EXPECT_EQ(co_await run(gate, session, text), "ok");
        co_await scope.join();
        EXPECT_EQ(answer, "1317 Query execution was interrupted") << text;
    }
    EXPECT_TRUE(victim->killed);
    EXPECT_TRUE(victim->closing.requested());
    EXPECT_EQ(gate->core.counters.killed.load(), 2u);
}

TEST(Statement, Kill) {
    with_gate(&check_kill);
}

// The answer to a statement of the binary protocol with one BIGINT.
Task<std::string> run_prepared(Gate* gate, Session* session, std::string text,
                               std::uint8_t number) {
    PreparedStatement statement;
    statement.text = std::move(text);
    RecordingReply reply;
    const auto prepared = co_await gate->executor.prepare(session, &statement, &reply);
    EXPECT_TRUE(prepared.has_value());
    EXPECT_EQ(statement.parameters, 1);
    const std::uint8_t raw[8] = {number};
    const wire::Parameter value{.type = {.field = wire::field_type::longlong}, .raw = raw};
    const Parameters parameters{
        .values = {&value, 1}, .null_bitmap = {}, .types = {}, .raw_values = {}, .raw = true};
    gate->executor.start(session);
    const auto ending = co_await gate->executor.execute(session, &statement, &parameters, &reply);
    co_return ending ? "ok" : std::to_string(ending.error().number) + " " + ending.error().text;
}

Task<void> check_session_statements_with_parameters(Gate* gate) {
    Session* session = gate->session();
    gate->options.allow_kill = true;
    EXPECT_EQ(co_await run_prepared(gate, session, "kill ?", 77), "1094 Unknown thread id: 77");
    EXPECT_EQ(co_await run_prepared(gate, session, "kill query ?", 78),
              "1094 Unknown thread id: 78");
    EXPECT_EQ(co_await run_prepared(gate, session, "set @a = ?", 7), "ok");
    const BindValue* kept = find(session->user_variables, "a");
    EXPECT_TRUE(kept != nullptr && kept->value.bytes == "7");
    EXPECT_EQ(co_await run_prepared(gate, session, "set sql_select_limit = ?", 9), "ok");
    EXPECT_EQ(session->select_limit, 9U);
}

TEST(Statement, ThoseOfTheSessionTakeParameters) {
    with_gate(&check_session_statements_with_parameters);
}

Task<void> check_explain_into(Gate* gate) {
    Session* session = gate->session();
    gate->answer_everywhere(one_row("{}"));
    EXPECT_TRUE((co_await run(gate, session, "explain into @plan select n from t"))
                    .starts_with("1235 VT12001"));
    EXPECT_EQ(co_await run(gate, session, "explain format = json into @Plan select n from t"),
              "ok");
    const BindValue* plan = find(session->user_variables, "plan");
    EXPECT_TRUE(plan != nullptr && plan->value.bytes == "{}");
}

TEST(Statement, ExplainInto) {
    with_gate(&check_explain_into);
}

Task<void> check_needs(Gate* gate) {
    Session* session = gate->session();
    session->last_insert_id = 9;
    session->found_rows = 3;
    session->user = "ann";
    session->target_text = "ks@replica";
    session->user_variables = {{"a", {.value = {Type::varchar, "x"}, .list = {}}},
                               {"x y", {.value = {Type::varchar, "y"}, .list = {}}}};
    session->select_limit = 5;
    session->workload = Workload::dba;
    plan::Plan plan;
    plan.needs.user_variables = {"a", "x y", "x_y"};
    const std::pair<const char*, const char*> cases[] = {
        {"__lastInsertId", "9"},
        {"__vtfrows", "3"},
        {"__vtrcount", "-1"},
        {"__vtdbname", "ks@replica"},
        {"__vtuser", "ann@localhost"},
        {"__vtconnid", "1"},
        {"__vtudva", "x"},
        {"__vtudvb", "NULL"},
        {"__vtudvx_y", "y"},
        {"__vtudvx_y_", "NULL"},
        {"__vtautocommit", "1"},
        {"__vtsql_select_limit", "5"},
        {"__vtversion", "8.0.30-Vitess"},
        {"__vttransaction_mode", "MULTI"},
        {"__vtworkload", "DBA"},
        {"__vtskip_query_plan_cache", "0"},
    };
    for (const auto& [name, want] : cases)
        plan.variables.push_back({.name = name, .kind = plan::VariableKind::need});
    plan.variables.push_back({.name = "vtg1", .kind = plan::VariableKind::literal});
    const BindVars values = need_values(*session, gate->options, plan);
    EXPECT_EQ(values.size(), std::size(cases));
    for (const auto& [name, want] : cases) {
        const BindValue* value = find(values, name);
        EXPECT_NE(value, nullptr) << name;
        if (value != nullptr)
            EXPECT_EQ(value->value.is_null() ? "NULL" : value->value.bytes, want) << name;
    }
    co_return;
}

TEST(Statement, NeedsAreTheSessions) {
    with_gate(&check_needs);
}

Task<void> check_limits(Gate* gate) {
    gate->answer_everywhere(one_row("7"));
    Session* session = gate->session();
    gate->options.max_payload = 20;
    EXPECT_EQ(co_await run(gate, session, "select n from t where k = 'A'"),
              "1153 query payload size above threshold");
    gate->options.max_payload = 0;
    gate->options.truncate_errors = 40;
    const std::string cut =
        co_await run(gate, session, "select n from no_such_table_of_a_long_name");
    EXPECT_TRUE(cut.ends_with(" [TRUNCATED]")) << cut;
    gate->options.query_timeout = std::chrono::milliseconds(1);
    gateway::ScriptedAnswer slow = one_row("7");
    slow.waits = true;
    gate->answer_everywhere(slow);
    EXPECT_TRUE(
        (co_await run(gate, session, "select n from t where k = 'A'")).starts_with("3024 "));
    EXPECT_EQ(session->row_count, -1);
}

TEST(Statement, KeepsToItsLimits) {
    with_gate(&check_limits);
}

}  // namespace
}  // namespace sluice::executor
