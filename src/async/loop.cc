// The reactor under every request: waits for sockets and timers, resumes coroutines.
#include "async/loop.h"

#include <algorithm>

#include "async/detail/asio.h"
#include "async/scope.h"

namespace sluice::async {
namespace {

thread_local Loop* current_loop = nullptr;

}  // namespace

Loop::Loop(std::size_t index)
    : index_(index), asio_(std::make_unique<Asio>()), wheel_(Clock::now()) {
    ready_.reserve(64);
}

Loop::~Loop() = default;

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
    asio_->context.restart();
    const auto keep = boost::asio::make_work_guard(asio_->context);
    asio_->context.run();
    current_loop = nullptr;
}

void Loop::stop() {
    asio_->context.stop();
}

void Loop::post(std::move_only_function<void()> work) {
    boost::asio::post(asio_->context, [this, work = std::move(work)]() mutable {
        work();
        drain();
    });
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
    asio_->tick.expires_at(due);
    asio_->tick.async_wait([this](boost::system::error_code error) {
        if (error) return;  // armed again for an earlier time
        armed_ = false;
        wheel_.advance(Clock::now());
        drain();
        if (!wheel_.empty() && !armed_) arm(wheel_.next_due());
    });
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
