// The end of a transaction: commit one shard after another, roll back all at once, or let go.
// Before: executor/ (COMMIT, ROLLBACK, disconnect) or write.cc. After: tablet/.
#include <algorithm>

#include "async/deadline.h"
#include "async/scope.h"
#include "transaction/detail/limits.h"
#include "transaction/detail/open_shard.h"
#include "transaction/shard_sessions.h"

namespace sluice::transaction {
namespace {

// Names in warning 301; more are "...".
constexpr std::size_t most_names = 16;

Error timed_out() {
    return make_error(Code::deadline_exceeded, "the end of a transaction took too long");
}

}  // namespace

std::vector<ShardSessions::OpenShard*> ShardSessions::in_transaction_shards() {
    std::vector<OpenShard*> shards;
    for (const auto& open : open_) {
        if (open->transaction) shards.push_back(open.get());
    }
    return shards;
}

Task<Result<void>> ShardSessions::end_one(OpenShard* shard, How how, Stop* stop) {
    Result<void> ended;
    if (how == How::commit) {
        ended = co_await shard->tablet->commit(shard->held, shard->reserved, stop);
    } else if (how == How::roll_back) {
        ended = co_await shard->tablet->rollback(shard->held, shard->reserved, stop);
    }
    shard->transaction = false;
    const bool given_back = ended && how != How::release && !shard->reserved;
    if (!ended || how == How::release) co_await shard->tablet->release(shard->held);
    if (given_back || !ended || how == How::release) shard->held = tablet::not_held;
    co_return ended;
}

// Ends every open shard transaction at the same time; release also ends what is only reserved.
Task<std::vector<Result<void>>> ShardSessions::end_all(How how) {
    Stop own;
    const async::Deadline deadline(&own, transaction_end, timed_out());
    std::vector<Task<Result<void>>> tasks;
    for (const auto& open : open_) {
        const bool wanted = open->transaction || (how == How::release && !open->running);
        if (wanted && open->held != tablet::not_held) {
            tasks.push_back(end_one(open.get(), how, &own));
        }
    }
    co_return co_await async::gather(std::move(tasks));
}

// Shards that hold nothing any more go; reserved connections stay.
void ShardSessions::forget_transaction() {
    std::erase_if(open_, [](const auto& open) { return open->held == tablet::not_held; });
    in_transaction_ = false;
    must_roll_back_ = false;
    statement_savepoint_ = false;
    savepoints_.clear();
    how_ = {};
}

Task<Ended> ShardSessions::commit(Stop* stop) {
    Ended ended;
    if (!in_transaction_) co_return ended;
    Stop own;
    const async::Deadline deadline(&own, transaction_end, timed_out());
    std::string names;
    std::size_t committed = 0;
    for (OpenShard* shard : in_transaction_shards()) {
        // Once a shard has committed, nothing but time stops the others from it.
        ended.end = co_await end_one(shard, How::commit, committed == 0 ? stop : &own);
        if (!ended.end) break;
        if (committed < most_names) names.append(committed == 0 ? "" : ", ").append(shard->shard);
        if (committed == most_names) names.append(", ...");
        ++committed;
    }
    if (!ended.end) {
        if (committed != 0) {
            ended.warnings.push_back({"Warning", 301,
                                      "multi-db commit failed after committing to " +
                                          std::to_string(committed) + " shards: " + names});
        }
        co_await end_all(How::release);
    }
    forget_transaction();
    co_return ended;
}

Task<Ended> ShardSessions::rollback(Stop*) {
    Ended ended;
    if (!in_transaction_) co_return ended;
    std::vector<Error> errors;
    for (Result<void>& result : co_await end_all(How::roll_back)) {
        if (!result) errors.push_back(std::move(result).error());
    }
    if (!errors.empty()) {
        Error error = gateway::aggregate(errors);
        co_await end_all(How::release);
        ended.warnings.push_back({"Warning", error.number,
                                  "rollback encountered an error and connection to all shard for "
                                  "this session is released: " +
                                      error.text});
        ended.end = fail(std::move(error));
    }
    forget_transaction();
    co_return ended;
}

Task<void> ShardSessions::abandon() {
    co_await end_all(How::roll_back);
    forget_transaction();
}

Task<void> ShardSessions::settle() {
    if (must_roll_back_) co_await abandon();
}

Task<void> ShardSessions::release() {
    co_await end_all(How::release);
    forget_transaction();
    pinned_ = false;
}

Task<void> ShardSessions::unpin() {
    pinned_ = false;
    for (const auto& open : open_) open->reserved = false;
    if (in_transaction_) co_return;
    co_await end_all(How::release);
    forget_transaction();
}

}  // namespace sluice::transaction
