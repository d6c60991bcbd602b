#pragma once
// The process's buffer. It lives on the owner loop of discovery; the other cores visit it by
// messages, and only while a shard fails over.
#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "async/loop.h"
#include "async/stop.h"
#include "async/task.h"
#include "async/timer_wheel.h"
#include "buffering/shard_buffer.h"
#include "discovery/keyspace_events.h"

namespace sluice::buffering {

using async::Stop;
using async::Task;

// What became of a request that asked.
struct Held {
    Result<void> outcome;  // ok: try (again)
    Ticket ticket = 0;     // not 0: it was held, and retried() must be said when it has been tried
    std::string shard_key;
};

class Buffer {
 public:
    // Is told that requests wait for a shard; false: buffering makes no sense (discovery's
    // mark_not_serving). Called on the owner loop.
    using MarkNotServing =
        std::function<bool(const std::string& keyspace, const std::string& shard, bool reparent)>;
    Buffer(BufferOptions options, async::Loop* owner, MarkNotServing mark);
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    ~Buffer();

    // From every loop: nothing is held now. One load; what every request looks at first.
    bool idle() const { return active_.load(std::memory_order_relaxed) == 0; }

    // From every loop. A request to a shard's primary asks before it is sent (no error) if the
    // buffer is not idle, and after a failure that is_failover(). It waits until the failover ends,
    // its window is over, or `stop`. `error` outlives the task.
    Task<Held> wait(std::string keyspace, std::string shard, std::size_t bytes, const Error* error,
                    Stop* stop);
    // From every loop: the request of `held` has been tried again, or ends without.
    void retried(const Held& held);

    // On the owner loop, from here on.
    //
    // Discovery::on_keyspace_event.
    void on_keyspace_event(const discovery::KeyspaceEvent& event);
    // Lets all requests go with the error `shutdown`; later ones pass.
    void shut_down();
    const std::map<std::string, std::unique_ptr<ShardBuffer>>& shards() const { return shards_; }
    std::size_t size() const { return options_.size; }  // BufferSize

 private:
    struct Visit;  // a request's half on its own loop
    struct Timer;
    ShardBuffer* shard(const std::string& keyspace, const std::string& shard);
    void enter(Visit* visit, Ticket ticket);
    void settle();
    void ring();

    BufferOptions options_;
    async::Loop* owner_;
    MarkNotServing mark_;
    std::atomic<std::uint32_t> active_{0};  // shards that are not idle
    std::atomic<Ticket> next_ticket_{1};
    bool shut_down_ = false;
    Room room_;
    std::map<std::string, std::unique_ptr<ShardBuffer>> shards_;  // by "keyspace/shard"
    std::map<Ticket, Visit*> visits_;
    std::unique_ptr<Timer> timer_;
};

}  // namespace sluice::buffering
