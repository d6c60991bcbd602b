#pragma once
// Transactions that begin with an UPDATE or DELETE of the same rows (equal table and WHERE) wait
// for each other here and not in the server, where each would keep a connection
// (vttablet-contract 3.2, Hot rows). Each loop has one; the rows' text says whose they are. Nothing
// of it is made, or asked, without --enable_hot_row_protection.
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "async/counters.h"
#include "async/loop.h"
#include "async/task.h"
#include "async/wait_queue.h"
#include "base/error.h"

namespace sluice::tabletserver {

struct HotRowOptions {
    bool enabled = false;
    bool dry_run = false;           // nobody waits or is refused: it is only counted
    std::size_t queue = 20;         // transactions of the same rows, those that run included
    std::size_t all_queues = 1000;  // of all rows
    std::size_t concurrent = 5;     // of the same rows that run at once
    bool hide_in_errors = false;    // the WHERE, which has values
    bool hide_in_logs = false;
};

class HotRows {
 public:
    // `total`: transactions of all rows, counted for all loops together.
    HotRows(HotRowOptions options, std::shared_ptr<std::atomic<std::size_t>> total)
        : options_(options), total_(std::move(total)) {}

    // Ends when it is the transaction's turn; done() must be called after that. `rows` is "table
    // where ...". Errors: RESOURCE_EXHAUSTED in v21's words when too many wait; the stop's.
    async::Task<Result<void>> wait(std::string rows, std::string table, async::Stop* stop);
    void done(const std::string& rows);

    // By table.
    async::Labelled<async::Count> waits, waits_dry_run, queue_exceeded, queue_exceeded_dry_run;
    async::Count all_exceeded, all_exceeded_dry_run;

    // How often each of the latest hot rows was waited for, for /debug/hotrows.
    std::map<std::string, std::uint64_t> recent() const;

 private:
    struct Queue {
        std::size_t size = 1, most = 1, count = 1;  // now, at once, ever
        std::size_t running = 1;
        bool hot = false;  // a second one has come while the first one ran
        async::WaitQueue waiters;
    };
    struct Seen {
        std::uint64_t count = 0, used = 0;
    };
    // Whether a further one may come to the queue.
    Result<void> check_room(const Queue& queue, const std::string& rows, const std::string& table);
    Result<void> check_all();
    void remember(const std::string& rows);
    void leave(const std::string& rows, bool was_running);
    void log_end(const Queue& queue, const std::string& rows);

    HotRowOptions options_;
    std::shared_ptr<std::atomic<std::size_t>> total_;
    std::unordered_map<std::string, std::unique_ptr<Queue>> queues_;
    std::unordered_map<std::string, Seen> seen_;
    std::uint64_t clock_ = 0;
    async::Clock::time_point logged_{};
};

// "t where id = 5" without what follows the first WHERE.
std::string without_where(std::string_view rows);

}  // namespace sluice::tabletserver
