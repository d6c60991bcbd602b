#pragma once
// VT_ASSERT is for our own mistakes and stays on in release: a corrupt proxy should stop. The
// world's mistakes are a Result.
namespace sluice::detail {
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);
}

#define VT_ASSERT(condition)            \
    ((condition) ? static_cast<void>(0) \
                 : ::sluice::detail::assertion_failed(#condition, __FILE_NAME__, __LINE__))
