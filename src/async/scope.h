#pragma once
// Scope: whatever is started belongs to a scope that ends after it. A scope must be joined (or have
// run empty) before it is destroyed.
#include <coroutine>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "async/task.h"

namespace sluice::async {

class Scope {
 public:
    Scope() = default;
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    ~Scope() { VT_ASSERT(running_ == 0); }

    // Starts `task` now, on the current loop, and runs it until it first waits. `name` must be a
    // literal.
    void spawn(const char* name, Task<void> task);

    std::size_t running() const { return running_; }

    // Waits until everything that was spawned has ended. One waiter at a time.
    auto join() noexcept {
        struct Awaiter {
            Scope* scope;
            bool await_ready() const noexcept { return scope->running_ == 0; }
            void await_suspend(std::coroutine_handle<> waiter) const noexcept {
                scope->waiter_ = waiter;
            }
            void await_resume() const noexcept {}
        };
        VT_ASSERT(!waiter_);
        return Awaiter{this};
    }

 private:
    friend struct ScopeRoot;
    void finished();

    std::size_t running_ = 0;
    std::coroutine_handle<> waiter_;
};

namespace detail {

template <class T>
Task<void> store_result(Task<T> task, T* into) {
    *into = co_await std::move(task);
}

}  // namespace detail

// Runs all tasks at the same time on the current loop; results come in the tasks' order. T is
// default-constructible or a Result whose value is.
template <class T>
Task<std::vector<T>> gather(std::vector<Task<T>> tasks) {
    std::vector<T> results(tasks.size());
    Scope scope;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        scope.spawn("gather", detail::store_result(std::move(tasks[i]), &results[i]));
    }
    co_await scope.join();
    co_return results;
}

}  // namespace sluice::async
