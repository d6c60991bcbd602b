#pragma once
// One call of vtgateservice.Vitess: its session for as long as it runs, and its way back to the
// client.
#include <optional>
#include <string>

#include "executor/executor.h"
#include "front/rpc_reply.h"
#include "front/vtgate_service.h"
#include "query.pb.h"
#include "vtgate.pb.h"
#include "vtrpc.pb.h"

namespace sluice::front {

// For whom a call acts (vtgate-contract 12.2).
auth::Identity immediate_caller(const rpc::ServerCall& call, const ::vtrpc::CallerID& effective,
                                const VtgateServiceOptions& options);

// An error as it stands in an answer: vtrpc's code, and a text that names MySQL's number.
::vtrpc::RPCError rpc_error_of(const Error& error);

// Answers leave on the loop of the client's connection, from whichever loop they come.
class AnswerSender {
 public:
    AnswerSender(rpc::ServerCall* call, VtgateServiceLoop* home) : call_(call), home_(home) {}
    // What `pieces` point to outlives the task.
    Task<Result<void>> send(std::vector<rpc::Bytes> pieces);
    std::size_t limit() const { return call_->send_limit(); }

 private:
    rpc::ServerCall* call_;
    VtgateServiceLoop* home_;
};

// A session made from a message. Belongs to the loop where the statement runs.
class VtgateCall {
 public:
    // All outlive the call; `stop` ends its statements.
    VtgateCall(executor::Core* core, const VtgateServiceOptions* options,
               const auth::Identity* caller, const ::vtrpc::CallerID& effective,
               ::vtgate::Session* message, Stop* stop);
    VtgateCall(const VtgateCall&) = delete;
    VtgateCall& operator=(const VtgateCall&) = delete;
    ~VtgateCall() { forward_.unlink(); }

    // Loads the session; if that fails, the call is over but for end().
    Task<Result<void>> begin();
    void stream() { session_.streams = true; }
    Task<Result<void>> query(const ::query::BoundQuery* query, RpcReply* reply);
    Task<Result<void>> prepare(const ::query::BoundQuery* query, RpcReply* reply);
    // Gives up what the session holds.
    Task<void> release();
    // Writes the session back into the message.
    void end();

    RpcReply::Options reply_options(std::size_t limit, ResultStream* stream);

 private:
    struct Forward : async::StopNode {
        explicit Forward(Stop* target) : to(target) { on_stop = &Forward::pass; }
        static void pass(StopNode* node);
        Stop* from = nullptr;
        Stop* to;
    };
    void start_statement();
    Task<Result<void>> settle(std::uint64_t settings_before);
    std::uint64_t settings_key() const {
        return session_.settings == nullptr ? 0 : session_.settings->key;
    }

    executor::Core* core_;
    const VtgateServiceOptions* options_;
    ::vtgate::Session* message_;
    Stop* stop_;
    executor::Session session_;
    executor::Executor executor_;
    Forward forward_;
    bool loaded_ = false;
};

}  // namespace sluice::front
