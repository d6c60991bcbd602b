// vtctldclient: one command against a control plane, which is a vtctld or runs in this process.
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include "async/loop.h"
#include "rpc/channel.h"
#include "servenv/glog.h"
#include "servenv/rpc_settings.h"
#include "vtctl/client.h"
#include "vtctl/rpc_caller.h"
#include "vtctl/rpc_tablets.h"
#include "vtctl/service.h"

namespace sluice::vtctldclient {
namespace {

using async::Stop;
using async::Task;

const vtctl::Output output{
    .print = [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); },
    .log =
        [](log::Severity severity, std::string_view text) {
            std::fflush(stdout);
            std::fputs(servenv::glog_line_now(severity, text).c_str(), stderr);
        }};

Task<Result<void>> run_remote(vtctl::Invocation* invocation, Stop* stop) {
    const vtctl::ClientFlags& flags = invocation->flags();
    if (flags.protocol != "grpc")
        co_return fail(Code::invalid_argument, "no dialer for vtctld client protocol " +
                                                   flags.protocol + ": only grpc is known");
    rpc::ChannelOptions options =
        CO_TRY(servenv::rpc_channel_options(flags.rpc, flags.max_message_size));
    CO_TRY(vtctl::set_address(flags.server, &options));
    vtctl::RpcCaller caller(std::move(options));
    auto outcome = co_await invocation->run(&caller, &output, stop);
    co_await caller.close();
    co_return outcome;
}

// Tablets can be called too, unlike with v21's own "internal".
Task<Result<void>> run_internal(vtctl::Invocation* invocation, Stop* stop) {
    const vtctl::ClientFlags& flags = invocation->flags();
    topo::TopologyOptions where;
    where.implementation = flags.topo_implementation;
    for (const std::string& address : flags.topo_global_server_address)
        where.global_server_address += (where.global_server_address.empty() ? "" : ",") + address;
    where.global_root = flags.topo_global_root;
    where.program = "vtctldclient";
    auto topology = co_await topo::Topology::open(where, stop);
    if (!topology)
        co_return fail(topology.error().code,
                       "failed to connect to the topology server: " + topology.error().text);
    vtctl::RpcTablets tablets(CO_TRY(servenv::rpc_channel_options({}, flags.max_message_size)));
    vtctl::Service service(
        {.topology = std::move(*topology), .tablets = &tablets, .now = vtctl::wall_clock});
    vtctl::LocalCaller caller(&service);
    auto outcome = co_await invocation->run(&caller, &output, stop);
    co_await tablets.close();
    co_return outcome;
}

Task<void> run(vtctl::Invocation* invocation, int* status) {
    Stop stop;
    const async::Deadline deadline(
        &stop, invocation->flags().action_timeout,
        make_error(Code::deadline_exceeded,
                   "rpc error: code = DeadlineExceeded desc = context deadline exceeded"));
    Result<void> outcome;
    if (!invocation->needs_server()) {
        outcome = co_await invocation->run(nullptr, &output, &stop);
    } else if (invocation->flags().server == "internal") {
        outcome = co_await run_internal(invocation, &stop);
    } else {
        outcome = co_await run_remote(invocation, &stop);
    }
    if (!outcome) output.log(log::Severity::error, outcome.error().text);
    *status = outcome ? 0 : 1;
}

int main_of(const std::vector<std::string>& arguments) {
    vtctl::Invocation invocation;
    if (const auto answer = invocation.parse(arguments)) {
        output.print(answer->out);
        std::fputs(answer->usage.c_str(), stderr);
        if (answer->error) output.log(log::Severity::error, answer->error->text);
        return answer->error ? 1 : 0;
    }
    int status = 1;
    async::Loop loop;
    run_until_done(loop, run(&invocation, &status));
    return status;
}

}  // namespace
}  // namespace sluice::vtctldclient

int main(int count, char** words) {
    return sluice::vtctldclient::main_of(std::vector<std::string>(words + 1, words + count));
}
