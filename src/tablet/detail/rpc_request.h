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

}  // namespace sluice::tablet
