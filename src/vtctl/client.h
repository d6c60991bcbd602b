#pragma once
// vtctldclient: its command line, and one command of it against a control plane (vttablet-contract
// 5).
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "servenv/process_flags.h"
#include "servenv/rpc_flags.h"
#include "vtctl/control.h"

namespace sluice::vtctl {

// Flags that every command has. "none" behind a field: accepted, without effect.
struct ClientFlags {
    std::string server;  // apps/vtctldclient
    servenv::Duration action_timeout{std::chrono::hours(1)};
    bool compact = false;
    std::string topo_implementation = "etcd2";  // these three for --server internal
    std::vector<std::string> topo_global_server_address{"localhost:2379"};
    std::string topo_global_root = "/vitess/global";
    servenv::RpcClientFlags rpc;                 // apps/vtctldclient; vtctld_grpc_*
    std::int64_t max_message_size = 16'777'216;  // apps/vtctldclient
    servenv::LogFlags log;
    std::string protocol = "grpc";                       // vtctl_client_protocol
    std::string log_link;                                // none
    std::int64_t log_buffer_level = 0;                   // none
    bool enable_tracing = false;                         // none
    bool prometheus = false;                             // none
    std::string mysql_server_version = "8.0.30-Vitess";  // none
    std::string security_policy;                         // none
};

// Where the output of a command goes, as it comes.
struct Output {
    std::function<void(std::string_view text)> print;                        // stdout
    std::function<void(log::Severity severity, std::string_view text)> log;  // a line of a log
};

// The way to a control plane.
class Caller {
 public:
    Caller() = default;
    Caller(const Caller&) = delete;
    Caller& operator=(const Caller&) = delete;
    virtual ~Caller() = default;
    // `method` is a method's name, "AddCellInfo"; request and answer are protobuf. An error is as
    // the user shall read it.
    virtual Task<Result<std::string>> call(std::string method, std::string request, Stop* stop) = 0;
    // A command line for vtctlclient, which the control plane reads (vtctlservice.Vtctl);
    // `listener` hears what it tells.
    virtual Task<Result<void>> run_command(std::vector<std::string> words, Listener listener,
                                           Stop* stop) = 0;
};

// A command line that has been understood.
class Invocation {
 public:
    Invocation();
    Invocation(Invocation&&) noexcept;
    ~Invocation();

    // What is to be said at once instead of a run: help, the version, or what is wrong with the
    // command line. Otherwise nothing.
    struct Answer {
        std::string out;
        std::string usage;           // to stderr, before the error
        std::optional<Error> error;  // the exit status is 1
    };
    std::optional<Answer> parse(const std::vector<std::string>& arguments);

    const ClientFlags& flags() const;
    // False: the command answers by itself.
    bool needs_server() const;
    // Runs the command; it may print something before it fails. An error's text is one line for the
    // user. `output` outlives the task.
    Task<Result<void>> run(Caller* caller, const Output* output, Stop* stop);

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace sluice::vtctl
