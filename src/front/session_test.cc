#include <gtest/gtest.h>

#include "front/front_test.h"

namespace sluice::front {
namespace {

Task<void> check_commands(Front* front) {
    const auto client = front->connect();
    EXPECT_EQ(co_await client->login("ann", "any", "ks"), "ok");
    struct Case {
        Command command;
        const char* text;
        const char* want;
    };
    for (const auto& [command, text, want] : {
             Case{Command::ping, "", "ok 0"},
             Case{Command::query, "select n from t where k = 'A'", "(7) ok"},
             Case{Command::query, "", "1065 Query was empty"},
             Case{Command::query, "select 1; select 2", "1064 "},
             Case{Command::init_db, "ks:-40", "ok 0"},
             Case{Command::init_db, "nowhere", "1049 "},
             Case{Command::change_user, "", "1047 command handling not implemented yet: 17"},
             Case{static_cast<Command>(0x7f), "", "1047 command handling not implemented yet: 127"},
             Case{Command::reset_connection, "", "ok 0"},
             Case{Command::ping, "", "ok 0"},
         }) {
        const std::string got = co_await client->command(command, text);
        EXPECT_TRUE(got.starts_with(want)) << text << " gave " << got;
    }
    EXPECT_EQ(front->core.counters.commands.load(), 10u);
    wire::Bytes quit;
    wire::PacketWriter writer(&quit);
    wire::write_command(writer, Command::quit);
    EXPECT_TRUE(co_await client->send(std::move(quit)));
    EXPECT_TRUE(co_await client->closed());
    EXPECT_EQ(front->core.counters.aborted.load(), 0u);
}

TEST(Session, Commands) {
    with_front(&check_commands);
}

Task<void> check_logins(Front* front) {
    front->core.users = *auth::parse_static_users(
        R"({"ann": [{"Password": "secret", "UserData": "ann's"}], "bob": [{"Password": ""}]})",
        "test");
    struct Case {
        const char* user;
        const char* password;
        const char* database;
        const char* want;
    };
    for (const auto& [user, password, database, want] : {
             Case{"ann", "secret", "", "ok"},
             Case{"ann", "wrong", "", "1045"},
             Case{"nobody", "secret", "", "1045"},
             Case{"ann", "secret", "ks", "ok"},
             Case{"ann", "secret", "nowhere", "1049"},
         }) {
        const auto client = front->connect();
        EXPECT_EQ(co_await client->login(user, password, database), want) << user << password;
        if (std::string_view(want) == "ok")
            EXPECT_EQ(co_await client->command(Command::ping, ""), "ok 0");
        client->close();
    }
    co_await front->core.sessions.join();
    EXPECT_EQ(front->core.counters.denied.load(), 2u);
    EXPECT_EQ(front->core.counters.aborted.load(), 2u);
}

TEST(Session, OnlyUsersGetIn) {
    with_front(&check_logins);
}

Task<void> check_multi_statements(Front* front) {
    const auto client = front->connect();
    EXPECT_EQ(co_await client->login("ann", "", "ks"), "ok");
    EXPECT_TRUE(co_await client->allow_several());
    EXPECT_EQ(co_await client->query("begin; select n from t where k = 'A'; commit;"),
              "ok 0; (7) ok; ok 0");
    EXPECT_EQ(co_await client->query("select n from t where k = 'A'; selec; commit"),
              "(7) ok; 1064 syntax error at position 7 near 'selec'");
    EXPECT_EQ(co_await client->query("set @a = 'x;y'"), "ok 0");
    EXPECT_EQ(co_await client->command(Command::ping, ""), "ok 0");
    client->close();
}

TEST(Session, SeveralStatementsInOneText) {
    with_front(&check_multi_statements);
}

// Tablets that answer executions with a binary row, and keep what they were sent.
void answer_executions(Front* front, Journal* sent) {
    for (const char* shard : {"-40", "40-60", "60-"}) {
        front->gate.cluster.tablet(shard).script = [sent](const tablet::Call& call) {
            if (call.execution == nullptr) {
                sent->push_back(std::string(call.text));
                return gateway::ScriptedAnswer::written(1);
            }
            sent->push_back("execute " + std::string(call.execution->statement) + " with " +
                            std::to_string(call.execution->values.size()) + " bytes");
            const std::vector<wire::ColumnDefinition> columns{{.name = "n"}};
            const std::vector<wire::ColumnType> types{wire::column_type(columns[0])};
            const ValueView cell{Type::varchar, "9"};
            wire::Bytes row;
            wire::PacketWriter writer(&row);
            EXPECT_TRUE(wire::write_binary_row(writer, types, std::span(&cell, 1)).has_value());
            gateway::ScriptedAnswer answer;
            answer.columns = gateway::scripted_columns(columns);
            answer.column_count = 1;
            answer.runs.push_back({{row.data(), row.data() + row.size()}, 1, false, false});
            answer.end.columns = 1;
            return answer;
        };
    }
}

Task<void> check_prepared(Front* front) {
    const auto client = front->connect();
    EXPECT_EQ(co_await client->login("ann", "", "ks"), "ok");
    EXPECT_EQ(co_await client->prepare("selec"), "1064");
    EXPECT_EQ(co_await client->prepare("select n from t where k = ?"),
              "statement 2: 1 parameters, columns n");
    EXPECT_EQ(co_await client->prepare("insert into t(k, n) values (?, ?)"),
              "statement 3: 2 parameters, columns");
    Journal sent;
    answer_executions(front, &sent);
    EXPECT_EQ(co_await client->execute(2, {{Type::varchar, "A"}}), "(9) ok");
    EXPECT_EQ(co_await client->execute(2, {{Type::varchar, "abc"}}), "(9) ok");
    EXPECT_EQ(co_await client->execute(99, {}),
              "1243 Unknown prepared statement handler given to EXECUTE");
    EXPECT_EQ(sent, (Journal{"execute select n from t where k = ? with 2 bytes",
                             "execute select n from t where k = ? with 4 bytes"}));
    wire::Bytes close;
    wire::PacketWriter writer(&close);
    wire::write_statement_command(writer, Command::stmt_close, 2);
    EXPECT_TRUE(co_await client->send(std::move(close)));
    EXPECT_TRUE((co_await client->execute(2, {{Type::varchar, "A"}})).starts_with("1243 "));
    client->close();
}

TEST(Session, PreparedStatements) {
    with_front(&check_prepared);
}

wire::Bytes long_data(std::uint32_t statement, std::uint16_t parameter, std::string_view chunk) {
    wire::Bytes bytes;
    wire::PacketWriter writer(&bytes);
    wire::write_long_data(writer, {.statement = statement, .parameter = parameter, .chunk = chunk});
    return bytes;
}

wire::Bytes execute_with_long_data(std::uint32_t statement) {
    wire::Bytes bytes;
    wire::PacketWriter writer(&bytes);
    const wire::ParameterType text{.field = wire::field_type::var_string};
    const std::vector<wire::Parameter> parameters{{.type = text, .raw = wire::bytes_of("A")},
                                                  {.type = text, .long_data = true}};
    wire::write_execute(writer, statement, 0, std::span<const wire::Parameter>(parameters));
    return bytes;
}

Task<void> check_long_data(Front* front) {
    front->options.connection_memory = 64 * 1024;
    const auto client = front->connect();
    EXPECT_EQ(co_await client->login("ann", "", "ks"), "ok");
    EXPECT_TRUE((co_await client->prepare("insert into t(k, n) values (?, ?)"))
                    .starts_with("statement 1: 2"));
    Journal sent;
    answer_executions(front, &sent);
    // What one execution used is given back: many of them stay within the limit.
    const std::string chunk(10'000, 'x');
    for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(co_await client->send(long_data(1, 1, "it's ")));
        EXPECT_TRUE(co_await client->send(long_data(1, 1, chunk)));
        const std::string got =
            co_await client->ask(execute_with_long_data(1), wire::RowFormat::binary);
        EXPECT_EQ(got, "ok 1");
    }
    EXPECT_EQ(sent.size(), 10u);
    for (const std::string& text : sent)
        EXPECT_TRUE(text.contains("it\\'s xxxx")) << text.substr(0, 80);
    const std::string refused = co_await client->ask(long_data(1, 7, "x"), wire::RowFormat::binary);
    EXPECT_TRUE(refused.starts_with("1105 unknown error: got wrong statement id")) << refused;
    const std::string too_much =
        co_await client->ask(long_data(1, 1, std::string(70'000, 'x')), wire::RowFormat::binary);
    EXPECT_TRUE(too_much.contains("--connection_memory_limit")) << too_much;
    client->close();
}

TEST(Session, LongDataIsForOneExecution) {
    with_front(&check_long_data);
}

Task<void> check_shutdown(Front* front) {
    const auto client = front->connect();
    EXPECT_EQ(co_await client->login("ann", "", "ks"), "ok");
    EXPECT_EQ(co_await client->query("begin"), "ok 0");
    front->core.shutting_down = true;
    EXPECT_TRUE((co_await client->command(Command::ping, "")).starts_with("1053 "));
    // Who is in a transaction may end it.
    EXPECT_EQ(co_await client->query("commit"), "ok 0");
    EXPECT_TRUE((co_await client->query("begin")).starts_with("1053 "));
    EXPECT_TRUE(co_await client->closed());
}

TEST(Session, ShutdownLetsTransactionsEnd) {
    with_front(&check_shutdown);
}

Task<void> check_drain(Front* front) {
    front->options.drain_on_term = true;
    const auto client = front->connect();
    EXPECT_EQ(co_await client->login("ann", "", "ks"), "ok");
    front->core.shutting_down = true;
    EXPECT_EQ(co_await client->command(Command::ping, ""), "ok 0");
    EXPECT_EQ(co_await client->query("begin"), "ok 0");
    client->close();
}

TEST(Session, DrainLetsClientsStay) {
    with_front(&check_drain);
}

Task<void> check_hang_up(Front* front) {
    const auto client = front->connect();
    EXPECT_EQ(co_await client->login("ann", "", "ks"), "ok");
    EXPECT_EQ(co_await client->query("begin"), "ok 0");
    EXPECT_EQ(co_await client->query("select n from t where k = 'A'"), "(7) ok");
    EXPECT_EQ(front->gate.cluster.tablet("40-60").held_count(), 1u);
    client->close();
    co_await front->core.sessions.join();
    EXPECT_EQ(front->gate.cluster.tablet("40-60").held_count(), 0u);
    EXPECT_EQ(front->core.counters.aborted.load(), 1u);
    // A packet out of order is told, and the connection ends.
    const auto other = front->connect();
    EXPECT_EQ(co_await other->login("ann", "", "ks"), "ok");
    wire::Bytes out;
    wire::PacketWriter writer(&out, 7);
    wire::write_command(writer, Command::ping);
    EXPECT_TRUE(co_await other->send(std::move(out)));
    EXPECT_FALSE(co_await other->closed());  // the error
}

TEST(Session, WhoHangsUpLeavesNothingBehind) {
    with_front(&check_hang_up);
}

}  // namespace
}  // namespace sluice::front
