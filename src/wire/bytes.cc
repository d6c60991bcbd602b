// The buffers in which a request arrives and its answer leaves.
#include "wire/bytes.h"

#include <algorithm>

namespace sluice::wire {

void Bytes::grow_to(std::size_t least) {
    const std::size_t capacity = std::max({least, capacity_ + capacity_ / 2, std::size_t{64}});
    auto memory = std::make_unique_for_overwrite<std::uint8_t[]>(capacity);
    if (size_ > 0) std::memcpy(memory.get(), memory_.get(), size_);
    memory_ = std::move(memory);
    capacity_ = capacity;
}

}  // namespace sluice::wire
