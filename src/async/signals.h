#pragma once
// Process signals as a coroutine's events.
#include <initializer_list>
#include <memory>

#include "async/task.h"

namespace sluice::async {

class Signals {
 public:
    // From now on the signals no longer have their default effect. One object per process.
    explicit Signals(std::initializer_list<int> numbers);
    ~Signals();
    // The next signal's number; 0 after cancel().
    Task<int> next();
    void cancel();

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace sluice::async
