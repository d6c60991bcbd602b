#pragma once
// HomeLoop: a thread with a loop for what must outlive any caller's loop.
#include <thread>

#include "async/loop.h"
#include "async/visit.h"

namespace sluice::topo::detail {

class HomeLoop {
 public:
    HomeLoop() : thread_([this] { loop_.run(); }) {}
    HomeLoop(const HomeLoop&) = delete;
    HomeLoop& operator=(const HomeLoop&) = delete;
    // Whatever runs there must have ended. Not from the thread itself.
    ~HomeLoop() {
        loop_.stop();
        thread_.join();
    }
    async::Loop& loop() { return loop_; }

 private:
    async::Loop loop_;
    std::thread thread_;
};

using async::Visit;

}  // namespace sluice::topo::detail
