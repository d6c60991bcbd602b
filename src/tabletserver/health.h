#pragma once
// Health messages on their way to those who watch: each loop has a feed, into which the main loop
// puts every message (vttablet-contract 2.1).
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "async/wait_queue.h"
#include "topo/records.h"

namespace sluice::tabletserver {

using async::Stop;
using async::Task;

// What a StreamHealthResponse says.
struct HealthMessage {
    std::string keyspace, shard;
    topo::TabletType type = topo::TabletType::unknown;
    bool serving = false;
    std::int64_t term_start = 0;  // seconds; 0: no primary
    topo::TabletAlias alias;
    std::string error;
    std::uint32_t lag_seconds = 0;
    double qps = 0;
    std::vector<std::string> tables_changed, views_changed;
    bool functions_changed = false;
};
// A query.StreamHealthResponse.
std::string encode(const HealthMessage& message);

class HealthFeed {
 public:
    using Encoded = std::shared_ptr<const std::string>;
    // One watcher. Lives on the feed's loop.
    class Watcher {
     public:
        Watcher(HealthFeed* feed, std::size_t room);
        Watcher(const Watcher&) = delete;
        Watcher& operator=(const Watcher&) = delete;
        ~Watcher();
        // The state at the beginning, then each message. Errors: the stop's; RESOURCE_EXHAUSTED if
        // messages came faster than they were taken; UNAVAILABLE when the tablet ends.
        Task<Result<Encoded>> next(Stop* stop);

     private:
        friend class HealthFeed;
        HealthFeed* feed_;
        std::size_t room_;
        std::deque<Encoded> waiting_;
        bool overflowed_ = false;
        async::WaitQueue arrived_;
    };

    HealthFeed() = default;
    HealthFeed(const HealthFeed&) = delete;
    HealthFeed& operator=(const HealthFeed&) = delete;

    // `state` is the message without what has changed: what later watchers begin with.
    void publish(Encoded message, Encoded state);
    void close();

 private:
    std::vector<Watcher*> watchers_;
    Encoded state_;
    bool closed_ = false;
};

}  // namespace sluice::tabletserver
