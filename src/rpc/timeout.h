#pragma once
// grpc-timeout: how long a call may take, as the client tells the server.
#include <chrono>
#include <optional>
#include <string_view>

namespace sluice::rpc {

using Nanoseconds = std::chrono::nanoseconds;

// At most eight digits and a unit (H M S m u n), rounded up so that the server never gives up
// first; "99999999H" is as good as none.
struct TimeoutText {
    char text[12];
    std::size_t size;
    std::string_view view() const { return {text, size}; }
};
TimeoutText timeout_text(Nanoseconds timeout);

// Nullopt if it is malformed. What does not fit into nanoseconds is the longest that does.
std::optional<Nanoseconds> timeout_of(std::string_view text);

}  // namespace sluice::rpc
