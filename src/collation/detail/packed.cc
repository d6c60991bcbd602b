// Steps 6 and 10 of a request, before its first comparison: the tables' way out of the program
// text.
#include "collation/detail/packed.h"

#include <array>

#include <zlib.h>

#include "base/assert.h"

namespace sluice::collation::detail {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string decoded(std::string_view text) {
    std::array<std::uint8_t, 256> value{};
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        value[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3 + 3);
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : text) {
        if (c == '=') break;
        bits = bits << 6 | value[static_cast<std::uint8_t>(c)];
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes.push_back(static_cast<char>(bits >> count & 0xFF));
    }
    return bytes;
}

}  // namespace

std::string unpacked(const Packed& packed) {
    const std::string small = decoded({packed.text, (packed.compressed + 2) / 3 * 4});
    VT_ASSERT(small.size() == packed.compressed);
    std::string bytes(packed.size, '\0');
    uLongf size = bytes.size();
    const int outcome = uncompress(reinterpret_cast<Bytef*>(bytes.data()), &size,
                                   reinterpret_cast<const Bytef*>(small.data()), small.size());
    VT_ASSERT(outcome == Z_OK && size == packed.size);
    return bytes;
}

std::uint8_t Stream::byte() {
    VT_ASSERT(!rest_.empty());
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
}

std::uint32_t Stream::number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        const std::uint8_t seven = byte();
        value |= static_cast<std::uint64_t>(seven & 0x7F) << shift;
        if (seven < 0x80) break;
    }
    return static_cast<std::uint32_t>(value);
}

std::int64_t Stream::difference() {
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        const std::uint8_t seven = byte();
        value |= static_cast<std::uint64_t>(seven & 0x7F) << shift;
        if (seven < 0x80) break;
    }
    const auto half = static_cast<std::int64_t>(value >> 1);
    return (value & 1) == 0 ? half : -half - 1;
}

std::string_view Stream::text() {
    const std::uint32_t size = number();
    VT_ASSERT(size <= rest_.size());
    const std::string_view found = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return found;
}

}  // namespace sluice::collation::detail
