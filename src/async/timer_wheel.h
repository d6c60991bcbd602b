#pragma once
// Coarse timers of one loop: a wheel of 10 ms slots with intrusive entries. To set and to clear a
// timer costs a few stores; the loop's one real timer runs only while the wheel holds something.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sluice::async {

using Clock = std::chrono::steady_clock;

// Lives inside its owner and must be cleared (or have fired) before it is destroyed; the destructor
// clears it.
class Timer {
 public:
    Timer() = default;
    explicit Timer(void (*fire)(Timer*)) : fire_(fire) {}
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    ~Timer() { clear(); }

    bool set() const { return previous_ != nullptr; }
    void clear();

 private:
    friend class TimerWheel;
    Timer* previous_ = nullptr;
    Timer* next_ = nullptr;
    class TimerWheel* wheel_ = nullptr;
    std::uint64_t tick_ = 0;
    void (*fire_)(Timer*) = nullptr;
};

class TimerWheel {
 public:
    explicit TimerWheel(Clock::time_point start);
    TimerWheel(const TimerWheel&) = delete;
    TimerWheel& operator=(const TimerWheel&) = delete;

    // Fires no earlier than `delay` after `now`, at most two ticks later. A set timer is moved.
    void set(Timer* timer, Clock::time_point now, Clock::duration delay);
    // Fires what is due.
    void advance(Clock::time_point now);
    bool empty() const { return count_ == 0; }
    // When advance() has to be called next, at most one turn away; only if not empty.
    Clock::time_point next_due() const;

 private:
    friend class Timer;
    static constexpr std::size_t slots =
        1024;  // 10.24 s; farther timers pass their slot once per turn
    std::uint64_t tick_of(Clock::time_point time) const;
    void link(Timer* timer, Timer* head);
    void unlink(Timer* timer);

    std::array<Timer, slots> heads_;
    Clock::time_point start_;
    std::uint64_t current_ = 0;
    std::size_t count_ = 0;
};

}  // namespace sluice::async
