#pragma once
// gRPC's status on the wire: numbers and texts to and from Error. The facts are those of gRPC's
// HTTP/2 protocol description (PROTOCOL-HTTP2.md) and its table of HTTP codes.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace sluice::rpc {

// Codes 17 and 18 are Vitess's own and pass as they are; what no one has named is `unknown`.
Code code_of(std::uint32_t grpc_status);

// grpc-message: printable ASCII stands for itself, everything else and '%' is %XX.
std::string percent_encoded(std::string_view text);
// Never fails: what is no escape stands for itself.
std::string percent_decoded(std::string_view text);

// What an answer without grpc-status means, by its HTTP status.
Code code_of_http(int http_status);

// A stream that the other side reset, by HTTP/2's error code (RFC 9113, 7).
Error reset_error(std::uint32_t http2_code);

// grpc-go's words, which tools match on: "grpc: received message larger than max (X vs. Y)".
Error received_too_large(std::uint64_t size, std::size_t limit);
Error sending_too_large(std::uint64_t size, std::size_t limit);
Error decompressed_too_large(std::size_t limit);

Error deadline_error();                     // "context deadline exceeded"
Error canceled_error();                     // "context canceled"
Error unavailable_error(std::string text);  // the connection failed or is gone

}  // namespace sluice::rpc
