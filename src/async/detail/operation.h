#pragma once
// Handlers whose Asio operation lives in storage of ours: starting an operation allocates nothing.
#include <cstddef>
#include <cstdint>
#include <new>

namespace sluice::async::detail {

// One operation at a time; a second one, or a larger one, falls back to the heap.
class OperationStorage {
 public:
    void* take(std::size_t size) {
        if (in_use_ || size > sizeof(bytes_)) return ::operator new(size);
        in_use_ = true;
        return bytes_;
    }
    void give(void* memory) {
        if (memory == bytes_) {
            in_use_ = false;
        } else {
            ::operator delete(memory);
        }
    }

 private:
    alignas(std::max_align_t) std::byte bytes_[192];
    bool in_use_ = false;
};

template <class T>
struct OperationAllocator {
    using value_type = T;
    OperationStorage* storage;

    explicit OperationAllocator(OperationStorage* where) : storage(where) {}
    template <class U>
    OperationAllocator(const OperationAllocator<U>& other) : storage(other.storage) {}  // NOLINT

    T* allocate(std::size_t count) { return static_cast<T*>(storage->take(count * sizeof(T))); }
    void deallocate(T* memory, std::size_t) { storage->give(memory); }
    template <class U>
    bool operator==(const OperationAllocator<U>& other) const {
        return storage == other.storage;
    }
};

}  // namespace sluice::async::detail
