#include "executor/query_record.h"

#include <gtest/gtest.h>

namespace sluice::executor {
namespace {

QueryRecord record() {
    QueryRecord made;
    made.method = "Execute";
    made.peer = "127.0.0.1:5";
    made.user = "app";
    made.immediate_caller = "userData1";
    made.effective_caller = "alice";
    made.total = std::chrono::microseconds(1500);
    made.planning = std::chrono::microseconds(500);
    made.execution = std::chrono::milliseconds(1);
    made.statement_type = "SELECT";
    made.sql = "select \"a\" from t where id = :id and b = :b and c in ::c";
    made.variables = {
        {"id", Type::int64, "5"}, {"b", Type::varchar, "x\"y"}, {"c", Type::tuple, "", 3}};
    made.shard_queries = 1;
    made.rows_returned = 7;
    made.tablet_type = "PRIMARY";
    made.session_uuid = "u-1";
    made.cached_plan = true;
    made.tables = {"ks.t"};
    made.keyspace = "ks";
    return made;
}

// Without the two times, which are the machine's.
std::vector<std::string> columns(const std::string& line) {
    std::vector<std::string> cut;
    for (std::size_t at = 0; at <= line.size();) {
        const std::size_t tab = std::min(line.find('\t', at), line.size());
        cut.push_back(line.substr(at, tab - at));
        at = tab + 1;
    }
    if (cut.size() > 6) cut.erase(cut.begin() + 5, cut.begin() + 7);
    return cut;
}

TEST(QueryRecord, Text) {
    const std::vector<std::string> want = {
        "Execute",
        "127.0.0.1:5",
        "app",
        "'userData1'",
        "'alice'",
        "0.001500",
        "0.000500",
        "0.001000",
        "0.000000",
        "SELECT",
        R"("select \"a\" from t where id = :id and b = :b and c in ::c")",
        R"({"b": {"type": "VARCHAR", "value": "0 bytes"}, "c": {"type": "TUPLE", "value": "3 items"}, "id": {"type": "INT64", "value": 5}})",
        "1",
        "0",
        "\"\"",
        "\"PRIMARY\"",
        "\"u-1\"",
        "true",
        "[\"ks.t\"]",
        "\"ks\"",
        "0.000000",
        "0.000000",
        "\"\"\n"};
    EXPECT_EQ(columns(format_record(record(), {})), want);
    const std::string full = format_record(record(), {.full = true});
    EXPECT_NE(full.find(R"("value": "x\"y")"), full.npos);
    const std::vector<std::string> redacted = columns(format_record(record(), {.redacted = true}));
    EXPECT_EQ(redacted[11], "\"[REDACTED]\"");
    EXPECT_EQ(redacted[10],
              R"("select :redacted1 /* VARCHAR */ from t where id = :id and b = :b and c in ::c")");
    QueryRecord unread = record();
    unread.sql = "select 'secret' where";
    EXPECT_EQ(columns(format_record(unread, {.redacted = true}))[10], "\"[REDACTED]\"");
}

TEST(QueryRecord, Json) {
    const std::string line = format_record(record(), {.json = true});
    EXPECT_TRUE(line.starts_with(
        R"({"Method": "Execute", "RemoteAddr": "127.0.0.1:5", "Username": "app", "ImmediateCaller": "userData1", "Effective Caller": "alice", "Start": ")"))
        << line;
    EXPECT_TRUE(line.ends_with(
        R"("SessionUUID": "u-1", "Cached Plan": true, "TablesUsed": ["ks.t"], "ActiveKeyspace": "ks", "MirrorSourceExecuteTime": 0.000000, "MirrorTargetExecuteTime": 0.000000, "MirrorTargetError": ""})"
        "\n"))
        << line;
}

TEST(QueryRecord, FilterByTagOrRows) {
    EXPECT_TRUE(QueryLogFilter().wants(record()));
    EXPECT_TRUE((QueryLogFilter{.tag = "from t", .row_threshold = 100}).wants(record()));
    EXPECT_FALSE((QueryLogFilter{.tag = "other"}).wants(record()));
    EXPECT_TRUE((QueryLogFilter{.row_threshold = 7}).wants(record()));
    EXPECT_FALSE((QueryLogFilter{.row_threshold = 8}).wants(record()));
}

TEST(QueryRecord, QuotesAsGo) {
    EXPECT_EQ(go_quoted("a\n\t\x01\"\\é"), "\"a\\n\\t\\u0001\\\"\\\\é\"");
}

}  // namespace
}  // namespace sluice::executor
