#pragma once
// What both sides of a connection can be told; a program's flags end here. Zero durations mean
// never.
#include <chrono>
#include <cstdint>
#include <functional>

#include "async/timer_wheel.h"
#include "rpc/detail/exchange.h"

namespace sluice::rpc {

using async::Stop;
using async::Task;
using Duration = async::Clock::duration;

// Longer waits are as good as none, and could not be added to a clock.
inline constexpr Duration longest_wait = std::chrono::hours(24 * 365);

// A number in [0, 1), for spreading what many would do at once. Called on the loop.
using Chance = std::function<double()>;

struct KeepaliveOptions {
    Duration time{0};     // of silence before a ping is sent
    Duration timeout{0};  // for anything to arrive after it; then the connection is over
    bool without_calls = false;
};

struct WindowOptions {
    std::uint32_t stream = 1 << 20;  // bytes that one call may have in flight unread
    std::uint32_t connection = 4 << 20;
};

using MessageLimits = detail::MessageLimits;

}  // namespace sluice::rpc
