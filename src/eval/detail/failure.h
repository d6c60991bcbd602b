#pragma once
// Inside this room an error is thrown and becomes a Result at its doors: bind() and evaluate().
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "eval/expression.h"

namespace sluice::eval {

struct QueryError {
    Error error;
};

[[noreturn, gnu::cold]] void raise(Error error);
[[noreturn, gnu::cold]] void raise(std::uint16_t number, std::string text);
// VT12001.
[[noreturn, gnu::cold]] void refuse(std::string_view what);
// 1690: "BIGINT value is out of range in '(a + 1)'".
[[noreturn, gnu::cold]] void raise_out_of_range(std::string_view type, const Node& node);
// The same as a warning, of dates and times: 6527.
void warn_out_of_range(const Node& node, std::string_view type, Run& run);

// The expression as MySQL prints it in messages.
std::string printed(const Node& node);

// Runs `work` and gives what it threw as an error.
template <class Work>
auto caught(Work&& work) -> Result<decltype(work())> {
    try {
        return work();
    } catch (QueryError& failure) {
        return std::unexpected(std::move(failure.error));
    }
}

template <class T>
T or_raise(Result<T>&& result) {
    if (!result) raise(std::move(result.error()));
    return std::move(*result);
}
inline void or_raise(Result<void>&& result) {
    if (!result) raise(std::move(result.error()));
}

}  // namespace sluice::eval
