#pragma once
// ByteBuffer: bytes that wait to be sent. Its memory is kept from one use to the next.
#include <algorithm>
#include <cstring>

#include "rpc/message.h"

namespace sluice::rpc::detail {

class ByteBuffer {
 public:
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    std::size_t capacity() const { return capacity_; }
    Bytes view() const { return {bytes_.get(), size_}; }

    void append(Bytes more) {
        if (more.size() > capacity_ - size_) grow(size_ + more.size());
        if (!more.empty()) std::memcpy(bytes_.get() + size_, more.data(), more.size());
        size_ += more.size();
    }
    // Room for `count` bytes, which have no value yet.
    std::span<std::uint8_t> extend(std::size_t count) {
        if (count > capacity_ - size_) grow(size_ + count);
        size_ += count;
        return {bytes_.get() + size_ - count, count};
    }
    void truncate(std::size_t size) { size_ = std::min(size_, size); }
    void discard_front(std::size_t count) {
        size_ -= count;
        if (size_ != 0) std::memmove(bytes_.get(), bytes_.get() + count, size_);
    }
    void reserve(std::size_t capacity) {
        if (capacity > capacity_) grow(capacity);
    }
    void clear() { size_ = 0; }
    void release() { *this = ByteBuffer(); }

 private:
    void grow(std::size_t least) {
        const std::size_t capacity = std::max(least, 2 * capacity_);
        auto larger = std::make_unique_for_overwrite<std::uint8_t[]>(capacity);
        if (size_ != 0) std::memcpy(larger.get(), bytes_.get(), size_);
        bytes_ = std::move(larger);
        capacity_ = capacity;
    }

    std::unique_ptr<std::uint8_t[]> bytes_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace sluice::rpc::detail
