#pragma once
// Message: the bytes of one message, owned, and charged to the budget they were received under.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "base/assert.h"
#include "base/budget.h"

namespace sluice::rpc {

using Bytes = std::span<const std::uint8_t>;

class Message {
 public:
    Message() = default;
    // `budget` may be null, or outlives the message.
    explicit Message(Budget* budget) : charge_(budget) {}
    Message(Message&& other) noexcept
        : bytes_(std::move(other.bytes_)),
          size_(std::exchange(other.size_, 0)),
          capacity_(std::exchange(other.capacity_, 0)),
          charge_(std::move(other.charge_)) {}
    Message& operator=(Message&& other) noexcept {
        bytes_ = std::move(other.bytes_);
        size_ = std::exchange(other.size_, 0);
        capacity_ = std::exchange(other.capacity_, 0);
        charge_ = std::move(other.charge_);
        return *this;
    }

    Bytes view() const { return {bytes_.get(), size_}; }
    std::span<std::uint8_t> bytes() { return {bytes_.get(), size_}; }
    std::size_t size() const { return size_; }

    // Room for `capacity` bytes in all; fails only by the budget.
    Result<void> reserve(std::size_t capacity) {
        if (capacity <= capacity_) return {};
        TRY(charge_.add(capacity - capacity_));
        auto larger = std::make_unique_for_overwrite<std::uint8_t[]>(capacity);
        if (size_ != 0) std::copy_n(bytes_.get(), size_, larger.get());
        bytes_ = std::move(larger);
        capacity_ = capacity;
        return {};
    }
    std::size_t capacity() const { return capacity_; }
    // Adds what there is room for.
    void append(Bytes more) {
        VT_ASSERT(more.size() <= capacity_ - size_);
        std::copy_n(more.data(), more.size(), bytes_.get() + size_);
        size_ += more.size();
    }
    // Within the capacity; new bytes are whatever they are.
    void resize(std::size_t size) {
        VT_ASSERT(size <= capacity_);
        size_ = size;
    }

 private:
    std::unique_ptr<std::uint8_t[]> bytes_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
    Charge charge_;
};

}  // namespace sluice::rpc
