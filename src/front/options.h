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
    std::chrono::milliseconds slow_connect{0};      // zero: not counted
    std::size_t max_packet = std::size_t{1} << 30;  // longest command
    std::size_t connection_memory = 0;              // --connection_memory_limit; 0: none
    bool drain_on_term = false;                     // --mysql-server-drain-onterm
};

}  // namespace sluice::front
