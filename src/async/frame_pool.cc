// Under every step of a request: the memory of coroutine frames, kept per thread and used again.
#include "async/frame_pool.h"

#include <array>
#include <new>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define SLUICE_POISON(block, size) __asan_poison_memory_region(block, size)
#define SLUICE_UNPOISON(block, size) __asan_unpoison_memory_region(block, size)
#endif
#endif
#ifndef SLUICE_POISON
#define SLUICE_POISON(block, size) static_cast<void>(0)
#define SLUICE_UNPOISON(block, size) static_cast<void>(0)
#endif

namespace sluice::async {
namespace {

constexpr std::size_t step = 64;
constexpr std::size_t largest = 8192;  // larger frames are rare and go to the heap

struct FreeBlock {
    FreeBlock* next;
};

// The link lives in the block's first bytes; the rest is poisoned for ASan while the block is free.
class FramePool {
 public:
    FramePool() = default;
    FramePool(const FramePool&) = delete;
    FramePool& operator=(const FramePool&) = delete;
    ~FramePool() {
        for (std::size_t i = 0; i < heads_.size(); ++i) {
            while (heads_[i] != nullptr) {
                FreeBlock* block = heads_[i];
                heads_[i] = block->next;
                SLUICE_UNPOISON(block, (i + 1) * step);
                ::operator delete(block);
            }
        }
        closed_ = true;
    }

    void* take(std::size_t index) {
        FreeBlock* block = heads_[index];
        if (block == nullptr) return ::operator new((index + 1) * step);
        heads_[index] = block->next;
        SLUICE_UNPOISON(block, (index + 1) * step);
        return block;
    }

    void give(void* memory, std::size_t index) noexcept {
        if (closed_) {  // a frame that outlived its thread's pool
            ::operator delete(memory);
            return;
        }
        auto* block = static_cast<FreeBlock*>(memory);
        block->next = heads_[index];
        heads_[index] = block;
        SLUICE_POISON(block + 1, (index + 1) * step - sizeof(FreeBlock));
    }

 private:
    std::array<FreeBlock*, largest / step> heads_{};
    bool closed_ = false;
};

thread_local FramePool pool;

}  // namespace

void* allocate_frame(std::size_t size) {
    if (size > largest) return ::operator new(size);
    return pool.take((size - 1) / step);
}

void free_frame(void* block, std::size_t size) noexcept {
    if (size > largest) {
        ::operator delete(block);
        return;
    }
    pool.give(block, (size - 1) / step);
}

}  // namespace sluice::async
