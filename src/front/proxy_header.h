#pragma once
// The header that a proxy puts before a connection's own bytes to say who the client is: the PROXY
// protocol, versions 1 (text) and 2 (binary). Source: HAProxy's doc/proxy-protocol.txt.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/error.h"

namespace sluice::front {

struct ProxyHeader {
    std::size_t size = 0;  // bytes to drop before the connection's own
    // "host:port" of the client; empty: the peer speaks for itself (LOCAL, UNKNOWN, unix sockets).
    std::string source;
};

// Longest header that is read: version 2 with room for its extensions, which are skipped.
inline constexpr std::size_t max_proxy_header = 4096;

// nullopt: the bytes are the beginning of a header. An error: they are not one.
Result<std::optional<ProxyHeader>> parse_proxy_header(std::span<const std::uint8_t> bytes);

}  // namespace sluice::front
