// Step 8 of a request, once per connection to a shard's server: logging in. Before: mysql's
// connection. After: response.cc.
#include "wire/client_handshake.h"

#include "base/assert.h"

namespace sluice::wire {
namespace {

constexpr std::uint16_t cr_ssl_connection = 2026, cr_malformed = 2027, cr_plugin_cannot_load = 2059,
                        cr_plugin_err = 2061;
constexpr std::uint8_t switch_header = 0xfe, more_header = 0x01;
constexpr std::uint32_t announced_max_packet = 1U << 30;
constexpr std::uint8_t utf8mb4_general_ci = 45;  // known to every server since 5.5.3

constexpr Capabilities wanted = capability::long_flag | capability::protocol_41 |
                                capability::transactions | capability::secure_connection |
                                capability::multi_results | capability::ps_multi_results |
                                capability::plugin_auth | capability::plugin_auth_lenenc |
                                capability::connect_attrs | capability::deprecate_eof;

bool is_known(std::string_view plugin) {
    return plugin == plugin::native || plugin == plugin::caching_sha2;
}

}  // namespace

ClientHandshake::Step ClientHandshake::receive(ByteView message, PacketWriter& out) {
    if (message.empty())
        return refuse(make_error(Code::internal, cr_malformed, "Malformed packet: login"));
    if (message[0] == err_header) {
        const Result<ErrPacket> err = parse_err(message);
        return refuse(err ? to_error(*err, Code::unauthenticated) : err.error());
    }
    switch (state_) {
        case State::greeting:
            return greeting(message, out);
        case State::answer:
        case State::public_key:
            return answer(message, out);
        case State::tls:
        case State::finished:
            break;
    }
    return refuse(make_error(Code::internal, er::cr_commands_out_of_sync, "Commands out of sync"));
}

ClientHandshake::Step ClientHandshake::greeting(ByteView message, PacketWriter& out) {
    const Result<Greeting> parsed = parse_greeting(message);
    if (!parsed) return refuse(parsed.error());
    const Greeting& server = *parsed;
    // MariaDB before 11 puts this before its version, so that old replicas take it for MySQL 5.5.
    constexpr std::string_view disguise = "5.5.5-";
    mariadb_ = server.server_version.find("MariaDB") != std::string_view::npos;
    server_version_ = server.server_version.substr(
        mariadb_ && server.server_version.starts_with(disguise) ? disguise.size() : 0);
    connection_id_ = server.connection_id;
    salt_ = server.salt;
    plugin_ = server.plugin.empty()     ? plugin::native
              : is_known(server.plugin) ? server.plugin
                                        : plugin::caching_sha2;
    Capabilities wish = wanted;
    if (settings_.found_rows) wish |= capability::found_rows;
    if (!settings_.database.empty()) wish |= capability::connect_with_db;
    // Set towards MariaDB too: it says that this client does not know MariaDB's own capabilities.
    capabilities_ = (wish & server.capabilities) | capability::long_password;

    const bool tls_possible = (server.capabilities & capability::ssl) != 0;
    if (settings_.tls == Tls::required && !tls_possible) {
        return refuse(
            make_error(Code::unavailable, cr_ssl_connection,
                       "SSL connection error: SSL is required but the server doesn't support it"));
    }
    if (settings_.tls != Tls::disabled && tls_possible) {
        capabilities_ |= capability::ssl;
        write_ssl_request(out, {.capabilities = capabilities_,
                                .max_packet = announced_max_packet,
                                .charset = charset()});
        state_ = State::tls;
        return StartTls{};
    }
    write_response(out);
    return Continue{};
}

void ClientHandshake::tls_started(PacketWriter& out) {
    VT_ASSERT(state_ == State::tls);
    tls_ = true;
    write_response(out);
}

void ClientHandshake::write_response(PacketWriter& out) {
    const std::string scramble = answer_to_salt();
    LoginResponse response{.capabilities = capabilities_,
                           .max_packet = announced_max_packet,
                           .charset = charset(),
                           .user = settings_.user,
                           .answer = scramble,
                           .database = settings_.database,
                           .plugin = plugin_};
    for (const auto& [key, value] : settings_.attributes)
        response.attributes.emplace_back(key, value);
    write_login_response(out, response);
    state_ = State::answer;
}

ClientHandshake::Step ClientHandshake::answer(ByteView message, PacketWriter& out) {
    switch (message[0]) {
        case ok_header: {
            const Result<OkPacket> ok = parse_ok(message, capabilities_);
            if (!ok) return refuse(ok.error());
            state_ = State::finished;
            return LoggedIn{*ok};
        }
        case switch_header:
            return auth_switch(message, out);
        case more_header:
            return more_data(message, out);
        default:
            return refuse(make_error(Code::internal, cr_malformed, "Malformed packet: login"));
    }
}

ClientHandshake::Step ClientHandshake::auth_switch(ByteView message, PacketWriter& out) {
    const Result<AuthSwitch> request = parse_auth_switch(message);
    if (!request) return refuse(request.error());
    if (switched_ || state_ != State::answer) {
        return refuse(
            make_error(Code::internal, cr_malformed, "Malformed packet: second AuthSwitchRequest"));
    }
    if (!is_known(request->plugin)) {
        return refuse(make_error(
            Code::unauthenticated, cr_plugin_cannot_load,
            "Authentication plugin '" + std::string(request->plugin) + "' cannot be loaded"));
    }
    if (request->challenge.size() != salt_.size()) {
        return refuse(
            make_error(Code::internal, cr_malformed, "Malformed packet: AuthSwitchRequest"));
    }
    switched_ = true;
    plugin_ = request->plugin;
    std::memcpy(salt_.data(), request->challenge.data(), salt_.size());
    out.packet(bytes_of(answer_to_salt()));
    return Continue{};
}

ClientHandshake::Step ClientHandshake::more_data(ByteView message, PacketWriter& out) {
    const std::string_view text = text_of(message.subspan(1));
    if (state_ == State::public_key) return encrypted_password(text, out);
    if (plugin_ != plugin::caching_sha2 || text.size() != 1) {
        return refuse(make_error(Code::internal, cr_malformed, "Malformed packet: AuthMoreData"));
    }
    const auto word = static_cast<std::uint8_t>(text[0]);
    if (word == sha2_fast_success) return Continue{};
    if (word != sha2_full)
        return refuse(make_error(Code::internal, cr_malformed, "Malformed packet: AuthMoreData"));
    if (secure()) {
        out.packet(bytes_of({settings_.password.c_str(), settings_.password.size() + 1}));
        return Continue{};
    }
    if (!settings_.public_key_allowed) {
        return refuse(make_error(
            Code::unauthenticated, cr_plugin_err,
            "Authentication plugin 'caching_sha2_password' reported error: Authentication "
            "requires secure connection."));
    }
    const std::uint8_t ask = sha2_request_public_key;
    out.packet({&ask, 1});
    state_ = State::public_key;
    return Continue{};
}

ClientHandshake::Step ClientHandshake::encrypted_password(std::string_view public_pem,
                                                          PacketWriter& out) {
    const Result<std::string> block = encrypt_password(settings_.password, salt_, public_pem);
    if (!block) return refuse(block.error());
    out.packet(bytes_of(*block));
    state_ = State::answer;
    return Continue{};
}

ClientHandshake::Step ClientHandshake::refuse(Error error) {
    state_ = State::finished;
    return Refused{std::move(error)};
}

std::string ClientHandshake::answer_to_salt() const {
    if (settings_.password.empty()) return {};
    if (plugin_ == plugin::native)
        return std::string(text_of(native_scramble(settings_.password, salt_)));
    return std::string(text_of(sha2_scramble(settings_.password, salt_)));
}

std::uint8_t ClientHandshake::charset() const {
    return settings_.collation <= 0xff ? static_cast<std::uint8_t>(settings_.collation)
                                       : utf8mb4_general_ci;
}

}  // namespace sluice::wire
