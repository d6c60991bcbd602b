#include "executor/session_test.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "front/mysql_session.h"
#include "wire/client_handshake.h"
#include "wire/request.h"
#include "wire/response.h"
#include "wire/row.h"

namespace sluice::front {
namespace {

using executor::Gate;
using executor::Journal;
using wire::Command;

// A client at the other end of a socket pair.
class Client {
 public:
    explicit Client(int descriptor) : stream_(async::Socket(descriptor)) {}

    // "ok", or the error's number.
    Task<std::string> login(std::string user, std::string password, std::string database) {
        wire::ClientHandshake handshake({.user = std::move(user),
                                         .password = std::move(password),
                                         .database = std::move(database),
                                         .unix_socket = true});
        wire::MessageCutter cutter(1 << 20);
        for (;;) {
            const auto cut = cutter.cut(stream_.received());
            if (!cut) co_return "broken";
            if (!cut->message) {
                stream_.consume(cut->consumed);
                if (!co_await stream_.fill(nullptr)) co_return "closed";
                continue;
            }
            wire::Bytes out;
            wire::PacketWriter writer(&out, cutter.next_sequence());
            const auto step = handshake.receive(*cut->message, writer);
            stream_.consume(cut->consumed);
            cutter.expect(writer.sequence());
            if (const auto* refused = std::get_if<wire::ClientHandshake::Refused>(&step))
                co_return std::to_string(refused->error.number);
            if (std::holds_alternative<wire::ClientHandshake::LoggedIn>(step)) break;
            if (!out.empty() && !co_await stream_.write(out.view(), {}, nullptr))
                co_return "closed";
        }
        negotiated_ = handshake.capabilities();
        co_return "ok";
    }

    // One command and its answer, results separated by "; ".
    Task<std::string> command(Command what, std::string text) {
        wire::Bytes out;
        wire::PacketWriter writer(&out);
        wire::write_command(writer, what, text);
        co_return co_await ask(std::move(out), wire::RowFormat::text);
    }
    Task<std::string> query(std::string text) {
        co_return co_await command(Command::query, std::move(text));
    }
    Task<std::string> ask(wire::Bytes out, wire::RowFormat format) {
        if (!co_await stream_.write(out.view(), {}, nullptr)) co_return "closed";
        wire::ResponseReader reader(negotiated_, format, 1 << 20);
        std::string answer;
        std::vector<wire::ColumnType> types;
        while (!reader.done()) {
            const auto step = reader.next(stream_.received());
            if (!step) co_return answer + "broken: " + step.error().text;
            if (std::holds_alternative<wire::NeedMore>(step->event)) {
                if (!co_await stream_.fill(nullptr)) co_return answer + "closed";
                continue;
            }
            answer += shown(step->event, format, types);
            stream_.consume(step->consumed);
        }
        co_return answer;
    }
    // Turns multi statements on; the answer is an EOF, which nothing else is answered with.
    Task<bool> allow_several() {
        wire::Bytes out;
        wire::PacketWriter writer(&out);
        wire::write_set_option(writer, {.option = 0});
        if (!co_await stream_.write(out.view(), {}, nullptr)) co_return false;
        if (!co_await stream_.fill(nullptr, 9)) co_return false;
        const bool is_eof = stream_.received()[4] == wire::end_header;
        stream_.consume(stream_.received().size());
        co_return is_eof;
    }
    // Bytes without an answer.
    Task<bool> send(wire::Bytes out) {
        co_return (co_await stream_.write(out.view(), {}, nullptr)).has_value();
    }
    // "statement 1: 2 parameters, columns n" or the error's number.
    Task<std::string> prepare(std::string text) {
        wire::Bytes out;
        wire::PacketWriter writer(&out);
        wire::write_command(writer, Command::stmt_prepare, text);
        if (!co_await stream_.write(out.view(), {}, nullptr)) co_return "closed";
        wire::PrepareReader reader(negotiated_);
        wire::MessageCutter cutter(1 << 20);
        cutter.expect(1);
        std::string columns;
        while (!reader.done()) {
            const auto cut = cutter.cut(stream_.received());
            if (!cut) co_return "broken";
            if (!cut->message) {
                stream_.consume(cut->consumed);
                if (!co_await stream_.fill(nullptr)) co_return "closed";
                continue;
            }
            const auto step = reader.feed(*cut->message);
            if (!step) co_return "broken";
            if (*step == wire::PrepareReader::Step::refused) {
                const std::string number = std::to_string(wire::parse_err(*cut->message)->number);
                stream_.consume(cut->consumed);
                co_return number;
            }
            if (*step == wire::PrepareReader::Step::column)
                columns += " " + std::string(wire::parse_column(*cut->message)->name);
            stream_.consume(cut->consumed);
        }
        co_return "statement " + std::to_string(reader.prepared().statement) + ": " +
            std::to_string(reader.prepared().parameters) + " parameters, columns" + columns;
    }
    Task<std::string> execute(std::uint32_t statement, std::vector<ValueView> values) {
        wire::Bytes out;
        wire::PacketWriter writer(&out);
        wire::write_execute(writer, statement, 0, std::span<const ValueView>(values));
        co_return co_await ask(std::move(out), wire::RowFormat::binary);
    }
    // True if the server has closed.
    Task<bool> closed() { co_return !co_await stream_.fill(nullptr); }
    void close() { stream_.close(); }

 private:
    static std::string shown(const wire::ResponseReader::Event& event, wire::RowFormat format,
                             std::vector<wire::ColumnType>& types) {
        if (std::holds_alternative<wire::ResponseReader::Header>(event)) types.clear();
        if (const auto* column = std::get_if<wire::ResponseReader::Column>(&event))
            types.push_back(wire::column_type(*wire::parse_column(column->payload)));
        if (const auto* row = std::get_if<wire::ResponseReader::Row>(&event)) {
            std::string text = "(";
            if (format == wire::RowFormat::binary) {
                const auto cells = wire::cut_binary_row(row->payload, types);
                return cells ? "(" + cells->front().bytes + ") " : "broken row";
            }
            std::vector<Type> plain(types.size(), Type::varchar);
            std::vector<ValueView> cells(types.size());
            if (!wire::cut_text_row(row->payload, plain, cells)) return "broken row";
            return text + std::string(cells.front().bytes) + ") ";
        }
        if (const auto* end = std::get_if<wire::ResponseReader::Finished>(&event)) {
            return "ok" + (end->had_rows ? "" : " " + std::to_string(end->ok.affected_rows)) +
                   (end->more_results ? "; " : "");
        }
        if (const auto* refused = std::get_if<wire::ResponseReader::Refused>(&event))
            return std::to_string(refused->err.number) + " " + std::string(refused->err.message);
        return {};
    }

    async::Stream stream_;
    wire::Capabilities negotiated_ = 0;
};

// A front over a gate of scripted shards.
struct Front {
    Gate gate;
    Options options;
    FrontCore core;
    std::vector<std::unique_ptr<MysqlSession>> sessions;

    Front() {
        core.options = &options;
        core.users = auth::everybody();
        core.core = &gate.core;
        gateway::ScriptedAnswer answer;
        answer.columns = gateway::scripted_columns({{.name = "n"}});
        answer.column_count = 1;
        answer.runs.push_back(gateway::scripted_rows({"7"}));
        answer.end.columns = 1;
        gate.answer_everywhere(answer);
    }
    std::unique_ptr<Client> connect() {
        int ends[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
        sessions.push_back(std::make_unique<MysqlSession>(
            &core, async::Stream(async::Socket(ends[0])), ++core.next_id));
        core.sessions.spawn("session", sessions.back()->run());
        return std::make_unique<Client>(ends[1]);
    }
};

Task<void> on_front(Task<void> (*check)(Front*)) {
    Front front;
    co_await check(&front);
    co_await front.core.sessions.join();
    EXPECT_EQ(front.core.counters.connections.load(), 0);
    EXPECT_TRUE(front.gate.core.sessions.all().empty());
    co_await executor::close(&front.gate);
}
void with_front(Task<void> (*check)(Front*)) {
    async::Loop loop;
    async::run_until_done(loop, on_front(check));
}

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
