#include "executor/query_log.h"

#include <gtest/gtest.h>

#include "executor/session_test.h"

namespace sluice::executor {
namespace {

gateway::ScriptedAnswer one_row() {
    gateway::ScriptedAnswer answer;
    answer.columns = gateway::scripted_columns({{.name = "n"}});
    answer.column_count = 1;
    answer.runs.push_back(gateway::scripted_rows({"7"}));
    answer.end.columns = 1;
    answer.end.rows = 1;
    return answer;
}

Task<void> check_statements(Gate* gate) {
    QueryLog log(&async::Loop::current(), {}, 0, 10);
    gate->core.query_log = &log;
    gate->answer_everywhere(one_row());
    Session* session = gate->session();
    session->user = "app";
    co_await run(gate, session, "select n from t where k = 'unheard'");
    {
        QueryLog::Listener listener(&log, "test");
        EXPECT_TRUE(log.listening());
        for (const char* text :
             {"select n from t where k = 'a' and n in (1, 2)", "begin", "select n from nowhere.t"})
            co_await run(gate, session, text);
        std::vector<std::string> heard;
        for (int i = 0; i < 3; ++i) {
            const Result<QueryRecordPointer> next = co_await listener.next(nullptr);
            const QueryRecord& record = **next;
            std::string line = record.statement_type + " | " + record.sql + " |";
            for (const LoggedVariable& each : record.variables)
                line += " " + each.name + "=" + each.value + (each.items == 0 ? "" : "(list)");
            heard.push_back(line + " | " + std::to_string(record.shard_queries) + " " +
                            std::to_string(record.rows_returned) + " " +
                            (record.error.empty() ? "" : "error"));
        }
        const std::vector<std::string> want = {
            "SELECT | select n from t where k = :k /* VARCHAR */ and n in ::vtg1 | k=a vtg1=(list) "
            "| 1 1 ",
            "BEGIN | begin | | 0 0 ", " | select n from nowhere.t | | 0 0 error"};
        EXPECT_EQ(heard, want);
        EXPECT_EQ(listener.take(), nullptr);
        co_await run(gate, session, "rollback");
    }
    EXPECT_FALSE(log.listening());
    co_await run(gate, session, "begin");
    co_await run(gate, session, "rollback");
    // What was on its way to the listener finds nobody.
    co_await async::pause(std::chrono::milliseconds(1), nullptr);
    gate->core.query_log = nullptr;
}
TEST(QueryLog, TellsThoseWhoListen) {
    with_gate(check_statements);
}

Task<void> check_buffer(Gate*) {
    QueryLog log(&async::Loop::current(), {.tag = "wanted"}, 0, 2);
    QueryLog::Listener listener(&log, "slow");
    const auto add = [&log](const char* text) {
        auto record = std::make_shared<QueryRecord>();
        record->sql = text;
        log.add(std::move(record));
    };
    for (const char* text : {"wanted 1", "other", "wanted 2", "wanted 3"}) add(text);
    // They arrive when the loop comes to them, while nobody takes any.
    co_await async::pause(std::chrono::milliseconds(1), nullptr);
    EXPECT_EQ((*co_await listener.next(nullptr))->sql, "wanted 1");
    EXPECT_EQ((*co_await listener.next(nullptr))->sql, "wanted 2");
    std::uint64_t dropped = 0;
    log.dropped().for_each([&](const std::string& key, const async::Count& count) {
        EXPECT_EQ(key, "VTGate.slow");
        dropped += count.get();
    });
    EXPECT_EQ(dropped, 1U);
    async::Stop stop;
    stop.request(make_error(Code::canceled, "enough"));
    EXPECT_FALSE((co_await listener.next(&stop)).has_value());
}
TEST(QueryLog, SlowListenersMissSome) {
    with_gate(check_buffer);
}

}  // namespace
}  // namespace sluice::executor
