#pragma once
// For this room's tests: a front over a gate of scripted shards, and clients that talk to it.
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "executor/session_test.h"
#include "front/mysql_session.h"
#include "wire/client_handshake.h"
#include "wire/request.h"
#include "wire/response.h"
#include "wire/row.h"

namespace sluice::front {

using executor::Gate;
using executor::Journal;
using wire::Command;

// A client at the other end of a socket pair, or of any socket.
class Client {
 public:
    explicit Client(int descriptor) : stream_(async::Socket(descriptor)) {}
    explicit Client(async::Socket socket) : stream_(std::move(socket)) {}

    // "ok", or the error's number; with a context, under TLS.
    Task<std::string> login(std::string user, std::string password, std::string database,
                            const async::TlsContext* tls = nullptr) {
        wire::ClientHandshake handshake(
            {.user = std::move(user),
             .password = std::move(password),
             .database = std::move(database),
             .tls = tls == nullptr ? wire::Tls::disabled : wire::Tls::required,
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
            if (std::holds_alternative<wire::ClientHandshake::StartTls>(step)) {
                if (!co_await stream_.write(out.view(), {}, nullptr)) co_return "closed";
                if (!co_await stream_.connect_tls(tls, "db.test", nullptr)) co_return "no TLS";
                out.clear();
                handshake.tls_started(writer);
                cutter.expect(writer.sequence());
            }
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
    // The address of this end, as the server sees it.
    std::string address() {
        sockaddr_in local{};
        socklen_t size = sizeof local;
        getsockname(stream_.socket().descriptor(), reinterpret_cast<sockaddr*>(&local), &size);
        return "127.0.0.1:" + std::to_string(ntohs(local.sin_port));
    }
    async::Stream& stream() { return stream_; }

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

inline Task<void> on_front(Task<void> (*check)(Front*)) {
    Front front;
    co_await check(&front);
    co_await front.core.sessions.join();
    EXPECT_EQ(front.core.counters.connections.load(), 0);
    EXPECT_TRUE(front.gate.core.sessions.all().empty());
    co_await executor::close(&front.gate);
}
// `check` is a function of a Front*.
inline void with_front(Task<void> (*check)(Front*)) {
    async::Loop loop;
    async::run_until_done(loop, on_front(check));
}

}  // namespace sluice::front
