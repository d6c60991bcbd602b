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

// What a call points to: the text that MySQL runs, or a tablet's variables (and its text, where the
// plan has none for the whole).
struct Payload {
    std::string text;
    Bindings::Named variables;
};

// Requests of a route to its shards; payloads own what the requests point to. Empty when no row can
// match.
struct ShardTexts {
    std::vector<Payload> payloads;
    std::vector<gateway::ShardRequest> requests;
};
Result<ShardTexts> shard_texts(const Context& context, const plan::Plan& plan,
                               const plan::Route& route, Bindings& bindings);

// A call of this statement with nothing but its surroundings filled in.
tablet::Call call_of(const Context& context, bool is_write);
// Comments around the client's statement, which tablets are sent along with the plan's text, as v21
// does (the tracing of applications stands in them). Others than plain ASCII ones are not.
sql::MarginComments margins_of(const Statement& statement);
// Gives the call the query with this execution's values; `payload` and the query outlive it.
Result<void> fill_query(const Context& context, const plan::Template& query, Bindings& bindings,
                        Payload& payload, tablet::Call& call);

// The outcome of one shard's call.
Outcome single_outcome(tablet::Outcome outcome);
// `copies`: shards changed copies of the same rows.
Outcome scatter_outcome(gateway::ScatterOutcome outcome, bool copies = false);

}  // namespace sluice::engine
