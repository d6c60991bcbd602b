#pragma once
// The login conversation as a server, fed with messages. The caller owns sockets, TLS, salts and
// the final OK.
//
//   PacketWriter writer(&out);            handshake.greet(writer);  send
//   loop: cut a message (cutter.expect(writer.sequence()) first),
//   writer.set_sequence(cutter.next_sequence()),
//         step = handshake.receive(message, writer), send what was written, obey the step.
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "wire/handshake.h"

namespace sluice::wire {

// One password under which a user may log in. Whatever is present is tried: a clear password serves
// every method.
struct UserEntry {
    std::optional<std::string> password{};
    std::optional<NativeHash> native{};
    std::optional<Sha2Hash> sha2{};
};

// What the user table knows of a name.
struct UserRecord {
    // Auth `none`: every plugin and password passes.
    bool anything = false;
    // plugin::clear or plugin::dialog: the caller checks the clear password (LDAP).
    std::string_view ask_clear{};
    // The first that matches wins; none: nobody by that name may log in.
    std::vector<UserEntry> entries{};
};

// Who may log in; a look-up without waiting. Entries that are not for this peer are left out by the
// implementation.
class UserTable {
 public:
    virtual ~UserTable() = default;
    virtual UserRecord find(std::string_view user) const = 0;
};

class ServerHandshake {
 public:
    struct Settings {
        std::string_view server_version{};
        std::uint32_t connection_id = 0;
        Salt salt{};
        Salt switch_salt{};  // for an auth switch
        std::uint8_t charset = 255;
        bool tls_offered = false;
        bool tls_required = false;        // --mysql_server_require_secure_transport
        bool unix_socket = false;         // as safe as TLS for passwords, but not TLS
        bool clear_text_allowed = false;  // --mysql_allow_clear_text_without_tls
        const RsaKey* key = nullptr;      // none: no full caching_sha2 exchange without TLS
    };
    // `users` and what `settings` points to outlive the conversation.
    ServerHandshake(const Settings& settings, const UserTable* users);

    struct Continue {};  // send what was written, then feed the next message
    // Nothing was written: do the TLS handshake, call tls_started(), then feed the next message.
    struct StartTls {};
    struct AskCaller {  // the caller checks this password, then answers itself with OK or ERR
        std::string password;
    };
    struct LoggedIn {
        std::size_t entry = 0;  // which of the record's entries matched; 0 for `anything`
    };
    // ERR has been written: send it and close. `error` is for the log.
    struct Refused {
        Error error;
    };
    using Step = std::variant<Continue, StartTls, AskCaller, LoggedIn, Refused>;

    void greet(PacketWriter& out);
    Step receive(ByteView message, PacketWriter& out);
    void tls_started() { tls_ = true; }

    // Known once the response was read, i.e. with AskCaller, LoggedIn, and Refused for a wrong
    // password.
    const std::string& user() const { return user_; }
    const std::string& database() const { return database_; }    // empty: none asked for
    Capabilities capabilities() const { return capabilities_; }  // what both sides have
    std::uint8_t charset() const { return charset_; }            // the client's collation id
    const std::vector<std::pair<std::string, std::string>>& attributes() const {
        return attributes_;
    }
    bool tls() const { return tls_; }

 private:
    enum class State : std::uint8_t { response, switched, sha2_full, sha2_key, finished };

    static Error bad_handshake();
    Capabilities offered() const;
    Step response(ByteView message, PacketWriter& out);
    Step first_answer(ByteView answer, PacketWriter& out);
    Step next_answer(ByteView answer, PacketWriter& out);
    Step judge(ByteView answer, PacketWriter& out);
    Step full_answer(ByteView message, PacketWriter& out);
    Step ask_clear(PacketWriter& out);
    Step clear_answer(ByteView answer, PacketWriter& out);
    Step judge_clear(std::string_view password, PacketWriter& out);
    Step switch_to(std::string_view plugin, PacketWriter& out);
    Step logged_in(std::size_t entry, ByteView answer, PacketWriter& out);
    Step denied(PacketWriter& out);
    Step refuse_clear_text(PacketWriter& out);
    Step refuse(Error error, PacketWriter& out);
    template <class Matches>
    std::optional<std::size_t> find_entry(Matches matches) const;
    std::string_view best_plugin() const;
    bool lacks_native() const;
    bool secure() const { return tls_ || settings_.unix_socket; }
    bool clear_text_is_safe() const { return secure() || settings_.clear_text_allowed; }

    Settings settings_;
    const UserTable* users_;
    State state_ = State::response;
    bool tls_ = false;
    bool switched_ = false;
    Salt salt_{};         // of the question that was asked last
    std::string plugin_;  // by which the next answer is meant
    UserRecord record_;
    std::string user_, database_;
    Capabilities capabilities_ = 0;
    std::uint8_t charset_ = 0;
    std::vector<std::pair<std::string, std::string>> attributes_;
};

}  // namespace sluice::wire
