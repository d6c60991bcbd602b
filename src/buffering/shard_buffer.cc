// Beside requests: one shard's buffer. Before: buffer.cc brings requests and events. After:
// released requests are tried again by gateway/gateway.cc.
#include "buffering/shard_buffer.h"

#include <algorithm>

#include "base/log.h"

namespace sluice::buffering {
namespace {

constexpr std::chrono::seconds between_log_lines{5};

std::string seconds_of(Duration duration) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
    return std::to_string(ms / 1000) + "." + std::to_string(ms % 1000 / 100) + "s";
}

std::uint64_t milliseconds_of(Duration duration) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
    return ms < 0 ? 0 : static_cast<std::uint64_t>(ms);
}

}  // namespace

ShardBuffer::ShardBuffer(std::string keyspace, std::string shard, const BufferOptions* options,
                         Room* room)
    : name_(keyspace + "/" + shard),
      options_(options),
      room_(room),
      mode_(options->mode(keyspace, shard)) {}

bool ShardBuffer::may_start(Time now, const Error& error) {
    const auto too_recent = [&](const std::optional<Time>& last) {
        return last && now - *last < options_->min_between;
    };
    const bool failover = too_recent(last_end_);
    if (!failover && !too_recent(last_reparent_)) return true;
    skip(failover ? SkipReason::recent_failover : SkipReason::recent_reparent);
    if (!told_recent_ || now - *told_recent_ >= between_log_lines) {
        told_recent_ = now;
        log::info("NOT starting buffering for shard: " + name_ + " because the last " +
                  (failover ? "failover which triggered buffering" : "reparent") +
                  " is too recent (A failover was detected by this seen error: " + error.text +
                  ")");
    }
    return false;
}

void ShardBuffer::start(Time now, const Error& error) {
    state_ = State::buffering;
    last_start_ = now;
    counters_.last_in_flight_max = counters_.last_dry_run_max = 0;
    counters_.failover_duration_sum = 0;
    ++counters_.starts;
    log::info(std::string(mode_ == Mode::dry_run ? "Dry-run: Would have started buffering"
                                                 : "Starting buffering") +
              " for shard: " + name_ + " (window: " + seconds_of(options_->window) +
              ", size: " + std::to_string(options_->size) +
              ", max failover duration: " + seconds_of(options_->max_failover) +
              ") (A failover was detected by this seen error: " + error.text + ")");
}

Result<ShardBuffer::Answer> ShardBuffer::enter(Time now, Ticket ticket, std::size_t bytes,
                                               const Error* error, const Mark& mark) {
    if (mode_ == Mode::disabled) {
        skip(SkipReason::disabled);
        return Answer::pass;
    }
    advance(now);
    if (state_ == State::draining || (state_ == State::idle && error == nullptr)) {
        return Answer::pass;
    }
    if (state_ == State::idle) {
        if (!may_start(now, *error) || !mark(is_reparent(*error))) return Answer::pass;
        start(now, *error);
    }
    if (mode_ == Mode::dry_run) {
        ++counters_.last_dry_run_max;
        ++counters_.buffered_dry_run;
        return Answer::pass;
    }
    if (!make_room(bytes)) {
        skip(SkipReason::full);
        return fail(Code::unavailable, "primary buffer is full");
    }
    ++room_->requests;
    room_->bytes += bytes;
    queue_.push_back({ticket, bytes, now + options_->window});
    counters_.last_in_flight_max =
        std::max<std::uint64_t>(counters_.last_in_flight_max, queue_.size());
    ++counters_.buffered;
    return Answer::hold;
}

// The shard's oldest requests give way. A larger statement may need the room of several.
bool ShardBuffer::make_room(std::size_t bytes) {
    const auto full = [&] {
        return room_->requests >= options_->size || room_->bytes + bytes > options_->bytes;
    };
    if (bytes > options_->bytes) return false;
    while (full()) {
        if (queue_.empty()) return false;
        const Entry oldest = queue_.front();
        queue_.pop_front();
        // It will not be tried again: its room is free at once.
        --room_->requests;
        room_->bytes -= oldest.bytes;
        ++counters_.evicted[static_cast<std::size_t>(EvictReason::full)];
        releases_.push_back({oldest.ticket, fail(Code::unavailable,
                                                 "buffer full: request evicted for newer "
                                                 "request")});
    }
    return true;
}

void ShardBuffer::release(const Entry& entry, Result<void> outcome) {
    going_[entry.ticket] = entry.bytes;
    releases_.push_back({entry.ticket, std::move(outcome)});
}

void ShardBuffer::evict(std::deque<Entry>::iterator entry, EvictReason reason,
                        Result<void> outcome) {
    ++counters_.evicted[static_cast<std::size_t>(reason)];
    release(*entry, std::move(outcome));
    queue_.erase(entry);
}

void ShardBuffer::leave(Ticket ticket) {
    const auto entry = std::ranges::find(queue_, ticket, &Entry::ticket);
    if (entry == queue_.end()) return;  // it is on its way already
    evict(entry, EvictReason::stopped,
          fail(Code::unavailable, "context was canceled before failover finished"));
}

void ShardBuffer::retried(Time now, Ticket ticket) {
    const auto found = going_.find(ticket);
    if (found == going_.end()) return;
    --room_->requests;
    room_->bytes -= found->second;
    going_.erase(found);
    if (draining_.erase(ticket) != 0) drain(now);
}

void ShardBuffer::on_event(Time now, const std::optional<vindex::TabletAlias>& primary,
                           bool serving, bool tables_moved) {
    if (primary != primary_) {
        if (primary_) last_reparent_ = now;
        primary_ = primary;
    }
    stop(now, tables_moved ? StopReason::tables_moved
              : serving    ? StopReason::new_primary
                           : StopReason::resharded);
}

void ShardBuffer::advance(Time now) {
    if (state_ != State::buffering) return;
    if (now - *last_start_ >= options_->max_failover) {
        stop(now, StopReason::too_long);
        return;
    }
    while (!queue_.empty() && now >= queue_.front().deadline) {
        evict(queue_.begin(), EvictReason::window, {});
    }
}

std::optional<Time> ShardBuffer::next_due() const {
    if (state_ != State::buffering) return std::nullopt;
    const Time end = *last_start_ + options_->max_failover;
    return queue_.empty() ? end : std::min(end, queue_.front().deadline);
}

void ShardBuffer::shut_down(Time now) {
    stop(now, StopReason::shutdown);
}

void ShardBuffer::stop(Time now, StopReason reason) {
    if (state_ != State::buffering) return;
    last_end_ = now;
    const std::uint64_t lasted = milliseconds_of(now - *last_start_);
    ++counters_.stops[static_cast<std::size_t>(reason)];
    counters_.last_failover_duration = lasted;
    counters_.failover_duration_sum += lasted;
    const auto percent = [&](std::uint64_t most) {
        return options_->size == 0 ? 0 : most * 100 / options_->size;
    };
    if (mode_ == Mode::dry_run) {
        counters_.utilization_dry_run_sum += percent(counters_.last_dry_run_max);
    } else {
        counters_.utilization_sum += percent(counters_.last_in_flight_max);
    }
    log::info(std::string(mode_ == Mode::dry_run ? "Dry-run: Would have stopped buffering"
                                                 : "Stopping buffering") +
              " for shard: " + name_ + " after: " + seconds_of(now - *last_start_) +
              " due to: " + std::string(name_of(reason)) + ". Draining " +
              std::to_string(queue_.size()) + " buffered requests now.");
    state_ = State::draining;
    to_drain_ = queue_.size();
    drain_outcome_ = {};
    if (reason == StopReason::resharded) {
        drain_outcome_ = fail(Code::unavailable, std::string(missing_shard_text));
    } else if (reason == StopReason::shutdown) {
        drain_outcome_ = fail(Code::unavailable, "shutdown");
    }
    drain(now);
}

// As many at a time as may be; each waits for its retry to finish.
void ShardBuffer::drain(Time now) {
    if (state_ != State::draining) return;
    const std::size_t most = std::max<std::size_t>(options_->drain_concurrency, 1);
    while (!queue_.empty() && draining_.size() < most) {
        draining_[queue_.front().ticket] = true;
        release(queue_.front(), drain_outcome_);
        queue_.pop_front();
    }
    if (!queue_.empty() || !draining_.empty()) return;
    counters_.drained += to_drain_;
    state_ = State::idle;
    log::info("Draining finished for shard: " + name_ + " for: " + std::to_string(to_drain_) +
              " requests, " + seconds_of(now - *last_end_));
}

}  // namespace sluice::buffering
