// Start and end of a process. Before: apps/*/main.cc.
#include "servenv/process.h"

#include <algorithm>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "async/deadline.h"
#include "async/scope.h"
#include "async/signals.h"
#include "base/log.h"
#include "servenv/version.h"

namespace sluice::servenv {
namespace {

// What steps get after their time is up, to let go of things.
constexpr std::chrono::milliseconds grace{500};

void raise_file_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        log::warning(std::string("cannot raise the limit of open files: ") + std::strerror(errno));
    }
}

}  // namespace

// Steps that run at the same time.
struct Process::Batch {
    async::Scope scope;
    async::Stop stop;
    async::WaitQueue done;
    std::size_t left = 0;
    bool failed = false;
};

class ProcessSignals : public async::Signals {
 public:
    ProcessSignals() : async::Signals({SIGTERM, SIGINT, SIGHUP}) {}
};

Process::Process(std::string program, ProcessFlags flags)
    : program_(std::move(program)),
      flags_(std::move(flags)),
      admin_(program_, flags_.security_policy) {}

void Process::on_init(const char* name, Step step) {
    init_.push_back({name, std::move(step)});
}
void Process::on_run(const char* name, Step step) {
    run_.push_back({name, std::move(step)});
}
void Process::on_term(const char* name, Step step) {
    term_.push_back({name, std::move(step)});
}
void Process::on_term_sync(const char* name, Step step) {
    term_sync_.push_back({name, std::move(step)});
}
void Process::on_close(const char* name, Step step) {
    close_.push_back({name, std::move(step)});
}
void Process::on_hangup(std::function<void()> reload) {
    hangup_.push_back(std::move(reload));
}

void Process::create_pid_file() {
    if (flags_.pid_file.empty()) return;
    const int descriptor =
        ::open(flags_.pid_file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
    if (descriptor < 0) {
        log::error("Unable to create pid file '" + flags_.pid_file + "': " + std::strerror(errno));
        return;
    }
    has_pid_file_ = true;
    const std::string text = std::to_string(getpid()) + "\n";
    if (::write(descriptor, text.data(), text.size()) < 0) {
        log::error("Unable to write pid file '" + flags_.pid_file + "': " + std::strerror(errno));
    }
    ::close(descriptor);
}

async::Task<Result<void>> Process::init() {
    // A peer that is gone is an error of the write, never a signal.
    std::signal(SIGPIPE, SIG_IGN);
    raise_file_limit();
    log::info(program_ + " " + version_text());
    if (geteuid() == 0) {
        log::warning("running as root is not needed; a user of its own is safer");
    }
    create_pid_file();
    async::Stop never;
    for (Named& step : init_) {
        auto outcome = co_await step.step(&never);
        if (!outcome) {
            if (has_pid_file_) ::unlink(flags_.pid_file.c_str());
            co_return outcome;
        }
    }
    co_return Result<void>{};
}

std::unique_ptr<Process::Batch> Process::start(std::vector<Named>& steps) {
    auto batch = std::make_unique<Batch>();
    batch->left = steps.size();
    for (Named& step : steps) batch->scope.spawn(step.name, run_one(batch.get(), &step));
    return batch;
}

async::Task<void> Process::run_one(Batch* batch, Named* named) {
    const auto outcome = co_await named->step(&batch->stop);
    if (!outcome) {
        log::error(std::string(named->name) + ": " + outcome.error().text);
        batch->failed = true;
    }
    if (--batch->left == 0) batch->done.wake_all();
}

async::Task<bool> Process::finish(std::unique_ptr<Batch> batch, Duration limit, std::string phase) {
    for (const Duration patience : {limit, Duration(grace)}) {
        if (batch->left == 0) break;
        async::Stop late;
        // A Deadline takes zero for no limit; here it means at once.
        const async::Deadline deadline(&late, std::max(patience, Duration(1)),
                                       make_error(Code::deadline_exceeded, ""));
        const bool in_time = (co_await batch->done.wait(&late)).has_value();
        if (in_time || batch->stop.requested()) continue;
        log::info(phase + " hooks timed out");
        batch->stop.request(make_error(Code::deadline_exceeded, er::server_shutdown,
                                       "Server shutdown in progress"));
    }
    if (batch->left != 0) {
        // Steps that do not stop are left behind; the process ends soon.
        log::error(phase + " hooks still run");
        static_cast<void>(batch.release());
        co_return false;
    }
    const bool in_time = !batch->stop.requested();
    co_await batch->scope.join();
    co_return in_time;
}

async::Task<void> Process::wait_for_signals(ProcessSignals* signals) {
    while (const int number = co_await signals->next()) {
        if (number == SIGHUP) {
            for (const auto& reload : hangup_) reload();
        } else {
            shut_down();
        }
    }
}

void Process::shut_down() {
    if (ending_.requested()) return;
    ending_.request(
        make_error(Code::unavailable, er::server_shutdown, "Server shutdown in progress"));
}

async::Task<int> Process::run() {
    ProcessSignals signals;
    async::Scope scope;
    async::Stop pages_stop;
    scope.spawn("signals", wait_for_signals(&signals));

    auto starting = start(run_);
    if (starting->left != 0) static_cast<void>(co_await starting->done.wait(nullptr));
    bool failed = starting->failed;
    co_await starting->scope.join();
    if (!failed) {
        const auto port = admin_.open(flags_.bind_address, static_cast<std::uint16_t>(flags_.port));
        failed = !port.has_value();
        if (port) {
            log::info("web pages on port " + std::to_string(*port));
            scope.spawn("web pages", admin_.serve(&pages_stop));
            static_cast<void>(co_await ended_.wait(&ending_));
        } else {
            log::error(port.error().text);
        }
    }

    log::info("Entering lameduck mode for at least " + to_text(flags_.lameduck_period));
    const auto began = async::Clock::now();
    auto terminating = start(term_);
    static_cast<void>(co_await finish(start(term_sync_), flags_.onterm_timeout, "OnTermSync"));
    const auto rest = flags_.lameduck_period - (async::Clock::now() - began);
    if (rest > Duration::zero() && !failed) static_cast<void>(co_await async::pause(rest, nullptr));
    pages_stop.request(make_error(Code::unavailable, "Server shutdown in progress"));
    static_cast<void>(co_await finish(start(close_), flags_.onclose_timeout, "OnClose"));
    static_cast<void>(co_await finish(std::move(terminating), flags_.onclose_timeout, "OnTerm"));
    if (has_pid_file_) ::unlink(flags_.pid_file.c_str());
    signals.cancel();
    co_await scope.join();
    co_return failed ? 1 : 0;
}

async::Task<int> Process::live() {
    const auto ready = co_await init();
    if (ready) co_return co_await run();
    log::write(log::Severity::fatal, ready.error().text, std::source_location::current());
    co_return 1;
}

}  // namespace sluice::servenv
