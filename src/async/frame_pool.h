#pragma once
// Memory of coroutine frames: per-thread free lists by size class, so that a query whose path has
// been walked before allocates nothing. A block may be freed on another thread than it came from;
// it then stays there.
#include <cstddef>

namespace sluice::async {

void* allocate_frame(std::size_t size);
void free_frame(void* block, std::size_t size) noexcept;

}  // namespace sluice::async
