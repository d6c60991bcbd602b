// The reactor under every request: waits for sockets and timers, resumes coroutines.
#include "async/loop.h"

#include <algorithm>
#include <cerrno>

#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "async/scope.h"
#include "base/limits.h"

namespace sluice::async {
namespace {

thread_local Loop* current_loop = nullptr;

}  // namespace

Loop::Loop(std::size_t index)
    : index_(index), epoll_(::epoll_create1(EPOLL_CLOEXEC)), wheel_(Clock::now()) {
    VT_ASSERT(epoll_ >= 0);
    // Neither is ever read: by edges, every write and every new alarm is told once.
    waker_.descriptor = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    waker_.on_events = [](Watched*, std::uint32_t) {};
    alarm_.descriptor = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    alarm_.on_events = [](Watched* self, std::uint32_t) {
        static_cast<Alarm*>(self)->loop->ring();
    };
    alarm_.loop = this;
    VT_ASSERT(watch(&waker_) && watch(&alarm_));
    ready_.reserve(64);
}

Loop::~Loop() {
    ::close(waker_.descriptor);
    ::close(alarm_.descriptor);
    ::close(epoll_);
}

Loop& Loop::current() {
    VT_ASSERT(current_loop != nullptr);
    return *current_loop;
}

Loop* Loop::current_or_null() {
    return current_loop;
}

void Loop::run() {
    VT_ASSERT(current_loop == nullptr);
    current_loop = this;
    while (!stopping_.load(std::memory_order_acquire)) take_turn();
    // Who stopped it may still be about to wake it, and the loop may end now.
    const std::lock_guard guard(posts_mutex_);
    stopping_.store(false, std::memory_order_relaxed);
    current_loop = nullptr;
}

void Loop::take_turn() {
    ++turn_;
    run_posts();
    run_last();
    if (stopping_.load(std::memory_order_acquire)) return;
    const bool busy = !again_.empty() || !last_.empty() || posted_.load(std::memory_order_acquire);
    const int found =
        ::epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), busy ? 0 : -1);
    VT_ASSERT(found >= 0 || errno == EINTR);
    event_count_ = found < 0 ? 0 : static_cast<std::size_t>(found);
    for (next_event_ = 0; next_event_ < event_count_;) {
        const epoll_event event = events_[next_event_++];
        if (event.data.ptr != nullptr) tell(static_cast<Watched*>(event.data.ptr), event.events);
    }
    event_count_ = 0;
    // Those that ask once more while they are told wait for the turn after.
    for (std::size_t left = again_.size(); left > 0 && !again_.empty(); --left) {
        Watched* watched = again_.front();
        again_.erase(again_.begin());
        if (watched != nullptr) tell(watched, EPOLLIN);
    }
    run_last();
}

// Those that ask once more while they run wait for the turn after: others come in between.
void Loop::run_last() {
    taken_last_.swap(last_);
    for (const std::coroutine_handle<> frame : taken_last_) enter(frame);
    taken_last_.clear();
}

bool Loop::watch(Watched* watched) {
    epoll_event event{.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data = {.ptr = watched}};
    return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, watched->descriptor, &event) == 0;
}

void Loop::want_writable(Watched* watched, bool wanted) {
    const std::uint32_t out = wanted ? static_cast<std::uint32_t>(EPOLLOUT) : 0U;
    epoll_event event{.events = EPOLLIN | EPOLLRDHUP | EPOLLET | out, .data = {.ptr = watched}};
    ::epoll_ctl(epoll_, EPOLL_CTL_MOD, watched->descriptor, &event);
}

void Loop::forget(Watched* watched) {
    // Not left to close(): a descriptor may share its file with a duplicate that stays open.
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, watched->descriptor, nullptr);
    for (std::size_t i = next_event_; i < event_count_; ++i) {
        if (events_[i].data.ptr == watched) events_[i].data.ptr = nullptr;
    }
    std::ranges::replace(again_, watched, nullptr);
}

void Loop::stop() {
    const std::lock_guard guard(posts_mutex_);
    stopping_.store(true, std::memory_order_release);
    wake();
}

void Loop::wake() {
    const std::uint64_t one = 1;
    // It can only fail if the counter is full, and then the loop is awake.
    static_cast<void>(::write(waker_.descriptor, &one, sizeof(one)) < 0);
}

void Loop::post(std::move_only_function<void()> work) {
    // Until the loop may take the work: what it does may end the loop.
    const std::lock_guard guard(posts_mutex_);
    const bool first = posts_.empty();
    posts_.push_back(std::move(work));
    posted_.store(true, std::memory_order_release);
    // Who posts second relies on the first; the loop itself looks before it waits.
    if (first && current_loop != this) wake();
}

void Loop::run_posts() {
    if (!posted_.load(std::memory_order_acquire)) return;
    {
        const std::lock_guard guard(posts_mutex_);
        taken_posts_.swap(posts_);
        posted_.store(false, std::memory_order_release);
    }
    for (std::move_only_function<void()>& work : taken_posts_) {
        work();
        work = nullptr;  // what it holds may be waited for
        drain();
    }
    taken_posts_.clear();
}

void Loop::enter(std::coroutine_handle<> frame) {
    frame.resume();
    drain();
}

void Loop::drain() {
    if (draining_) return;
    draining_ = true;
    while (next_ready_ < ready_.size()) ready_[next_ready_++].resume();
    ready_.clear();
    next_ready_ = 0;
    draining_ = false;
}

void Loop::set_timer(Timer* timer, Clock::duration delay) {
    const Clock::time_point now = Clock::now();
    wheel_.set(timer, now, delay);
    // The wheel fires up to two ticks late, so a due time within them needs no other alarm.
    const Clock::time_point due = now + delay + limits::timer_tick;
    if (!armed_ || due < armed_for_) arm(std::min(due, wheel_.next_due()));
}

// An alarm for the next entry only: a loop that waits for nothing but far deadlines sleeps.
void Loop::arm(Clock::time_point due) {
    armed_ = true;
    armed_for_ = due;
    const auto since_boot = due.time_since_epoch();  // steady_clock is CLOCK_MONOTONIC
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since_boot);
    itimerspec when{};
    when.it_value.tv_sec = seconds.count();
    when.it_value.tv_nsec = std::chrono::nanoseconds(since_boot - seconds).count();
    VT_ASSERT(::timerfd_settime(alarm_.descriptor, TFD_TIMER_ABSTIME, &when, nullptr) == 0);
}

void Loop::ring() {
    // Told for an alarm that was moved on since: the later one rings in its time.
    const Clock::time_point now = Clock::now();
    if (!armed_ || now < armed_for_) return;
    armed_ = false;
    wheel_.advance(now);
    drain();
    if (!wheel_.empty() && !armed_) arm(wheel_.next_due());
}

namespace {

Task<void> run_then_stop(Loop* loop, Task<void> task) {
    co_await std::move(task);
    loop->stop();
}

}  // namespace

void run_until_done(Loop& loop, Task<void> task) {
    Scope scope;
    Task<void> whole = run_then_stop(&loop, std::move(task));
    loop.post([&scope, &whole] { scope.spawn("main", std::move(whole)); });
    loop.run();
}

}  // namespace sluice::async
