#pragma once
// Messages of the login conversation. Views point into the parsed payload.
// Source: MySQL client/server protocol, "Connection Phase Packets".
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "wire/auth.h"
#include "wire/capabilities.h"
#include "wire/packet.h"

namespace sluice::wire {

// Protocol::HandshakeV10. MariaDB puts 32 more capability bits where MySQL has zeros; they are not
// used.
struct Greeting {
    std::string_view server_version{};
    std::uint32_t connection_id = 0;
    Salt salt{};
    Capabilities capabilities = 0;
    std::uint8_t charset = 0;  // low byte of the collation id
    Status status = 0;
    std::string_view plugin{};  // empty if the server has no plugin_auth

    bool operator==(const Greeting&) const = default;
};
Result<Greeting> parse_greeting(ByteView payload);
void write_greeting(PacketWriter& out, const Greeting& greeting);

// Protocol::HandshakeResponse41.
struct LoginResponse {
    Capabilities capabilities = 0;
    std::uint32_t max_packet = 0;
    std::uint8_t charset = 0;
    std::string_view user{};
    std::string_view answer{};    // to the salt, by `plugin`
    std::string_view database{};  // if connect_with_db
    std::string_view plugin{};    // if plugin_auth
    std::vector<std::pair<std::string_view, std::string_view>> attributes{};  // if connect_attrs

    bool operator==(const LoginResponse&) const = default;
};
Result<LoginResponse> parse_login_response(ByteView payload);
void write_login_response(PacketWriter& out, const LoginResponse& response);

// Protocol::SSLRequest: the first 32 bytes of a login response.
struct SslRequest {
    Capabilities capabilities = 0;
    std::uint32_t max_packet = 0;
    std::uint8_t charset = 0;

    bool operator==(const SslRequest&) const = default;
};
// nullopt: a full login response.
std::optional<SslRequest> parse_ssl_request(ByteView payload);
void write_ssl_request(PacketWriter& out, const SslRequest& request);

// Protocol::AuthSwitchRequest, header 0xfe. A payload of this one byte asks for the old, pre-4.1
// scramble: refused.
struct AuthSwitch {
    std::string_view plugin{};
    std::string_view challenge{};  // without its final NUL

    bool operator==(const AuthSwitch&) const = default;
};
Result<AuthSwitch> parse_auth_switch(ByteView payload);
void write_auth_switch(PacketWriter& out, const AuthSwitch& request);

// Protocol::AuthMoreData, header 0x01.
struct AuthMoreData {
    std::string_view text{};

    bool operator==(const AuthMoreData&) const = default;
};
Result<AuthMoreData> parse_auth_more_data(ByteView payload);
void write_auth_more_data(PacketWriter& out, const AuthMoreData& more);

// caching_sha2_password's own bytes inside AuthMoreData and answers.
inline constexpr std::uint8_t sha2_request_public_key = 0x02, sha2_fast_success = 0x03,
                              sha2_full = 0x04;

}  // namespace sluice::wire
