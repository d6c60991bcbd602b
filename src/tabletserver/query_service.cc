// Step 1 of a request to a tablet: a call of queryservice.Query. Before: rpc/server_call.cc. After:
// detail/execute.cc.
#include "tabletserver/query_service.h"

#include "async/visit.h"
#include "rpc/messages.h"
#include "tabletserver/detail/answer.h"
#include "tabletserver/execute_request.h"
#include "tabletserver/schema.h"

namespace sluice::tabletserver {

using tablet::HeldId;

template <>
struct CallTraits<::query::StreamExecuteRequest> {
    static constexpr AnswerLayout layout = plain_answer;
    static constexpr bool begin = false, reserve = false;
};
template <>
struct CallTraits<::query::BeginExecuteRequest> {
    static constexpr AnswerLayout layout = begin_answer;
    static constexpr bool begin = true, reserve = false;
};
template <>
struct CallTraits<::query::BeginStreamExecuteRequest> : CallTraits<::query::BeginExecuteRequest> {};
template <>
struct CallTraits<::query::ReserveExecuteRequest> {
    static constexpr AnswerLayout layout = reserve_answer;
    static constexpr bool begin = false, reserve = true;
};
template <>
struct CallTraits<::query::ReserveStreamExecuteRequest>
    : CallTraits<::query::ReserveExecuteRequest> {};
template <>
struct CallTraits<::query::ReserveBeginExecuteRequest> {
    static constexpr AnswerLayout layout = reserve_begin_answer;
    static constexpr bool begin = true, reserve = true;
};
template <>
struct CallTraits<::query::ReserveBeginStreamExecuteRequest>
    : CallTraits<::query::ReserveBeginExecuteRequest> {};

namespace {

template <class Request>
void take_callers(Query* query, const Request& request) {
    if (request.has_target()) query->target = &request.target();
    if (request.has_immediate_caller_id()) query->caller = &request.immediate_caller_id();
    if (request.has_effective_caller_id()) query->effective = &request.effective_caller_id();
}

// A call without a statement.
template <class Request>
Query envelope_of(const Request& request) {
    static const Variables none;
    Query query;
    query.variables = &none;
    query.options = &::query::ExecuteOptions::default_instance();
    take_callers(&query, request);
    return query;
}

}  // namespace

template <class Request>
Query query_of(const Request& request, const Variables* variables) {
    using Traits = CallTraits<Request>;
    Query query;
    query.sql = request.query().sql();
    query.variables = variables;
    query.options = &request.options();
    query.begin = Traits::begin;
    query.reserve = Traits::reserve;
    take_callers(&query, request);
    if constexpr (requires { request.transaction_id(); })
        query.transaction_id = request.transaction_id();
    if constexpr (requires { request.reserved_id(); }) query.reserved_id = request.reserved_id();
    if constexpr (requires { request.pre_queries(); }) {
        auto& into = Traits::reserve ? query.settings : query.after_begin;
        into.assign(request.pre_queries().begin(), request.pre_queries().end());
    }
    if constexpr (requires { request.post_begin_queries(); }) {
        query.after_begin.assign(request.post_begin_queries().begin(),
                                 request.post_begin_queries().end());
    }
    return query;
}

// What most calls are.
Task<Result<void>> QueryService::run_execute(rpc::ServerCall* call) {
    Core* const core = this->core();
    const rpc::Message message = CO_TRY(call->only_message());
    const ExecuteRequest request = CO_TRY(read_execute_request(message.view(), &core->envelopes));
    Query query;
    query.sql = request.sql;
    query.variables = &request.variables;
    query.options = &request.envelope->options();
    take_callers(&query, *request.envelope);
    query.transaction_id = request.transaction_id;
    query.reserved_id = request.reserved_id;
    query.peer = call->peer().address;
    ResultWriter writer;
    Executed done = co_await execute(core, &query, &writer, call->stop());
    if (!done.end) co_return std::move(done.end);
    co_return co_await send_answer(call, &plain_answer, writer.result(), {});
}

template <class Request>
Task<Result<void>> QueryService::run_unary(rpc::ServerCall* call) {
    Core* const core = this->core();
    const Request request = CO_TRY(co_await rpc::only_request<Request>(call));
    const Variables variables(request.query().bind_variables());
    Query query = query_of(request, &variables);
    query.peer = call->peer().address;
    ResultWriter writer;
    Executed done = co_await execute(core, &query, &writer, call->stop());
    constexpr AnswerLayout layout = CallTraits<Request>::layout;
    const bool open = done.transaction != 0 || done.reserved != 0;
    if (!done.end && !(layout.tells_state() && open)) co_return std::move(done.end);
    const wire::Bytes state = state_bytes(layout, done, core->options->alias);
    const wire::ByteView result = done.end ? writer.result() : wire::ByteView();
    co_return co_await send_answer(call, &layout, result, state.view());
}

namespace {

// A stream's messages, sent from the loop of its call.
class StreamWriter : public ResultWriter {
 public:
    StreamWriter(rpc::ServerCall* call, Core* home, const AnswerLayout* layout)
        : call_(call), home_(home), layout_(layout) {}

 protected:
    Task<Result<void>> deliver(wire::ByteView result, Stop* stop) override {
        if (&async::Loop::current() == home_->loop) return send_answer(call_, layout_, result, {});
        return deliver_home(result, stop);
    }

 private:
    Task<Result<void>> deliver_home(wire::ByteView result, Stop* stop) {
        co_return co_await async::Visit<Result<void>>(
            home_->loop, &home_->visits,
            [this, result](Stop*) { return send_answer(call_, layout_, result, {}); }, stop);
    }

    rpc::ServerCall* call_;
    Core* home_;
    const AnswerLayout* layout_;
};

// The last message of a stream that has opened something: no result, what is open, the error.
Task<Result<void>> send_state(rpc::ServerCall* call, wire::ByteView state) {
    co_return co_await call->send(state);
}

}  // namespace

template <class Request>
Task<Result<void>> QueryService::run_stream(rpc::ServerCall* call) {
    Core* const core = this->core();
    const Request request = CO_TRY(co_await rpc::only_request<Request>(call));
    static constexpr AnswerLayout layout = CallTraits<Request>::layout;
    const Variables variables(request.query().bind_variables());
    Query query = query_of(request, &variables);
    query.stream = true;
    query.peer = call->peer().address;
    StreamWriter writer(call, core, &layout);
    Executed done = co_await execute(core, &query, &writer, call->stop());
    if (done.end && writer.undelivered()) done.end = co_await writer.drain(call->stop());
    const bool open = done.transaction != 0 || done.reserved != 0;
    if (!layout.tells_state() || (!done.end && !open)) co_return std::move(done.end);
    const wire::Bytes state = state_bytes(layout, done, core->options->alias);
    co_return co_await send_state(call, state.view());
}

namespace {

// Runs on the loop that holds the connection.
Task<Result<HeldId>> end_transaction(Core* core, HeldId held, bool commit, Stop* stop) {
    tablet::MysqlTablet* const tablet = core->statements.get();
    const bool keep = CO_TRY(tablet->is_reserved(held));
    if (commit) {
        CO_TRY(co_await tablet->commit(held, keep, stop));
    } else {
        CO_TRY(co_await tablet->rollback(held, keep, stop));
    }
    if (!keep) {
        core->settings.forget(held);
        co_return HeldId{0};
    }
    const HeldId renewed = CO_TRY(
        tablet->renumber(held, commit ? "transaction committed" : "transaction rolled back"));
    core->settings.set_backslash(renewed, core->settings.backslash_of(held));
    core->settings.forget(held);
    co_return renewed;
}

Task<Result<HeldId>> release(Core* core, HeldId held, Stop*) {
    CO_TRY(core->statements->is_reserved(held));
    co_await core->statements->release(held);
    core->settings.forget(held);
    co_return HeldId{0};
}

template <class Work>
Task<Result<HeldId>> on_owner(Core* core, HeldId held, Stop* stop, Work work) {
    Core* const owner = core->owner_of(held);
    if (owner == core) co_return co_await work(owner, stop);
    co_return co_await async::Visit<Result<HeldId>>(
        owner->loop, &owner->visits, [owner, work](Stop* inner) { return work(owner, inner); },
        stop);
}

Result<void> allowed(const Core& core, const Query& query) {
    return check(*core.condition, core.options->keyspace, core.options->shard,
                 wanted_target(query.target), true);
}

}  // namespace

Task<Result<void>> QueryService::run_begin(rpc::ServerCall* call) {
    Core* const core = this->core();
    const auto request = CO_TRY(co_await rpc::only_request<::query::BeginRequest>(call));
    Query query = envelope_of(request);
    query.options = &request.options();
    const HeldId held = CO_TRY(co_await begin(core, &query, call->stop()));
    ::query::BeginResponse response;
    response.set_transaction_id(static_cast<std::int64_t>(held));
    response.mutable_tablet_alias()->set_cell(core->options->alias.cell);
    response.mutable_tablet_alias()->set_uid(core->options->alias.uid);
    co_return co_await rpc::send(call, &response);
}

template <class Request, class Response>
Task<Result<void>> QueryService::run_end(rpc::ServerCall* call, bool commit) {
    Core* const core = this->core();
    const Request request = CO_TRY(co_await rpc::only_request<Request>(call));
    const Query query = envelope_of(request);
    CO_TRY(allowed(*core, query));
    count(commit ? core->counters.commits : core->counters.rollbacks);
    const auto held = static_cast<HeldId>(request.transaction_id());
    Result<HeldId> renewed =
        co_await on_owner(core, held, call->stop(), [held, commit](Core* owner, Stop* stop) {
            return end_transaction(owner, held, commit, stop);
        });
    if (!renewed) {
        const bool from_server = renewed.error().code != Code::aborted;
        co_return fail(client_error(core, query, std::move(renewed).error(), from_server));
    }
    Response response;
    response.set_reserved_id(static_cast<std::int64_t>(*renewed));
    co_return co_await rpc::send(call, &response);
}

Task<Result<void>> QueryService::run_release(rpc::ServerCall* call) {
    Core* const core = this->core();
    const auto request = CO_TRY(co_await rpc::only_request<::query::ReleaseRequest>(call));
    const Query query = envelope_of(request);
    const auto held = static_cast<HeldId>(request.reserved_id() != 0 ? request.reserved_id()
                                                                     : request.transaction_id());
    if (held == 0) {
        co_return fail(Code::invalid_argument, "connection ID and transaction ID do not exist");
    }
    CO_TRY(allowed(*core, query));
    const Result<HeldId> released =
        co_await on_owner(core, held, call->stop(),
                          [held](Core* owner, Stop* stop) { return release(owner, held, stop); });
    if (!released) co_return fail(client_error(core, query, released.error(), false));
    const ::query::ReleaseResponse response;
    co_return co_await rpc::send(call, &response);
}

Task<Result<void>> QueryService::run_health(rpc::ServerCall* call) {
    Core* const core = this->core();
    CO_TRY(co_await rpc::only_request<::query::StreamHealthRequest>(call));
    HealthFeed::Watcher watcher(&core->health, core->options->health_buffer);
    for (;;) {
        const HealthFeed::Encoded message = CO_TRY(co_await watcher.next(call->stop()));
        CO_TRY(co_await call->send(wire::bytes_of(*message)));
    }
}

void QueryService::add_to(rpc::Services* services) {
    const auto add = [services](std::string_view method, rpc::Handler handler) {
        services->add("/queryservice.Query/" + std::string(method), rpc::Requests::one,
                      std::move(handler));
    };
    using Call = rpc::ServerCall*;
    add("Execute", [this](Call call) { return run_execute(call); });
    add("BeginExecute",
        [this](Call call) { return run_unary<::query::BeginExecuteRequest>(call); });
    add("ReserveExecute",
        [this](Call call) { return run_unary<::query::ReserveExecuteRequest>(call); });
    add("ReserveBeginExecute",
        [this](Call call) { return run_unary<::query::ReserveBeginExecuteRequest>(call); });
    add("StreamExecute",
        [this](Call call) { return run_stream<::query::StreamExecuteRequest>(call); });
    add("BeginStreamExecute",
        [this](Call call) { return run_stream<::query::BeginStreamExecuteRequest>(call); });
    add("ReserveStreamExecute",
        [this](Call call) { return run_stream<::query::ReserveStreamExecuteRequest>(call); });
    add("ReserveBeginStreamExecute",
        [this](Call call) { return run_stream<::query::ReserveBeginStreamExecuteRequest>(call); });
    add("Begin", [this](Call call) { return run_begin(call); });
    add("Commit", [this](Call call) {
        return run_end<::query::CommitRequest, ::query::CommitResponse>(call, true);
    });
    add("Rollback", [this](Call call) {
        return run_end<::query::RollbackRequest, ::query::RollbackResponse>(call, false);
    });
    add("Release", [this](Call call) { return run_release(call); });
    add("StreamHealth", [this](Call call) { return run_health(call); });
    add("GetSchema", [this](Call call) { return run_schema(call); });
    add_refusals(services);
}

namespace {

Task<Result<void>> refuse(std::string what) {
    co_return fail(Code::unimplemented, what + " is not supported by this tablet");
}

Task<Result<void>> refuse_two_phases() {
    co_return fail(Code::invalid_argument, "2pc is not enabled");
}

}  // namespace

// What a gate may ask for and this tablet does not do, by name.
void QueryService::add_refusals(rpc::Services* services) {
    for (const std::string_view method :
         {"Prepare", "CommitPrepared", "RollbackPrepared", "CreateTransaction", "StartCommit",
          "SetRollback", "ConcludeTransaction", "ReadTransaction", "UnresolvedTransactions"}) {
        services->add("/queryservice.Query/" + std::string(method), rpc::Requests::one,
                      [](rpc::ServerCall*) { return refuse_two_phases(); });
    }
    for (const std::string_view method : {"MessageStream", "MessageAck", "VStream", "VStreamRows",
                                          "VStreamTables", "VStreamResults"}) {
        services->add("/queryservice.Query/" + std::string(method), rpc::Requests::one,
                      [what = std::string(method)](rpc::ServerCall*) { return refuse(what); });
    }
}

}  // namespace sluice::tabletserver
