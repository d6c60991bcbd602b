#pragma once
// The buffer of one shard: idle, buffering, draining (vtgate-contract 10). Pure: time comes as an
// argument, requests are tickets, and what shall become of them comes out as a list.
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "buffering/options.h"
#include "vindex/target.h"

namespace sluice::buffering {

using Ticket = std::uint64_t;

// What all shards have together.
struct Room {
    std::size_t requests = 0;  // in use
    std::size_t bytes = 0;
};

// A request that shall go on: try again (ok), or end with the error. Who has tried again says
// retried().
struct Release {
    Ticket ticket = 0;
    Result<void> outcome;
};

class ShardBuffer {
 public:
    enum class State : std::uint8_t { idle, buffering, draining };
    enum class Answer : std::uint8_t { pass, hold };

    // `options` and `room` outlive it.
    ShardBuffer(std::string keyspace, std::string shard, const BufferOptions* options, Room* room);

    // A request before it is sent (no error), or after it failed. pass: go on at once. An error:
    // there is no room. `mark` is asked when buffering would start: false forbids it.
    using Mark = std::function<bool(bool reparent)>;
    Result<Answer> enter(Time now, Ticket ticket, std::size_t bytes, const Error* error,
                         const Mark& mark);
    // The request's client has gone.
    void leave(Ticket ticket);
    // What was released has been tried again, or has ended.
    void retried(Time now, Ticket ticket);
    // The keyspace is consistent again. `serving`: the shard is still part of it.
    void on_event(Time now, const std::optional<vindex::TabletAlias>& primary, bool serving,
                  bool tables_moved);
    // Lets time pass: windows and the longest failover.
    void advance(Time now);
    // When advance() has to be called next; nullopt: not at all.
    std::optional<Time> next_due() const;
    void shut_down(Time now);

    // What came of the calls since, in order.
    std::vector<Release> take_releases() { return std::exchange(releases_, {}); }
    State state() const { return state_; }
    std::size_t waiting() const { return queue_.size(); }
    const ShardCounters& counters() const { return counters_; }
    // Of requests that never came so far: the buffer is shut down.
    void skip(SkipReason reason) { ++counters_.skipped[static_cast<std::size_t>(reason)]; }

 private:
    struct Entry {
        Ticket ticket;
        std::size_t bytes;
        Time deadline;
    };
    bool may_start(Time now, const Error& error);
    void start(Time now, const Error& error);
    void stop(Time now, StopReason reason);
    bool make_room(std::size_t bytes);
    void evict(std::deque<Entry>::iterator entry, EvictReason reason, Result<void> outcome);
    void drain(Time now);
    void release(const Entry& entry, Result<void> outcome);

    std::string name_;  // "keyspace/shard", for logs
    const BufferOptions* options_;
    Room* room_;
    Mode mode_;
    State state_ = State::idle;
    std::deque<Entry> queue_;  // oldest first; while draining, those that are still to go
    std::map<Ticket, std::size_t> going_;  // released, not yet retried: bytes
    std::map<Ticket, bool> draining_;      // those of `going_` that the drain waits for
    std::size_t to_drain_ = 0;             // how many there were
    Result<void> drain_outcome_;
    std::optional<Time> last_start_, last_end_, last_reparent_;
    std::optional<Time> told_recent_;  // the log line is not written for every request
    std::optional<vindex::TabletAlias> primary_;
    std::vector<Release> releases_;
    ShardCounters counters_;
};

}  // namespace sluice::buffering
