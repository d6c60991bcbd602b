#pragma once
// How a call of the control plane becomes work on the main loop.
#include <string>

#include "async/visit.h"
#include "rpc/messages.h"
#include "tabletmanagerdata.pb.h"
#include "tabletserver/control_service.h"

namespace sluice::tabletserver {

namespace message = ::tabletmanagerdata;

// What one call does. Both messages outlive the task.
template <class Request, class Response>
using ControlWork = Task<Result<void>> (*)(ControlParts*, const Request*, Response*, Stop*);

class ControlCalls {
 public:
    ControlCalls(rpc::Services* services, ControlParts* parts)
        : services_(services), parts_(parts) {}

    template <class Request, class Response>
    void add(std::string_view method, ControlWork<Request, Response> work) {
        rpc::add_unary<Request, Response>(
            services_, name(method),
            [parts = parts_, work](rpc::ServerCall* call, const Request* request) {
                return answer(parts, work, request, call->stop());
            });
    }
    void refuse(std::string_view method);

 private:
    static std::string name(std::string_view method) {
        return "/tabletmanagerservice.TabletManager/" + std::string(method);
    }
    template <class Request, class Response>
    static Task<Result<Response>> answer(ControlParts* parts, ControlWork<Request, Response> work,
                                         const Request* request, Stop* stop) {
        Response response;
        Core& main = *parts->server->cores().front();
        if (&async::Loop::current() == main.loop) {
            CO_TRY(co_await work(parts, request, &response, stop));
            co_return response;
        }
        CO_TRY(co_await async::Visit<Result<void>>(
            main.loop, &main.visits,
            [parts, work, request, into = &response](Stop* inner) {
                return work(parts, request, into, inner);
            },
            stop));
        co_return response;
    }

    rpc::Services* services_;
    ControlParts* parts_;
};

void add_state_calls(ControlCalls* calls);
void add_statement_calls(ControlCalls* calls);
void add_schema_calls(ControlCalls* calls);
void add_replication_calls(ControlCalls* calls);
void add_reparent_calls(ControlCalls* calls);

}  // namespace sluice::tabletserver
