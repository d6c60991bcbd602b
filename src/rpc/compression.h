#pragma once
// Compression of single messages, as grpc-encoding names it: gzip (RFC 1952) and snappy in Google's
// framed form (github.com/google/snappy, framing_format.txt), which is what Go's snappy streams
// are.
#include <optional>
#include <string_view>

#include "rpc/message.h"

namespace sluice::rpc {

enum class Compression : std::uint8_t { none, gzip, snappy };

std::string_view compression_name(Compression compression);  // "identity", "gzip", "snappy"
std::optional<Compression> compression_of(std::string_view name);
inline constexpr std::string_view accepted_compressions = "gzip,snappy";  // grpc-accept-encoding

// `pieces` are one message that lies in several places.
Result<Message> compress(Compression compression, std::span<const Bytes> pieces, Budget* budget);
// At most `limit` bytes come out: more is RESOURCE_EXHAUSTED, broken input is INTERNAL.
Result<Message> decompress(Compression compression, Bytes message, std::size_t limit,
                           Budget* budget);

}  // namespace sluice::rpc
