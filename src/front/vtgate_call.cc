// Step 2 of a request over gRPC: a call's session is made, its statement run, the session put
// back. Before: vtgate_service.cc. After: executor/execute.cc.
#include "front/detail/vtgate_call.h"

#include "async/visit.h"
#include "front/bound_query.h"
#include "front/rpc_session.h"

namespace sluice::front {
namespace {

// v21's name for a client that has proved nothing.
constexpr std::string_view nobody = "unsecure_grpc_client";

}  // namespace

auth::Identity immediate_caller(const rpc::ServerCall& call, const ::vtrpc::CallerID& effective,
                                const VtgateServiceOptions& options) {
    if (const async::TlsPeer* peer = call.peer().certificate.get();
        peer != nullptr && !peer->common_name.empty())
        return {.user_data = peer->common_name, .groups = peer->dns_names};
    auth::Identity caller;
    if (options.use_effective_callerid) {
        caller.user_data = effective.principal();
        if (options.use_effective_groups)
            caller.groups.assign(effective.groups().begin(), effective.groups().end());
    }
    if (caller.user_data.empty() && options.use_static_callerid) caller.user_data = call.user();
    if (caller.user_data.empty()) caller.user_data = nobody;
    return caller;
}

// v21's errors name MySQL's number only in their text; so do ours, unless the text begins with a
// code of the gate's own, whose number follows from it.
::vtrpc::RPCError rpc_error_of(const Error& error) {
    ::vtrpc::RPCError made;
    made.set_code(static_cast<::vtrpc::Code>(error.code));
    std::string text = error.text;
    const bool named = text.starts_with("VT") || text.find("(errno ") != std::string::npos;
    if (!named && error.number != er::unknown_error) {
        text += " (errno " + std::to_string(error.number) + ") (sqlstate " +
                std::string(error.sqlstate()) + ")";
    }
    made.set_message(std::move(text));
    return made;
}

Task<Result<void>> AnswerSender::send(std::vector<rpc::Bytes> pieces) {
    if (home_->loop == &async::Loop::current()) co_return co_await call_->send(pieces);
    // The client's leaving ends the sending by itself, so nothing else must.
    co_return co_await async::Visit<Result<void>>(
        home_->loop, &home_->visits, [call = call_, &pieces](Stop*) { return call->send(pieces); },
        nullptr);
}

void VtgateCall::Forward::pass(StopNode* node) {
    auto* self = static_cast<Forward*>(node);
    self->to->request(self->from->error());
}

VtgateCall::VtgateCall(executor::Core* core, const VtgateServiceOptions* options,
                       const auth::Identity* caller, const ::vtrpc::CallerID& effective,
                       ::vtgate::Session* message, Stop* stop)
    : core_(core),
      options_(options),
      message_(message),
      stop_(stop),
      session_(0, core->gateway, core->budget, options->connection_memory,
               core->options->statement_memory),
      executor_(core),
      forward_(&session_.stop) {
    session_.user = caller->user_data;
    session_.identity = *caller;
    session_.set_caller(
        {.user = caller->user_data,
         .groups = caller->groups,
         .principal = effective.principal(),
         .component = effective.component(),
         .subcomponent = effective.subcomponent(),
         .principal_groups = {effective.groups().begin(), effective.groups().end()}});
    forward_.from = stop;
}

Task<Result<void>> VtgateCall::begin() {
    Result<void> loaded = load_session(*message_, core_, &session_);
    loaded_ = loaded.has_value();
    if (!loaded && (session_.shards.in_transaction() || session_.shards.pinned())) {
        // A tablet with a part of the transaction is gone, and so is the transaction.
        co_await session_.shards.release();
        message_->clear_shard_sessions();
        message_->clear_savepoints();
        message_->set_in_transaction(false);
        message_->set_in_reserved_conn(false);
    }
    co_return loaded;
}

// The stop of the statement before may be a time-out; the client's own stays.
void VtgateCall::start_statement() {
    forward_.unlink();
    session_.stop.reset();
    if (stop_->requested()) {
        session_.stop.request(stop_->error());
    } else {
        stop_->add(&forward_);
    }
}

// What is held has the session's settings before it leaves: the next call knows no others.
Task<Result<void>> VtgateCall::settle(std::uint64_t settings_before) {
    if (settings_key() == settings_before || !session_.shards.holds_connections())
        co_return Result<void>{};
    co_return co_await session_.shards.match_settings(&session_.stop);
}

Task<Result<void>> VtgateCall::query(const ::query::BoundQuery* query, RpcReply* reply) {
    const std::string text = CO_TRY(text_with_values(*query, session_.lexer_mode));
    Charge charge(&session_.budget);
    CO_TRY(charge.add(text.size()));
    start_statement();
    const std::uint64_t before = settings_key();
    Result<executor::Ending> ending = co_await executor_.query(&session_, text, reply);
    Result<void> settled = co_await settle(before);
    if (!ending) co_return std::unexpected(std::move(ending).error());
    if (!settled) co_return settled;
    co_return co_await reply->finish(std::move(*ending), &session_.stop);
}

Task<Result<void>> VtgateCall::prepare(const ::query::BoundQuery* query, RpcReply* reply) {
    executor::PreparedStatement statement;
    statement.text = text_with_parameters(*query, session_.lexer_mode);
    statement.lexer_mode = session_.lexer_mode;
    start_statement();
    co_return co_await executor_.prepare(&session_, &statement, reply);
}

Task<void> VtgateCall::release() {
    return executor_.close(&session_);
}

void VtgateCall::end() {
    if (loaded_) store_session(&session_, message_);
}

RpcReply::Options VtgateCall::reply_options(std::size_t limit, ResultStream* stream) {
    const int included = message_->options().included_fields();
    return {.included = included >= 0 && included <= 2 ? static_cast<IncludedFields>(included)
                                                       : IncludedFields::type_and_name,
            .limit = limit,
            .budget = &session_.statement_budget,
            .stream = stream,
            .part = options_->stream_part};
}

}  // namespace sluice::front
