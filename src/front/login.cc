// Step 2 of a request, its beginning: greeting, TLS, authentication, the database named at login.
#include <array>

#include <openssl/rand.h>

#include "async/deadline.h"
#include "base/limits.h"
#include "base/log.h"
#include "front/mysql_session.h"
#include "front/proxy_header.h"

namespace sluice::front {
namespace {

wire::Salt random_salt() {
    std::array<std::uint8_t, 20> random{};
    VT_ASSERT(RAND_bytes(random.data(), static_cast<int>(random.size())) == 1);
    return wire::salt_from(random);
}

// The users as this connection may see them: by its kind of socket.
class VisibleUsers : public wire::UserTable {
 public:
    VisibleUsers(const auth::Users* users, bool unix_socket)
        : users_(users), unix_socket_(unix_socket) {}
    wire::UserRecord find(std::string_view user) const override {
        return users_->find(user, unix_socket_);
    }

 private:
    const auth::Users* users_;
    bool unix_socket_;
};

}  // namespace

// One message of the client, and what follows from it.
Task<Result<wire::ServerHandshake::Step>> MysqlSession::handshake_step(
    wire::ServerHandshake* handshake) {
    for (;;) {
        wire::MessageCutter::Cut cut = CO_TRY(cutter_.cut(stream_.received()));
        if (!cut.message) {
            stream_.consume(cut.consumed);
            CO_TRY(co_await stream_.fill(&session_.closing, stream_.received().size() + cut.need));
            continue;
        }
        wire::PacketWriter writer(&out_, cutter_.next_sequence());
        wire::ServerHandshake::Step step = handshake->receive(*cut.message, writer);
        stream_.consume(cut.consumed);
        sequence_ = writer.sequence();
        cutter_.expect(sequence_);
        CO_TRY(co_await flush());
        co_return step;
    }
}

// A proxy sends its header at once. A client without one waits for our greeting and is silent: it
// is served under its own address, as v21 does; bytes that are no header end the connection.
Task<Result<void>> MysqlSession::read_proxy_header() {
    async::LinkedStop patient(&session_.closing);
    const async::Deadline deadline(patient.get(), front_->options->proxy_header_wait,
                                   make_error(Code::deadline_exceeded, "no PROXY header"));
    for (;;) {
        const Result<std::optional<ProxyHeader>> header = parse_proxy_header(stream_.received());
        if (!header) {
            log::warning("connection from " + session_.peer + ": " + header.error().text);
            co_return fail(header.error());
        }
        if (*header) {
            stream_.consume((*header)->size);
            if (!(*header)->source.empty()) session_.peer = (*header)->source;
            co_return Result<void>{};
        }
        const Result<void> filled =
            co_await stream_.fill(patient.get(), stream_.received().size() + 1);
        if (filled) continue;
        const bool silent = patient.get()->requested() && !session_.closing.requested() &&
                            stream_.received().empty();
        if (silent) co_return Result<void>{};
        co_return filled;
    }
}

Task<Result<void>> MysqlSession::login() {
    const async::Clock::time_point started = async::Clock::now();
    const async::Deadline deadline(&session_.closing, limits::handshake,
                                   make_error(Code::deadline_exceeded, "the login took too long"));
    const std::shared_ptr<const auth::Users> users = front_->users;
    const Options& options = *front_->options;
    if (options.proxy_protocol && !stream_.socket().is_unix()) CO_TRY(co_await read_proxy_header());
    const VisibleUsers visible(users.get(), stream_.socket().is_unix());
    wire::ServerHandshake handshake(
        {.server_version = options.server_version,
         .connection_id = session_.id,
         .salt = random_salt(),
         .switch_salt = random_salt(),
         .charset = options.charset,
         .tls_offered = options.tls != nullptr,
         .tls_required = options.require_secure_transport && options.tls != nullptr,
         .unix_socket = stream_.socket().is_unix(),
         .clear_text_allowed = options.allow_clear_text_without_tls,
         .key = options.key.get()},
        &visible);
    wire::PacketWriter writer(&out_);
    handshake.greet(writer);
    cutter_.expect(writer.sequence());
    cutter_.set_limit(limits::read_chunk);  // nobody needs more before he is known
    CO_TRY(co_await flush());
    for (;;) {
        const wire::ServerHandshake::Step step = CO_TRY(co_await handshake_step(&handshake));
        if (std::holds_alternative<wire::ServerHandshake::StartTls>(step)) {
            CO_TRY(co_await stream_.accept_tls(options.tls.get(), &session_.closing));
            handshake.tls_started();
            count(front_->counters.tls);
        } else if (const auto* refused = std::get_if<wire::ServerHandshake::Refused>(&step)) {
            count(front_->counters.denied);
            co_return fail(refused->error);
        } else if (std::holds_alternative<wire::ServerHandshake::AskCaller>(step)) {
            co_return bug("no authentication method here asks for a clear password");
        } else if (const auto* done = std::get_if<wire::ServerHandshake::LoggedIn>(&step)) {
            session_.user = handshake.user();
            session_.identity =
                users->identity(session_.user, stream_.socket().is_unix(), done->entry);
            CO_TRY(co_await logged_in(&handshake, done->entry));
            break;
        }
    }
    if (options.slow_connect.count() > 0 && async::Clock::now() - started > options.slow_connect) {
        count(front_->counters.slow);
        log::warning("slow connection from " + session_.peer);
    }
    co_return Result<void>{};
}

Task<Result<void>> MysqlSession::logged_in(const wire::ServerHandshake* handshake, std::size_t) {
    negotiated_ = handshake->capabilities();
    multi_statements_ = (negotiated_ & wire::capability::multi_statements) != 0;
    session_.client_found_rows = (negotiated_ & wire::capability::found_rows) != 0;
    cutter_.set_limit(front_->options->max_packet);
    executor_.start(&session_);
    Result<void> ready = executor_.connection_charset(&session_, handshake->charset());
    if (ready && !handshake->database().empty())
        ready = executor_.use(&session_, handshake->database());
    if (!ready) {
        co_await answer(ready.error());
        co_return ready;
    }
    if (co_await answer_ok() == Next::close)
        co_return fail(Code::unavailable, "the client left during login");
    co_return Result<void>{};
}

}  // namespace sluice::front
