#pragma once
// The life of a program: hooks at fixed points in v21's order, signals, time-outs, the web pages
// (vtgate-contract 2.1 to 2.3).
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "async/stop.h"
#include "async/task.h"
#include "async/wait_queue.h"
#include "servenv/admin_server.h"
#include "servenv/program_flags.h"

namespace sluice::servenv {

class Process {
 public:
    // A step ends early when its stop is requested: its phase's time is up.
    using Step = std::move_only_function<async::Task<Result<void>>(async::Stop*)>;

    Process(std::string program, ProcessFlags flags);
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    AdminServer& admin() { return admin_; }

    // Names are literals, for the log.
    void on_init(const char* name, Step step);       // one after the other, before anything else
    void on_run(const char* name, Step step);        // at the same time; then the web pages open
    void on_term(const char* name, Step step);       // SIGTERM or SIGINT: not waited for
    void on_term_sync(const char* name, Step step);  // then: waited for up to onterm_timeout
    void on_close(const char* name, Step step);      // after the web pages: up to onclose_timeout
    void on_hangup(std::function<void()> reload);    // SIGHUP: read files again

    // Limits, SIGPIPE, the warning about root, the pid file, then the init steps. An error: exit
    // with 1.
    async::Task<Result<void>> init();
    // From the run steps to the end; on the loop of the web pages. Returns the exit status.
    async::Task<int> run();
    // Both. A failed init is a fatal log line and the exit status 1.
    async::Task<int> live();
    // What a signal does, for tests and for parts that must end the program. On the loop of run().
    void shut_down();
    // From the signal on: clients drain, new ones should go elsewhere.
    bool ending() const { return ending_.requested(); }

 private:
    struct Named {
        const char* name;
        Step step;
    };
    struct Batch;

    static std::unique_ptr<Batch> start(std::vector<Named>& steps);
    static async::Task<void> run_one(Batch* batch, Named* named);
    // False if the time ran out.
    static async::Task<bool> finish(std::unique_ptr<Batch> batch, Duration limit,
                                    std::string phase);
    async::Task<void> wait_for_signals(class ProcessSignals* signals);
    void create_pid_file();

    std::string program_;
    ProcessFlags flags_;
    AdminServer admin_;
    std::vector<Named> init_;
    std::vector<Named> run_;
    std::vector<Named> term_;
    std::vector<Named> term_sync_;
    std::vector<Named> close_;
    std::vector<std::function<void()>> hangup_;
    bool has_pid_file_ = false;
    async::Stop ending_;
    async::WaitQueue ended_;
};

}  // namespace sluice::servenv
