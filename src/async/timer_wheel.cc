// Under every wait of a request: a loop's timers; deadlines are set and taken back in constant
// time.
#include "async/timer_wheel.h"

#include "base/assert.h"
#include "base/limits.h"

namespace sluice::async {

void Timer::clear() {
    if (previous_ != nullptr && wheel_ != nullptr) wheel_->unlink(this);
}

TimerWheel::TimerWheel(Clock::time_point start) : start_(start) {
    for (Timer& head : heads_) head.previous_ = head.next_ = &head;
}

std::uint64_t TimerWheel::tick_of(Clock::time_point time) const {
    return time <= start_ ? 0 : static_cast<std::uint64_t>((time - start_) / limits::timer_tick);
}

void TimerWheel::link(Timer* timer, Timer* head) {
    timer->previous_ = head->previous_;
    timer->next_ = head;
    head->previous_->next_ = timer;
    head->previous_ = timer;
}

void TimerWheel::unlink(Timer* timer) {
    timer->previous_->next_ = timer->next_;
    timer->next_->previous_ = timer->previous_;
    timer->previous_ = timer->next_ = nullptr;
    timer->wheel_ = nullptr;
    --count_;
}

void TimerWheel::set(Timer* timer, Clock::time_point now, Clock::duration delay) {
    timer->clear();
    if (empty()) current_ = tick_of(now);
    timer->tick_ = tick_of(now + delay) + 1;
    if (timer->tick_ <= current_) timer->tick_ = current_ + 1;
    timer->wheel_ = this;
    link(timer, &heads_[timer->tick_ % slots]);
    ++count_;
}

Clock::time_point TimerWheel::next_due() const {
    std::uint64_t tick = current_ + 1;
    for (const std::uint64_t end = current_ + slots; tick < end; ++tick) {
        const Timer& head = heads_[tick % slots];
        const Timer* timer = head.next_;
        while (timer != &head && timer->tick_ > tick) timer = timer->next_;
        if (timer != &head) break;
    }
    return start_ + static_cast<Clock::rep>(tick) * Clock::duration(limits::timer_tick);
}

void TimerWheel::advance(Clock::time_point now) {
    const std::uint64_t target = tick_of(now);
    // After a long sleep one turn of the wheel visits every slot.
    if (target > current_ + slots) current_ = target - slots;
    while (current_ < target && count_ > 0) {
        ++current_;
        Timer due;  // entries move here first: a firing timer may set and clear others
        due.previous_ = due.next_ = &due;
        Timer& head = heads_[current_ % slots];
        for (Timer* timer = head.next_; timer != &head;) {
            Timer* next = timer->next_;
            if (timer->tick_ <= target) {
                timer->previous_->next_ = timer->next_;
                timer->next_->previous_ = timer->previous_;
                link(timer, &due);
            }
            timer = next;
        }
        while (due.next_ != &due) {
            Timer* timer = due.next_;
            unlink(timer);
            timer->fire_(timer);
        }
        due.previous_ = due.next_ = nullptr;
    }
    if (current_ < target) current_ = target;
}

}  // namespace sluice::async
