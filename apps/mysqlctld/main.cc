// mysqlctld: starts the MySQL server of a tablet, holds it, and answers a tablet's calls about it.
#include "base/log.h"
#include "mysqlctld.h"
#include "servenv/config_pages.h"
#include "servenv/front.h"
#include "servenv/glog.h"
#include "servenv/log_purge.h"
#include "servenv/metrics.h"
#include "servenv/pages.h"

namespace sluice::mysqlctld {
namespace {

constexpr const char* summary =
    "mysqlctld makes and starts the MySQL or MariaDB server that belongs to a tablet, holds it, "
    "and takes it along when it ends.\n"
    "If there is no my.cnf yet, a new server is made first. If the server ends by itself, "
    "mysqlctld ends, too.\n\n"
    "A vttablet in another container reaches it by the socket of --socket_file.";

constexpr const char* example =
    "mysqlctld \\\n"
    "\t--log_dir=${VTDATAROOT}/logs \\\n"
    "\t--tablet_uid=100 \\\n"
    "\t--mysql_port=17100 \\\n"
    "\t--socket_file=/path/to/socket_file";

Task<void> whole(servenv::Process* process, Mysqlctld* mysqlctld, servenv::Config* config,
                 const servenv::LogFlags* logs, int* status) {
    Stop stop;
    async::Scope background;
    background.spawn("configuration", config->follow(std::chrono::seconds(1), &stop));
    background.spawn("old logs", servenv::purge_logs(logs, "mysqlctld", &stop));
    *status = co_await process->live();
    stop.request(make_error(Code::canceled, "the process ends"));
    co_await background.join();
    co_await mysqlctld->close();
}

int serve(const servenv::MysqlctldFlags& flags, servenv::Config& config) {
    Mysqlctld mysqlctld(&flags);
    servenv::Process process("mysqlctld", flags.process);
    servenv::Metrics metrics("mysqlctld", 1);
    metrics.add_process_metrics();
    servenv::add_standard_pages(process.admin(), &metrics);
    servenv::add_config_pages(process.admin(), &config);
    process.on_init("mysqld", [&](Stop*) { return mysqlctld.start(&process); });
    process.on_run("rpc", [&](Stop*) { return mysqlctld.open_rpc(); });
    process.on_term_sync("mysqld", [&](Stop*) { return mysqlctld.end_server(); });
    process.on_close("rpc", [&](Stop*) { return mysqlctld.drain(); });
    int status = 1;
    run_until_done(mysqlctld.loop(), whole(&process, &mysqlctld, &config, &flags.log, &status));
    servenv::flush_logs();
    return status;
}

}  // namespace
}  // namespace sluice::mysqlctld

int main(int count, char** words) {
    using namespace sluice;
    return servenv::run_program(
        {.name = "mysqlctld", .summary = mysqlctld::summary, .example = mysqlctld::example},
        servenv::own_config_keys(), &mysqlctld::serve, count, words);
}
