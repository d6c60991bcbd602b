#pragma once
// Loop: one thread's event loop; there is one per core, and a connection lives and dies on one.
// Code runs on a loop only in completions, so nothing that belongs to a loop needs a lock. Loops
// talk to each other by post().
#include <coroutine>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "async/task.h"
#include "async/timer_wheel.h"

namespace sluice::async {

class Loop {
 public:
    explicit Loop(std::size_t index = 0);
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    ~Loop();

    // Runs on the calling thread until stop(). Completions of everything that was started run here.
    void run();
    // From any thread.
    void stop();
    // From any thread: `work` runs on this loop, in the order of the posts of one thread.
    void post(std::move_only_function<void()> work);

    // The loop that the calling thread runs; asserts that there is one.
    static Loop& current();
    static Loop* current_or_null();

    std::size_t index() const { return index_; }
    // Sets a timer of this loop; see TimerWheel::set.
    void set_timer(Timer* timer, Clock::duration delay);

    // Resumes `frame` when the code that runs now has come to its end; FIFO.
    void resume_soon(std::coroutine_handle<> frame) { ready_.push_back(frame); }
    // A completion's way into coroutines: resumes `frame`, then everything that became ready.
    void enter(std::coroutine_handle<> frame);

    struct Asio;
    Asio& asio() { return *asio_; }

 private:
    friend struct LoopGuard;
    void drain();
    void arm(Clock::time_point due);

    std::size_t index_;
    std::unique_ptr<Asio> asio_;
    TimerWheel wheel_;
    bool armed_ = false;
    Clock::time_point armed_for_;  // the one real timer rings then, if armed
    std::vector<std::coroutine_handle<>> ready_;
    std::size_t next_ready_ = 0;
    bool draining_ = false;
};

// Starts `task` on `loop` and blocks the calling thread, which runs the loop until the task has
// ended. For tests and for start-up code.
void run_until_done(Loop& loop, Task<void> task);

}  // namespace sluice::async
