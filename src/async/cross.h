#pragma once
// Between threads: work on another loop or on the blocking pool, awaited from the loop that asks.
// No locks in rooms: cores talk by messages.
#include <coroutine>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include "async/loop.h"

namespace sluice::async {

// Runs `work` on the pool of threads for what blocks (files, SQLite, DNS, passwords). The pool has
// a few threads and lives as long as the process.
void run_blocking(std::move_only_function<void()> work);

namespace detail {

template <class Work>
struct RemoteCall {
    using Value = std::invoke_result_t<Work&>;
    static_assert(!std::is_void_v<Value>, "return a value, e.g. a Result<void>");

    Work work;
    Loop* target;  // null: the blocking pool
    std::optional<Value> value;

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> frame) {
        Loop* home = &Loop::current();
        auto run = [this, frame, home] {
            value.emplace(work());
            home->post([frame] { Loop::current().enter(frame); });
        };
        if (target != nullptr) {
            target->post(std::move(run));
        } else {
            run_blocking(std::move(run));
        }
    }
    Value await_resume() { return std::move(*value); }
};

}  // namespace detail

// co_await blocking([...] { return Result<Rows>(...); }): runs the (plain) function on the blocking
// pool.
template <class Work>
auto blocking(Work work) {
    return detail::RemoteCall<Work>{std::move(work), nullptr, std::nullopt};
}

// co_await on_loop(&loop, [...] { return ...; }): runs the (plain) function on another core's loop.
template <class Work>
auto on_loop(Loop* target, Work work) {
    return detail::RemoteCall<Work>{std::move(work), target, std::nullopt};
}

}  // namespace sluice::async
