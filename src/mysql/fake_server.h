#pragma once
// For tests: a server by script. It listens on a unix socket, lets everybody in, answers the
// question that a pool asks of new connections, and gives every other command to the script.
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include "async/listener.h"
#include "async/scope.h"
#include "async/stream.h"
#include "mysql/server.h"
#include "wire/answer.h"
#include "wire/handshake.h"
#include "wire/result_set.h"
#include "wire/statement.h"

namespace sluice::mysql {

class FakeServer;

struct FakeSession {
    FakeServer* server = nullptr;
    std::uint32_t id = 0;  // of the connection, from 1
    wire::Capabilities capabilities = 0;
    async::Stream stream;
    wire::Bytes out;
    wire::PacketWriter writer{&out, 1};

    void ok(wire::Status status = wire::status::autocommit) {
        wire::write_ok(writer, {.status = status}, capabilities);
    }
    void err(std::uint16_t number, std::string text) {
        wire::write_err(writer, make_error(Code::unknown, number, std::move(text)));
    }
    // One column `v`, one row for each value.
    void rows(const std::vector<std::string>& values, wire::Status status = 0,
              wire::RowFormat format = wire::RowFormat::text) {
        wire::ResultSetWriter set(&writer, capabilities, format);
        const wire::ColumnDefinition column{.schema = "vt_db", .table = "t", .name = "v"};
        set.columns({&column, 1}, status);
        for (const std::string& value : values) {
            const ValueView cell{Type::varchar, value};
            static_cast<void>(set.row({&cell, 1}));
        }
        set.end({.status = status});
    }
    async::Task<bool> send() {
        const bool sent = (co_await stream.write(out.view(), {}, nullptr)).has_value();
        out.clear();
        co_return sent;
    }
};

class FakeServer {
 public:
    // Answers one command: writes into session->out, which is then sent. False: hang up.
    using Script = async::Task<bool> (*)(FakeSession* session, std::string command, void* state);

    FakeServer(Script script, void* state, wire::Capabilities capabilities = wire::capability::gate)
        : script_(script), state_(state), capabilities_(capabilities) {
        char name[] = "/tmp/sluice-fake-XXXXXX";
        folder_ = ::mkdtemp(name);
        path_ = folder_ + "/mysql.sock";
    }
    FakeServer(const FakeServer&) = delete;
    FakeServer& operator=(const FakeServer&) = delete;
    ~FakeServer() { std::filesystem::remove_all(folder_); }

    Server server() const {
        Server made;
        made.address.unix_path = path_;
        made.user = "app";
        made.database = "vt_db";
        return made;
    }
    void start() {
        Result<std::vector<async::Listener>> opened =
            async::Listener::open({.host = "", .unix_path = path_}, 1);
        listener_ = std::make_unique<async::Listener>(std::move(opened->front()));
        scope_.spawn("accept", accept());
    }
    // Also ends all sessions.
    async::Task<void> stop() {
        stop_.request(make_error(Code::canceled, "the test ends"));
        co_await scope_.join();
        listener_.reset();
    }

    std::vector<std::string> log;  // "1: begin", "2: kill query 1", "1: execute"
    std::uint32_t connections = 0;
    std::string read_only = "0";
    std::string max_handles = "16382";

 private:
    async::Task<void> accept() {
        for (;;) {
            Result<async::Accepted> accepted = co_await listener_->accept(&stop_);
            if (!accepted) co_return;
            scope_.spawn("session", serve(accepted->descriptor, ++connections));
        }
    }
    async::Task<Result<std::string>> next(FakeSession* session, bool command) {
        wire::MessageCutter cutter(64U << 20U);
        if (!command) cutter.expect(1);
        for (;;) {
            const auto cut = cutter.cut(session->stream.received());
            if (!cut) co_return std::unexpected(cut.error());
            if (cut->message) {
                std::string message(wire::text_of(*cut->message));
                session->stream.consume(cut->consumed);
                session->writer.set_sequence(cutter.next_sequence());
                co_return message;
            }
            session->stream.consume(cut->consumed);
            CO_TRY(co_await session->stream.fill(&stop_));
        }
    }
    async::Task<void> serve(int descriptor, std::uint32_t id) {
        FakeSession session;
        session.server = this;
        session.id = id;
        session.stream = async::Stream(async::Socket(descriptor));
        session.writer.set_sequence(0);
        wire::write_greeting(session.writer, {.server_version = "8.0.99-fake",
                                              .connection_id = id,
                                              .salt = wire::salt_from({}),
                                              .capabilities = capabilities_,
                                              .charset = 45,
                                              .status = 2,
                                              .plugin = wire::plugin::native});
        if (!co_await session.send()) co_return;
        const Result<std::string> login = co_await next(&session, false);
        if (!login) co_return;
        const Result<wire::LoginResponse> response =
            wire::parse_login_response(wire::bytes_of(*login));
        if (!response) co_return;
        session.capabilities = response->capabilities & capabilities_;
        session.ok();
        if (!co_await session.send()) co_return;
        for (;;) {
            Result<std::string> command = co_await next(&session, true);
            if (!command || (*command)[0] == 1) co_return;
            if (!co_await answer(&session, std::move(*command))) co_return;
        }
    }
    async::Task<bool> answer(FakeSession* session, std::string command) {
        if (command.substr(1).starts_with("select @@global.max_prepared_stmt_count")) {
            const wire::ColumnDefinition column{.name = "v"};
            const std::vector<wire::ColumnDefinition> three(3, column);
            wire::ResultSetWriter set(&session->writer, session->capabilities,
                                      wire::RowFormat::text);
            set.columns(three, 0);
            const ValueView cells[] = {
                {Type::varchar, max_handles}, {Type::varchar, read_only}, {Type::varchar, "0"}};
            static_cast<void>(set.row(cells));
            set.end({});
            co_return co_await session->send();
        }
        const std::string kind = command[0] == 3      ? command.substr(1)
                                 : command[0] == 0x0e ? "ping"
                                 : command[0] == 0x16 ? "prepare " + command.substr(1)
                                 : command[0] == 0x17 ? "execute"
                                 : command[0] == 0x19 ? "close"
                                                      : "?";
        log.push_back(std::to_string(session->id) + ": " + kind);
        if (command[0] == 0x19) co_return true;
        if (!co_await script_(session, std::move(command), state_)) co_return false;
        co_return session->out.empty() || co_await session->send();
    }

    Script script_;
    void* state_;
    wire::Capabilities capabilities_;
    std::string folder_, path_;
    std::unique_ptr<async::Listener> listener_;
    async::Stop stop_;
    async::Scope scope_;
};

}  // namespace sluice::mysql
