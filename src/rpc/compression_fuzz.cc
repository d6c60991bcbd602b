// Compressed messages from anywhere: gzip or snappy by the first byte. What can be decompressed can
// be compressed, and decompressed again to the same.
#include <algorithm>
#include <cstdlib>

#include "rpc/compression.h"

using namespace sluice::rpc;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto kind = (data[0] & 1U) != 0 ? Compression::gzip : Compression::snappy;
    constexpr std::size_t limit = 1 << 20;
    const auto plain = decompress(kind, Bytes(data + 1, size - 1), limit, nullptr);
    if (!plain) return 0;
    const Bytes pieces[] = {plain->view()};
    const auto again = compress(kind, pieces, nullptr);
    if (!again) std::abort();
    const auto same = decompress(kind, again->view(), limit, nullptr);
    if (!same || !std::ranges::equal(same->view(), plain->view())) std::abort();
    return 0;
}
