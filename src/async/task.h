#pragma once
// Task<T>: a lazy coroutine. It starts when it is awaited, runs on its awaiter's loop, and hands
// control back by symmetric transfer. Frames come from the loop's pool. A Task is awaited at most
// once; a Task that is never awaited never starts. Parameters of a Task function are values, or
// pointers to what outlives it (style rule 11). A plain function that usually need not wait may
// return done() or another function's Task: it runs when it is called, and costs no frame.
#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "async/frame_pool.h"
#include "base/assert.h"
#include "base/error.h"

namespace sluice::async {

namespace detail {

struct PooledFrame {
    static void* operator new(std::size_t size) { return allocate_frame(size); }
    static void operator delete(void* block, std::size_t size) noexcept { free_frame(block, size); }
};

struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) const noexcept {
        return self.promise().continuation;
    }
    void await_resume() const noexcept {}
};

struct PromiseBase : PooledFrame {
    std::coroutine_handle<> continuation = std::noop_coroutine();
    std::exception_ptr exception;

    std::suspend_always initial_suspend() const noexcept { return {}; }
    FinalAwaiter final_suspend() const noexcept { return {}; }
    // Rooms report by Result; what is thrown all the same ends at the Scope that started the task.
    void unhandled_exception() noexcept { exception = std::current_exception(); }
};

template <class T>
struct Promise : PromiseBase {
    std::optional<T> value;
    template <class U>
    void return_value(U&& result) {
        value.emplace(std::forward<U>(result));
    }
    T take() { return std::move(*value); }
};

template <>
struct Promise<void> : PromiseBase {
    void return_void() const noexcept {}
    void take() const noexcept {}
};

}  // namespace detail

template <class T>
class [[nodiscard]] Task {
 public:
    struct promise_type : detail::Promise<T> {
        Task get_return_object() {
            return Task(std::coroutine_handle<promise_type>::from_promise(*this));
        }
    };

    Task() = default;
    // Has ended already, with T{} (a Result<void>: success).
    static Task done() {
        Task task;
        task.done_ = true;
        return task;
    }
    Task(Task&& other) noexcept
        : frame_(std::exchange(other.frame_, nullptr)), done_(std::exchange(other.done_, false)) {}
    Task& operator=(Task&& other) noexcept {
        if (this != &other) {
            if (frame_) frame_.destroy();
            frame_ = std::exchange(other.frame_, nullptr);
            done_ = std::exchange(other.done_, false);
        }
        return *this;
    }
    ~Task() {
        if (frame_) frame_.destroy();
    }

    auto operator co_await() && noexcept {
        struct Awaiter {
            std::coroutine_handle<promise_type> frame;
            bool await_ready() const noexcept { return !frame; }
            std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) const noexcept {
                frame.promise().continuation = awaiting;
                return frame;
            }
            T await_resume() const {
                if constexpr (std::is_void_v<T> || std::is_default_constructible_v<T>) {
                    if (!frame) return T();
                }
                if (frame.promise().exception) std::rethrow_exception(frame.promise().exception);
                return frame.promise().take();
            }
        };
        VT_ASSERT(frame_ || done_);
        return Awaiter{frame_};
    }

 private:
    explicit Task(std::coroutine_handle<promise_type> frame) : frame_(frame) {}
    std::coroutine_handle<promise_type> frame_;
    bool done_ = false;
};

}  // namespace sluice::async
