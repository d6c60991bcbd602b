// vtctld: the control plane of a cluster.
#include "base/log.h"
#include "servenv/config_pages.h"
#include "servenv/front.h"
#include "servenv/glog.h"
#include "servenv/log_purge.h"
#include "servenv/metrics.h"
#include "servenv/pages.h"
#include "servenv/process.h"
#include "vtctl/tree_page.h"
#include "vtctld.h"

namespace sluice::vtctld {
namespace {

constexpr const char* summary =
    "vtctld answers vtctldclient: it keeps the records of a cluster in the topology, changes "
    "tables on all shards, and changes the primaries of shards.\n\n"
    "Offer its service by --service_map=grpc-vtctld. Its web page shows the cluster's tree.";

constexpr const char* example =
    "vtctld \\\n"
    "\t--topo_implementation etcd2 \\\n"
    "\t--topo_global_server_address localhost:2379 \\\n"
    "\t--topo_global_root /vitess/global \\\n"
    "\t--service_map grpc-vtctld \\\n"
    "\t--port 15000 \\\n"
    "\t--grpc_port 15999";

Task<void> whole(servenv::Process* process, Vtctld* vtctld, servenv::Config* config,
                 const servenv::LogFlags* logs, int* status) {
    Stop stop;
    async::Scope background;
    background.spawn("configuration", config->follow(std::chrono::seconds(1), &stop));
    background.spawn("old logs", servenv::purge_logs(logs, "vtctld", &stop));
    *status = co_await process->live();
    stop.request(make_error(Code::canceled, "the process ends"));
    co_await background.join();
    co_await vtctld->close();
}

int serve(const servenv::VtctldFlags& flags, servenv::Config& config) {
    Vtctld vtctld(&flags);
    servenv::Process process("vtctld", flags.process);
    servenv::Metrics metrics("vtctld", 1);
    metrics.add_process_metrics();
    servenv::add_standard_pages(process.admin(), &metrics);
    servenv::add_config_pages(process.admin(), &config);
    vtctl::add_tree_pages(process.admin(), [&vtctld] { return vtctld.control(); });
    process.on_init("topology", [&](Stop* stop) { return vtctld.start(stop); });
    process.on_run("rpc", [&](Stop* stop) { return vtctld.open_rpc(stop); });
    process.on_term_sync("rpc", [&](Stop* stop) { return vtctld.drain(stop); });
    int status = 1;
    run_until_done(vtctld.loop(), whole(&process, &vtctld, &config, &flags.log, &status));
    servenv::flush_logs();
    return status;
}

}  // namespace
}  // namespace sluice::vtctld

int main(int count, char** words) {
    using namespace sluice;
    return servenv::run_program(
        {.name = "vtctld", .summary = vtctld::summary, .example = vtctld::example},
        servenv::common_config_keys(), &vtctld::serve, count, words);
}
