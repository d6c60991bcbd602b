// Step 6 of a request to a tablet for numbers of a sequence. Before: detail/run.cc. After:
// detail/ask.cc.
#include "tabletserver/sequences.h"

#include <charconv>
#include <limits>

#include "sql/format.h"
#include "tabletserver/detail/ask.h"

namespace sluice::tabletserver {
namespace {

std::unexpected<Error> wrong(std::string text) {
    return fail(Code::invalid_argument, std::move(text));
}

Result<std::int64_t> number_of(const std::optional<std::string>& cell, const std::string& table) {
    std::int64_t number = 0;
    const std::string text = cell.value_or("");
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size())
        return wrong("error loading sequence " + table + ": not a number: '" + text + "'");
    return number;
}

}  // namespace

// The table's row is read for update and moved forward by whole caches.
Task<Result<void>> Sequences::reserve_in(tablet::HeldId held, const std::string* table,
                                         std::int64_t count, Block* block, Stop* stop) {
    const std::string name = sql::identifier(*table);
    const Asked asked = CO_TRY(co_await ask(
        tablet_,
        {.text = "select next_id, cache from " + name + " where id = 0 for update", .held = held},
        stop));
    if (asked.rows.size() != 1 || asked.rows[0].size() != 2) {
        co_return wrong("unexpected rows from reading sequence " + *table +
                        " (possible mis-route): " + std::to_string(asked.rows.size()));
    }
    std::int64_t first = CO_TRY(number_of(asked.rows[0][0], *table));
    const std::int64_t cache = CO_TRY(number_of(asked.rows[0][1], *table));
    if (cache < 1)
        co_return wrong("invalid cache value for sequence " + *table + ": " +
                        std::to_string(cache));
    // A table that was set back does not give out numbers twice; one that was moved on counts.
    std::int64_t next = block->next;
    if (block->epoch != epoch_) {
        next = first;
    } else if (block->last != first) {
        first = std::max(first, block->last);
        next = first;
    }
    constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
    if (next > largest - count || first > largest - count - 2 * cache)
        co_return fail(Code::out_of_range, er::data_out_of_range,
                       "sequence " + *table + " is exhausted");
    const std::int64_t missing = next + count - first;
    const std::int64_t blocks = std::max<std::int64_t>((missing + cache - 1) / cache, 1);
    const std::int64_t last = first + blocks * cache;
    CO_TRY(co_await ask(
        tablet_,
        {.text = "update " + name + " set next_id = " + std::to_string(last) + " where id = 0",
         .held = held,
         .is_write = true},
        stop));
    const std::uint64_t epoch = epoch_;
    CO_TRY(co_await tablet_->commit(held, false, stop));
    block->next = next;
    block->last = last;
    block->epoch = epoch;
    co_return Result<void>{};
}

Task<Result<void>> Sequences::reserve(const std::string* table, std::int64_t count, Block* block,
                                      Stop* stop) {
    const Asked opened = CO_TRY(co_await ask(tablet_, {.text = "do 0", .begin = true}, stop));
    Result<void> reserved = co_await reserve_in(opened.held, table, count, block, stop);
    if (!reserved) co_await tablet_->release(opened.held);
    co_return reserved;
}

Task<Result<std::int64_t>> Sequences::next(std::string table, std::int64_t count, Stop* stop) {
    if (count < 1)
        co_return wrong("invalid increment for sequence " + table + ": " + std::to_string(count));
    std::unique_ptr<Block>& held = blocks_[table];
    if (!held) held = std::make_unique<Block>();
    Block* const block = held.get();
    while (block->busy) CO_TRY(co_await block->waiters.wait(stop));
    if (block->epoch != epoch_ || block->next > block->last - count) {
        block->busy = true;
        Result<void> reserved = co_await reserve(&table, count, block, stop);
        block->busy = false;
        block->waiters.wake_all();
        if (!reserved) co_return fail(std::move(reserved).error());
    }
    const std::int64_t first = block->next;
    block->next += count;
    co_return first;
}

}  // namespace sluice::tabletserver
