#pragma once
// A process that we have started, on the loop that made this: it tells when it has ended.
#include <memory>

#include <sys/types.h>

#include "async/stop.h"
#include "async/task.h"

namespace sluice::mysqlctl {

using async::Stop;
using async::Task;

class Child {
 public:
    // RESOURCE_EXHAUSTED if the kernel gives no descriptor for it.
    static Result<std::unique_ptr<Child>> adopt(pid_t pid);
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    // The process goes on.
    ~Child();

    // Waits for its end, which may have been before. The stop's error.
    Task<Result<void>> wait(Stop* stop);
    bool ended() const;
    // "exit status 1" or "signal: Killed"; after its end.
    const char* end_text() const;
    // SIGTERM, if it has not ended.
    void terminate();

 private:
    struct State;
    explicit Child(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace sluice::mysqlctl
