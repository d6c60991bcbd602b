#pragma once
// The login conversation as a client, fed with messages. The caller owns sockets and TLS. Never
// negotiates multi_statements, local_files or compression.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "wire/answer.h"
#include "wire/handshake.h"

namespace sluice::wire {

enum class Tls : std::uint8_t { disabled, preferred, required };

class ClientHandshake {
 public:
    struct Settings {
        std::string user{};
        std::string password{};
        std::string database{};  // empty: none
        Tls tls = Tls::disabled;
        bool unix_socket = false;  // as safe as TLS for a password
        bool found_rows = false;
        bool public_key_allowed = true;  // ask for the server's RSA key over plain TCP
        // Ids over 255 do not fit the greeting: utf8mb4's 45 is sent instead.
        std::uint16_t collation = 255;
        std::vector<std::pair<std::string, std::string>> attributes{};
    };
    explicit ClientHandshake(Settings settings) : settings_(std::move(settings)) {}

    struct Continue {};  // send what was written, if anything, then feed the next message
    // Send what was written, do the TLS handshake, call tls_started(), send, go on feeding.
    struct StartTls {};
    struct LoggedIn {
        OkPacket ok;  // views into the message
    };
    // The connection is of no use: an ERR of the server (number, state and text as sent), or a
    // breach of the protocol.
    struct Refused {
        Error error;
    };
    using Step = std::variant<Continue, StartTls, LoggedIn, Refused>;

    Step receive(ByteView message, PacketWriter& out);
    void tls_started(PacketWriter& out);

    Capabilities capabilities() const { return capabilities_; }  // negotiated
    // Of the greeting.
    const std::string& server_version() const { return server_version_; }
    bool is_mariadb() const { return mariadb_; }
    std::uint32_t connection_id() const { return connection_id_; }
    bool tls() const { return tls_; }

 private:
    enum class State : std::uint8_t { greeting, tls, answer, public_key, finished };

    Step greeting(ByteView message, PacketWriter& out);
    Step answer(ByteView message, PacketWriter& out);
    Step auth_switch(ByteView message, PacketWriter& out);
    Step more_data(ByteView message, PacketWriter& out);
    Step encrypted_password(std::string_view public_pem, PacketWriter& out);
    Step refuse(Error error);
    void write_response(PacketWriter& out);
    std::string answer_to_salt() const;
    bool secure() const { return tls_ || settings_.unix_socket; }
    std::uint8_t charset() const;

    Settings settings_;
    State state_ = State::greeting;
    bool tls_ = false, mariadb_ = false;
    bool switched_ = false;  // a server may switch once
    Capabilities capabilities_ = 0;
    Salt salt_{};
    std::string plugin_, server_version_;
    std::uint32_t connection_id_ = 0;
};

}  // namespace sluice::wire
