#pragma once
// Snappy's framed stream: chunks of at most 64 KiB, each with the masked CRC-32C of its contents.
#include "rpc/message.h"

namespace sluice::rpc::detail {

std::uint32_t crc32c(Bytes bytes, std::uint32_t before = 0);
// What stands in a chunk: a CRC over data that holds its own CRC would always be the same.
std::uint32_t masked_crc32c(Bytes bytes);

Result<Message> snappy_compress(std::span<const Bytes> pieces, Budget* budget);
Result<Message> snappy_decompress(Bytes stream, std::size_t limit, Budget* budget);

}  // namespace sluice::rpc::detail
