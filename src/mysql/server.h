#pragma once
// Where a MySQL server listens and as whom we log in.
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "async/socket.h"
#include "base/error.h"
#include "base/limits.h"

namespace sluice::async {
class TlsContext;
}

namespace sluice::mysql {

// --db_ssl_mode. A unix socket never uses TLS.
enum class TlsMode : std::uint8_t { disabled, preferred, required, verify_ca, verify_identity };

// Grammar: "disabled" | "preferred" | "required" | "verify_ca" | "verify_identity".
Result<TlsMode> parse_tls_mode(std::string_view text);

struct Server {
    async::Address address;
    std::string user;
    std::string password;
    std::string database;  // of every connection; empty: none
    TlsMode tls = TlsMode::disabled;
    // Made with the verification that `tls` asks for; null only if TLS is disabled.
    std::shared_ptr<const async::TlsContext> tls_context;
    // To connect, log in and look at the server's role.
    std::chrono::milliseconds connect_timeout = limits::backend_connect;
};

}  // namespace sluice::mysql
