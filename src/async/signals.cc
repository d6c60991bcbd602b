// Beside a request: SIGTERM, SIGINT and SIGHUP, as the program's loop sees them.
#include "async/signals.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <vector>

#include <sys/socket.h>
#include <unistd.h>

#include "async/socket.h"

namespace sluice::async {
namespace {

// Where the handler writes the numbers that come; -1 while nobody listens.
std::atomic<int> handler_end = -1;

void on_signal(int number) {
    const int kept = errno;
    const auto byte = static_cast<std::uint8_t>(number);
    // A full buffer means that hundreds wait to be seen already.
    static_cast<void>(::write(handler_end.load(), &byte, 1) < 0);
    errno = kept;
}

}  // namespace

struct Signals::State {
    struct Taken {
        int number = 0;
        struct sigaction before = {};
    };
    int written = -1;
    Socket read;
    Stop canceled;
    std::vector<Taken> taken;
};

Signals::Signals(std::initializer_list<int> numbers) : state_(std::make_unique<State>()) {
    int ends[2];
    VT_ASSERT(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    state_->read = Socket(ends[0]);
    state_->written = ends[1];
    VT_ASSERT(handler_end.exchange(ends[1]) == -1);
    struct sigaction action = {};
    action.sa_handler = &on_signal;
    action.sa_flags = SA_RESTART;
    for (const int number : numbers) {
        State::Taken& taken = state_->taken.emplace_back();
        taken.number = number;
        VT_ASSERT(::sigaction(number, &action, &taken.before) == 0);
    }
}

Signals::~Signals() {
    for (const State::Taken& taken : state_->taken)
        ::sigaction(taken.number, &taken.before, nullptr);
    handler_end.store(-1);
    ::close(state_->written);
}

void Signals::cancel() {
    state_->canceled.request(make_error(Code::canceled, "nobody waits for signals any more"));
}

Task<int> Signals::next() {
    for (;;) {
        if (!co_await state_->read.readable(&state_->canceled)) co_return 0;
        std::uint8_t number = 0;
        const Result<std::size_t> count = state_->read.read_now({&number, 1});
        if (!count) co_return 0;
        if (*count == 1) co_return number;
    }
}

}  // namespace sluice::async
