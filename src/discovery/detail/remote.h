#pragma once
// A coroutine on another loop, awaited from the loop that asks.
#include <coroutine>
#include <optional>

#include "async/loop.h"
#include "async/scope.h"

namespace sluice::discovery {

// co_await RemoteTask<T>(&loop, &scope, task): runs `task` on `loop`, in a scope that belongs to
// that loop. T is a value.
template <class T>
class RemoteTask {
 public:
    RemoteTask(async::Loop* loop, async::Scope* scope, async::Task<T> task)
        : loop_(loop), scope_(scope), task_(std::move(task)) {}

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> frame) {
        async::Loop* home = &async::Loop::current();
        loop_->post([this, frame, home] { scope_->spawn("remote", run(this, frame, home)); });
    }
    T await_resume() { return std::move(*value_); }

 private:
    static async::Task<void> run(RemoteTask* self, std::coroutine_handle<> frame,
                                 async::Loop* home) {
        self->value_.emplace(co_await std::move(self->task_));
        home->post([frame] { async::Loop::current().enter(frame); });
    }

    async::Loop* loop_;
    async::Scope* scope_;
    async::Task<T> task_;
    std::optional<T> value_;
};

}  // namespace sluice::discovery
