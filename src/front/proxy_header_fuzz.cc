#include <cstdlib>

#include "front/proxy_header.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const auto parsed = sluice::front::parse_proxy_header({bytes, size});
    if (parsed && *parsed && (*parsed)->size > size) std::abort();
    // More is only asked for while a header may still come of it.
    if (parsed && !*parsed && size >= sluice::front::max_proxy_header) std::abort();
    return 0;
}
