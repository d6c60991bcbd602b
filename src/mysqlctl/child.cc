// The server as a process. Before: mysqld.cc.
#include "mysqlctl/child.h"

#include <cerrno>
#include <coroutine>
#include <csignal>
#include <cstring>
#include <string>

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "async/wait_queue.h"

namespace sluice::mysqlctl {

struct Child::State : async::Watched {
    async::Loop* loop = &async::Loop::current();
    pid_t pid = -1;
    bool ended = false;
    std::string end_text;
    async::WaitQueue waiting;

    // Epoll says that the pid's descriptor is readable: the process has ended.
    static void on_end(async::Watched* watched, std::uint32_t) {
        auto* const self = static_cast<State*>(watched);
        int status = 0;
        if (self->ended || ::waitpid(self->pid, &status, WNOHANG) != self->pid) return;
        self->ended = true;
        self->end_text = WIFSIGNALED(status)
                             ? "signal: " + std::string(::strsignal(WTERMSIG(status)))
                             : "exit status " + std::to_string(WEXITSTATUS(status));
        self->waiting.wake_all();
        self->loop->enter(std::noop_coroutine());  // who goes on may drop the child
    }
};

Child::Child(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<Child>> Child::adopt(pid_t pid) {
    auto state = std::make_unique<State>();
    state->pid = pid;
    state->on_events = &State::on_end;
    state->descriptor = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    if (state->descriptor < 0)
        return fail(Code::resource_exhausted,
                    "cannot watch process " + std::to_string(pid) + ": " + std::strerror(errno));
    if (!state->loop->watch(state.get())) {
        ::close(state->descriptor);
        return fail(Code::resource_exhausted,
                    "cannot watch process " + std::to_string(pid) + ": epoll refuses it");
    }
    return std::unique_ptr<Child>(new Child(std::move(state)));
}

Child::~Child() {
    state_->loop->forget(state_.get());
    ::close(state_->descriptor);
}

Task<Result<void>> Child::wait(Stop* stop) {
    while (!state_->ended) CO_TRY(co_await state_->waiting.wait(stop));
    co_return Result<void>{};
}

bool Child::ended() const {
    return state_->ended;
}

const char* Child::end_text() const {
    return state_->end_text.c_str();
}

void Child::terminate() {
    if (!state_->ended) ::kill(state_->pid, SIGTERM);
}

}  // namespace sluice::mysqlctl
