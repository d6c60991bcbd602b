#pragma once
// Loop: one thread's event loop; there is one per core, and a connection lives and dies on one.
// Code runs on a loop only in completions, so nothing that belongs to a loop needs a lock. Loops
// talk to each other by post().
#include <array>
#include <atomic>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include <sys/epoll.h>

#include "async/task.h"
#include "async/timer_wheel.h"

namespace sluice::async {

// Who is told what epoll says of a descriptor; lives inside the descriptor's owner.
struct Watched {
    int descriptor = -1;
    // `events` are epoll's: EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLERR, EPOLLHUP.
    void (*on_events)(Watched* self, std::uint32_t events) = nullptr;
};

class Loop {
 public:
    explicit Loop(std::size_t index = 0);
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    ~Loop();

    // Runs on the calling thread until stop(). Completions of everything that was started run here.
    void run();
    // From any thread. Before run(), it ends the next run at once.
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
    // Resumes `frame` when all that this turn has found has been told, before the kernel is asked
    // again: for who sends together what many have to say.
    void resume_last(std::coroutine_handle<> frame) { last_.push_back(frame); }
    // A completion's way into coroutines: resumes `frame`, then everything that became ready.
    void enter(std::coroutine_handle<> frame);

    // From now on `watched` is told of the edges of its descriptor (EPOLLET): when bytes arrive and
    // when the other side ends; of room to write only while it asks. False if the kernel refuses.
    bool watch(Watched* watched);
    void want_writable(Watched* watched, bool wanted);
    // Before the descriptor is closed: nothing more is told, not even what has been found already.
    void forget(Watched* watched);
    // Tells `watched` EPOLLIN in the next turn: for who has had a fair share of this one and may
    // have more to read.
    void tell_again(Watched* watched) { again_.push_back(watched); }
    // Counts how often the loop has asked the kernel; fair shares are measured by it.
    std::uint64_t turn() const { return turn_; }

 private:
    void take_turn();
    void run_posts();
    void run_last();
    void tell(Watched* watched, std::uint32_t events) { watched->on_events(watched, events); }
    void wake();
    void drain();
    void arm(Clock::time_point due);
    void ring();

    std::size_t index_;
    int epoll_ = -1;
    Watched waker_;  // an eventfd that other threads write to
    struct Alarm : Watched {
        Loop* loop = nullptr;
    } alarm_;  // a timerfd, for the wheel's next entry

    std::array<epoll_event, 128> events_{};  // of this turn
    std::size_t next_event_ = 0;
    std::size_t event_count_ = 0;
    std::vector<Watched*> again_;
    std::uint64_t turn_ = 0;

    std::mutex posts_mutex_;
    std::vector<std::move_only_function<void()>> posts_;
    std::vector<std::move_only_function<void()>> taken_posts_;  // those that run now
    std::atomic<bool> posted_ = false;
    std::atomic<bool> stopping_ = false;

    TimerWheel wheel_;
    bool armed_ = false;
    Clock::time_point armed_for_;  // the alarm rings then, if armed
    std::vector<std::coroutine_handle<>> ready_;
    std::size_t next_ready_ = 0;
    std::vector<std::coroutine_handle<>> last_;
    std::vector<std::coroutine_handle<>> taken_last_;  // those that run now
    bool draining_ = false;
};

// Starts `task` on `loop` and blocks the calling thread, which runs the loop until the task has
// ended. For tests and for start-up code.
void run_until_done(Loop& loop, Task<void> task);

}  // namespace sluice::async
