#pragma once
// A call to a tablet's manager, typed by its request.
#include "rpc/status.h"
#include "tabletmanagerdata.pb.h"
#include "vtctl/detail/records.h"

namespace sluice::vtctl::detail {

namespace tablet_message = ::tabletmanagerdata;

Tablets::Place place_of(const topodata::Tablet& tablet);
// The name of its database, which statements of an administrator run in.
std::string database_of(const topodata::Tablet& tablet);
// Its web server.
Tablets::Place web_place_of(const topodata::Tablet& tablet);

// `tablet` outlives the task. The method is named after the request. Zero is the usual time.
template <class Response, class Request>
Task<Result<Response>> ask(Control* control, const topodata::Tablet* tablet, Request request,
                           Duration timeout, Stop* stop) {
    std::string method = Request::descriptor()->name();
    method.resize(method.size() - std::string_view("Request").size());
    const std::string answer = CO_TRY(co_await control->tablets->call(
        place_of(*tablet), std::move(method), request.SerializeAsString(),
        timeout > Duration::zero() ? timeout : control->call_timeout, stop));
    Response response;
    if (!response.ParseFromString(answer))
        co_return fail(Code::internal,
                       "grpc: failed to unmarshal the received message: " + response.GetTypeName());
    co_return response;
}

}  // namespace sluice::vtctl::detail
