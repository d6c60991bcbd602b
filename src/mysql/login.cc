// Step 9 of a request, once per connection: connecting and logging in. Before: pool.cc. After:
// connection.cc.
#include "async/tls.h"
#include "base/overload.h"
#include "mysql/connection.h"
#include "mysql/error_code.h"
#include "wire/client_handshake.h"

namespace sluice::mysql {
namespace {

constexpr std::size_t max_login_message = 1U << 16U;

wire::Tls wire_mode(const Server& server, bool unix_socket) {
    if (unix_socket || server.tls == TlsMode::disabled) return wire::Tls::disabled;
    return server.tls == TlsMode::preferred ? wire::Tls::preferred : wire::Tls::required;
}

// utf8mb4 in the server's own default: MySQL 8's, which MariaDB and MySQL 5.7 do not have.
std::uint16_t default_collation(std::string_view version) {
    constexpr std::uint16_t general_ci = 45, ai_ci_0900 = 255;
    const bool old = version.starts_with("5.") || version.contains("MariaDB");
    return old ? general_ci : ai_ci_0900;
}

Error lost_in_login(const Error& error) {
    if (error.number != er::cr_server_lost) return error;
    return make_error(Code::unavailable, er::cr_server_lost,
                      "Lost connection to MySQL server at 'reading authorization packet'");
}

}  // namespace

Task<Result<std::unique_ptr<Connection>>> Connection::open(const Server* server, Login login,
                                                           Stop* stop) {
    async::Socket socket = CO_TRY(co_await async::connect(server->address, stop));
    co_return co_await log_in(async::Stream(std::move(socket)), server, login, stop);
}

Task<Result<std::unique_ptr<Connection>>> Connection::log_in(async::Stream stream,
                                                             const Server* server, Login login,
                                                             Stop* stop) {
    std::unique_ptr<Connection> connection(new Connection(std::move(stream), login));
    Result<void> done = co_await connection->converse(server, login, stop);
    if (!done) {
        connection->close();
        co_return std::unexpected(lost_in_login(done.error()));
    }
    co_return std::move(connection);
}

Task<Result<void>> Connection::converse(const Server* server, Login login, Stop* stop) {
    const bool unix_socket = stream_.socket().is_unix();
    std::optional<wire::ClientHandshake> handshake;
    wire::MessageCutter cutter(max_login_message);
    wire::PacketWriter writer(&out_);
    for (;;) {
        const wire::MessageCutter::Cut cut = CO_TRY(cutter.cut(stream_.received()));
        if (!cut.message) {
            stream_.consume(cut.consumed);
            CO_TRY(co_await stream_.fill(stop));
            continue;
        }
        if (!handshake) {
            const Result<wire::Greeting> greeting = wire::parse_greeting(*cut.message);
            login_collation = login.collation != 0 ? login.collation
                              : greeting           ? default_collation(greeting->server_version)
                                                   : std::uint16_t{0};
            handshake.emplace(wire::ClientHandshake::Settings{
                .user = server->user,
                .password = server->password,
                .database = server->database,
                .tls = wire_mode(*server, unix_socket),
                .unix_socket = unix_socket,
                .found_rows = login.found_rows,
                .collation = login_collation,
                .attributes = {{"program_name", "sluice"}},
            });
        }
        writer.set_sequence(cutter.next_sequence());
        const wire::ClientHandshake::Step step = handshake->receive(*cut.message, writer);
        stream_.consume(cut.consumed);
        if (!out_.empty()) CO_TRY(co_await stream_.write(out_.view(), {}, stop));
        out_.clear();
        if (const auto* refused = std::get_if<wire::ClientHandshake::Refused>(&step)) {
            // Out of connections is for the gateway to judge; a wrong password is not its client's.
            Error error = refused->error;
            if (error.code == Code::unauthenticated && error.number != er::access_denied)
                error.code = code_of(error.number);
            co_return std::unexpected(std::move(error));
        }
        if (std::holds_alternative<wire::ClientHandshake::StartTls>(step)) {
            CO_TRY(co_await stream_.connect_tls(server->tls_context.get(), server->address.host,
                                                stop));
            handshake->tls_started(writer);
            CO_TRY(co_await stream_.write(out_.view(), {}, stop));
            out_.clear();
        }
        cutter.expect(writer.sequence());
        if (std::holds_alternative<wire::ClientHandshake::LoggedIn>(step)) break;
    }
    id_ = handshake->connection_id();
    server_version_ = handshake->server_version();
    mariadb_ = handshake->is_mariadb();
    capabilities_ = handshake->capabilities();
    co_return Result<void>{};
}

}  // namespace sluice::mysql
