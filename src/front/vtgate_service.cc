// Step 1 of a request over gRPC: a client calls. After: vtgate_call.cc.
#include "front/vtgate_service.h"

#include "async/visit.h"
#include "front/detail/vtgate_call.h"
#include "front/rpc_session.h"
#include "rpc/messages.h"
#include "tablet/mysql_tablet.h"
#include "vtgateservice.pb.h"

namespace sluice::front {
namespace {

// Field numbers of results in answers (vtgate-contract 12.1).
constexpr std::uint32_t execute_result = 3, batch_results = 3, batch_result = 2, batch_error = 1,
                        stream_result = 1, prepare_fields = 3;

// Tag and length of a field that holds bytes.
std::string field_head(std::uint32_t field, std::size_t size) {
    std::string head;
    head += static_cast<char>(field << 3U | 2U);
    for (; size >= 0x80; size >>= 7U) head += static_cast<char>(size | 0x80U);
    head += static_cast<char>(size);
    return head;
}

rpc::Bytes bytes_of(std::string_view text) {
    return wire::bytes_of(text);
}

// Nothing else refers to the service's description, which reflection finds only if it is linked.
[[gnu::used]] const void* const description = &descriptor_table_vtgateservice_2eproto;

// A call without a session is one that commits by itself.
template <class Request>
void complete(Request* request) {
    if (!request->has_session()) request->mutable_session()->set_autocommit(true);
}

// Rows of StreamExecute, each part a message.
class PartSender : public ResultStream {
 public:
    explicit PartSender(AnswerSender* sender) : sender_(sender) {}
    Task<Result<void>> send(std::string_view result, Stop*) override {
        const std::string head = field_head(stream_result, result.size());
        std::vector<rpc::Bytes> pieces{bytes_of(head), bytes_of(result)};
        co_return co_await sender_->send(std::move(pieces));
    }

 private:
    AnswerSender* sender_;
};

}  // namespace

// The methods. Each has a part on the loop of the connection, and one on the loop where the
// statement runs, which is the same one unless a transaction is held elsewhere.
struct VtgateService::Calls {
    // What both parts of a call know.
    template <class Request>
    struct Asked {
        VtgateService* service;
        VtgateServiceLoop* at;
        auth::Identity caller;
        Request request;
        AnswerSender sender;
    };
    template <class Request>
    using Run = Task<Result<void>> (*)(Asked<Request>* asked, Stop* stop);

    // On the connection's loop.
    template <class Request>
    static Task<Result<void>> serve(VtgateService* service, Run<Request> run,
                                    rpc::ServerCall* call) {
        VtgateServiceLoop* const home = service->loops_[async::Loop::current().index()];
        Asked<Request> asked{.service = service,
                             .at = home,
                             .caller = {},
                             .request = {},
                             .sender = AnswerSender(call, home)};
        asked.request = CO_TRY(co_await rpc::only_request<Request>(call));
        complete(&asked.request);
        asked.caller = immediate_caller(*call, asked.request.caller_id(), service->options_);
        asked.at = owner(service, asked.request.session(), home);
        if (asked.at == home) co_return co_await run(&asked, call->stop());
        co_return co_await async::Visit<Result<void>>(
            asked.at->loop, &asked.at->visits,
            [run, &asked](Stop* stop) { return run(&asked, stop); }, call->stop());
    }

    static VtgateServiceLoop* owner(VtgateService* service, const ::vtgate::Session& session,
                                    VtgateServiceLoop* home) {
        if (!service->options_.held_on_loops || !holds_connections(session)) return home;
        const auto& held = session.shard_sessions(0);
        const std::int64_t number =
            held.transaction_id() != 0 ? held.transaction_id() : held.reserved_id();
        const std::size_t loop = tablet::loop_of(static_cast<tablet::HeldId>(number));
        return loop < service->loops_.size() ? service->loops_[loop] : home;
    }

    template <class Request>
    static VtgateCall make_call(Asked<Request>* asked, Stop* stop) {
        return {asked->at->core,
                &asked->service->options_,
                &asked->caller,
                asked->request.caller_id(),
                asked->request.mutable_session(),
                stop};
    }

    static Task<Result<void>> execute(Asked<::vtgate::ExecuteRequest>* asked, Stop* stop) {
        VtgateCall call = make_call(asked, stop);
        RpcReply reply(call.reply_options(asked->sender.limit(), nullptr));
        Result<void> done = co_await call.begin();
        if (done) done = co_await call.query(&asked->request.query(), &reply);
        call.end();
        ::vtgate::ExecuteResponse answer;
        if (!done) *answer.mutable_error() = rpc_error_of(done.error());
        *answer.mutable_session() = std::move(*asked->request.mutable_session());
        const std::string head = answer.SerializeAsString();
        std::string result_head;
        std::vector<rpc::Bytes> pieces{bytes_of(head)};
        if (done) {
            result_head = field_head(execute_result, reply.result().size());
            pieces.push_back(bytes_of(result_head));
            pieces.push_back(bytes_of(reply.result()));
        }
        co_return co_await asked->sender.send(std::move(pieces));
    }

    // One of ExecuteBatch: a query.ResultWithError.
    static Task<std::string> execute_one(VtgateCall* call, const ::query::BoundQuery* query,
                                         std::size_t limit) {
        RpcReply reply(call->reply_options(limit, nullptr));
        const Result<void> done = co_await call->query(query, &reply);
        const std::string error = done ? "" : rpc_error_of(done.error()).SerializeAsString();
        co_return done ? field_head(batch_result, reply.result().size()) + reply.result()
                       : field_head(batch_error, error.size()) + error;
    }

    static Task<Result<void>> execute_batch(Asked<::vtgate::ExecuteBatchRequest>* asked,
                                            Stop* stop) {
        VtgateCall call = make_call(asked, stop);
        ::vtgate::ExecuteBatchResponse answer;
        std::string results;
        Charge charge(asked->at->core->budget);
        const Result<void> begun = co_await call.begin();
        if (!begun) *answer.mutable_error() = rpc_error_of(begun.error());
        for (int i = 0; begun && i < asked->request.queries_size(); ++i) {
            const std::size_t limit = asked->sender.limit();
            const std::string one = co_await execute_one(
                &call, &asked->request.queries(i), limit - std::min(limit - 1, results.size()));
            if (const Result<void> charged = charge.add(one.size()); !charged) {
                call.end();
                co_return charged;
            }
            results += field_head(batch_results, one.size());
            results += one;
        }
        call.end();
        *answer.mutable_session() = std::move(*asked->request.mutable_session());
        const std::string head = answer.SerializeAsString();
        std::vector<rpc::Bytes> pieces{bytes_of(head), bytes_of(results)};
        co_return co_await asked->sender.send(std::move(pieces));
    }

    static Task<Result<void>> stream_execute(Asked<::vtgate::StreamExecuteRequest>* asked,
                                             Stop* stop) {
        VtgateCall call = make_call(asked, stop);
        call.stream();
        PartSender parts(&asked->sender);
        RpcReply reply(call.reply_options(asked->sender.limit(), &parts));
        Result<void> done = co_await call.begin();
        if (done) done = co_await call.query(&asked->request.query(), &reply);
        call.end();
        if (asked->service->options_.send_session_in_streaming) {
            ::vtgate::StreamExecuteResponse last;
            *last.mutable_session() = std::move(*asked->request.mutable_session());
            const std::string bytes = last.SerializeAsString();
            std::vector<rpc::Bytes> pieces{bytes_of(bytes)};
            Result<void> sent = co_await asked->sender.send(std::move(pieces));
            if (done) co_return sent;
        }
        if (done) co_return done;
        const ::vtrpc::RPCError error = rpc_error_of(done.error());
        co_return fail(done.error().code, error.message());
    }

    static Task<Result<void>> prepare(Asked<::vtgate::PrepareRequest>* asked, Stop* stop) {
        VtgateCall call = make_call(asked, stop);
        RpcReply::Options options = call.reply_options(asked->sender.limit(), nullptr);
        options.included = IncludedFields::all;
        RpcReply reply(options);
        Result<void> done = co_await call.begin();
        if (done) done = co_await call.prepare(&asked->request.query(), &reply);
        call.end();
        ::vtgate::PrepareResponse answer;
        if (!done) *answer.mutable_error() = rpc_error_of(done.error());
        *answer.mutable_session() = std::move(*asked->request.mutable_session());
        const std::string head = answer.SerializeAsString();
        const std::string fields = done ? reply.fields_as(prepare_fields) : std::string();
        std::vector<rpc::Bytes> pieces{bytes_of(head), bytes_of(fields)};
        co_return co_await asked->sender.send(std::move(pieces));
    }

    static Task<Result<void>> close_session(Asked<::vtgate::CloseSessionRequest>* asked,
                                            Stop* stop) {
        VtgateCall call = make_call(asked, stop);
        ::vtgate::CloseSessionResponse answer;
        const Result<void> begun = co_await call.begin();
        if (begun) {
            co_await call.release();
            call.end();
        } else {
            *answer.mutable_error() = rpc_error_of(begun.error());
        }
        const std::string bytes = answer.SerializeAsString();
        std::vector<rpc::Bytes> pieces{bytes_of(bytes)};
        co_return co_await asked->sender.send(std::move(pieces));
    }

    static Task<Result<void>> vstream(rpc::ServerCall*) { co_return unsupported("VStream"); }

    template <class Request>
    static void add(VtgateService* service, rpc::Services* services, const char* name,
                    Run<Request> run) {
        services->add(
            std::string("/vtgateservice.Vitess/") + name, rpc::Requests::one,
            [service, run](rpc::ServerCall* call) { return serve<Request>(service, run, call); });
    }
};

VtgateService::VtgateService(VtgateServiceOptions options, std::vector<VtgateServiceLoop*> loops)
    : options_(options), loops_(std::move(loops)) {}

void VtgateService::add_to(rpc::Services* services) {
    Calls::add<::vtgate::ExecuteRequest>(this, services, "Execute", &Calls::execute);
    Calls::add<::vtgate::ExecuteBatchRequest>(this, services, "ExecuteBatch",
                                              &Calls::execute_batch);
    Calls::add<::vtgate::StreamExecuteRequest>(this, services, "StreamExecute",
                                               &Calls::stream_execute);
    Calls::add<::vtgate::PrepareRequest>(this, services, "Prepare", &Calls::prepare);
    Calls::add<::vtgate::CloseSessionRequest>(this, services, "CloseSession",
                                              &Calls::close_session);
    services->add("/vtgateservice.Vitess/VStream", rpc::Requests::one, &Calls::vstream);
}

}  // namespace sluice::front
