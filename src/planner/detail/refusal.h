#pragma once
// Inside this room a query that cannot be planned is an exception, caught at the one door
// (planner.cc), so that deep walks stay readable.
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace sluice::planner {

struct QueryError {
    Error error;
};

[[noreturn]] inline void raise(Error error) {
    throw QueryError{std::move(error)};
}
[[noreturn]] inline void raise(Code code, std::uint16_t number, std::string text) {
    throw QueryError{make_error(code, number, std::move(text))};
}
// VT12001: unsupported: <what>
[[noreturn]] inline void refuse(std::string_view what) {
    throw QueryError{unsupported(what).error()};
}
template <class T>
T must(Result<T> result) {
    if (!result) throw QueryError{std::move(result).error()};
    return std::move(*result);
}

}  // namespace sluice::planner
