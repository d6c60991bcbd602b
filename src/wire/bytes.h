#pragma once
// Bytes on the wire: views of them, and a growable buffer that is reused, keeps its capacity and
// never zero-fills.
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace sluice::wire {

using ByteView = std::span<const std::uint8_t>;

inline ByteView bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view text_of(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A buffer for sending (append) or for receiving (spare, commit, discard_front).
class Bytes {
 public:
    Bytes() = default;
    Bytes(Bytes&& other) noexcept
        : memory_(std::move(other.memory_)),
          size_(std::exchange(other.size_, 0)),
          capacity_(std::exchange(other.capacity_, 0)) {}
    Bytes& operator=(Bytes&& other) noexcept {
        memory_ = std::move(other.memory_);
        size_ = std::exchange(other.size_, 0);
        capacity_ = std::exchange(other.capacity_, 0);
        return *this;
    }
    Bytes(const Bytes&) = delete;
    Bytes& operator=(const Bytes&) = delete;

    std::uint8_t* data() { return memory_.get(); }
    const std::uint8_t* data() const { return memory_.get(); }
    std::size_t size() const { return size_; }
    std::size_t capacity() const { return capacity_; }
    bool empty() const { return size_ == 0; }
    ByteView view() const { return {memory_.get(), size_}; }
    std::span<std::uint8_t> span() { return {memory_.get(), size_}; }
    std::uint8_t& operator[](std::size_t at) { return memory_[at]; }
    std::uint8_t operator[](std::size_t at) const { return memory_[at]; }

    // Capacity is kept by clear and truncate, given back by release.
    void clear() { size_ = 0; }
    void truncate(std::size_t size) { size_ = size < size_ ? size : size_; }
    void release() { *this = Bytes(); }

    void reserve(std::size_t capacity) {
        if (capacity > capacity_) grow_to(capacity);
    }
    // Appends `count` bytes without a value and returns where they begin.
    std::uint8_t* extend(std::size_t count) {
        reserve(size_ + count);
        std::uint8_t* const at = memory_.get() + size_;
        size_ += count;
        return at;
    }
    void push(std::uint8_t byte) { *extend(1) = byte; }
    void append(ByteView bytes) {
        if (!bytes.empty()) std::memcpy(extend(bytes.size()), bytes.data(), bytes.size());
    }
    void append(std::string_view text) { append(bytes_of(text)); }

    // Receiving: read into spare(n), then commit what came.
    std::span<std::uint8_t> spare(std::size_t at_least) {
        reserve(size_ + at_least);
        return {memory_.get() + size_, capacity_ - size_};
    }
    void commit(std::size_t count) { size_ += count; }
    void discard_front(std::size_t count) {
        if (count < size_) std::memmove(memory_.get(), memory_.get() + count, size_ - count);
        size_ -= count;
    }

 private:
    void grow_to(std::size_t least);

    std::unique_ptr<std::uint8_t[]> memory_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace sluice::wire
