// Part of step 6 of a request: the bytes between a vindex and a shard (vindex/destination.cc).
#include "vindex/keyspace_id.h"

#include <bit>

#include "base/hex.h"

namespace sluice::vindex {

namespace {

std::array<char, 8> bytes_of(std::uint64_t number) {
    return std::bit_cast<std::array<char, 8>>(number);
}

}  // namespace

KeyspaceId KeyspaceId::big_endian(std::uint64_t number) {
    static_assert(std::endian::native == std::endian::little);
    const auto bytes = bytes_of(__builtin_bswap64(number));
    return KeyspaceId({bytes.data(), bytes.size()});
}

KeyspaceId KeyspaceId::little_endian(std::uint64_t number) {
    const auto bytes = bytes_of(number);
    return KeyspaceId({bytes.data(), bytes.size()});
}

void KeyspaceId::assign(std::string_view bytes) {
    if (bytes.size() > inline_capacity) {
        auto copy = std::make_unique<char[]>(bytes.size());
        std::memcpy(copy.get(), bytes.data(), bytes.size());
        heap_ = std::move(copy);
    } else {
        if (!bytes.empty()) std::memmove(inline_.data(), bytes.data(), bytes.size());
        heap_.reset();
    }
    size_ = bytes.size();
}

std::string KeyspaceId::hex() const {
    return to_hex(view());
}

std::string to_hex(std::string_view bytes) {
    return lower_hex(bytes);
}

}  // namespace sluice::vindex
