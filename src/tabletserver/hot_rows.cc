// Step 5 of a request to a tablet: does its transaction have to wait for others on the same rows?
// Before: detail/turn.cc.
#include "tabletserver/hot_rows.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/log.h"
#include "sql/ast_expr.h"

namespace sluice::tabletserver {
namespace {

constexpr std::size_t most_seen = 1000;  // v21's
constexpr std::chrono::seconds log_interval{5};

std::string too_many(std::size_t now, std::size_t most) {
    return "too many queued transactions (" + std::to_string(now) + " >= " + std::to_string(most) +
           ")";
}

}  // namespace

std::string without_where(std::string_view rows) {
    const std::size_t where = sql::lower_case(rows).find("where");
    if (where == std::string::npos) return std::string(rows);
    return std::string(rows.substr(0, where)) + "... [REDACTED]";
}

Result<void> HotRows::check_all() {
    const std::size_t all = total_->load(std::memory_order_relaxed);
    if (all < options_.all_queues) return {};
    if (options_.dry_run) {
        ++all_exceeded_dry_run;
        return {};
    }
    ++all_exceeded;
    return fail(Code::resource_exhausted,
                "hot row protection: " + too_many(all, options_.all_queues));
}

Result<void> HotRows::check_room(const Queue& queue, const std::string& rows,
                                 const std::string& table) {
    TRY(check_all());
    if (queue.size < options_.queue) return {};
    if (options_.dry_run) {
        ++queue_exceeded_dry_run.at(table);
        return {};
    }
    ++queue_exceeded.at(table);
    return fail(Code::resource_exhausted,
                "hot row protection: " + too_many(queue.size, options_.queue) +
                    " for the same row (table + WHERE clause: '" +
                    (options_.hide_in_errors ? without_where(rows) : rows) + "')");
}

async::Task<Result<void>> HotRows::wait(std::string rows, std::string table, async::Stop* stop) {
    const auto [at, first] = queues_.try_emplace(rows);
    if (first) {
        at->second = std::make_unique<Queue>();
        total_->fetch_add(1, std::memory_order_relaxed);
        co_return Result<void>{};
    }
    Queue* const queue = at->second.get();
    CO_TRY(check_room(*queue, rows, table));
    total_->fetch_add(1, std::memory_order_relaxed);
    ++queue->size;
    ++queue->count;
    queue->most = std::max(queue->most, queue->size);
    // The first one has not waited and was not remembered, but it made the others wait.
    if (!std::exchange(queue->hot, true)) remember(rows);
    remember(rows);
    if (options_.dry_run) {
        ++waits_dry_run.at(table);
        co_return Result<void>{};
    }
    if (queue->running < options_.concurrent) {
        ++queue->running;
        co_return Result<void>{};
    }
    ++waits.at(table);
    // Who wakes one up leaves it its own place among those that run.
    Result<void> woken = co_await queue->waiters.wait(stop);
    if (!woken) leave(rows, false);
    co_return woken;
}

void HotRows::done(const std::string& rows) {
    leave(rows, true);
}

void HotRows::leave(const std::string& rows, bool was_running) {
    total_->fetch_sub(1, std::memory_order_relaxed);
    const auto at = queues_.find(rows);
    VT_ASSERT(at != queues_.end());
    Queue& queue = *at->second;
    if (--queue.size == 0) {
        log_end(queue, rows);
        queues_.erase(at);
        return;
    }
    if (was_running && !options_.dry_run && !queue.waiters.wake_one()) --queue.running;
}

void HotRows::log_end(const Queue& queue, const std::string& rows) {
    const auto now = async::Clock::now();
    if (queue.most < 2 || now - logged_ < log_interval) return;
    logged_ = now;
    log::info("hot row protection: " + std::to_string(queue.most) + " simultaneous transactions (" +
              std::to_string(queue.count) + " in total) for the same row range (" +
              (options_.hide_in_logs ? without_where(rows) : rows) +
              (options_.dry_run ? ") would have been queued." : ") have been queued."));
}

void HotRows::remember(const std::string& rows) {
    if (seen_.size() >= most_seen && !seen_.contains(rows)) {
        const auto oldest =
            std::ranges::min_element(seen_, {}, [](const auto& each) { return each.second.used; });
        seen_.erase(oldest);
    }
    Seen& seen = seen_[rows];
    ++seen.count;
    seen.used = ++clock_;
}

std::map<std::string, std::uint64_t> HotRows::recent() const {
    std::map<std::string, std::uint64_t> found;
    for (const auto& [rows, seen] : seen_) found[rows] = seen.count;
    return found;
}

}  // namespace sluice::tabletserver
