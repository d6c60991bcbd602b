// vtgate: the sharding gateway.
#include <string>
#include <vector>

#include "base/log.h"
#include "gate.h"
#include "metrics.h"
#include "servenv/config_pages.h"
#include "servenv/front.h"
#include "servenv/glog.h"
#include "servenv/log_purge.h"
#include "servenv/machine.h"
#include "servenv/memory_watch.h"
#include "servenv/pages.h"
#include "servenv/profile.h"
#include "servenv/version.h"

namespace sluice::vtgate {
namespace {

constexpr const char* summary =
    "VTGate is a stateless proxy responsible for accepting requests from applications and routing "
    "them to the appropriate tablet server(s) for query execution. It speaks both the MySQL "
    "Protocol and a gRPC protocol.\n\n"
    "### Key Options\n\n"
    "* `--srv_topo_cache_ttl`: how long a record of the topology stays in use when its store is "
    "gone; 1 second, as this gate follows the records that it uses.\n"
    "* `--tablet_protocol`: `mysql` makes a gate that talks straight to the shards' servers, "
    "without tablets; see the flags of a straight gate.";

constexpr const char* example =
    "vtgate \\\n"
    "\t--topo_implementation embedded \\\n"
    "\t--topo_global_server_address $VTDATAROOT/topo.sqlite \\\n"
    "\t--topo_global_root /vitess/global \\\n"
    "\t--log_dir $VTDATAROOT/tmp \\\n"
    "\t--port 15001 \\\n"
    "\t--mysql_server_port 15306 \\\n"
    "\t--cell test \\\n"
    "\t--cells_to_watch test \\\n"
    "\t--tablet_types_to_wait PRIMARY,REPLICA \\\n"
    "\t--tablet_protocol mysql \\\n"
    "\t--pid_file $VTDATAROOT/tmp/vtgate.pid \\\n"
    "\t--mysql_auth_server_impl none";

Task<void> run(servenv::Process* process, Gate* gate, int* status) {
    const Result<void> ready = co_await process->init();
    if (!ready) {
        log::write(log::Severity::fatal, ready.error().text, std::source_location::current());
        *status = gate->exit_status();
        co_return;
    }
    *status = co_await process->run();
}

// What goes on beside the gate, for as long as the process lives.
struct Background {
    Stop stop;
    async::Scope scope;
};

void add_steps(servenv::Process& process, Gate& gate) {
    process.on_init("gate", [&gate](Stop* stop) { return gate.start(stop); });
    process.on_run("mysql", [&gate](Stop* stop) { return gate.open_listeners(stop); });
    process.on_run("query log", [&gate](Stop* stop) { return gate.open_query_log(stop); });
    process.on_run("grpc", [&gate](Stop* stop) { return gate.open_rpc_server(stop); });
    process.on_term_sync("grpc", [&gate](Stop* stop) { return gate.close_rpc_server(stop); });
    process.on_term_sync("mysql", [&gate](Stop* stop) { return gate.close_listeners(stop); });
    process.on_close("sessions", [&gate](Stop* stop) { return gate.close_sessions(stop); });
    process.on_hangup([&gate] { gate.reload_users(); });
}

// After the process has ended, on its loop: what was started belongs to somebody who waits for it.
Task<void> end(Gate* gate, Background* background) {
    background->stop.request(make_error(Code::canceled, "the process ends"));
    co_await background->scope.join();
    Stop unlimited;
    co_await gate->close_rpc_server(&unlimited);
    co_await gate->close_sessions(&unlimited);
    co_await gate->close(&unlimited);
}

Task<void> whole(servenv::Process* process, Gate* gate, const servenv::Machine* machine,
                 servenv::Config* config, const servenv::LogFlags* logs, GateRates* rates,
                 int* status) {
    Background background;
    background.scope.spawn("rates", GateRates::follow(rates, &background.stop));
    background.scope.spawn("configuration",
                           config->follow(std::chrono::seconds(1), &background.stop));
    background.scope.spawn("memory",
                           servenv::watch_memory(*machine, gate->memory(), &background.stop));
    background.scope.spawn("old logs", servenv::purge_logs(logs, "vtgate", &background.stop));
    co_await run(process, gate, status);
    co_await end(gate, &background);
}

int serve(const servenv::VtgateFlags& flags, servenv::Config& config) {
    servenv::give_large_memory_back();
    const servenv::Machine machine = servenv::read_machine();
    const std::size_t loops = servenv::choose_loops(machine, flags.process.loops);
    Gate gate(&flags, loops, servenv::choose_memory_limit(machine, flags.process.memory_limit));
    servenv::Process process("vtgate", flags.process);
    servenv::Metrics metrics("vtgate", loops);
    metrics.add_process_metrics();
    add_metrics(metrics, &gate);
    if (flags.rpc_server.prometheus) add_rpc_metrics(metrics, &gate);
    GateRates rates(&gate);
    rates.add_to(metrics);
    servenv::add_standard_pages(process.admin(), &metrics);
    servenv::add_config_pages(process.admin(), &config);
    add_pages(process, &gate);
    add_plan_pages(process.admin(), &gate);
    add_tablet_pages(process.admin(), &gate);
    add_query_log_pages(process.admin(), &gate.query_log(), flags.query_log);
    if (flags.process.pprof_http) servenv::add_profile_pages(process.admin());
    add_status_parts(process.admin(), &gate, &rates);
    add_steps(process, gate);
    gate.start_threads();
    int status = 1;
    run_until_done(gate.main_loop(),
                   whole(&process, &gate, &machine, &config, &flags.log, &rates, &status));
    gate.stop_threads();
    servenv::flush_logs();
    return status;
}

int main_of(const std::vector<std::string>& arguments) {
    servenv::VtgateFlags flags;
    // Straight to MySQL the gate holds what many tablets would: as many transactions on a shard as
    // a server with max_connections = 151 carries beside the pool, and waiting instead of refusing.
    flags.tablet.transaction_cap = 128;
    flags.tablet.transaction_pool_timeout = std::chrono::seconds(30);
    servenv::FlagSet set({.name = "vtgate", .summary = summary, .example = example});
    servenv::add_flags(set, flags);
    return servenv::run_front(
        {.flags = &set,
         .log = &flags.log,
         .config = &flags.config,
         .keys = servenv::vtgate_config_keys(),
         .parsed = [&] { flags.mysql_server.version_given = set.is_set("mysql_server_version"); },
         .validate = [&] { return servenv::validate(flags); },
         .serve = [&](servenv::Config& config) { return serve(flags, config); }},
        arguments);
}

}  // namespace
}  // namespace sluice::vtgate

int main(int count, char** words) {
    return sluice::vtgate::main_of(std::vector<std::string>(words + 1, words + count));
}
