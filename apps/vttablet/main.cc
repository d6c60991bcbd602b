// vttablet: the query service of one shard's MySQL server.
#include "base/log.h"
#include "servenv/config_pages.h"
#include "servenv/front.h"
#include "servenv/glog.h"
#include "servenv/log_purge.h"
#include "servenv/machine.h"
#include "servenv/memory_watch.h"
#include "servenv/pages.h"
#include "tabletserver/debug_pages.h"
#include "vttablet.h"

namespace sluice::vttablet {
namespace {

constexpr const char* summary =
    "VTTablet stands in front of one MySQL server of a shard: gates ask it by gRPC, it keeps pools "
    "of "
    "connections, transactions and limits, and tells gates how it is.\n\n"
    "Its own server is the one that mysqlctl or mysqlctld has made: it is found by my.cnf in "
    "`$VTDATAROOT/vt_<uid>` or by `--mycnf-file`. A server that somebody else runs is named by "
    "`--db_host` and `--db_port` or by `--db_socket`, with `--unmanaged`.";

constexpr const char* example =
    "vttablet \\\n"
    "\t--topo_implementation etcd2 \\\n"
    "\t--topo_global_server_address localhost:2379 \\\n"
    "\t--topo_global_root /vitess/global \\\n"
    "\t--tablet-path zone1-0000000100 \\\n"
    "\t--init_keyspace commerce \\\n"
    "\t--init_shard 0 \\\n"
    "\t--init_tablet_type replica \\\n"
    "\t--unmanaged \\\n"
    "\t--db_host 127.0.0.1 \\\n"
    "\t--db_port 3306 \\\n"
    "\t--db_app_user app \\\n"
    "\t--db_app_password secret \\\n"
    "\t--port 15100 \\\n"
    "\t--grpc_port 16100 \\\n"
    "\t--service_map grpc-queryservice,grpc-tabletmanager,grpc-updatestream";

struct Background {
    Stop stop;
    async::Scope scope;
};

Task<void> whole(servenv::Process* process, Vttablet* tablet, const servenv::Machine* machine,
                 servenv::Config* config, const servenv::LogFlags* logs, int* status) {
    Background background;
    background.scope.spawn("configuration",
                           config->follow(std::chrono::seconds(1), &background.stop));
    background.scope.spawn("table ACL", tablet->follow_acl(&background.stop));
    background.scope.spawn("memory",
                           servenv::watch_memory(*machine, tablet->memory(), &background.stop));
    background.scope.spawn("old logs", servenv::purge_logs(logs, "vttablet", &background.stop));
    *status = co_await process->live();
    background.stop.request(make_error(Code::canceled, "the process ends"));
    co_await background.scope.join();
    co_await tablet->close();
}

int serve(const servenv::VttabletFlags& flags, servenv::Config& config) {
    servenv::give_large_memory_back();
    const servenv::Machine machine = servenv::read_machine();
    const std::size_t loops = servenv::choose_loops(machine, flags.process.loops);
    Vttablet tablet(&flags, loops,
                    servenv::choose_memory_limit(machine, flags.process.memory_limit));
    servenv::Process process("vttablet", flags.process);
    servenv::Metrics metrics("vttablet", loops);
    metrics.add_process_metrics();
    const tabletserver::ServerOf server = [&tablet] { return tablet.server(); };
    tabletserver::add_metrics(metrics, server, flags.tablet.workload_metrics);
    servenv::add_standard_pages(process.admin(), &metrics);
    servenv::add_config_pages(process.admin(), &config);
    tabletserver::add_pages(process.admin(), server);
    process.on_init("tablet", [&](Stop* stop) { return tablet.start(&process, stop); });
    process.on_run("rpc", [&](Stop* stop) { return tablet.open_rpc(stop); });
    process.on_hangup([&tablet] {
        if (const Result<void> read = tablet.load_acl(); !read)
            log::error("the table ACL stays as it was: " + read.error().text);
    });
    process.on_term("lameduck", [&](Stop*) {
        tablet.enter_lameduck();
        return Task<Result<void>>::done();
    });
    process.on_term_sync("tablet", [&](Stop* stop) { return tablet.drain(stop); });
    tablet.start_threads();
    int status = 1;
    run_until_done(tablet.main_loop(),
                   whole(&process, &tablet, &machine, &config, &flags.log, &status));
    tablet.stop_threads();
    servenv::flush_logs();
    return status;
}

}  // namespace
}  // namespace sluice::vttablet

int main(int count, char** words) {
    using namespace sluice;
    return servenv::run_program(
        {.name = "vttablet", .summary = vttablet::summary, .example = vttablet::example},
        servenv::common_config_keys(), &vttablet::serve, count, words);
}
