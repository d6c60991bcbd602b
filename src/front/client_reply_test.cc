#include "front/client_reply.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "async/loop.h"
#include "gateway/scripted.h"
#include "wire/response.h"

namespace sluice::front {
namespace {

constexpr wire::Capabilities modern =
    wire::capability::protocol_41 | wire::capability::deprecate_eof;
constexpr wire::Capabilities old = wire::capability::protocol_41;

// What a client reads: "[ks.t.n, m] (1) (2) ok", "ok 3", "error 1146".
std::string read_back(wire::ByteView packets, wire::Capabilities negotiated) {
    wire::ResponseReader reader(negotiated, wire::RowFormat::text, 1 << 20);
    std::string text;
    while (!reader.done()) {
        const auto step = reader.next(packets);
        if (!step) return text + "broken: " + step.error().text;
        if (std::holds_alternative<wire::NeedMore>(step->event)) return text + "...";
        if (std::holds_alternative<wire::ResponseReader::Header>(step->event)) text += "[";
        if (const auto* column = std::get_if<wire::ResponseReader::Column>(&step->event)) {
            const auto definition = wire::parse_column(column->payload);
            text += (text.ends_with("[") ? "" : ", ") + std::string(definition->schema) + "." +
                    std::string(definition->name);
        }
        if (std::holds_alternative<wire::ResponseReader::RowsBegin>(step->event)) text += "] ";
        if (const auto* row = std::get_if<wire::ResponseReader::Row>(&step->event)) {
            const Type type = Type::varchar;
            ValueView cell;
            if (!wire::cut_text_row(row->payload, {&type, 1}, {&cell, 1})) return "broken row";
            text += "(" + std::string(cell.bytes.substr(0, 8)) + ") ";
        }
        if (const auto* end = std::get_if<wire::ResponseReader::Finished>(&step->event)) {
            text +=
                "ok " + std::to_string(end->ok.affected_rows) + (end->more_results ? " more" : "");
        }
        if (const auto* refused = std::get_if<wire::ResponseReader::Refused>(&step->event))
            text += "error " + std::to_string(refused->err.number);
        packets = packets.subspan(step->consumed);
    }
    return packets.empty() ? text : text + " and more bytes";
}

struct Columns {
    std::vector<std::uint8_t> packets;
    std::uint32_t count;

    explicit Columns(const std::vector<wire::ColumnDefinition>& columns)
        : packets(gateway::scripted_columns(columns)),
          count(static_cast<std::uint32_t>(columns.size())) {}
    tablet::ColumnPackets given(std::string_view database = "vt_ks") const {
        return {.packets = packets, .count = count, .database = database, .keyspace = "ks"};
    }
};
const Columns one({{.schema = "vt_ks", .name = "n"}});
const Columns two({{.schema = "vt_ks", .name = "n"}, {.schema = "mysql", .name = "m"}});

// As a tablet does: rows are stamped with the reply's sequence.
Result<tablet::RowSink::Take> give(ClientReply& reply, gateway::ScriptedRun& run) {
    std::size_t at = 0;
    while (at < run.packets.size()) {
        const std::size_t size = run.packets[at] | std::size_t{run.packets[at + 1]} << 8U |
                                 std::size_t{run.packets[at + 2]} << 16U;
        run.packets[at + 3] = reply.sequence++;
        at += 4 + size;
    }
    return reply.rows({run.packets, run.starts, false, false});
}

// SHOW TABLES has its database in both names of its column; a tablet has put the keyspace in one.
TEST(ClientReply, RenamesAListOfTables) {
    const std::tuple<const char*, const char*, const char*> cases[] = {
        {"Tables_in_vt_ks", "Tables_in_vt_ks", "Tables_in_ks"},
        {"Tables_in_ks", "Tables_in_vt_ks", "Tables_in_ks"},
        {"Tables_in_vt_ks", "TABLE_NAME", "TABLE_NAME"},
    };
    for (const auto& [name, original, want] : cases) {
        const Columns told({{.name = name, .org_name = original}});
        const std::vector<executor::ColumnName> names = {
            {.column = 0, .from_end = false, .name = "Tables_in_ks"}};
        wire::Bytes out;
        ClientReply reply(nullptr, &out, modern, false, 1);
        reply.name_columns(nullptr, names);
        ASSERT_TRUE(reply.columns(told.given()).has_value());
        const auto count = wire::next_frame(out.view());
        const auto rest = out.view().subspan(std::get<wire::Frame>(count).size());
        const auto frame = wire::next_frame(rest);
        const auto column = wire::parse_column(std::get<wire::Frame>(frame).payload);
        ASSERT_TRUE(column.has_value());
        EXPECT_EQ(column->name, "Tables_in_ks");
        EXPECT_EQ(column->org_name, want) << name;
    }
}

TEST(ClientReply, AnswersOfBothKindsOfClients) {
    for (const wire::Capabilities negotiated : {modern, old}) {
        wire::Bytes out;
        ClientReply reply(nullptr, &out, negotiated, false, 1);
        ASSERT_TRUE(reply.columns(one.given()).has_value());
        gateway::ScriptedRun run = gateway::scripted_rows({"1", "2"});
        EXPECT_EQ(give(reply, run).value(), tablet::RowSink::Take::more);
        reply.finish({.affected_rows = 0}, false);
        EXPECT_EQ(read_back(out.view(), negotiated), "[ks.n] (1) (2) ok 0");
        out.clear();
        ClientReply plain(nullptr, &out, negotiated, false, 1);
        plain.finish({.affected_rows = 3, .text = "Records: 3"}, true);
        EXPECT_EQ(read_back(out.view(), negotiated).substr(0, 9), "ok 3 more");
    }
}

TEST(ClientReply, NamesArePutInPlace) {
    struct Case {
        std::vector<executor::ColumnName> names;
        const char* want;
    };
    for (const auto& [names, want] : {
             Case{{}, "[ks.n, mysql.m] ok 0"},
             Case{{{.column = 0, .name = "1 + 1"}}, "[ks.1 + 1, mysql.m] ok 0"},
             Case{{{.column = 0, .from_end = true, .name = "last"}}, "[ks.n, mysql.last] ok 0"},
             Case{{{.column = 9, .name = "nobody"}}, "[ks.n, mysql.m] ok 0"},
         }) {
        wire::Bytes out;
        executor::ColumnMemory memory;
        ClientReply reply(nullptr, &out, modern, false, 1);
        reply.name_columns(&memory, names);
        ASSERT_TRUE(reply.columns(two.given()).has_value());
        reply.finish({}, false);
        EXPECT_EQ(read_back(out.view(), modern), want);
        EXPECT_EQ(memory.next, names.empty() ? 1u : 0u);
    }
}

TEST(ClientReply, DefinitionsAreReplayedFromMemory) {
    executor::ColumnMemory memory;
    std::vector<std::uint8_t> first;
    for (const wire::Capabilities negotiated : {modern, modern, old}) {
        wire::Bytes out;
        ClientReply reply(nullptr, &out, negotiated, false, 1);
        reply.name_columns(&memory, {});
        ASSERT_TRUE(reply.columns(one.given()).has_value());
        reply.finish({}, false);
        EXPECT_EQ(read_back(out.view(), negotiated), "[ks.n] ok 0");
        EXPECT_EQ(memory.next, 1u);
    }
    // More kinds than there is room for: the oldest goes.
    for (const char* name : {"a", "b", "c", "d", "n"}) {
        const Columns columns({{.schema = "vt_ks", .name = name}});
        wire::Bytes out;
        ClientReply reply(nullptr, &out, modern, false, 1);
        reply.name_columns(&memory, {});
        ASSERT_TRUE(reply.columns(columns.given()).has_value());
        reply.finish({}, false);
        EXPECT_EQ(read_back(out.view(), modern), "[ks." + std::string(name) + "] ok 0");
    }
    EXPECT_EQ(memory.next, 2u);
    // A second statement of one text begins with another number: it is not replayed.
    wire::Bytes out;
    ClientReply later(nullptr, &out, modern, false, 5);
    later.name_columns(&memory, {});
    ASSERT_TRUE(later.columns(one.given()).has_value());
    EXPECT_EQ(out[3], 5);
}

TEST(ClientReply, AnErrorTakesBackWhatWasNotSent) {
    wire::Bytes out;
    ClientReply done(nullptr, &out, modern, false, 1);
    done.finish({.affected_rows = 1}, true);
    const std::size_t before = out.size();
    ClientReply reply(nullptr, &out, modern, false, done.sequence);
    ASSERT_TRUE(reply.columns(one.given()).has_value());
    gateway::ScriptedRun run = gateway::scripted_rows({"1", "2"});
    ASSERT_TRUE(give(reply, run).has_value());
    reply.refuse(make_error(Code::not_found, er::no_such_table, "gone"));
    EXPECT_FALSE(reply.broken());
    EXPECT_EQ(out[before + 3], 2);
    wire::Bytes tail;
    tail.append(out.view().subspan(before));
    tail[3] = 1;
    EXPECT_EQ(read_back(tail.view(), modern), "error 1146");
}

TEST(ClientReply, HalfARowThatNobodySawCanBeTakenBack) {
    wire::Bytes out;
    ClientReply reply(nullptr, &out, modern, false, 1);
    ASSERT_TRUE(reply.columns(one.given()).has_value());
    gateway::ScriptedRun run = gateway::scripted_rows({"1"});
    ASSERT_TRUE(reply.rows({run.packets, 1, false, true}).has_value());
    EXPECT_FALSE(reply.broken());
    reply.refuse(make_error(Code::unavailable, er::cr_server_lost, "lost"));
    EXPECT_EQ(read_back(out.view(), modern), "error 2013");
}

TEST(ClientReply, KeepsColumnsForPrepare) {
    wire::Bytes out;
    ClientReply reply(nullptr, &out, modern, true, 1);
    reply.keep_columns();
    ASSERT_TRUE(reply.columns(two.given()).has_value());
    gateway::ScriptedRun run = gateway::scripted_rows({"1"});
    EXPECT_EQ(give(reply, run).value(), tablet::RowSink::Take::more);
    EXPECT_TRUE(out.empty());
    ASSERT_EQ(reply.kept().size(), 2u);
    EXPECT_EQ(reply.kept()[0].schema, "ks");
    EXPECT_EQ(reply.kept()[1].schema, "mysql");
}

Task<void> check_drain() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    async::Stream server{async::Socket(ends[0])};
    async::Stream client{async::Socket(ends[1])};
    wire::Bytes out;
    ClientReply reply(&server, &out, modern, false, 1);
    EXPECT_TRUE(reply.columns(one.given()).has_value());
    const std::string large(50'000, 'x');
    for (const auto want : {tablet::RowSink::Take::more, tablet::RowSink::Take::full}) {
        gateway::ScriptedRun run = gateway::scripted_rows({large});
        EXPECT_EQ(give(reply, run).value(), want);
        if (want == tablet::RowSink::Take::more) continue;
        EXPECT_FALSE(reply.committed());
        EXPECT_TRUE((co_await reply.drain(nullptr)).has_value());
    }
    EXPECT_TRUE(reply.committed());
    EXPECT_TRUE(out.empty());
    // What has been sent stays; the error ends the result set.
    reply.refuse(make_error(Code::unavailable, er::cr_server_lost, "lost"));
    EXPECT_FALSE(reply.broken());
    EXPECT_TRUE((co_await server.write(out.view(), {}, nullptr)).has_value());
    server.close();
    wire::Bytes received;
    while (co_await client.fill(nullptr)) {
        received.append(wire::ByteView(client.received()));
        client.consume(client.received().size());
    }
    EXPECT_EQ(read_back(received.view(), modern), "[ks.n] (xxxxxxxx) (xxxxxxxx) error 2013");
    // Nobody is there any more.
    client.close();
}

TEST(ClientReply, LargeAnswersLeaveInPieces) {
    async::Loop loop;
    async::run_until_done(loop, check_drain());
}

// What the client has received when `want` has come, or when the server has closed.
Task<std::string> received_by(async::Stream* client, std::string want) {
    for (;;) {
        std::string text = read_back(wire::ByteView(client->received()), modern);
        if (text == want || !co_await client->fill(nullptr, client->received().size() + 1)) {
            co_return text;
        }
    }
}

Task<void> check_late_rows() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    async::Stream server{async::Socket(ends[0])};
    async::Stream client{async::Socket(ends[1])};
    wire::Bytes out;
    FlushQueue queue;
    async::Scope scope;
    ClientReply reply(&server, &out, modern, false, 1);
    reply.send_late_rows(&queue, std::chrono::milliseconds(20), &scope, nullptr);
    EXPECT_TRUE(reply.columns(one.given()).has_value());
    const auto began = async::Clock::now();
    gateway::ScriptedRun run = gateway::scripted_rows({"1", "2"});
    EXPECT_EQ(give(reply, run).value(), tablet::RowSink::Take::more);
    // Nothing follows, and yet they come.
    EXPECT_EQ(co_await received_by(&client, "[ks.n] (1) (2) ..."), "[ks.n] (1) (2) ...");
    EXPECT_GE(async::Clock::now() - began, std::chrono::milliseconds(10));
    EXPECT_TRUE(reply.committed());
    // Later ones wait and leave in their turn; an error does not take them back.
    run = gateway::scripted_rows({"3"});
    EXPECT_EQ(give(reply, run).value(), tablet::RowSink::Take::more);
    EXPECT_EQ(co_await received_by(&client, "[ks.n] (1) (2) (3) ..."), "[ks.n] (1) (2) (3) ...");
    run = gateway::scripted_rows({"4"});
    EXPECT_EQ(give(reply, run).value(), tablet::RowSink::Take::more);
    co_await reply.settle();
    reply.refuse(make_error(Code::unavailable, er::cr_server_lost, "lost"));
    EXPECT_FALSE(reply.broken());
    EXPECT_TRUE((co_await server.write(out.view(), {}, nullptr)).has_value());
    server.close();
    EXPECT_EQ(co_await received_by(&client, ""), "[ks.n] (1) (2) (3) (4) error 2013");
    co_await scope.join();
}

TEST(ClientReply, RowsWaitNoLongerThanTheFlushDelay) {
    async::Loop loop;
    async::run_until_done(loop, check_late_rows());
}

Task<Result<void>> take(async::Stream* client, std::size_t bytes) {
    while (client->received().size() < bytes) {
        CO_TRY(co_await client->fill(nullptr, client->received().size() + 1));
    }
    co_return Result<void>{};
}

// A client that takes nothing: late rows are on their way when the shard's next rows fill the
// buffer.
Task<void> check_late_rows_and_drain() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    const int small = 4096;
    setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    async::Stream server{async::Socket(ends[0])};
    async::Stream client{async::Socket(ends[1])};
    wire::Bytes out;
    FlushQueue queue;
    async::Scope scope;
    ClientReply reply(&server, &out, modern, false, 1);
    reply.send_late_rows(&queue, std::chrono::milliseconds(20), &scope, nullptr);
    EXPECT_TRUE(reply.columns(one.given()).has_value());
    gateway::ScriptedRun first = gateway::scripted_rows({std::string(60'000, 'a')});
    EXPECT_EQ(give(reply, first).value(), tablet::RowSink::Take::more);
    while (reply.settled()) co_await async::pause(std::chrono::milliseconds(1), nullptr);
    gateway::ScriptedRun second = gateway::scripted_rows({std::string(70'000, 'b')});
    EXPECT_EQ(give(reply, second).value(), tablet::RowSink::Take::full);
    std::vector<Task<Result<void>>> tasks;
    tasks.push_back(reply.drain(nullptr));
    tasks.push_back(take(&client, 130'000));
    const auto results = co_await async::gather(std::move(tasks));
    EXPECT_TRUE(results[0].has_value());
    reply.finish({}, false);
    EXPECT_TRUE((co_await server.write(out.view(), {}, nullptr)).has_value());
    server.close();
    EXPECT_EQ(co_await received_by(&client, ""), "[ks.n] (aaaaaaaa) (bbbbbbbb) ok 0");
    co_await scope.join();
}

TEST(ClientReply, LateRowsKeepTheirPlace) {
    async::Loop loop;
    async::run_until_done(loop, check_late_rows_and_drain());
}

}  // namespace
}  // namespace sluice::front
