// A call of mysqlctld arrives. Before: rpc/server_call.cc. After: mysqld.cc.
#include "mysqlctl/service.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <sys/statvfs.h>

#include "async/cross.h"
#include "async/deadline.h"
#include "async/file_version.h"
#include "mysqlctl.pb.h"
#include "rpc/messages.h"

namespace sluice::mysqlctl {
namespace {

// v21's limit where a request names none.
constexpr std::chrono::minutes usual_shutdown{5};

template <class Response>
Result<Response> empty(Result<void> outcome) {
    if (!outcome) return fail(std::move(outcome).error());
    return Response();
}

Task<Result<::mysqlctl::StartResponse>> start(Mysqld* mysqld, rpc::ServerCall* call,
                                              const ::mysqlctl::StartRequest* request) {
    std::vector<std::string> arguments(request->mysqld_args().begin(),
                                       request->mysqld_args().end());
    co_return empty<::mysqlctl::StartResponse>(
        co_await mysqld->start(std::move(arguments), call->stop()));
}

Task<Result<::mysqlctl::ShutdownResponse>> shut_down(Mysqld* mysqld, rpc::ServerCall* call,
                                                     const ::mysqlctl::ShutdownRequest* request) {
    async::Clock::duration limit = usual_shutdown;
    if (request->has_mysql_shutdown_timeout())
        limit = std::chrono::seconds(request->mysql_shutdown_timeout().seconds()) +
                std::chrono::nanoseconds(request->mysql_shutdown_timeout().nanos());
    async::LinkedStop stop(call->stop());
    const async::Deadline deadline(
        stop.get(), limit,
        make_error(Code::deadline_exceeded, "gave up waiting for mysqld to stop"));
    co_return empty<::mysqlctl::ShutdownResponse>(
        co_await mysqld->shutdown(request->wait_for_mysqld(), stop.get()));
}

Task<Result<::mysqlctl::RunMysqlUpgradeResponse>> upgrade(
    Mysqld* mysqld, rpc::ServerCall* call, const ::mysqlctl::RunMysqlUpgradeRequest*) {
    co_return empty<::mysqlctl::RunMysqlUpgradeResponse>(
        co_await mysqld->run_upgrade(call->stop()));
}

Task<Result<::mysqlctl::ReinitConfigResponse>> reinit(Mysqld* mysqld, rpc::ServerCall*,
                                                      const ::mysqlctl::ReinitConfigRequest*) {
    co_return empty<::mysqlctl::ReinitConfigResponse>(
        co_await async::blocking([mysqld] { return mysqld->reinit_config(); }));
}

Task<Result<::mysqlctl::RefreshConfigResponse>> refresh(Mysqld* mysqld, rpc::ServerCall*,
                                                        const ::mysqlctl::RefreshConfigRequest*) {
    co_return empty<::mysqlctl::RefreshConfigResponse>(
        co_await async::blocking([mysqld] { return mysqld->refresh_config(); }));
}

Task<Result<::mysqlctl::VersionStringResponse>> version(Mysqld* mysqld, rpc::ServerCall* call,
                                                        const ::mysqlctl::VersionStringRequest*) {
    ::mysqlctl::VersionStringResponse answer;
    answer.set_version(CO_TRY(co_await mysqld->version(call->stop())));
    co_return answer;
}

// How full the disk of the data is: 0 for empty, 1 for full.
Result<double> used_ratio(const std::string& folder) {
    struct statvfs disk{};
    if (::statvfs(folder.c_str(), &disk) != 0)
        return fail(Code::failed_precondition, folder + ": " + std::strerror(errno));
    if (disk.f_blocks == 0)
        return fail(Code::failed_precondition, folder + " lies on a disk without blocks");
    return static_cast<double>(disk.f_blocks - disk.f_bfree) / static_cast<double>(disk.f_blocks);
}

// The load of the last minute for each core. loadavg = number " " *any
Result<double> load_per_core() {
    const std::string text = TRY(async::read_file("/proc/loadavg", 4096));
    char* end = nullptr;
    const double load = std::strtod(text.c_str(), &end);
    const long cores = ::sysconf(_SC_NPROCESSORS_ONLN);
    if (end == text.c_str() || cores <= 0)
        return fail(Code::failed_precondition, "unexpected /proc/loadavg content");
    return load / static_cast<double>(cores);
}

void add_metric(::mysqlctl::HostMetricsResponse* answer, const char* name,
                const Result<double>& value) {
    ::mysqlctl::HostMetricsResponse::Metric& metric = (*answer->mutable_metrics())[name];
    metric.set_name(name);
    if (value) {
        metric.set_value(*value);
        return;
    }
    metric.mutable_error()->set_message(value.error().text);
    metric.mutable_error()->set_code(static_cast<vtrpc::Code>(value.error().code));
}

Task<Result<::mysqlctl::HostMetricsResponse>> host_metrics(Mysqld* mysqld, rpc::ServerCall*,
                                                           const ::mysqlctl::HostMetricsRequest*) {
    ::mysqlctl::HostMetricsResponse answer;
    add_metric(
        &answer, "datadir-used-ratio",
        co_await async::blocking([folder = mysqld->cnf().data] { return used_ratio(folder); }));
    add_metric(&answer, "loadavg", co_await async::blocking(&load_per_core));
    co_return answer;
}

Task<Result<void>> refuse(const char* method) {
    co_return fail(Code::unimplemented,
                   std::string(method) + " is not supported: backups are not restored here");
}

}  // namespace

void Service::add_to(rpc::Services* services) {
    const auto full = [](const char* method) {
        return "/mysqlctl.MysqlCtl/" + std::string(method);
    };
    const auto add = [&]<class Request, class Response>(
                         const char* method,
                         Task<Result<Response>> (*run)(Mysqld*, rpc::ServerCall*, const Request*)) {
        rpc::add_unary<Request, Response>(
            services, full(method),
            [mysqld = mysqld_, run](rpc::ServerCall* call, const Request* request) {
                return run(mysqld, call, request);
            });
    };
    add("Start", &start);
    add("Shutdown", &shut_down);
    add("RunMysqlUpgrade", &upgrade);
    add("ReinitConfig", &reinit);
    add("RefreshConfig", &refresh);
    add("VersionString", &version);
    add("HostMetrics", &host_metrics);
    for (const char* method : {"ApplyBinlogFile", "ReadBinlogFilesTimestamps"})
        services->add(full(method), rpc::Requests::one,
                      [method](rpc::ServerCall*) { return refuse(method); });
}

}  // namespace sluice::mysqlctl
