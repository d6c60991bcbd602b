#pragma once
// Deadline: one timer that requests a Stop. A statement owns one; a zero or negative delay sets
// none.
#include <utility>

#include "async/loop.h"
#include "async/stop.h"
#include "async/timer_wheel.h"

namespace sluice::async {

class Deadline : Timer {
 public:
    // `stop` outlives the deadline. Must be made on the loop where `stop` is used.
    Deadline(Stop* stop, Clock::duration delay, Error error)
        : Timer(&Deadline::fire), stop_(stop), error_(std::move(error)) {
        begin(delay);
    }
    // The error is made when it is needed, which is hardly ever.
    Deadline(Stop* stop, Clock::duration delay, Error (*make)())
        : Timer(&Deadline::fire), stop_(stop), make_(make) {
        begin(delay);
    }

 private:
    void begin(Clock::duration delay) {
        if (delay > Clock::duration::zero()) Loop::current().set_timer(this, delay);
    }
    static void fire(Timer* timer) {
        auto* self = static_cast<Deadline*>(timer);
        self->stop_->request(self->make_ != nullptr ? self->make_() : std::move(self->error_));
    }

    Stop* stop_;
    Error (*make_)() = nullptr;
    Error error_;
};

// A Stop of a narrower wait that also ends when `outer` does: a call with a deadline of its own
// inside a statement.
class LinkedStop : StopNode {
 public:
    explicit LinkedStop(Stop* outer) : outer_(outer) {
        on_stop = &LinkedStop::on_outer;
        if (outer == nullptr) return;
        if (outer->requested()) {
            inner_.request(outer->error());
        } else {
            outer->add(this);
        }
    }
    LinkedStop(const LinkedStop&) = delete;
    LinkedStop& operator=(const LinkedStop&) = delete;
    ~LinkedStop() { unlink(); }

    Stop* get() { return &inner_; }

 private:
    static void on_outer(StopNode* node) {
        auto* self = static_cast<LinkedStop*>(node);
        self->inner_.request(self->outer_->error());
    }

    Stop* outer_;
    Stop inner_;
};

}  // namespace sluice::async
