#pragma once
// What one loop of a tablet has: pools, plans, its copy of the tablet's condition, watchers of its
// health. Everything in it belongs to that loop.
#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "async/loop.h"
#include "async/scope.h"
#include "tablet/mysql_tablet.h"
#include "tabletserver/condition.h"
#include "tabletserver/consolidator.h"
#include "tabletserver/execute_request.h"
#include "tabletserver/health.h"
#include "tabletserver/hot_rows.h"
#include "tabletserver/log_throttle.h"
#include "tabletserver/options.h"
#include "tabletserver/plan_cache.h"
#include "tabletserver/plan_counters.h"
#include "tabletserver/schema.h"
#include "tabletserver/settings.h"
#include "tabletserver/table_acl.h"

namespace sluice::tabletserver {

class Sequences;

// Written by the loop, read by the web pages.
struct Counters {
    std::atomic<std::uint64_t> queries{0}, errors{0}, begins{0}, commits{0}, rollbacks{0};
    std::atomic<std::uint64_t> consolidations{0}, kills{0}, warnings{0}, acl_denied{0};
    std::array<std::atomic<std::uint64_t>, 19> errors_by_code{};
};

struct Core {
    const Options* options = nullptr;
    async::Loop* loop = nullptr;
    std::size_t index = 0;
    std::vector<Core*> all;
    std::shared_ptr<const Condition> condition;
    std::unique_ptr<tablet::MysqlTablet> statements;
    std::unique_ptr<tablet::MysqlTablet> streams;  // outside of transactions
    std::unique_ptr<PlanCache> plans;
    Envelopes envelopes;
    SettingsCache settings;
    Consolidator consolidator;
    std::unique_ptr<HotRows> hot_rows;  // null: not asked for
    HealthFeed health;
    Sequences* sequences = nullptr;                         // of the loop that gives them out
    std::shared_ptr<TransactionLimits> transaction_limits;  // of all loops; null: not asked for
    SchemaPointer schema;
    std::shared_ptr<const TableAcl> acl;  // null: none
    // Awaited after a statement that has changed tables.
    std::function<Task<void>()> reload_schema;
    Counters counters;
    PlanCounterTable plan_counters;
    LogThrottle error_log;
    async::Scope visits;      // what other loops want done here
    async::Scope endings;     // the end of all of that
    std::size_t opening = 0;  // statements that run and shall leave their connection held
    // How often all that was held has been ended. What was on its way to be held is ended when it
    // arrives: nobody would end it, and its locks would stand in a replica's way.
    std::uint64_t held_ended = 0;
    // Called when a statement has lost the server: whether it is there is looked at now.
    std::function<void()> suspect_server;

    // Which loop has the connection.
    Core* owner_of(tablet::HeldId held) const { return all[tablet::loop_of(held) % all.size()]; }
};

// One of `opening`, as long as it lives.
class Opening {
 public:
    explicit Opening(Core* core) : core_(core) { ++core_->opening; }
    ~Opening() { --core_->opening; }
    Opening(const Opening&) = delete;
    Opening& operator=(const Opening&) = delete;

 private:
    Core* core_;
};

inline void count(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) {
    counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

}  // namespace sluice::tabletserver
