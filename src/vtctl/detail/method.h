#pragma once
// The table of the service's calls: each family of methods gives its part of it.
#include <functional>
#include <string>
#include <vector>

#include "vtctl/control.h"
#include "vtctldata.pb.h"

namespace sluice::vtctl::detail {

namespace message = ::vtctldata;

struct Method {
    std::string name;
    // Request and answer as bytes.
    std::function<Task<Result<std::string>>(Control*, std::string, Stop*)> run;
};

template <class Request, class Response>
using Handler = Task<Result<Response>> (*)(Control* control, const Request* request, Stop* stop);

template <class Request, class Response>
Task<Result<std::string>> run_method(Handler<Request, Response> handler, Control* control,
                                     std::string bytes, Stop* stop) {
    Request request;
    if (!request.ParseFromString(bytes))
        co_return fail(Code::internal,
                       "grpc: failed to unmarshal the received message: " + request.GetTypeName());
    const Response response = CO_TRY(co_await handler(control, &request, stop));
    co_return response.SerializeAsString();
}

// Named after its request: "AddCellInfoRequest" is AddCellInfo's.
template <class Request, class Response>
Method method(Handler<Request, Response> handler) {
    std::string name = Request::descriptor()->name();
    name.resize(name.size() - std::string_view("Request").size());
    return {std::move(name), [handler](Control* control, std::string request, Stop* stop) {
                return run_method(handler, control, std::move(request), stop);
            }};
}

std::vector<Method> cell_methods();
std::vector<Method> keyspace_methods();
std::vector<Method> shard_methods();
std::vector<Method> replication_methods();  // of shards: which tablets, where they stand
std::vector<Method> tablet_methods();
std::vector<Method> query_methods();
std::vector<Method> reparent_methods();
std::vector<Method> schema_methods();
std::vector<Method> vschema_methods();
std::vector<Method> serving_methods();
std::vector<Method> check_methods();
std::vector<Method> schema_check_methods();
std::vector<Method> backup_methods();
std::vector<Method> workflow_methods();

}  // namespace sluice::vtctl::detail
