#pragma once
// Answers of one loop whose rows wait for more rows of their shards: none waits longer than
// --mysql_server_flush_delay. One timer for all of them, so that an answer which is complete at
// once costs a link and an unlink.
#include <chrono>

#include "async/loop.h"
#include "async/timer_wheel.h"

namespace sluice::front {

class FlushQueue {
 public:
    class Entry {
     public:
        Entry() = default;
        Entry(const Entry&) = delete;
        Entry& operator=(const Entry&) = delete;
        bool queued() const { return before_ != nullptr; }
        void leave();

     protected:
        ~Entry() { leave(); }
        // The entry has left the queue.
        virtual void flush_due() {}

     private:
        friend class FlushQueue;
        Entry* before_ = nullptr;
        Entry* after_ = nullptr;
        bool seen_ = false;  // by the tick before
    };

    FlushQueue();
    FlushQueue(const FlushQueue&) = delete;
    FlushQueue& operator=(const FlushQueue&) = delete;

    // Calls flush_due() between half the delay and the whole of it from now, give or take a tick of
    // the loop's timers. Zero: never. All entries have one delay.
    void enter(Entry* entry, std::chrono::milliseconds delay);

 private:
    struct Tick : async::Timer {
        explicit Tick(FlushQueue* owner) : Timer(&Tick::fire), queue(owner) {}
        static void fire(async::Timer* timer) { static_cast<Tick*>(timer)->queue->tick(); }
        FlushQueue* queue;
    };
    struct Head : Entry {};

    void tick();

    std::chrono::milliseconds delay_{0};
    Head head_;
    Tick timer_;
};

}  // namespace sluice::front
