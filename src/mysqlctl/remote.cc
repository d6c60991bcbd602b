// Work for a mysqlctld. Before: apps/mysqlctl. After: service.cc, there.
#include "mysqlctl/remote.h"

#include "mysqlctl.pb.h"
#include "rpc/messages.h"

namespace sluice::mysqlctl {
namespace {

rpc::ChannelOptions options_of(std::string socket) {
    rpc::ChannelOptions options;
    options.address.unix_path = std::move(socket);
    options.authority = "localhost";
    return options;
}

}  // namespace

Remote::Remote(std::string socket) : channel_(options_of(std::move(socket))) {}

Task<Result<void>> Remote::start(std::vector<std::string> arguments, Stop* stop) {
    ::mysqlctl::StartRequest request;
    for (std::string& word : arguments) request.add_mysqld_args(std::move(word));
    CO_TRY(co_await rpc::unary<::mysqlctl::StartResponse>(&channel_, "/mysqlctl.MysqlCtl/Start",
                                                          &request, {}, stop));
    co_return Result<void>{};
}

Task<Result<void>> Remote::shutdown(std::chrono::nanoseconds limit, Stop* stop) {
    ::mysqlctl::ShutdownRequest request;
    request.set_wait_for_mysqld(true);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(limit);
    request.mutable_mysql_shutdown_timeout()->set_seconds(seconds.count());
    request.mutable_mysql_shutdown_timeout()->set_nanos(
        static_cast<std::int32_t>((limit - seconds).count()));
    CO_TRY(co_await rpc::unary<::mysqlctl::ShutdownResponse>(
        &channel_, "/mysqlctl.MysqlCtl/Shutdown", &request, {}, stop));
    co_return Result<void>{};
}

Task<Result<void>> Remote::reinit_config(Stop* stop) {
    const ::mysqlctl::ReinitConfigRequest request;
    CO_TRY(co_await rpc::unary<::mysqlctl::ReinitConfigResponse>(
        &channel_, "/mysqlctl.MysqlCtl/ReinitConfig", &request, {}, stop));
    co_return Result<void>{};
}

}  // namespace sluice::mysqlctl
