#pragma once
// Which method of queryservice.Query a call needs, and its message (vttablet-contract 1.2 to 1.5).
#include <string>
#include <string_view>
#include <vector>

#include "query.pb.h"
#include "tablet/detail/rpc_result.h"
#include "tablet/tablet.h"

namespace sluice::tablet {

// Call::before, as a tablet wants it.
struct Before {
    std::vector<std::string> first;  // statements of their own, on what is held
    bool begin = false;
    std::vector<std::string> after_begin;  // savepoints
    ::query::ExecuteOptions::TransactionIsolation isolation = ::query::ExecuteOptions::DEFAULT;
    std::vector<::query::ExecuteOptions::TransactionAccessMode> access;
};
// The texts are those of transaction/shard_sessions.cc. Errors: an unknown isolation or trait.
Result<Before> read_before(std::span<const std::string> texts);

struct RpcRequest {
    std::string_view text;
    const BindVars* variables = nullptr;
    const Settings* settings = nullptr;
    const Caller* caller = nullptr;
    const QueryOptions* options = nullptr;
    Before before;
    bool stream = false;
    bool reserve = false;
    std::vector<std::string> set_statements;  // with reserve
    std::int64_t transaction_id = 0, reserved_id = 0;
};

struct RpcMessage {
    std::string_view method;  // "/queryservice.Query/Execute"
    AnswerLayout layout;
    bool stream = false;
    wire::Bytes bytes;  // the request
};
// `target` is the tablet's query.Target, serialised.
RpcMessage make_message(const RpcRequest& request, std::string_view target);

// What every request begins with; for those that are not make_message's.
template <class Message>
void fill_envelope(Message* message, const Caller* caller, const ::query::Target& target) {
    *message->mutable_target() = target;
    if (caller == nullptr) return;
    auto* user = message->mutable_immediate_caller_id();
    user->set_username(caller->user);
    for (const std::string& group : caller->groups) user->add_groups(group);
    if (caller->principal.empty()) return;
    auto* principal = message->mutable_effective_caller_id();
    principal->set_principal(caller->principal);
    principal->set_component(caller->component);
    principal->set_subcomponent(caller->subcomponent);
    for (const std::string& group : caller->principal_groups) principal->add_groups(group);
}

}  // namespace sluice::tablet
