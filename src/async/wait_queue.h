#pragma once
// WaitQueue: coroutines of one loop waiting in turn, each with its Stop. Pools, channels and events
// are made of it.
#include <coroutine>
#include <utility>

#include "async/loop.h"
#include "async/stop.h"

namespace sluice::async {

class WaitQueue {
 public:
    class Waiter : StopNode {
     public:
        Waiter(WaitQueue* queue, Stop* stop) : queue_(queue), stop_(stop) {
            on_stop = &Waiter::stopped;
        }
        Waiter(const Waiter&) = delete;
        Waiter& operator=(const Waiter&) = delete;

        bool await_ready() const noexcept { return stop_ != nullptr && stop_->requested(); }
        void await_suspend(std::coroutine_handle<> frame) noexcept {
            frame_ = frame;
            queue_->push(this);
            if (stop_ != nullptr) stop_->add(this);
        }
        // Ok when woken, the stop's error when stopped.
        Result<void> await_resume() {
            if (woken_) return {};
            return std::unexpected(stop_->error());
        }

     private:
        friend class WaitQueue;
        static void stopped(StopNode* node) {
            auto* self = static_cast<Waiter*>(node);
            self->queue_->remove(self);
            Loop::current().resume_soon(self->frame_);
        }

        WaitQueue* queue_;
        Stop* stop_;
        Waiter* before_ = nullptr;
        Waiter* after_ = nullptr;
        bool woken_ = false;
        std::coroutine_handle<> frame_;
    };

    WaitQueue() = default;
    WaitQueue(const WaitQueue&) = delete;
    WaitQueue& operator=(const WaitQueue&) = delete;
    ~WaitQueue() { VT_ASSERT(first_ == nullptr); }

    // co_await queue.wait(stop): Result<void>.
    Waiter wait(Stop* stop) { return Waiter(this, stop); }

    bool empty() const { return first_ == nullptr; }

    // The longest waiter goes on (after the code that runs now). False if nobody waited.
    bool wake_one() {
        Waiter* waiter = first_;
        if (waiter == nullptr) return false;
        remove(waiter);
        waiter->unlink();
        waiter->woken_ = true;
        Loop::current().resume_soon(waiter->frame_);
        return true;
    }
    void wake_all() {
        while (wake_one()) {
        }
    }

 private:
    void push(Waiter* waiter) {
        waiter->before_ = last_;
        (last_ != nullptr ? last_->after_ : first_) = waiter;
        last_ = waiter;
    }
    void remove(Waiter* waiter) {
        (waiter->before_ != nullptr ? waiter->before_->after_ : first_) = waiter->after_;
        (waiter->after_ != nullptr ? waiter->after_->before_ : last_) = waiter->before_;
        waiter->before_ = waiter->after_ = nullptr;
    }

    Waiter* first_ = nullptr;
    Waiter* last_ = nullptr;
};

// co_await yield(): lets everything that is ready run first.
inline auto yield() {
    struct Awaiter {
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<> frame) const {
            Loop::current().resume_soon(frame);
        }
        void await_resume() const noexcept {}
    };
    return Awaiter{};
}

// Pauses the current coroutine for `delay`, or until `stop`.
Task<Result<void>> pause(Clock::duration delay, Stop* stop);

}  // namespace sluice::async
