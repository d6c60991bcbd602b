#pragma once
// HomeLoop: a thread with a loop for what must outlive any caller's loop, and a way to run
// coroutines there and wait for them from whichever loop asks.
#include <coroutine>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "async/loop.h"
#include "async/scope.h"
#include "async/stop.h"

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

// co_await Visit<T>(home, scope, begin, stop): runs begin(Stop*), a Task<T>, in a scope of the home
// loop, and waits for its end. T is a Result. The visit's own Stop follows the caller's one, so a
// stopped visit ends as soon as the task has noticed; the caller always waits for that, which is
// why the task may use what lives in the caller's frame.
template <class T>
class [[nodiscard]] Visit : async::StopNode {
 public:
    using Begin = std::move_only_function<async::Task<T>(async::Stop*)>;
    Visit(HomeLoop* home, async::Scope* scope, Begin begin, async::Stop* stop)
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
        caller_loop_ = &async::Loop::current();
        if (stop_ != nullptr) stop_->add(this);
        home_->loop().post([this] { scope_->spawn("topology visit", perform(this, shared_)); });
    }
    T await_resume() {
        unlink();
        if (!shared_->value) return std::unexpected(stop_->error());
        return std::move(*shared_->value);
    }

 private:
    // Lives until the last message about it has been read, on whichever loop.
    struct Shared {
        async::Stop stop;
        std::optional<T> value;
    };
    static async::Task<void> perform(Visit* visit, std::shared_ptr<Shared> shared) {
        shared->value.emplace(co_await visit->begin_(&shared->stop));
        visit->caller_loop_->post(
            [caller = visit->caller_] { async::Loop::current().enter(caller); });
    }
    static void stopped(async::StopNode* node) {
        auto* self = static_cast<Visit*>(node);
        self->home_->loop().post([shared = self->shared_, error = self->stop_->error()] {
            shared->stop.request(error);
        });
    }

    HomeLoop* home_;
    async::Scope* scope_;
    Begin begin_;
    async::Stop* stop_;
    std::shared_ptr<Shared> shared_;
    async::Loop* caller_loop_ = nullptr;
    std::coroutine_handle<> caller_;
};

}  // namespace sluice::topo::detail
