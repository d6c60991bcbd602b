#pragma once
// Settings of the MySQL front, made from flags once and shared by all loops.
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "async/tls.h"
#include "auth/users.h"
#include "wire/auth.h"

namespace sluice::front {

struct Options {
    std::string server_version = "8.0.30-Vitess";
    std::uint8_t charset = 255;                    // announced in the greeting
    std::shared_ptr<const async::TlsContext> tls;  // null: not offered
    bool require_secure_transport = false;
    bool allow_clear_text_without_tls = false;
    std::shared_ptr<const wire::RsaKey> key;
    std::chrono::milliseconds read_timeout{0};  // zero: none
    std::chrono::milliseconds write_timeout{30'000};
    std::chrono::milliseconds query_timeout{0};  // --mysql_server_query_timeout; zero: none
    // --mysql_server_flush_delay: rows wait so long for more of them; zero: not at all.
    std::chrono::milliseconds flush_delay{100};
    // --mysql-server-keepalive-period of TCP connections; Go's default.
    std::chrono::seconds keepalive{15};
    // A client that sends nothing for so long has no PROXY header before it (v21's listener waits
    // so long).
    std::chrono::milliseconds proxy_header_wait{10'000};
    bool proxy_protocol = false;                    // TCP clients begin with a PROXY header
    std::chrono::milliseconds slow_connect{0};      // zero: not counted
    std::size_t max_packet = std::size_t{1} << 30;  // longest command
    std::size_t connection_memory = 0;              // --connection_memory_limit; 0: none
    bool drain_on_term = false;                     // --mysql-server-drain-onterm
};

}  // namespace sluice::front
