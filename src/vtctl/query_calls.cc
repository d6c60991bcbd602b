// Calls of the control plane: statements on one tablet. Before: service.cc. After: detail/ask.h.
#include "vtctl/detail/ask.h"
#include "vtctl/detail/method.h"

namespace sluice::vtctl::detail {
namespace {

using topodata::Tablet;

Task<Result<message::ExecuteFetchAsAppResponse>> fetch_as_app(
    Control* control, const message::ExecuteFetchAsAppRequest* request, Stop* stop) {
    const Tablet tablet = CO_TRY(co_await read_tablet(control, request->tablet_alias(), stop));
    tablet_message::ExecuteFetchAsAppRequest ask_for;
    ask_for.set_query(request->query());
    ask_for.set_max_rows(static_cast<std::uint64_t>(request->max_rows()));
    auto answer = CO_TRY(co_await ask<tablet_message::ExecuteFetchAsAppResponse>(
        control, &tablet, std::move(ask_for), std::chrono::hours(1), stop));
    message::ExecuteFetchAsAppResponse response;
    *response.mutable_result() = std::move(*answer.mutable_result());
    co_return response;
}

Task<Result<message::ExecuteFetchAsDBAResponse>> fetch_as_dba(
    Control* control, const message::ExecuteFetchAsDBARequest* request, Stop* stop) {
    const Tablet tablet = CO_TRY(co_await read_tablet(control, request->tablet_alias(), stop));
    tablet_message::ExecuteFetchAsDbaRequest ask_for;
    ask_for.set_db_name(database_of(tablet));
    ask_for.set_query(request->query());
    ask_for.set_max_rows(static_cast<std::uint64_t>(request->max_rows()));
    ask_for.set_disable_binlogs(request->disable_binlogs());
    ask_for.set_reload_schema(request->reload_schema());
    auto answer = CO_TRY(co_await ask<tablet_message::ExecuteFetchAsDbaResponse>(
        control, &tablet, std::move(ask_for), std::chrono::hours(1), stop));
    message::ExecuteFetchAsDBAResponse response;
    *response.mutable_result() = std::move(*answer.mutable_result());
    co_return response;
}

Task<Result<message::ExecuteMultiFetchAsDBAResponse>> multi_fetch_as_dba(
    Control* control, const message::ExecuteMultiFetchAsDBARequest* request, Stop* stop) {
    const Tablet tablet = CO_TRY(co_await read_tablet(control, request->tablet_alias(), stop));
    tablet_message::ExecuteMultiFetchAsDbaRequest ask_for;
    ask_for.set_db_name(database_of(tablet));
    ask_for.set_sql(request->sql());
    ask_for.set_max_rows(static_cast<std::uint64_t>(request->max_rows()));
    ask_for.set_disable_binlogs(request->disable_binlogs());
    ask_for.set_reload_schema(request->reload_schema());
    auto answer = CO_TRY(co_await ask<tablet_message::ExecuteMultiFetchAsDbaResponse>(
        control, &tablet, std::move(ask_for), std::chrono::hours(1), stop));
    message::ExecuteMultiFetchAsDBAResponse response;
    *response.mutable_results() = std::move(*answer.mutable_results());
    co_return response;
}

Task<Result<message::ExecuteHookResponse>> run_hook(Control* control,
                                                    const message::ExecuteHookRequest* request,
                                                    Stop* stop) {
    const Tablet tablet = CO_TRY(co_await read_tablet(control, request->tablet_alias(), stop));
    if (!request->has_tablet_hook_request())
        co_return fail(Code::invalid_argument, "TabletHookRequest cannot be nil");
    message::ExecuteHookResponse response;
    *response.mutable_hook_result() = CO_TRY(co_await ask<tablet_message::ExecuteHookResponse>(
        control, &tablet, request->tablet_hook_request(), std::chrono::hours(1), stop));
    co_return response;
}

}  // namespace

std::vector<Method> query_methods() {
    return {method(&fetch_as_app), method(&fetch_as_dba), method(&multi_fetch_as_dba),
            method(&run_hook)};
}

}  // namespace sluice::vtctl::detail
