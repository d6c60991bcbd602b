// Roots of coroutine trees: sessions, fan-outs, background loops.
#include "async/scope.h"

#include <cstdio>

#include "async/loop.h"

namespace sluice::async {

// A coroutine that nobody awaits: it starts at once and frees itself.
struct ScopeRoot {
    struct promise_type : detail::PooledFrame {
        ScopeRoot get_return_object() const noexcept { return {}; }
        std::suspend_never initial_suspend() const noexcept { return {}; }
        std::suspend_never final_suspend() const noexcept { return {}; }
        void return_void() const noexcept {}
        void unhandled_exception() const noexcept { std::terminate(); }
    };

    static ScopeRoot run(Scope* scope, const char* name, Task<void> task) {
        try {
            co_await std::move(task);
        } catch (const std::exception& error) {
            std::fprintf(stderr, "task %s ended by an exception: %s\n", name, error.what());
        }
        // The task's frame dies before the scope is told, so a joiner may free what the task used.
        task = Task<void>();
        scope->finished();
    }
};

void Scope::spawn(const char* name, Task<void> task) {
    ++running_;
    ScopeRoot::run(this, name, std::move(task));
}

void Scope::finished() {
    --running_;
    if (running_ == 0 && waiter_) Loop::current().resume_soon(std::exchange(waiter_, nullptr));
}

}  // namespace sluice::async
