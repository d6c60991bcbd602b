// Step 6 of a request, for plans whose rows the gate must look at: shards are merged and pushed
// through the steps. Before: engine/run.cc. After: gateway/shard_streams.cc.
#include "engine/feed.h"

#include <algorithm>
#include <charconv>

#include "base/tally.h"
#include "engine/route.h"
#include "engine/steps.h"
#include "engine/targets.h"
#include "gateway/shard_streams.h"
#include "wire/row.h"

namespace sluice::engine {
namespace {

// The rows of one shard, batch by batch, cut into cells.
struct Cursor {
    std::size_t shard = 0;
    std::optional<gateway::RowBatch> batch;
    std::size_t at = 0;
    std::vector<ValueView> values;
    std::vector<Cell> cells;
    std::span<const Type> types;

    // Cuts the row at the cursor. False: the batch is used up.
    Result<bool> cut() {
        if (!batch || at >= batch->packets.size()) return false;
        ++tally.rows_cut;
        // A row of several packets is rare: it is put together first.
        wire::MessageCutter cutter(batch->packets.size());
        const wire::ByteView rest = wire::ByteView(batch->packets).subspan(at);
        cutter.expect(rest[3]);
        wire::ByteView input = rest;
        for (;;) {
            const wire::MessageCutter::Cut cut = TRY(cutter.cut(input));
            at += cut.consumed;
            input = input.subspan(cut.consumed);
            if (!cut.message) {
                if (cut.consumed == 0) return bug("a batch ends inside a row");
                continue;
            }
            if (cut.message->data() < rest.data() ||
                cut.message->data() >= rest.data() + rest.size()) {
                whole.assign(cut.message->begin(), cut.message->end());
                TRY(wire::cut_text_row(whole, types, values));
            } else {
                TRY(wire::cut_text_row(*cut.message, types, values));
            }
            break;
        }
        for (std::size_t i = 0; i < cells.size(); ++i) {
            // An empty string is not NULL: its view must point somewhere.
            cells[i] = values[i].is_null()
                           ? Cell()
                           : (values[i].bytes.data() != nullptr ? values[i].bytes : Cell("", 0));
        }
        return true;
    }

    std::vector<std::uint8_t> whole;
};

// To the next row of the cursor's shard; false after the last one.
Task<Result<bool>> advance(gateway::ShardStreams* streams, Cursor* cursor) {
    for (;;) {
        if (CO_TRY(cursor->cut())) co_return true;
        cursor->batch.reset();
        cursor->at = 0;
        cursor->batch = CO_TRY(co_await streams->next(cursor->shard));
        if (!cursor->batch) co_return false;
    }
}

struct Merge {
    gateway::ShardStreams* streams = nullptr;
    std::vector<Comparison> keys;
    std::vector<Type> types;
    std::vector<Cursor> cursors;
};

// The shard whose row comes first stands at the front of the heap; equal rows keep the order of
// shards.
struct ComesLater {
    const Merge* merge;
    bool operator()(std::size_t left, std::size_t right) const {
        for (const Comparison& key : merge->keys) {
            const int sign = key.ordered(merge->cursors[left].cells, merge->cursors[right].cells);
            if (sign != 0) return sign > 0;
        }
        return left > right;
    }
};

Task<Result<void>> push_in_turn(Feed* feed, Merge* merge, Step* next) {
    for (Cursor& cursor : merge->cursors) {
        while (CO_TRY(co_await advance(merge->streams, &cursor))) {
            if (CO_TRY(next->push(cursor.cells)) == Flow::enough) co_return Result<void>{};
            if (feed->output->wants_flush())
                CO_TRY(co_await feed->output->flush(feed->context->stop));
        }
    }
    co_return Result<void>{};
}

Task<Result<void>> push_merged(Feed* feed, Merge* merge, Step* next) {
    std::vector<std::size_t> heap;
    const ComesLater comes_later{merge};
    for (Cursor& cursor : merge->cursors) {
        if (CO_TRY(co_await advance(merge->streams, &cursor))) heap.push_back(cursor.shard);
    }
    std::ranges::make_heap(heap, comes_later);
    while (!heap.empty()) {
        std::ranges::pop_heap(heap, comes_later);
        Cursor& first = merge->cursors[heap.back()];
        if (CO_TRY(next->push(first.cells)) == Flow::enough) co_return Result<void>{};
        if (feed->output->wants_flush()) CO_TRY(co_await feed->output->flush(feed->context->stop));
        if (CO_TRY(co_await advance(merge->streams, &first))) {
            std::ranges::push_heap(heap, comes_later);
        } else {
            heap.pop_back();
        }
    }
    co_return Result<void>{};
}

Task<Result<void>> push_streams(Feed* feed, const plan::Route* route,
                                gateway::ShardStreams* streams, Step* next) {
    const tablet::ColumnPackets packets = CO_TRY(co_await streams->start());
    Columns columns = CO_TRY(cut_columns(packets));
    Merge merge{.streams = streams,
                .keys = {},
                .types = {},
                .cursors = std::vector<Cursor>(streams->size())};
    for (const Column& column : columns.columns) merge.types.push_back(column.type);
    for (const plan::Key& key : route->order_by)
        merge.keys.push_back(CO_TRY(Comparison::of(key, columns.columns)));
    for (std::size_t i = 0; i < merge.cursors.size(); ++i) {
        merge.cursors[i].shard = i;
        merge.cursors[i].types = merge.types;
        merge.cursors[i].values.resize(merge.types.size());
        merge.cursors[i].cells.resize(merge.types.size());
    }
    CO_TRY(next->columns(std::move(columns)));
    if (merge.keys.empty() || merge.cursors.size() == 1) {
        CO_TRY(co_await push_in_turn(feed, &merge, next));
    } else {
        CO_TRY(co_await push_merged(feed, &merge, next));
    }
    co_return Result<void>{};
}

// No row can match: one shard is asked for the columns, or for the row that an aggregate always
// has.
Result<ShardTexts> texts_of(Feed* feed, const plan::Route* route) {
    ShardTexts texts = TRY(shard_texts(*feed->context, *feed->plan, *route, *feed->bindings));
    if (!texts.requests.empty()) return texts;
    const gateway::ShardTarget target = TRY(first_shard(*feed->context, route->routing));
    texts.requests.push_back({.target = target,
                              .call = call_of(*feed->context, false),
                              .tables = feed->plan->tables_used});
    TRY(fill_query(*feed->context, route->always_row ? route->query : route->field_query,
                   *feed->bindings, texts.payloads.emplace_back(), texts.requests.back().call));
    return texts;
}

Task<Result<void>> feed_route(Feed* feed, const plan::Route* route, Step* next,
                              std::optional<std::uint64_t> upper_limit) {
    if (route->upper_limit && upper_limit) {
        feed->bindings->set(
            *route->upper_limit,
            {.value = {.type = Type::int64, .bytes = std::to_string(*upper_limit)}, .list = {}});
    }
    const ShardTexts texts = CO_TRY(texts_of(feed, route));
    CutStep cut(route->extra_columns, next);
    Step* first = route->extra_columns == 0 ? next : &cut;
    gateway::ShardStreams streams(feed->context->shards, texts.requests,
                                  {.budget = feed->context->budget}, feed->context->stop);
    Result<void> pushed = co_await push_streams(feed, route, &streams, first);
    const Result<void> finished = co_await streams.finish();
    co_await feed->context->shards->settle();
    for (std::size_t i = 0; i < streams.size(); ++i) {
        const std::vector<tablet::Warning>& warnings = streams.outcome(i).warnings;
        feed->warnings.insert(feed->warnings.end(), warnings.begin(), warnings.end());
    }
    if (!pushed) co_return pushed;
    if (!finished) co_return finished;
    CO_TRY(first->finish());
    co_return Result<void>{};
}

Result<std::uint64_t> limit_value(Bindings& bindings, const plan::ValueRef& ref) {
    const ValueView value = TRY(bindings.value(ref));
    std::uint64_t number = 0;
    const char* end = value.bytes.data() + value.bytes.size();
    const auto parsed = std::from_chars(value.bytes.data(), end, number);
    if (parsed.ptr != end || parsed.ec != std::errc()) {
        return fail(Code::invalid_argument, er::wrong_arguments, "Incorrect arguments to LIMIT");
    }
    return number;
}

Task<Result<void>> feed_limit(Feed* feed, const plan::Limit* limit, Step* next) {
    std::optional<std::uint64_t> count;
    std::uint64_t offset = 0;
    if (limit->count) count = CO_TRY(limit_value(*feed->bindings, *limit->count));
    if (limit->offset) offset = CO_TRY(limit_value(*feed->bindings, *limit->offset));
    std::optional<std::uint64_t> upper;
    if (count) upper = *count > ~std::uint64_t{0} - offset ? ~std::uint64_t{0} : *count + offset;
    LimitStep step(offset, count, next);
    co_return co_await engine::feed(feed, &*limit->input, &step, upper);
}

Task<Result<void>> feed_concatenate(Feed* feed, const plan::Concatenate* all, Step* next) {
    ConcatenateStep step(next);
    for (const plan::Node& input : all->inputs)
        CO_TRY(co_await engine::feed(feed, &input, &step, std::nullopt));
    CO_TRY(step.finish_all());
    co_return Result<void>{};
}

}  // namespace

Task<Result<void>> feed(Feed* run, const plan::Node* node, Step* next,
                        std::optional<std::uint64_t> upper_limit) {
    Budget* budget = run->context->budget;
    const std::size_t max_rows = run->context->max_memory_rows;
    if (const auto* route = std::get_if<plan::Route>(&node->node)) {
        co_return co_await feed_route(run, route, next, upper_limit);
    }
    if (const auto* limit = std::get_if<plan::Limit>(&node->node))
        co_return co_await feed_limit(run, limit, next);
    if (const auto* sort = std::get_if<plan::Sort>(&node->node)) {
        SortStep step(sort, budget, max_rows, next);
        co_return co_await feed(run, &*sort->input, &step, std::nullopt);
    }
    if (const auto* aggregate = std::get_if<plan::Aggregate>(&node->node)) {
        AggregateStep step(aggregate, next);
        co_return co_await feed(run, &*aggregate->input, &step, std::nullopt);
    }
    if (const auto* distinct = std::get_if<plan::Distinct>(&node->node)) {
        DistinctStep step(distinct, budget, max_rows, next);
        co_return co_await feed(run, &*distinct->input, &step, upper_limit);
    }
    if (const auto* projection = std::get_if<plan::Projection>(&node->node)) {
        ProjectionStep step(projection, next);
        co_return co_await feed(run, &*projection->input, &step, upper_limit);
    }
    if (const auto* all = std::get_if<plan::Concatenate>(&node->node))
        co_return co_await feed_concatenate(run, all, next);
    co_return bug("a node without rows stands where rows are expected");
}

}  // namespace sluice::engine
