// Numbers for auto_increment columns. Before: engine/insert.cc. After:
// transaction/shard_sessions.cc.
#include "engine/sequences.h"

#include <charconv>
#include <limits>

#include "async/deadline.h"
#include "engine/captured_rows.h"
#include "sql/format.h"
#include "transaction/shard_sessions.h"

namespace sluice::engine {

using async::Task;

namespace {

// Long enough for a shard under load; the client's own deadline ends its statement earlier if it
// has one.
constexpr std::chrono::seconds reserve_time{10};

Result<std::int64_t> number_of(const Value& value) {
    std::int64_t number = 0;
    const auto parsed =
        std::from_chars(value.bytes.data(), value.bytes.data() + value.bytes.size(), number);
    if (value.is_null() || parsed.ec != std::errc())
        return fail(Code::unknown, "a sequence's row holds no number: '" + value.bytes + "'");
    return number;
}

// Runs one statement of the reservation.
Task<Result<CapturedRows>> ask(transaction::ShardSessions* shards, gateway::ShardTarget target,
                               std::string text, async::Stop* stop) {
    gateway::ShardRequest request{.target = target, .call = {}, .tables = {}};
    request.call.text = text;
    request.call.stop = stop;
    CapturedRows rows;
    CaptureSink sink(&rows, nullptr);
    const gateway::Outcome outcome = co_await shards->execute(&request, &sink);
    if (!outcome.end) co_return std::unexpected(outcome.end.error());
    co_return rows;
}

Task<Result<std::int64_t>> reserve_in(transaction::ShardSessions* shards,
                                      gateway::ShardTarget target, const std::string* table,
                                      std::int64_t count, std::int64_t* end, async::Stop* stop) {
    const std::string name = sql::identifier(*table);
    const CapturedRows rows = CO_TRY(co_await ask(
        shards, target, "select next_id, cache from " + name + " where id = 0 for update", stop));
    if (rows.rows.size() != 1 || rows.rows.front().size() != 2) {
        co_return fail(Code::unknown,
                       "unexpected rows from reading sequence " + *table +
                           " (possible mis-route): " + std::to_string(rows.rows.size()));
    }
    const std::int64_t first = CO_TRY(number_of(rows.rows.front()[0]));
    const std::int64_t cache = CO_TRY(number_of(rows.rows.front()[1]));
    if (cache < 1)
        co_return fail(Code::unknown,
                       "invalid cache value for sequence " + *table + ": " + std::to_string(cache));
    // Whole blocks, as many as the request needs.
    const std::int64_t reserved = (count + cache - 1) / cache * cache;
    if (first > std::numeric_limits<std::int64_t>::max() - reserved) {
        co_return fail(Code::out_of_range, er::data_out_of_range,
                       "sequence " + *table + " is exhausted");
    }
    *end = first + reserved;
    CO_TRY(co_await ask(
        shards, target,
        "update " + name + " set next_id = " + std::to_string(*end) + " where id = 0", stop));
    co_return first;
}

}  // namespace

Task<Result<void>> SequenceOwner::reserve(const std::string* keyspace, const std::string* table,
                                          std::int64_t count, Block* block) {
    const discovery::ClusterPointer cluster = gateway_->core().cluster();
    const gateway::Serving serving =
        CO_TRY(gateway::serving(*cluster, *keyspace, vindex::TabletType::primary));
    if (serving.map->size() == 0)
        co_return fail(Code::unavailable, "keyspace " + *keyspace + " has no shards");
    async::Stop stop;
    const async::Deadline deadline(
        &stop, reserve_time,
        make_error(Code::deadline_exceeded,
                   "reserving numbers of sequence " + *table + " took too long"));
    transaction::ShardSessions shards(gateway_);
    shards.begin({});
    std::int64_t end = 0;
    Result<std::int64_t> first =
        co_await reserve_in(&shards, serving.at(0), table, count, &end, &stop);
    if (first) {
        const transaction::Ended ended = co_await shards.commit(&stop);
        if (!ended.end) first = std::unexpected(ended.end.error());
    }
    co_await shards.release();
    if (!first) co_return std::unexpected(first.error());
    // A block that begins where the old one ends continues it.
    if (block->end != *first) block->next = *first;
    block->end = end;
    co_return Result<void>{};
}

Task<Result<std::int64_t>> SequenceOwner::next(std::string keyspace, std::string table,
                                               std::int64_t count) {
    std::unique_ptr<Block>& held = blocks_[keyspace + "." + table];
    if (!held) held = std::make_unique<Block>();
    Block* block = held.get();
    while (block->busy) CO_TRY(co_await block->waiters.wait(nullptr));
    if (block->end - block->next < count) {
        block->busy = true;
        const Result<void> reserved = co_await reserve(&keyspace, &table, count, block);
        block->busy = false;
        block->waiters.wake_all();
        if (!reserved) co_return std::unexpected(reserved.error());
    }
    const std::int64_t first = block->next;
    block->next += count;
    co_return first;
}

Task<void> SequenceOwner::run(std::string keyspace, std::string table, std::int64_t count,
                              std::move_only_function<void(Result<std::int64_t>)> done) {
    done(co_await next(std::move(keyspace), std::move(table), count));
}

void SequenceOwner::start(std::string keyspace, std::string table, std::int64_t count,
                          std::move_only_function<void(Result<std::int64_t>)> done) {
    calls_.spawn("sequence", run(std::move(keyspace), std::move(table), count, std::move(done)));
}

namespace {

// Waits for an owner on another loop.
struct RemoteNext {
    SequenceOwner* owner;
    std::string keyspace, table;
    std::int64_t count;
    std::optional<Result<std::int64_t>> result;

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> frame) {
        async::Loop* home = &async::Loop::current();
        owner->loop()->post([this, frame, home] {
            owner->start(std::move(keyspace), std::move(table), count,
                         [this, frame, home](Result<std::int64_t> value) {
                             result = std::move(value);
                             home->post([frame] { async::Loop::current().enter(frame); });
                         });
        });
    }
    Result<std::int64_t> await_resume() { return std::move(*result); }
};

}  // namespace

Task<Result<std::int64_t>> Sequences::next(std::string keyspace, std::string table,
                                           std::int64_t count, async::Stop* stop) {
    if (stop != nullptr && stop->requested()) co_return std::unexpected(stop->error());
    SequenceOwner* owner =
        owners_[std::hash<std::string>{}(keyspace + "." + table) % owners_.size()];
    if (owner->loop() == &async::Loop::current()) {
        co_return co_await owner->next(std::move(keyspace), std::move(table), count);
    }
    co_return co_await RemoteNext{owner, std::move(keyspace), std::move(table), count,
                                  std::nullopt};
}

}  // namespace sluice::engine
