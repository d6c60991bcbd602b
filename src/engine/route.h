#pragma once
// Routes: a query to one shard or to some, rows passed on as they come.
#include "engine/bindings.h"

namespace sluice::engine {

// A route without order whose rows need no work: the fast path when it goes to one shard.
Task<Outcome> run_route(const Context* context, const plan::Plan* plan, const plan::Route* route,
                        const Statement* statement, tablet::RowSink* sink);

// A statement as it is, to a destination (plan::Send).
Task<Outcome> run_send(const Context* context, const plan::Plan* plan, const plan::Send* send,
                       const Statement* statement, Bindings* bindings, tablet::RowSink* sink);

// Requests of a route to its shards; texts own what the requests point to. Empty when no row can
// match.
struct ShardTexts {
    std::vector<std::string> texts;
    std::vector<gateway::ShardRequest> requests;
};
Result<ShardTexts> shard_texts(const Context& context, const plan::Plan& plan,
                               const plan::Route& route, Bindings& bindings);

// A call of this statement with nothing but its surroundings filled in.
tablet::Call call_of(const Context& context, bool is_write);

// The outcome of one shard's call.
Outcome single_outcome(tablet::Outcome outcome);
// `copies`: shards changed copies of the same rows.
Outcome scatter_outcome(gateway::ScatterOutcome outcome, bool copies = false);

}  // namespace sluice::engine
