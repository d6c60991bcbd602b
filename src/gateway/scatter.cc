// Step 7 of a request: calls to several shards at once, their rows into one sink. Before: engine/
// or transaction/. After: gateway.cc, or transaction/shard_sessions.cc for held connections.
#include "gateway/scatter.h"

#include <algorithm>
#include <deque>

#include "async/deadline.h"
#include "async/scope.h"
#include "gateway/detail/merge_ends.h"
#include "gateway/detail/row_cut.h"
#include "gateway/detail/start_order.h"

namespace sluice::gateway {
namespace {

using tablet::ColumnPackets;
using tablet::RowRun;

class ShardSink;

// What the shards of one scatter share.
struct Fan {
    ShardRunner* runner;
    std::vector<ShardRequest>* requests;
    RowSink* client;
    Stop* outer;             // the statement's: only it ends a write to the client
    async::LinkedStop stop;  // the shards'
    bool cuts_others;        // a failure ends the other calls: reads on connections of the pool
    bool stopped_by_us = false;
    bool discarding = false;  // a shard has failed, and the others' results are read to their end
    std::vector<Error> errors;
    ColumnGuard guard;
    ShardSink* speaker = nullptr;  // the client waits for it, or is in the middle of its row
    async::WaitQueue turn;
    std::deque<ShardSink> sinks;
    std::vector<Outcome> outcomes;

    Fan(ShardRunner* with, std::vector<ShardRequest>* what, RowSink* to, Stop* statement)
        : runner(with),
          requests(what),
          client(to),
          outer(statement),
          stop(statement),
          outcomes(what->size()) {
        const bool write = std::ranges::any_of(
            *what, [](const ShardRequest& request) { return request.call.is_write; });
        cuts_others = !write && !with->holds_connections();
    }

    void fail_with(Error error);
    void stop_others();
};

// The sink of one shard's rows. Runs go on to the client one at a time; a row that comes in pieces
// keeps the others waiting until it is whole.
class ShardSink : public RowSink {
 public:
    explicit ShardSink(Fan* fan) : fan_(fan) {}

    Taken taken;

    Result<void> columns(const ColumnPackets& columns) override {
        taken.set();
        if (fan_->discarding) return {};
        const bool first = !fan_->guard.seen();
        Result<void> checked = fan_->guard.check(columns);
        if (checked && first) checked = fan_->client->columns(columns);
        if (!checked) return refuse(std::move(checked).error());
        return {};
    }

    Result<Take> rows(const RowRun& run) override {
        if (fan_->discarding && !is_inside_row()) return Take::more;
        if (fan_->speaker != nullptr && fan_->speaker != this) {
            waiting_ = run;
            return Take::full;
        }
        return deliver(run);
    }

    Task<Result<void>> drain(Stop* stop) override {
        while (waiting_ && !fan_->discarding && fan_->speaker != nullptr && fan_->speaker != this) {
            CO_TRY(co_await fan_->turn.wait(stop));
        }
        if (waiting_ && !fan_->discarding) {
            const RowRun run = *std::exchange(waiting_, std::nullopt);
            const Take take = CO_TRY(deliver(run));
            if (take == Take::more) co_return Result<void>{};
        }
        waiting_.reset();
        if (fan_->speaker != this) co_return Result<void>{};
        // A row that the client has begun to get is not cut because another shard has failed.
        Result<void> drained = co_await fan_->client->drain(fan_->outer);
        if (!drained) co_return refuse(std::move(drained).error());
        if (!stamper_.row_is_open()) stop_speaking();
        co_return Result<void>{};
    }

    // The shard's call has ended.
    void end() {
        taken.set();
        if (is_inside_row()) fan_->discarding = true;  // nothing may follow
        if (fan_->speaker == this) stop_speaking();
    }

    // The client has got a part of this shard's row.
    bool is_inside_row() const { return fan_->speaker == this && stamper_.row_is_open(); }

 private:
    Result<Take> deliver(const RowRun& run) {
        const Result<std::uint8_t> next = stamper_.stamp(run.packets, fan_->client->sequence);
        if (!next) return refuse_rows(next.error());
        fan_->client->sequence = *next;
        Result<Take> take = fan_->client->rows(run);
        if (!take) return refuse_rows(std::move(take).error());
        if (*take == Take::full || stamper_.row_is_open()) {
            fan_->speaker = this;
        } else if (fan_->speaker == this) {
            stop_speaking();
        }
        return take;
    }

    void stop_speaking() {
        fan_->speaker = nullptr;
        fan_->turn.wake_all();
        if (!fan_->errors.empty()) fan_->stop_others();
    }

    // The session's own connections are read to the end of the result; the error is kept.
    Result<void> refuse(Error error) {
        if (!fan_->runner->holds_connections()) return std::unexpected(std::move(error));
        fan_->fail_with(std::move(error));
        return {};
    }
    Result<Take> refuse_rows(Error error) {
        TRY(refuse(std::move(error)));
        return Take::more;
    }

    Fan* fan_;
    PacketStamper stamper_;
    std::optional<RowRun> waiting_;  // a run that waits for its turn; its bytes are the tablet's
};

void Fan::fail_with(Error error) {
    errors.push_back(std::move(error));
    discarding = true;
    turn.wake_all();
    stop_others();
}

// A shard whose row the client has begun to get speaks to that row's end first.
void Fan::stop_others() {
    if (!cuts_others || stopped_by_us) return;
    if (speaker != nullptr && speaker->is_inside_row()) return;
    stopped_by_us = true;
    stop.get()->request(make_error(Code::canceled, "another shard of the statement has failed"));
}

Task<void> run_shard(Fan* fan, std::size_t index) {
    ShardSink& sink = fan->sinks[index];
    ShardRequest& request = (*fan->requests)[index];
    request.call.stop = fan->stop.get();
    request.call.taken = &sink.taken;
    Outcome outcome = co_await fan->runner->run(&request, &sink);
    request.call.stop = nullptr;
    request.call.taken = nullptr;
    if (!outcome.end) {
        // Calls that we stopped end because of the failure that is known already.
        const Error& error = outcome.end.error();
        const bool ours = fan->stopped_by_us &&
                          (error.code == Code::canceled || error.number == er::query_interrupted);
        if (!ours) fan->fail_with(error);
    }
    fan->outcomes[index] = std::move(outcome);
    sink.end();
}

ScatterOutcome gather_outcome(Fan* fan) {
    ScatterOutcome result;
    ResultEnd sum;
    for (std::size_t i = 0; i < fan->outcomes.size(); ++i) {
        Outcome& outcome = fan->outcomes[i];
        if (outcome.end) add_end(sum, *outcome.end, i == 0);
        result.delivered = result.delivered || outcome.delivered;
        std::ranges::move(outcome.warnings, std::back_inserter(result.warnings));
        outcome.warnings.clear();
    }
    result.shards = std::move(fan->outcomes);
    if (fan->errors.empty()) {
        result.end = std::move(sum);
    } else {
        result.end = fail(aggregate(fan->errors));
    }
    return result;
}

Task<ScatterOutcome> run_one(ShardRunner* runner, ShardRequest* request, RowSink* sink,
                             Stop* stop) {
    request->call.stop = stop;
    ScatterOutcome result;
    result.shards.push_back(co_await runner->run(request, sink));
    request->call.stop = nullptr;
    Outcome& outcome = result.shards.front();
    result.end = outcome.end;
    result.delivered = outcome.delivered;
    result.warnings = std::exchange(outcome.warnings, {});
    co_return result;
}

Task<ScatterOutcome> run_several(ShardRunner* runner, std::vector<ShardRequest>* requests,
                                 RowSink* sink, Stop* stop) {
    Fan fan(runner, requests, sink, stop);
    for (std::size_t i = 0; i < requests->size(); ++i) fan.sinks.emplace_back(&fan);
    for (Outcome& outcome : fan.outcomes) {
        outcome.end = fail(Code::canceled, "another shard of the statement has failed");
    }
    async::Scope scope;
    for (const std::size_t index : shard_order(*requests)) {
        if (fan.stop.get()->requested()) {
            if (fan.errors.empty()) fan.errors.push_back(fan.stop.get()->error());
            break;
        }
        scope.spawn("scatter", run_shard(&fan, index));
        co_await fan.sinks[index].taken.wait();
    }
    co_await scope.join();
    co_return gather_outcome(&fan);
}

}  // namespace

std::size_t ScatterOutcome::failed() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(shards, [](const Outcome& outcome) { return !outcome.end; }));
}

Task<ScatterOutcome> scatter(ShardRunner* runner, std::vector<ShardRequest>* requests,
                             RowSink* sink, Stop* stop) {
    VT_ASSERT(!requests->empty());
    if (requests->size() == 1) return run_one(runner, &requests->front(), sink, stop);
    return run_several(runner, requests, sink, stop);
}

}  // namespace sluice::gateway
