// Beside a request: SIGTERM, SIGINT and SIGHUP, as the program's loop sees them.
#include "async/signals.h"

#include <boost/asio/signal_set.hpp>

#include "async/detail/asio.h"

namespace sluice::async {

struct Signals::State {
    boost::asio::signal_set set{Loop::current().asio().context};
};

Signals::Signals(std::initializer_list<int> numbers) : state_(std::make_unique<State>()) {
    for (const int number : numbers) state_->set.add(number);
}

Signals::~Signals() = default;

void Signals::cancel() {
    state_->set.cancel();
}

namespace {

struct NextSignal {
    boost::asio::signal_set* set;
    int number = 0;

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> frame) {
        set->async_wait([this, frame](boost::system::error_code error, int received) {
            number = error ? 0 : received;
            Loop::current().enter(frame);
        });
    }
    int await_resume() const noexcept { return number; }
};

}  // namespace

Task<int> Signals::next() {
    co_return co_await NextSignal{&state_->set};
}

}  // namespace sluice::async
