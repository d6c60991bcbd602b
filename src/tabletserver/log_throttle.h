#pragma once
// So many log lines of one kind in a second, of one loop; the others are counted.
#include <cstdint>

#include "async/loop.h"

namespace sluice::tabletserver {

class LogThrottle {
 public:
    // Whether a line may be written now; then `left_out` is how many were not since the last one.
    bool allows(async::Clock::time_point now) {
        if (now - second_ >= std::chrono::seconds(1)) {
            second_ = now;
            written_ = 0;
        }
        if (written_ >= most) {
            ++left_out;
            return false;
        }
        ++written_;
        return true;
    }

    // What a person can still read; a flood of refusals must not become one of lines.
    static constexpr std::uint32_t most = 20;
    std::uint64_t left_out = 0;

 private:
    async::Clock::time_point second_{};
    std::uint32_t written_ = 0;
};

}  // namespace sluice::tabletserver
