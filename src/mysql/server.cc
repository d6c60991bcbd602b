// Step 9 of a request, before anything is sent: where the shard's server is.
#include "mysql/server.h"

namespace sluice::mysql {

Result<TlsMode> parse_tls_mode(std::string_view text) {
    if (text == "disabled") return TlsMode::disabled;
    if (text == "preferred") return TlsMode::preferred;
    if (text == "required") return TlsMode::required;
    if (text == "verify_ca") return TlsMode::verify_ca;
    if (text == "verify_identity") return TlsMode::verify_identity;
    return fail(Code::invalid_argument, "Invalid SSL mode specified: " + std::string(text) +
                                            ". Allowed modes: disabled, preferred, required, "
                                            "verify_ca, verify_identity");
}

}  // namespace sluice::mysql
