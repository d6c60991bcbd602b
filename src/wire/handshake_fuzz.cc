// Both login machines against a hostile peer. The first byte chooses the side and the settings;
// then messages, each after its length byte.
#include <algorithm>

#include "wire/client_handshake.h"
#include "wire/server_handshake.h"

using namespace sluice::wire;

namespace {

struct Users : UserTable {
    UserRecord find(std::string_view user) const override {
        if (user == "any") return {.anything = true};
        if (user == "ldap") return {.ask_clear = plugin::dialog};
        if (user == "native") return {.entries = {{.native = NativeHash{}}}};
        if (user == "sha2") return {.entries = {{.sha2 = Sha2Hash{}}}};
        if (user == "clear") return {.entries = {{.password = "secret"}}};
        return {};
    }
};

const RsaKey& key() {
    static const RsaKey made = *RsaKey::generate();
    return made;
}

ByteView take_message(ByteView& input) {
    const std::size_t size = std::min<std::size_t>(input[0], input.size() - 1);
    const ByteView message = input.subspan(1, size);
    input = input.subspan(1 + size);
    return message;
}

void serve(ByteView input, std::uint8_t choice) {
    const Users users;
    ServerHandshake server({.tls_offered = (choice & 2) != 0,
                            .unix_socket = (choice & 4) != 0,
                            .clear_text_allowed = (choice & 8) != 0,
                            .key = (choice & 16) != 0 ? &key() : nullptr},
                           &users);
    Bytes out;
    PacketWriter writer(&out);
    server.greet(writer);
    while (!input.empty()) {
        const auto step = server.receive(take_message(input), writer);
        if (std::holds_alternative<ServerHandshake::StartTls>(step)) server.tls_started();
    }
}

void connect(ByteView input, std::uint8_t choice) {
    ClientHandshake client({.user = "u",
                            .password = (choice & 2) != 0 ? "secret" : "",
                            .tls = (choice & 4) != 0 ? Tls::preferred : Tls::disabled,
                            .unix_socket = (choice & 8) != 0});
    Bytes out;
    PacketWriter writer(&out);
    while (!input.empty()) {
        const auto step = client.receive(take_message(input), writer);
        if (std::holds_alternative<ClientHandshake::StartTls>(step)) client.tls_started(writer);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const ByteView input = ByteView(data, size).subspan(1);
    (data[0] & 1) != 0 ? serve(input, data[0]) : connect(input, data[0]);
    return 0;
}
