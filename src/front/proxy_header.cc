// Step 1 of a request that comes through a proxy. After: front/login.cc.
#include "front/proxy_header.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <vector>

#include <arpa/inet.h>

namespace sluice::front {
namespace {

constexpr std::string_view first_signature = "PROXY ";
constexpr std::string_view second_signature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t longest_line = 107;  // with its end, by the protocol
constexpr std::size_t fixed_part = 16;     // of version 2

std::unexpected<Error> malformed(std::string_view why) {
    return fail(Code::invalid_argument, "bad PROXY header: " + std::string(why));
}

std::string address_text(int family, const void* address, std::uint16_t port) {
    char text[INET6_ADDRSTRLEN] = "";
    inet_ntop(family, address, text, sizeof text);
    return family == AF_INET6 ? "[" + std::string(text) + "]:" + std::to_string(port)
                              : std::string(text) + ":" + std::to_string(port);
}

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (true) {
        const std::size_t space = line.find(' ');
        words.push_back(line.substr(0, space));
        if (space == line.npos) return words;
        line.remove_prefix(space + 1);
    }
}

// port = 1*5DIGIT ; without leading zeros
std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const char* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, port);
    const bool zeros = text.size() > 1 && text[0] == '0';
    if (error != std::errc{} || at != end || zeros) return std::nullopt;
    return port;
}

// line = "PROXY UNKNOWN" [ SP *any ] CRLF / "PROXY " ( "TCP4" / "TCP6" ) SP source SP destination
// SP source-port SP destination-port CRLF
Result<std::optional<ProxyHeader>> parse_line(std::string_view text) {
    const std::size_t end = text.substr(0, longest_line).find("\r\n");
    if (end == text.npos) {
        if (text.size() >= longest_line) return malformed("the line has no end");
        return std::nullopt;
    }
    ProxyHeader header{.size = end + 2, .source = {}};
    const std::vector<std::string_view> words = words_of(text.substr(0, end));
    if (words[1] == "UNKNOWN") return header;
    const bool four = words[1] == "TCP4";
    if (!four && words[1] != "TCP6") return malformed("unknown family");
    if (words.size() != 6) return malformed("not two addresses and two ports");
    std::array<std::uint8_t, 16> source{};
    std::array<std::uint8_t, 16> destination{};
    const int family = four ? AF_INET : AF_INET6;
    const auto port = parse_port(words[4]);
    if (inet_pton(family, std::string(words[2]).c_str(), source.data()) != 1 ||
        inet_pton(family, std::string(words[3]).c_str(), destination.data()) != 1 || !port ||
        !parse_port(words[5])) {
        return malformed("not an address or a port");
    }
    header.source = address_text(family, source.data(), *port);
    return header;
}

// header = 12OCTET version-and-command family-and-protocol 2OCTET-length addresses *extension
Result<std::optional<ProxyHeader>> parse_binary(std::span<const std::uint8_t> bytes) {
    if (bytes.size() < fixed_part) return std::nullopt;
    const std::size_t length = static_cast<std::size_t>(bytes[14] << 8 | bytes[15]);
    if (bytes[12] >> 4 != 2) return malformed("not version 2");
    const int command = bytes[12] & 0x0f;
    if (command > 1) return malformed("unknown command");
    ProxyHeader header{.size = fixed_part + length, .source = {}};
    if (header.size > max_proxy_header) return malformed("too long");
    if (bytes.size() < header.size) return std::nullopt;
    const std::span<const std::uint8_t> rest = bytes.subspan(fixed_part, length);
    const bool is_local = command == 0;
    const bool four = bytes[13] == 0x11;
    const bool six = bytes[13] == 0x21;
    if (is_local || (!four && !six)) return header;
    const std::size_t size = four ? 4 : 16;
    if (length < 2 * size + 4) return malformed("too short for its addresses");
    const auto port = static_cast<std::uint16_t>(rest[2 * size] << 8 | rest[2 * size + 1]);
    header.source = address_text(four ? AF_INET : AF_INET6, rest.data(), port);
    return header;
}

}  // namespace

// proxy-header = line / binary ; told apart by their first bytes
Result<std::optional<ProxyHeader>> parse_proxy_header(std::span<const std::uint8_t> bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    for (const std::string_view signature : {first_signature, second_signature}) {
        const std::size_t shared = std::min(text.size(), signature.size());
        if (text.substr(0, shared) != signature.substr(0, shared)) continue;
        if (shared < signature.size()) return std::nullopt;
        return signature == first_signature ? parse_line(text) : parse_binary(bytes);
    }
    return malformed("unknown signature");
}

}  // namespace sluice::front
