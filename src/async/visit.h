#pragma once
// Visit: a coroutine that runs on another loop, awaited from the loop that asks.
#include <coroutine>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "async/loop.h"
#include "async/scope.h"
#include "async/stop.h"

namespace sluice::async {

// co_await Visit<T>(loop, scope, begin, stop): runs begin(Stop*), a Task<T>, in a scope of that
// loop, and waits for its end. T is a Result. The visit's own Stop follows the caller's one, so a
// stopped visit ends as soon as the task has noticed; the caller always waits for that, which is
// why the task may use what lives in the caller's frame.
template <class T>
class [[nodiscard]] Visit : StopNode {
 public:
    using Begin = std::move_only_function<Task<T>(Stop*)>;
    Visit(Loop* home, Scope* scope, Begin begin, Stop* stop)
        : home_(home),
          scope_(scope),
          begin_(std::move(begin)),
          stop_(stop),
          shared_(std::make_shared<Shared>()) {
        on_stop = &Visit::stopped;
    }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

    bool await_ready() const noexcept { return stop_ != nullptr && stop_->requested(); }
    void await_suspend(std::coroutine_handle<> caller) {
        caller_ = caller;
        caller_loop_ = &Loop::current();
        if (stop_ != nullptr) stop_->add(this);
        home_->post([this] { scope_->spawn("visit", perform(this, shared_)); });
    }
    T await_resume() {
        unlink();
        if (!shared_->value) return std::unexpected(stop_->error());
        return std::move(*shared_->value);
    }

 private:
    // Lives until the last message about it has been read, on whichever loop.
    struct Shared {
        Stop stop;
        std::optional<T> value;
    };
    static Task<void> perform(Visit* visit, std::shared_ptr<Shared> shared) {
        shared->value.emplace(co_await visit->begin_(&shared->stop));
        visit->caller_loop_->post([caller = visit->caller_] { Loop::current().enter(caller); });
    }
    static void stopped(StopNode* node) {
        auto* self = static_cast<Visit*>(node);
        self->home_->post([shared = self->shared_, error = self->stop_->error()] {
            shared->stop.request(error);
        });
    }

    Loop* home_;
    Scope* scope_;
    Begin begin_;
    Stop* stop_;
    std::shared_ptr<Shared> shared_;
    Loop* caller_loop_ = nullptr;
    std::coroutine_handle<> caller_;
};

}  // namespace sluice::async
