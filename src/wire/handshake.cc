// Step 2 of a request: the messages of a login. Before: wire/packet.cc. After: server_handshake.cc,
// client_handshake.cc.
#include "wire/handshake.h"

#include <algorithm>

#include "wire/detail/fields.h"

namespace sluice::wire {

// Grammar: capabilities(4) max_packet(4) charset(1) 0(23).
template <class F, class Message>
    requires detail::Of<Message, SslRequest> || detail::Of<Message, LoginResponse>
static void head(F& f, Message& message) {
    f.u32(message.capabilities);
    f.u32(message.max_packet);
    f.u8(message.charset);
    f.reserved(23);
}

// Grammar: 0xfe plugin<NUL> challenge<EOF>.
template <class F, detail::Of<AuthSwitch> Message>
static void fields(F& f, Message& request) {
    f.constant(0xfe);
    f.cstring(request.plugin);
    f.rest(request.challenge);
}

// Grammar: 0x01 text<EOF>.
template <class F, detail::Of<AuthMoreData> Message>
static void fields(F& f, Message& more) {
    f.constant(0x01);
    f.rest(more.text);
}

namespace {

constexpr std::uint8_t protocol_version = 10;
constexpr std::size_t first_salt = 8, second_salt = 12;
constexpr std::size_t ssl_request_size = 32;

// A string that ends with NUL or, in some versions, with the packet.
void read_last_cstring(detail::FieldReader& reader, std::string_view& text) {
    reader.rest(text);
    text = text.substr(0, text.find('\0'));
}

void read_attributes(detail::FieldReader& reader, LoginResponse& response) {
    std::string_view all;
    reader.text(all);
    detail::FieldReader pairs(bytes_of(all));
    while (pairs.left() > 0) {
        std::string_view key, value;
        pairs.text(key);
        pairs.text(value);
        if (!pairs.ok()) return reader.fail();
        response.attributes.emplace_back(key, value);
    }
}

}  // namespace

// Grammar: 10 version<NUL> id(4) salt(8) 0 capabilities_low(2) charset(1) status(2)
// capabilities_high(2) salt_size(1) 0(10) salt(max(13, salt_size - 8)) plugin<NUL>.
Result<Greeting> parse_greeting(ByteView payload) {
    detail::FieldReader reader(payload);
    Greeting greeting;
    std::string_view salt_head, salt_tail;
    std::uint16_t low = 0, high = 0;
    std::uint8_t salt_size = 0;
    reader.constant(protocol_version);
    reader.cstring(greeting.server_version);
    reader.u32(greeting.connection_id);
    reader.raw(salt_head, first_salt);
    reader.reserved(1);
    reader.u16(low);
    reader.u8(greeting.charset);
    reader.u16(greeting.status);
    reader.u16(high);
    reader.u8(salt_size);
    reader.reserved(10);
    greeting.capabilities = low | static_cast<Capabilities>(high) << 16;
    reader.raw(salt_tail, second_salt);
    if (!reader.ok() || (greeting.capabilities & capability::protocol_41) == 0)
        return detail::malformed("greeting");
    std::ranges::copy(bytes_of(salt_head), greeting.salt.begin());
    std::ranges::copy(bytes_of(salt_tail), greeting.salt.begin() + first_salt);
    const std::size_t tail =
        std::max<std::size_t>(13, salt_size > first_salt ? salt_size - first_salt : 0);
    reader.reserved(std::min(reader.left(), tail - second_salt));
    if ((greeting.capabilities & capability::plugin_auth) != 0)
        read_last_cstring(reader, greeting.plugin);
    return greeting;
}

void write_greeting(PacketWriter& out, const Greeting& greeting) {
    const std::string_view salt = text_of(greeting.salt);
    out.begin();
    detail::FieldWriter writer(out.out());
    writer.constant(protocol_version);
    writer.cstring(greeting.server_version);
    writer.u32(greeting.connection_id);
    writer.rest(salt.substr(0, first_salt));
    writer.reserved(1);
    writer.u16(static_cast<std::uint16_t>(greeting.capabilities));
    writer.u8(greeting.charset);
    writer.u16(greeting.status);
    writer.u16(static_cast<std::uint16_t>(greeting.capabilities >> 16));
    writer.u8(static_cast<std::uint8_t>(salt.size() + 1));
    writer.reserved(10);
    writer.cstring(salt.substr(first_salt));
    if ((greeting.capabilities & capability::plugin_auth) != 0) writer.cstring(greeting.plugin);
    out.end();
}

// Grammar: head user<NUL> answer [database<NUL>] [plugin<NUL>] [attributes<lenenc>]; the answer is
// <lenenc>, length(1) or <NUL> by capability. What follows, as the level of zstd, is not looked at.
Result<LoginResponse> parse_login_response(ByteView payload) {
    detail::FieldReader reader(payload);
    LoginResponse response;
    head(reader, response);
    reader.cstring(response.user);
    const auto has = [&](Capabilities bit) { return (response.capabilities & bit) != 0; };
    if (has(capability::plugin_auth_lenenc)) {
        reader.text(response.answer);
    } else if (has(capability::secure_connection)) {
        std::uint8_t size = 0;
        reader.u8(size);
        reader.raw(response.answer, size);
    } else {
        reader.cstring(response.answer);
    }
    if (has(capability::connect_with_db)) reader.cstring(response.database);
    if (has(capability::plugin_auth) && reader.left() > 0) {
        const bool last = !has(capability::connect_attrs);
        last ? read_last_cstring(reader, response.plugin) : reader.cstring(response.plugin);
    }
    if (has(capability::connect_attrs) && reader.left() > 0) read_attributes(reader, response);
    if (!reader.ok() || !has(capability::protocol_41))
        return detail::malformed("handshake response");
    return response;
}

void write_login_response(PacketWriter& out, const LoginResponse& response) {
    out.begin();
    detail::FieldWriter writer(out.out());
    head(writer, response);
    writer.cstring(response.user);
    const auto has = [&](Capabilities bit) { return (response.capabilities & bit) != 0; };
    if (has(capability::plugin_auth_lenenc)) {
        writer.text(response.answer);
    } else if (has(capability::secure_connection)) {
        writer.u8(static_cast<std::uint8_t>(response.answer.size()));
        writer.rest(response.answer);
    } else {
        writer.cstring(response.answer);
    }
    if (has(capability::connect_with_db)) writer.cstring(response.database);
    if (has(capability::plugin_auth)) writer.cstring(response.plugin);
    if (has(capability::connect_attrs)) {
        Bytes pairs;
        detail::FieldWriter pair_writer(pairs);
        for (const auto& [key, value] : response.attributes) {
            pair_writer.text(key);
            pair_writer.text(value);
        }
        writer.text(text_of(pairs.view()));
    }
    out.end();
}

// Grammar: head, and nothing behind it.
std::optional<SslRequest> parse_ssl_request(ByteView payload) {
    if (payload.size() != ssl_request_size) return std::nullopt;
    detail::FieldReader reader(payload);
    SslRequest request;
    head(reader, request);
    if ((request.capabilities & capability::ssl) == 0) return std::nullopt;
    return request;
}

void write_ssl_request(PacketWriter& out, const SslRequest& request) {
    out.begin();
    detail::FieldWriter writer(out.out());
    head(writer, request);
    out.end();
}

Result<AuthSwitch> parse_auth_switch(ByteView payload) {
    auto request = TRY(detail::parse_exactly<AuthSwitch>(payload, "AuthSwitchRequest"));
    if (request.challenge.ends_with('\0')) request.challenge.remove_suffix(1);
    return request;
}

void write_auth_switch(PacketWriter& out, const AuthSwitch& request) {
    out.begin();
    detail::FieldWriter writer(out.out());
    fields(writer, request);
    writer.reserved(1);
    out.end();
}

Result<AuthMoreData> parse_auth_more_data(ByteView payload) {
    return detail::parse_exactly<AuthMoreData>(payload, "AuthMoreData");
}
void write_auth_more_data(PacketWriter& out, const AuthMoreData& more) {
    detail::write_message(out, more);
}

}  // namespace sluice::wire
