#pragma once
// For tests: a tablet's query service on this loop, whose answers a test writes.
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "async/listener.h"
#include "async/scope.h"
#include "async/wait_queue.h"
#include "query.pb.h"
#include "rpc/messages.h"
#include "rpc/server.h"

namespace sluice::tablet {

struct FakeAnswer {
    std::optional<Error> status;                // the RPC's, after the results
    std::optional<Error> error;                 // inside of the answer
    std::vector<::query::QueryResult> results;  // several for streams
    std::int64_t transaction_id = 0, reserved_id = 0;
    bool waits = false;  // after the results, until the client goes
};

class FakeTablet {
 public:
    // "BeginExecute [savepoint a] tx=5 res=0: select :v {v=1}"
    std::function<FakeAnswer(const std::string& line)> script;
    std::vector<std::string> journal;
    std::string last_request;  // as protobuf prints it
    std::size_t sent = 0;      // messages of the running stream
    std::size_t canceled = 0;  // streams whose client went away
    rpc::Services services;
    std::unique_ptr<rpc::Server> server;

    FakeTablet() {
        add<::query::ExecuteRequest, ::query::ExecuteResponse>("Execute", false);
        add<::query::StreamExecuteRequest, ::query::StreamExecuteResponse>("StreamExecute", true);
        add<::query::BeginExecuteRequest, ::query::BeginExecuteResponse>("BeginExecute", false);
        add<::query::BeginStreamExecuteRequest, ::query::BeginStreamExecuteResponse>(
            "BeginStreamExecute", true);
        add<::query::ReserveExecuteRequest, ::query::ReserveExecuteResponse>("ReserveExecute",
                                                                             false);
        add<::query::ReserveStreamExecuteRequest, ::query::ReserveStreamExecuteResponse>(
            "ReserveStreamExecute", true);
        add<::query::ReserveBeginExecuteRequest, ::query::ReserveBeginExecuteResponse>(
            "ReserveBeginExecute", false);
        add<::query::ReserveBeginStreamExecuteRequest, ::query::ReserveBeginStreamExecuteResponse>(
            "ReserveBeginStreamExecute", true);
        add<::query::CommitRequest, ::query::CommitResponse>("Commit", false);
        add<::query::RollbackRequest, ::query::RollbackResponse>("Rollback", false);
        add<::query::ReleaseRequest, ::query::ReleaseResponse>("Release", false);
    }

 private:
    template <class Request>
    std::string describe(const std::string& name, const Request& request) {
        std::string line = name;
        if constexpr (requires { request.pre_queries(); }) {
            for (const auto& text : request.pre_queries()) line += " [" + text + "]";
        }
        if constexpr (requires { request.post_begin_queries(); }) {
            for (const auto& text : request.post_begin_queries()) line += " <" + text + ">";
        }
        if constexpr (requires { request.transaction_id(); }) {
            if (request.transaction_id() != 0)
                line += " tx=" + std::to_string(request.transaction_id());
        }
        if constexpr (requires { request.reserved_id(); }) {
            if (request.reserved_id() != 0) line += " res=" + std::to_string(request.reserved_id());
        }
        if constexpr (requires { request.query(); }) line += ": " + request.query().sql();
        last_request = request.DebugString();
        return line;
    }

    template <class Response>
    static Response respond(const FakeAnswer& answer, const ::query::QueryResult* result,
                            bool last) {
        Response response;
        if constexpr (requires { response.mutable_result(); }) {
            if (result != nullptr) *response.mutable_result() = *result;
        }
        if (!last) return response;
        if constexpr (requires { response.mutable_error(); }) {
            if (answer.error) {
                response.mutable_error()->set_message(answer.error->text);
                response.mutable_error()->set_code(static_cast<::vtrpc::Code>(answer.error->code));
            }
        }
        if constexpr (requires { response.set_transaction_id(1); })
            response.set_transaction_id(answer.transaction_id);
        if constexpr (requires { response.set_reserved_id(1); })
            response.set_reserved_id(answer.reserved_id);
        return response;
    }

    template <class Request, class Response>
    static rpc::Task<Result<void>> serve(FakeTablet* self, std::string name, bool stream,
                                         rpc::ServerCall* call) {
        const Request request = CO_TRY(co_await rpc::only_request<Request>(call));
        self->journal.push_back(self->describe(name, request));
        FakeAnswer answer = self->script ? self->script(self->journal.back()) : FakeAnswer();
        self->sent = 0;
        if (stream) {
            for (const auto& result : answer.results) {
                const Response part = respond<Response>(answer, &result, false);
                CO_TRY(co_await rpc::send(call, &part));
                ++self->sent;
            }
        }
        if (answer.waits) {
            async::WaitQueue never;
            Result<void> ended = co_await never.wait(call->stop());
            ++self->canceled;
            co_return ended;
        }
        if (answer.status) co_return fail(*answer.status);
        const auto* result = stream || answer.results.empty() ? nullptr : answer.results.data();
        const Response last = respond<Response>(answer, result, true);
        co_return co_await rpc::send(call, &last);
    }

    template <class Request, class Response>
    void add(const std::string& name, bool stream) {
        services.add("/queryservice.Query/" + name, rpc::Requests::one,
                     [this, name, stream](rpc::ServerCall* call) {
                         return serve<Request, Response>(this, name, stream, call);
                     });
    }
};

}  // namespace sluice::tablet
