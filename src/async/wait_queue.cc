// Under the waits of a request that another request ends: a connection of a pool, a block of a
// sequence.
#include "async/wait_queue.h"

namespace sluice::async {
namespace {

struct Alarm : Timer {
    Alarm() : Timer(&Alarm::ring) {}
    static void ring(Timer* timer) { static_cast<Alarm*>(timer)->queue.wake_all(); }

    WaitQueue queue;
};

}  // namespace

Task<Result<void>> pause(Clock::duration delay, Stop* stop) {
    Alarm alarm;
    Loop::current().set_timer(&alarm, delay);
    co_return co_await alarm.queue.wait(stop);
}

}  // namespace sluice::async
