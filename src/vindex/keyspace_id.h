#pragma once
// A keyspace id: the byte string by which a row finds its shard. All functional vindexes but binary
// and cfc make at most 16 bytes, so that much (and a bit) lives inside the object and making one
// allocates nothing.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace sluice::vindex {

class KeyspaceId {
 public:
    static constexpr std::size_t inline_capacity = 24;

    KeyspaceId() = default;
    explicit KeyspaceId(std::string_view bytes) { assign(bytes); }
    KeyspaceId(const KeyspaceId& other) { assign(other.view()); }
    KeyspaceId(KeyspaceId&& other) noexcept = default;
    KeyspaceId& operator=(const KeyspaceId& other) {
        if (this != &other) assign(other.view());
        return *this;
    }
    KeyspaceId& operator=(KeyspaceId&& other) noexcept = default;
    ~KeyspaceId() = default;

    static KeyspaceId big_endian(std::uint64_t number);
    static KeyspaceId little_endian(std::uint64_t number);

    std::string_view view() const { return {heap_ ? heap_.get() : inline_.data(), size_}; }
    std::size_t size() const { return size_; }
    std::string hex() const;

    // Equal means the same bytes; to compare with the bounds of key ranges use compare_keys
    // (key_range.h).
    bool operator==(const KeyspaceId& other) const { return view() == other.view(); }

 private:
    void assign(std::string_view bytes);

    std::size_t size_ = 0;
    std::array<char, inline_capacity> inline_{};
    std::unique_ptr<char[]> heap_;  // set only if size_ > inline_capacity
};

// Lower-case hex.
// v21 see.
std::string to_hex(std::string_view bytes);

}  // namespace sluice::vindex
