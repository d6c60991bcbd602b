// Step 2 of a request, once per connection: who is the client? Before: front's listener. After:
// front's session, which sends the final OK (a failing `use db` takes its place).
#include "wire/server_handshake.h"

#include <algorithm>
#include <charconv>

#include "wire/answer.h"

namespace sluice::wire {
namespace {

constexpr std::uint16_t er_secure_transport_required = 3159;
constexpr std::string_view dialog_question =
    "\x04"
    "Enter password: ";

bool can_native(const UserEntry& entry) {
    return entry.password || entry.native;
}
bool can_sha2(const UserEntry& entry) {
    return entry.password || entry.sha2;
}

bool matches_native(const UserEntry& entry, ByteView answer, const Salt& salt) {
    if (!can_native(entry)) return false;
    return verify_native(answer, salt, entry.native ? *entry.native : native_hash(*entry.password));
}

bool matches_sha2(const UserEntry& entry, ByteView answer, const Salt& salt) {
    if (!can_sha2(entry)) return false;
    return verify_sha2(answer, salt, entry.sha2 ? *entry.sha2 : sha2_hash(*entry.password));
}

bool matches_clear(const UserEntry& entry, std::string_view password) {
    if (entry.password) return same_secret(*entry.password, password);
    if (entry.native) {
        const NativeHash hash = native_hash(password);
        return same_secret(text_of(hash), text_of(*entry.native));
    }
    if (!entry.sha2) return false;
    const Sha2Hash hash = sha2_hash(password);
    return same_secret(text_of(hash), text_of(*entry.sha2));
}

// An empty password is answered with nothing; caching_sha2_password's plugin in C sends its NUL.
bool is_empty(std::string_view plugin, ByteView answer) {
    return answer.empty() ||
           (plugin == plugin::caching_sha2 && answer.size() == 1 && answer[0] == 0);
}

std::string_view without_nul(ByteView answer) {
    const std::string_view text = text_of(answer);
    return text.ends_with('\0') ? text.substr(0, text.size() - 1) : text;
}

}  // namespace

ServerHandshake::ServerHandshake(const Settings& settings, const UserTable* users)
    : settings_(settings), users_(users), salt_(settings.salt) {}

Capabilities ServerHandshake::offered() const {
    return capability::gate | (settings_.tls_offered ? capability::ssl : 0);
}

void ServerHandshake::greet(PacketWriter& out) {
    write_greeting(out, {.server_version = settings_.server_version,
                         .connection_id = settings_.connection_id,
                         .salt = settings_.salt,
                         .capabilities = offered(),
                         .charset = settings_.charset,
                         .status = status::autocommit,
                         .plugin = plugin::caching_sha2});
}

ServerHandshake::Step ServerHandshake::receive(ByteView message, PacketWriter& out) {
    switch (state_) {
        case State::response:
            return response(message, out);
        case State::switched:
            return next_answer(message, out);
        case State::sha2_full:
        case State::sha2_key:
            return full_answer(message, out);
        case State::finished:
            break;
    }
    return refuse(bad_handshake(), out);
}

Error ServerHandshake::bad_handshake() {
    return make_error(Code::invalid_argument, er::handshake, "Bad handshake");
}

ServerHandshake::Step ServerHandshake::response(ByteView message, PacketWriter& out) {
    if (parse_ssl_request(message)) {
        if (!settings_.tls_offered || tls_) return refuse(bad_handshake(), out);
        return StartTls{};
    }
    const Result<LoginResponse> parsed = parse_login_response(message);
    if (!parsed) return refuse(bad_handshake(), out);
    if (settings_.tls_required && !secure()) {
        return refuse(
            make_error(Code::unavailable, er_secure_transport_required,
                       "server does not allow insecure connections, client must use SSL/TLS"),
            out);
    }
    user_ = parsed->user;
    database_ = parsed->database;
    charset_ = parsed->charset;
    capabilities_ = parsed->capabilities & offered();
    for (const auto& [key, value] : parsed->attributes) attributes_.emplace_back(key, value);
    record_ = users_->find(user_);
    const bool named = (capabilities_ & capability::plugin_auth) != 0 && !parsed->plugin.empty();
    plugin_ = named ? parsed->plugin : plugin::native;
    return first_answer(bytes_of(parsed->answer), out);
}

ServerHandshake::Step ServerHandshake::first_answer(ByteView answer, PacketWriter& out) {
    const bool known = plugin_ == plugin::native || plugin_ == plugin::caching_sha2;
    if (!record_.ask_clear.empty()) {
        if (plugin_ != plugin::clear || answer.empty()) return ask_clear(out);
        return clear_answer(answer, out);
    }
    // Other plugins wait for an answer of their own kind, whatever they sent (MariaDB's client
    // names dummy_fallback_auth when it could not load the plugin in time, and sends nothing).
    if (!known && plugin_ != plugin::clear) {
        return switch_to(record_.anything ? plugin::caching_sha2 : best_plugin(), out);
    }
    if (record_.anything) return logged_in(0, answer, out);
    if (is_empty(plugin_, answer)) {
        if (const auto entry =
                find_entry([](const UserEntry& e) { return matches_clear(e, ""); })) {
            return logged_in(*entry, answer, out);
        }
        return switch_to(best_plugin(), out);  // some drivers send nothing until they are asked
    }
    if (plugin_ == plugin::clear) return clear_answer(answer, out);
    return judge(answer, out);
}

ServerHandshake::Step ServerHandshake::next_answer(ByteView answer, PacketWriter& out) {
    if (!record_.ask_clear.empty()) return clear_answer(answer, out);
    if (record_.anything) return logged_in(0, answer, out);
    if (is_empty(plugin_, answer)) {
        const auto entry = find_entry([](const UserEntry& e) { return matches_clear(e, ""); });
        return entry ? logged_in(*entry, answer, out) : denied(out);
    }
    return judge(answer, out);
}

// The answer of one of the two scrambling plugins.
ServerHandshake::Step ServerHandshake::judge(ByteView answer, PacketWriter& out) {
    const bool native = plugin_ == plugin::native;
    const auto entry = find_entry([&](const UserEntry& e) {
        return native ? matches_native(e, answer, salt_) : matches_sha2(e, answer, salt_);
    });
    if (entry) return logged_in(*entry, answer, out);

    // Entries that this plugin could not judge get another chance.
    const bool more = std::ranges::any_of(record_.entries, [&](const UserEntry& e) {
        return native ? !can_native(e) : !can_sha2(e);
    });
    if (!more) return denied(out);
    if (native) return switched_ ? denied(out) : switch_to(plugin::caching_sha2, out);
    if (secure() || (lacks_native() && settings_.key != nullptr)) {
        state_ = State::sha2_full;
        const auto full = static_cast<char>(sha2_full);
        write_auth_more_data(out, {.text = {&full, 1}});
        return Continue{};
    }
    return switched_ ? denied(out) : switch_to(plugin::native, out);
}

// MySQL's own client library dropped mysql_native_password in 9.0.
bool ServerHandshake::lacks_native() const {
    constexpr int first_without = 9;
    bool libmysql = false;
    int major = 0;
    for (const auto& [key, value] : attributes_) {
        if (key == "_client_name") libmysql = value == "libmysql";
        if (key == "_client_version")
            std::from_chars(value.data(), value.data() + value.size(), major);
    }
    return libmysql && major >= first_without;
}

// caching_sha2_password's full exchange: the password in clear over a safe transport, else wrapped
// by our RSA key.
ServerHandshake::Step ServerHandshake::full_answer(ByteView message, PacketWriter& out) {
    if (state_ == State::sha2_key) {
        const Result<std::string> password = settings_.key->decrypt_password(message, salt_);
        return password ? judge_clear(*password, out) : denied(out);
    }
    if (message.size() == 1 && message[0] == sha2_request_public_key) {
        if (settings_.key == nullptr) return denied(out);
        state_ = State::sha2_key;
        write_auth_more_data(out, {.text = settings_.key->public_pem()});
        return Continue{};
    }
    if (!secure()) return refuse_clear_text(out);
    return judge_clear(without_nul(message), out);
}

ServerHandshake::Step ServerHandshake::ask_clear(PacketWriter& out) {
    if (!clear_text_is_safe()) return refuse_clear_text(out);
    return switch_to(record_.ask_clear, out);
}

ServerHandshake::Step ServerHandshake::clear_answer(ByteView answer, PacketWriter& out) {
    if (!clear_text_is_safe()) return refuse_clear_text(out);
    const std::string_view password = without_nul(answer);
    if (record_.ask_clear.empty()) return judge_clear(password, out);
    state_ = State::finished;
    return AskCaller{std::string(password)};
}

ServerHandshake::Step ServerHandshake::judge_clear(std::string_view password, PacketWriter& out) {
    const auto entry = find_entry([&](const UserEntry& e) { return matches_clear(e, password); });
    if (!entry) return denied(out);
    state_ = State::finished;
    return LoggedIn{*entry};
}

template <class Matches>
std::optional<std::size_t> ServerHandshake::find_entry(Matches matches) const {
    const auto at = std::ranges::find_if(record_.entries, matches);
    if (at == record_.entries.end()) return std::nullopt;
    return static_cast<std::size_t>(at - record_.entries.begin());
}

// A name that nobody has is asked as one with a password would be.
std::string_view ServerHandshake::best_plugin() const {
    const auto& entries = record_.entries;
    const bool native = entries.empty() || std::ranges::any_of(entries, can_native);
    if (plugin_ == plugin::native && native) return plugin::native;
    const bool sha2 = entries.empty() || std::ranges::any_of(entries, can_sha2);
    return sha2 || secure() ? plugin::caching_sha2 : plugin::native;
}

ServerHandshake::Step ServerHandshake::switch_to(std::string_view plugin, PacketWriter& out) {
    if ((capabilities_ & capability::plugin_auth) == 0)
        return denied(out);  // it would not know the question
    state_ = State::switched;
    switched_ = true;
    plugin_ = plugin;
    salt_ = settings_.switch_salt;
    std::string_view challenge = text_of(salt_);
    if (plugin == plugin::dialog) challenge = dialog_question;
    write_auth_switch(out, {.plugin = plugin, .challenge = challenge});
    return Continue{};
}

// caching_sha2_password's client waits for a word of success before the OK, unless its password is
// empty.
ServerHandshake::Step ServerHandshake::logged_in(std::size_t entry, ByteView answer,
                                                 PacketWriter& out) {
    state_ = State::finished;
    if (plugin_ == plugin::caching_sha2 && !is_empty(plugin_, answer)) {
        const auto success = static_cast<char>(sha2_fast_success);
        write_auth_more_data(out, {.text = {&success, 1}});
    }
    return LoggedIn{entry};
}

ServerHandshake::Step ServerHandshake::denied(PacketWriter& out) {
    return refuse(make_error(Code::unauthenticated, er::access_denied,
                             "Access denied for user '" + user_ + "'"),
                  out);
}

ServerHandshake::Step ServerHandshake::refuse_clear_text(PacketWriter& out) {
    return refuse(make_error(Code::unauthenticated, er::cr_cant_use_clear_text,
                             "Cannot use clear text authentication over non-SSL connections."),
                  out);
}

ServerHandshake::Step ServerHandshake::refuse(Error error, PacketWriter& out) {
    state_ = State::finished;
    write_err(out, error);
    return Refused{std::move(error)};
}

}  // namespace sluice::wire
