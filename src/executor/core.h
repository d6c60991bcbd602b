#pragma once
// What the executor of one loop works with. Everything here belongs to the loop, except what is
// said to be shared.
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "discovery/discovery.h"
#include "engine/sequences.h"
#include "executor/plan_cache.h"
#include "executor/query_log.h"
#include "executor/session.h"
#include "executor/statistics.h"
#include "gateway/gateway.h"
#include "topo/topology.h"

namespace sluice::executor {

// Settings from flags, shared by all loops.
struct Options {
    std::string server_version = "8.0.30-Vitess";
    std::string version_comment;
    transaction::Mode transaction_mode = transaction::Mode::multi;
    Workload default_workload = Workload::oltp;
    vindex::TabletType default_tablet_type = vindex::TabletType::primary;
    std::string ddl_strategy = "direct";  // of a session that has set none
    bool direct_ddl = true;               // --enable_direct_ddl
    bool no_scatter = false;              // --no_scatter
    bool views = false;                   // --enable-views
    bool system_settings = true;  // --enable_system_settings, of a session that has set it not
    std::chrono::milliseconds query_timeout{0};  // --mysql_server_query_timeout; zero: none
    std::vector<std::string> vschema_ddl_users;  // "%": everybody
    bool allow_kill = false;
    std::size_t max_memory_rows = 300'000;
    std::size_t warn_memory_rows = 0;  // --warn_memory_rows; 0: none
    std::size_t statement_memory = 0;  // --statement_memory_limit; 0: none
    std::size_t max_payload = 0;       // --max_payload_size in bytes; 0: none
    std::size_t warn_payload = 0;      // --warn_payload_size; 0: none
    std::size_t truncate_errors = 0;   // --truncate-error-len; 0: no limit
    std::size_t plan_cache_size = 5000;
    // How long a statement on tables that have moved waits for the VSchema that says where to.
    std::chrono::milliseconds newer_schema_wait{30'000};
    std::uint8_t default_collation = 45;  // that connections to shards begin with
    bool tablets = false;  // shards are vttablets: they are told who asks, and sent plans' texts
};

// What happened on this loop; read by anybody.
struct Counters {
    std::atomic<std::uint64_t> queries{0};
    std::atomic<std::uint64_t> errors{0};
    std::atomic<std::uint64_t> parses{0};
    std::atomic<std::uint64_t> plans_built{0};
    std::atomic<std::uint64_t> plan_hits{0};
    std::atomic<std::uint64_t> forwarded{0};  // statements sent to one shard as they came
    std::atomic<std::uint64_t> single_shard{0};
    std::atomic<std::uint64_t> multi_shard{0};
    std::atomic<std::uint64_t> killed{0};
    std::atomic<std::uint64_t> heap_allocations{0};  // while statements ran (base/tally.h)
    std::atomic<std::uint64_t> rows_cut{0};
};
inline void add(std::atomic<std::uint64_t>& counter, std::uint64_t by) {
    counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}
inline void count(std::atomic<std::uint64_t>& counter) {
    add(counter, 1);
}

// The sessions of this loop by connection id.
class SessionList {
 public:
    void add(Session* session) { sessions_[session->id] = session; }
    void remove(Session* session) { sessions_.erase(session->id); }
    Session* find(std::uint32_t id) const {
        const auto found = sessions_.find(id);
        return found == sessions_.end() ? nullptr : found->second;
    }
    const std::map<std::uint32_t, Session*>& all() const { return sessions_; }

 private:
    std::map<std::uint32_t, Session*> sessions_;
};

struct Core {
    async::Loop* loop = nullptr;
    std::size_t index = 0;
    const Options* options = nullptr;           // shared
    discovery::Discovery* discovery = nullptr;  // shared
    discovery::Core* snapshots = nullptr;
    gateway::Gateway* gateway = nullptr;
    engine::Sequences* sequences = nullptr;
    topo::Topology* topology = nullptr;  // shared
    Budget* budget = nullptr;            // of this core
    sql::FingerprintSeed seed;           // the same on all cores
    PlanCache plans{5000};
    SessionList sessions;
    Counters counters;
    Statistics figures;             // by labels
    QueryLog* query_log = nullptr;  // shared; null: there is none
    bool is_logged() const { return query_log != nullptr && query_log->listening(); }
    std::vector<Core*> all;  // every core's, by index: for messages only
    async::Clock::time_point started;

    // The answer to COM_STATISTICS, of this core.
    std::string statistics() const;
};

}  // namespace sluice::executor
