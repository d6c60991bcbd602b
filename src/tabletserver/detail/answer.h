#pragma once
// Answers of queryservice.Query: the envelope around a result that lies elsewhere.
#include <array>

#include "rpc/server_call.h"
#include "tabletserver/detail/query.h"

namespace sluice::tabletserver {

// Field numbers of an answer; 0: not there (vttablet-contract 1.2).
struct AnswerLayout {
    std::uint32_t error = 0, result = 1, transaction_id = 0, reserved_id = 0, alias = 0;
    bool tells_state() const { return alias != 0; }
};
inline constexpr AnswerLayout plain_answer{};
inline constexpr AnswerLayout begin_answer{
    .error = 1, .result = 2, .transaction_id = 3, .alias = 4};
inline constexpr AnswerLayout reserve_answer{.error = 1, .result = 2, .reserved_id = 3, .alias = 4};
inline constexpr AnswerLayout reserve_begin_answer{
    .error = 1, .result = 2, .transaction_id = 3, .reserved_id = 4, .alias = 5};

template <class Request>
struct CallTraits;  // layout, begin, reserve, stream

// What a request says, whichever it is; `variables` are those that it has.
template <class Request>
Query query_of(const Request& request, const Variables* variables);

// The state that goes with a result: an error in the answer's body, and what is open now.
wire::Bytes state_bytes(const AnswerLayout& layout, const Executed& done,
                        const topo::TabletAlias& alias);
// One message: the result, and behind it the state. `layout` and what the views show outlive the
// task.
Task<Result<void>> send_answer(rpc::ServerCall* call, const AnswerLayout* layout,
                               wire::ByteView result, wire::ByteView state);

}  // namespace sluice::tabletserver
