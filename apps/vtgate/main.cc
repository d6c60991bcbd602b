// vtgate: the sharding gateway.
#include <cstdio>
#include <string>
#include <vector>

#include "base/log.h"
#include "gate.h"
#include "servenv/glog.h"
#include "servenv/machine.h"
#include "servenv/pages.h"
#include "servenv/version.h"

namespace sluice::vtgate {
namespace {

constexpr const char* summary =
    "VTGate is a stateless proxy responsible for accepting requests from applications and routing "
    "them to the appropriate "
    "tablet server(s) for query execution. It speaks both the MySQL Protocol and a gRPC protocol.";

Task<void> run(servenv::Process* process, Gate* gate, int* status) {
    const Result<void> ready = co_await process->init();
    if (!ready) {
        log::error(ready.error().text);
        *status = 1;
        co_return;
    }
    *status = co_await process->run();
}

void add_steps(servenv::Process& process, Gate& gate) {
    process.on_init("gate", [&gate](Stop* stop) { return gate.start(stop); });
    process.on_run("mysql", [&gate](Stop* stop) { return gate.open_listeners(stop); });
    process.on_term_sync("mysql", [&gate](Stop* stop) { return gate.close_listeners(stop); });
    process.on_close("sessions", [&gate](Stop* stop) { return gate.close_sessions(stop); });
    process.on_hangup([&gate] { gate.reload_users(); });
}

// After the process has ended, on its loop: what was started belongs to somebody who waits for it.
Task<void> end(Gate* gate) {
    Stop unlimited;
    co_await gate->close_sessions(&unlimited);
    co_await gate->close(&unlimited);
}

Task<void> whole(servenv::Process* process, Gate* gate, int* status) {
    co_await run(process, gate, status);
    co_await end(gate);
}

int main_of(const std::vector<std::string>& arguments) {
    servenv::VtgateFlags flags;
    // Straight to MySQL the gate holds what many tablets would: as many transactions on a shard as
    // a server with max_connections = 151 carries beside the pool, and waiting instead of refusing.
    flags.tablet.transaction_cap = 128;
    flags.tablet.transaction_pool_timeout = std::chrono::seconds(30);
    servenv::FlagSet set("vtgate", summary);
    servenv::add_flags(set, flags);
    Result<servenv::FlagSet::Request> request = set.parse(arguments);
    if (request && *request == servenv::FlagSet::Request::help) {
        std::fputs(set.help().c_str(), stdout);
        return 0;
    }
    if (request && *request == servenv::FlagSet::Request::version) {
        std::printf("vtgate version %s\n", servenv::version_text().c_str());
        return 0;
    }
    if (!request) {
        std::fputs(set.usage_failure(request.error()).c_str(), stderr);
        return 1;
    }
    servenv::start_logging(flags.log, "vtgate");
    if (const Result<void> valid = servenv::validate(flags); !valid)
        servenv::exit_with(1, valid.error().text);
    const servenv::Machine machine = servenv::read_machine();
    const std::size_t loops = servenv::choose_loops(machine, flags.process.loops);
    Gate gate(&flags, loops, servenv::choose_memory_limit(machine, flags.process.memory_limit));
    servenv::Process process("vtgate", flags.process);
    servenv::Metrics metrics("vtgate", loops);
    metrics.add_process_metrics();
    add_metrics(metrics, &gate);
    servenv::add_standard_pages(process.admin(), &metrics);
    add_pages(process.admin(), &gate);
    add_steps(process, gate);
    gate.start_threads();
    int status = 1;
    run_until_done(gate.main_loop(), whole(&process, &gate, &status));
    gate.stop_threads();
    servenv::flush_logs();
    return status;
}

}  // namespace
}  // namespace sluice::vtgate

int main(int count, char** words) {
    return sluice::vtgate::main_of(std::vector<std::string>(words + 1, words + count));
}
