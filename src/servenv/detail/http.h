#pragma once
// HTTP/1.1 as far as the admin pages need it: RFC 9112 requests with a Content-Length, no chunks.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "servenv/admin_server.h"

namespace sluice::servenv::detail {

inline constexpr std::size_t max_head =
    16 * 1024;  // request line and headers: browsers' cookies fit
inline constexpr std::size_t max_body = 64 * 1024;       // forms are tiny
inline constexpr std::chrono::seconds http_idle{60};     // between two requests of one connection
inline constexpr std::chrono::seconds http_request{30};  // to send one request or take one answer

struct RequestHead {
    HttpRequest request;
    std::size_t head_size = 0;  // bytes of the head, blank line included
    std::size_t body_size = 0;
    bool keep_alive = true;
};

// request = method SP target SP "HTTP/1." DIGIT CRLF *( name ":" value CRLF ) CRLF ; nullopt: more
// bytes needed invalid_argument: 400; out_of_range: 413 or 431; unimplemented: 501
Result<std::optional<RequestHead>> parse_request(std::string_view bytes);
// A query or the body of a form: names and values, decoded.
std::map<std::string, std::string> parse_form(std::string_view text);
std::string response_text(const HttpResponse& response, bool keep_alive, bool head_only);

}  // namespace sluice::servenv::detail
