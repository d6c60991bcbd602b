// Step 7 of a write to several shards: it takes effect on all of them or on none, as far as MySQL
// can promise without two-phase commit (vtgate-contract 13.1, 13.5). Before: engine/. After:
// gateway/scatter.cc, then end.cc or savepoint.cc.
#include <chrono>

#include "async/deadline.h"
#include "transaction/detail/limits.h"
#include "transaction/detail/open_shard.h"
#include "transaction/shard_sessions.h"

namespace sluice::transaction {

Task<ScatterOutcome> ShardSessions::write(std::vector<ShardRequest>* requests, RowSink* sink,
                                          Stop* stop) {
    if (requests->size() == 1) return read(requests, sink, stop);
    if (!in_transaction_) return write_implicit(requests, sink, stop);
    return write_guarded(requests, sink, stop);
}

Task<ScatterOutcome> ShardSessions::write_implicit(std::vector<ShardRequest>* requests,
                                                   RowSink* sink, Stop* stop) {
    begin({});
    ScatterOutcome outcome = co_await gateway::scatter(this, requests, sink, stop);
    if (!outcome.end) {
        co_await abandon();
        co_return outcome;
    }
    Ended ended = co_await commit(stop);
    for (tablet::Warning& warning : ended.warnings) {
        outcome.warnings.push_back(std::move(warning));
    }
    if (!ended.end) outcome.end = fail(std::move(ended.end).error());
    co_return outcome;
}

Task<ScatterOutcome> ShardSessions::write_guarded(std::vector<ShardRequest>* requests,
                                                  RowSink* sink, Stop* stop) {
    statement_savepoint_ = true;
    ScatterOutcome outcome = co_await gateway::scatter(this, requests, sink, stop);
    statement_savepoint_ = false;
    if (outcome.end) co_return outcome;
    if (must_roll_back_) {
        co_await settle();
        co_return outcome;
    }
    // A shard whose statement failed has taken it back by itself.
    if (outcome.failed() == requests->size()) co_return outcome;
    Error& error = outcome.end.error();
    error.code = Code::aborted;
    if (co_await revert(requests, &outcome, stop)) {
        error.text.insert(0, "reverted partial DML execution failure: ");
        co_return outcome;
    }
    co_await abandon();
    error.text.insert(0, "transaction rolled back to reverse changes of partial DML execution: ");
    co_return outcome;
}

Task<Result<void>> ShardSessions::revert(const std::vector<ShardRequest>* requests,
                                         const ScatterOutcome* outcome, Stop* stop) {
    std::vector<OpenShard*> changed;
    for (std::size_t i = 0; i < requests->size(); ++i) {
        if (!outcome->shards[i].end) continue;
        OpenShard* shard = find((*requests)[i].target);
        if (shard == nullptr) co_return bug("a shard's transaction is gone");
        changed.push_back(shard);
    }
    // The statement may have been stopped; taking it back must not be.
    const bool stopped = stop != nullptr && stop->requested();
    Stop own;
    const async::Deadline deadline(&own, stopped ? revert_when_stopped : transaction_end,
                                   make_error(Code::deadline_exceeded, "revert timed out"));
    co_return co_await send(std::move(changed), "rollback to `_vt_statement`", &own);
}

}  // namespace sluice::transaction
