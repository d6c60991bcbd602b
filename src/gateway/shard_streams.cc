// Step 7 of a request whose rows the engine looks at: each shard fills its own bounded window.
// Before: engine/. After: gateway.cc, or transaction/shard_sessions.cc for held connections.
#include "gateway/shard_streams.h"

#include <chrono>
#include <deque>

#include "gateway/detail/row_cut.h"
#include "gateway/detail/start_order.h"
#include "gateway/scatter.h"

namespace sluice::gateway {
namespace {

// When nobody wants the rest, servers get this long to end by themselves before they are
// interrupted.
constexpr std::chrono::milliseconds discard_wait{50};

}  // namespace

class Lane;

struct StreamsState {
    ShardRunner* runner;
    std::vector<ShardRequest> requests;
    StreamOptions options;
    async::LinkedStop stop;
    async::Scope scope;
    ColumnGuard guard{false};
    std::vector<Error> errors;
    bool discarding = false;  // nobody wants more rows: finish() was called, or a shard has failed
    bool stopped_by_us = false;
    async::WaitQueue changed;  // a shard has columns, rows, its end, or an error
    std::deque<Lane> lanes;

    StreamsState(ShardRunner* with, std::vector<ShardRequest> what, StreamOptions how, Stop* outer)
        : runner(with), requests(std::move(what)), options(how), stop(outer) {}

    void fail_with(Error error);
    void discard();
    void interrupt() {
        stopped_by_us = true;
        stop.get()->request(make_error(Code::canceled, "the rest of the rows is not wanted"));
    }
};

// One shard's rows on their way to the consumer.
class Lane : public RowSink {
 public:
    explicit Lane(StreamsState* state);

    Taken taken;
    Outcome outcome;
    bool has_columns = false;
    bool ended = false;

    Result<void> columns(const tablet::ColumnPackets& columns) override;
    Result<Take> rows(const tablet::RowRun& run) override;
    Task<Result<void>> drain(Stop* stop) override;

    bool has_batch() const { return !ready_.empty(); }
    RowBatch take();
    void discard();
    void end();

 private:
    Result<void> keep(const tablet::RowRun& run);
    Result<Take> drop(std::size_t bytes);
    Result<void> refuse(Error error);

    StreamsState* state_;
    PacketStamper stamper_;
    std::deque<RowBatch> ready_;
    RowBatch open_;  // its last row is not whole yet
    std::size_t ready_bytes_ = 0;
    std::size_t dropped_ = 0;
    async::WaitQueue room_;
};

void StreamsState::fail_with(Error error) {
    errors.push_back(std::move(error));
    discard();
    if (!runner->holds_connections() && !stopped_by_us) interrupt();
}

void StreamsState::discard() {
    discarding = true;
    for (Lane& lane : lanes) lane.discard();
    changed.wake_all();
}

Lane::Lane(StreamsState* state) : state_(state) {
    open_.charge = Charge(state->options.budget);
}

Result<void> Lane::columns(const tablet::ColumnPackets& columns) {
    taken.set();
    if (Result<void> checked = state_->guard.check(columns); !checked) {
        return refuse(std::move(checked).error());
    }
    has_columns = true;
    state_->changed.wake_all();
    return {};
}

Result<RowSink::Take> Lane::rows(const tablet::RowRun& run) {
    if (state_->discarding) return drop(run.packets.size());
    if (Result<void> kept = keep(run); !kept) {
        TRY(refuse(std::move(kept).error()));
        return Take::more;
    }
    return ready_bytes_ >= state_->options.window ? Take::full : Take::more;
}

Result<void> Lane::keep(const tablet::RowRun& run) {
    TRY(open_.charge.add(run.packets.size()));
    sequence = TRY(stamper_.stamp(run.packets, sequence));
    open_.packets.insert(open_.packets.end(), run.packets.begin(), run.packets.end());
    open_.rows += run.starts;
    if (stamper_.row_is_open()) return {};
    ready_bytes_ += open_.packets.size();
    ready_.push_back(std::exchange(open_, RowBatch{}));
    open_.charge = Charge(state_->options.budget);
    state_->changed.wake_all();
    return {};
}

// A result that is long beyond what was wanted is cut off, which costs the connection, unless it is
// the session's own.
Result<RowSink::Take> Lane::drop(std::size_t bytes) {
    dropped_ += bytes;
    if (dropped_ > state_->options.discard && !state_->runner->holds_connections()) {
        state_->stopped_by_us = true;
        return fail(Code::canceled, "the rest of the rows is not wanted");
    }
    return Take::more;
}

Result<void> Lane::refuse(Error error) {
    if (!state_->runner->holds_connections()) return std::unexpected(std::move(error));
    state_->fail_with(std::move(error));
    return {};
}

Task<Result<void>> Lane::drain(Stop* stop) {
    while (!state_->discarding && ready_bytes_ > state_->options.window / 2) {
        CO_TRY(co_await room_.wait(stop));
    }
    co_return Result<void>{};
}

RowBatch Lane::take() {
    RowBatch batch = std::move(ready_.front());
    ready_.pop_front();
    ready_bytes_ -= batch.packets.size();
    room_.wake_all();
    return batch;
}

void Lane::discard() {
    ready_.clear();
    ready_bytes_ = 0;
    open_ = RowBatch{};
    room_.wake_all();
}

void Lane::end() {
    ended = true;
    taken.set();
    state_->changed.wake_all();
}

namespace {

Task<void> run_lane(StreamsState* state, std::size_t index) {
    Lane& lane = state->lanes[index];
    ShardRequest& request = state->requests[index];
    request.call.stop = state->stop.get();
    request.call.taken = &lane.taken;
    lane.outcome = co_await state->runner->run(&request, &lane);
    if (!lane.outcome.end) {
        const Error& error = lane.outcome.end.error();
        const bool ours = state->stopped_by_us &&
                          (error.code == Code::canceled || error.number == er::query_interrupted);
        if (!ours) state->fail_with(error);
    }
    lane.end();
}

}  // namespace

ShardStreams::ShardStreams(ShardRunner* runner, std::vector<ShardRequest> requests,
                           StreamOptions options, Stop* stop)
    : state_(std::make_unique<StreamsState>(runner, std::move(requests), options, stop)) {
    for (std::size_t i = 0; i < state_->requests.size(); ++i) {
        state_->lanes.emplace_back(state_.get());
        state_->lanes.back().outcome.end = fail(Code::canceled, "the call was not started");
    }
}

ShardStreams::~ShardStreams() {
    VT_ASSERT(state_->scope.running() == 0);
}

std::size_t ShardStreams::size() const {
    return state_->lanes.size();
}

Task<Result<tablet::ColumnPackets>> ShardStreams::start() {
    StreamsState* state = state_.get();
    for (const std::size_t index : shard_order(state->requests)) {
        if (state->stop.get()->requested()) {
            if (state->errors.empty()) state->fail_with(state->stop.get()->error());
            break;
        }
        state->scope.spawn("shard stream", run_lane(state, index));
        co_await state->lanes[index].taken.wait();
    }
    for (Lane& lane : state->lanes) {
        while (!lane.has_columns && !lane.ended && state->errors.empty()) {
            std::ignore =
                co_await state->changed.wait(nullptr);  // every call ends, by its stop at least
        }
    }
    if (!state->errors.empty()) co_return fail(state->errors.front());
    co_return state->guard.first();
}

Task<Result<std::optional<RowBatch>>> ShardStreams::next(std::size_t shard) {
    Lane& lane = state_->lanes[shard];
    while (state_->errors.empty() && !lane.has_batch() && !lane.ended) {
        std::ignore = co_await state_->changed.wait(nullptr);
    }
    if (!state_->errors.empty()) co_return fail(state_->errors.front());
    if (!lane.has_batch()) co_return std::optional<RowBatch>{};
    co_return std::optional<RowBatch>(lane.take());
}

Task<Result<void>> ShardStreams::finish() {
    StreamsState* state = state_.get();
    state->discard();
    if (!state->runner->holds_connections() && state->scope.running() != 0) {
        // Deadline marks nothing by itself, so what it ends must already count as ours.
        if (!state->stop.get()->requested()) state->stopped_by_us = true;
        const async::Deadline deadline(
            state->stop.get(), discard_wait,
            make_error(Code::canceled, "the rest of the rows is not wanted"));
        co_await state->scope.join();
    }
    co_await state->scope.join();
    if (!state->errors.empty()) co_return fail(aggregate(state->errors));
    co_return Result<void>{};
}

const Outcome& ShardStreams::outcome(std::size_t shard) const {
    return state_->lanes[shard].outcome;
}

}  // namespace sluice::gateway
