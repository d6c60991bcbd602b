#pragma once
// QueryLog: finished statements of all loops, for those who listen: a file, web pages. While nobody
// does, a statement costs one look at a number.
#include <atomic>
#include <deque>
#include <memory>
#include <vector>

#include "async/counters.h"
#include "async/loop.h"
#include "async/task.h"
#include "async/wait_queue.h"
#include "executor/query_record.h"

namespace sluice::executor {

using QueryRecordPointer = std::shared_ptr<const QueryRecord>;

class QueryLog {
 public:
    // Listeners live on `home`, which outlives the log. Each keeps `buffer` records at most that it
    // has not taken yet; more are dropped.
    QueryLog(async::Loop* home, QueryLogFilter filter, double sample_rate, std::size_t buffer);
    QueryLog(const QueryLog&) = delete;
    QueryLog& operator=(const QueryLog&) = delete;

    // From any loop.
    bool listening() const { return listeners_count_.load(std::memory_order_relaxed) != 0; }
    void add(QueryRecordPointer record);

    // On the home loop: takes part from its making to its end.
    class Listener {
     public:
        // `name`: v21's word for who listens ("FileLog"); a literal.
        Listener(QueryLog* log, std::string_view name);
        Listener(const Listener&) = delete;
        Listener& operator=(const Listener&) = delete;
        ~Listener();
        // The next record; the stop's error.
        async::Task<Result<QueryRecordPointer>> next(async::Stop* stop);
        // The next one if it is there already; else null.
        QueryRecordPointer take();

     private:
        friend class QueryLog;
        friend struct Shared;
        QueryLog* log_;
        std::string label_;  // "VTGate.FileLog"
        std::deque<QueryRecordPointer> waiting_;
        async::WaitQueue arrived_;
    };

    // Records that reached a listener, and that came too fast for it, by "VTGate.FileLog".
    const async::Labelled<async::Count>& delivered() const { return shared_->delivered; }
    const async::Labelled<async::Count>& dropped() const { return shared_->dropped; }

 private:
    // Outlives what is on its way from other loops.
    struct Shared {
        std::size_t buffer = 1;
        std::vector<Listener*> listeners;
        async::Labelled<async::Count> delivered;
        async::Labelled<async::Count> dropped;

        void hand_on(const QueryRecordPointer& record);
    };
    bool wants(const QueryRecord& record) const;

    async::Loop* home_;
    QueryLogFilter filter_;
    double sample_rate_;
    std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
    std::atomic<std::size_t> listeners_count_{0};
};

}  // namespace sluice::executor
