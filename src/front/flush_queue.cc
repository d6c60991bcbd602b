// Beside step 10 of a request: rows that wait for more rows leave in time.
#include "front/flush_queue.h"

namespace sluice::front {

void FlushQueue::Entry::leave() {
    if (before_ == nullptr) return;
    before_->after_ = after_;
    after_->before_ = before_;
    before_ = after_ = nullptr;
}

FlushQueue::FlushQueue() : timer_(this) {
    head_.before_ = head_.after_ = &head_;
}

void FlushQueue::enter(Entry* entry, std::chrono::milliseconds delay) {
    if (delay.count() <= 0 || entry->queued()) return;
    delay_ = delay;
    entry->seen_ = false;
    entry->before_ = head_.before_;
    entry->after_ = &head_;
    head_.before_->after_ = entry;
    head_.before_ = entry;
    if (!timer_.set()) async::Loop::current().set_timer(&timer_, delay_ / 2);
}

void FlushQueue::tick() {
    // The oldest are first; what came since the last tick is left for the next.
    while (head_.after_ != &head_ && head_.after_->seen_) {
        Entry* entry = head_.after_;
        entry->leave();
        entry->flush_due();
    }
    for (Entry* entry = head_.after_; entry != &head_; entry = entry->after_) entry->seen_ = true;
    if (head_.after_ != &head_) async::Loop::current().set_timer(&timer_, delay_ / 2);
}

}  // namespace sluice::front
