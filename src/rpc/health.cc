// What load balancers and operators ask a server before they send it anything.
#include "rpc/health.h"

#include "grpc/health/v1/health.pb.h"
#include "rpc/messages.h"

namespace sluice::rpc {

using Request = grpc::health::v1::HealthCheckRequest;
using Response = grpc::health::v1::HealthCheckResponse;

void Health::set(std::string service, Status status) {
    statuses_[std::move(service)] = status;
    changed_.wake_all();
}

void Health::set_all(const Services& services, Status status) {
    for (std::string& name : services.names()) statuses_[std::move(name)] = status;
    set("", status);
}

struct Health::Calls {
    static Task<Result<Response>> check(Health* health, const Request* request) {
        const auto found = health->statuses_.find(request->service());
        if (found == health->statuses_.end()) co_return fail(Code::not_found, "unknown service");
        Response response;
        response.set_status(static_cast<Response::ServingStatus>(found->second));
        co_return response;
    }

    static Task<Result<void>> watch(Health* health, ServerCall* call, const Request* request) {
        Response response;
        for (bool first = true;; first = false) {
            const auto found = health->statuses_.find(request->service());
            const auto now = found == health->statuses_.end()
                                 ? Response::SERVICE_UNKNOWN
                                 : static_cast<Response::ServingStatus>(found->second);
            if (first || response.status() != now) {
                response.set_status(now);
                CO_TRY(co_await send(call, &response));
                continue;  // it may have changed in the meantime
            }
            auto wait = health->changed_.wait(call->stop());
            CO_TRY(co_await wait);
        }
    }
};

void Health::add_to(Services* services, std::function<Health*()> of_this_loop) {
    add_unary<Request, Response>(services, "/grpc.health.v1.Health/Check",
                                 [of_this_loop](ServerCall*, const Request* request) {
                                     return Calls::check(of_this_loop(), request);
                                 });
    add_server_stream<Request>(services, "/grpc.health.v1.Health/Watch",
                               [of_this_loop](ServerCall* call, const Request* request) {
                                   return Calls::watch(of_this_loop(), call, request);
                               });
}

}  // namespace sluice::rpc
