#pragma once
// Durations as Go writes them: "1h0m0s", "50ms", "0s". Flags, status pages and logs use them.
#include <chrono>
#include <string>
#include <string_view>

#include "base/error.h"

namespace sluice::servenv {

using Duration = std::chrono::nanoseconds;

std::string to_text(Duration duration);
// duration = [ "+" / "-" ] ( "0" / 1*( number unit ) ) ; number = 1*DIGIT [ "." *DIGIT ] / "."
// 1*DIGIT unit = "ns" / "us" / "µs" / "ms" / "s" / "m" / "h" Errors carry the words of Go's time
// package, which users of v21's flags see.
Result<Duration> parse_duration(std::string_view text);

}  // namespace sluice::servenv
