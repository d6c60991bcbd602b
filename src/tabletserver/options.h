#pragma once
// What a tablet is told once at its start.
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "mysql/server.h"
#include "tabletserver/hot_rows.h"
#include "tabletserver/table_acl.h"
#include "tabletserver/transaction_limits.h"
#include "topo/records.h"

namespace sluice::tabletserver {

using std::chrono::milliseconds;
using topo::TabletAlias;
using topo::TabletType;

struct Options {
    TabletAlias alias;
    std::string keyspace;
    std::string shard;
    mysql::Server server;  // as the application's user, into the shard's database
    mysql::Server dba;     // as the user for kills and the sidecar database, into none
    std::string sidecar = "_vt";

    std::uint32_t pool_size = 16;
    std::uint32_t stream_pool_size = 200;
    std::uint32_t transaction_cap = 20;
    std::uint32_t admin_pool_size = 20;  // of the user for administration
    // Zero: none.
    milliseconds pool_wait{0};
    milliseconds stream_wait{0};
    milliseconds transaction_wait{1000};
    milliseconds idle_timeout{std::chrono::minutes(30)};
    milliseconds admin_idle_timeout{std::chrono::minutes(1)};
    milliseconds max_lifetime{0};
    milliseconds query_timeout{std::chrono::seconds(30)};
    milliseconds transaction_timeout{std::chrono::seconds(30)};
    milliseconds olap_transaction_timeout{std::chrono::seconds(30)};
    milliseconds shutdown_grace{std::chrono::seconds(3)};
    milliseconds state_grace{0};

    std::uint64_t max_rows = 10'000;
    std::uint64_t warn_rows = 0;
    std::size_t stream_chunk = 32 * 1024;
    std::size_t plan_memory = 32U << 20U;
    bool passthrough_writes = false;
    bool annotate = false;
    bool terse_errors = false;
    std::size_t truncate_errors = 0;
    bool sanitize_logs = false;      // values stay out of the log
    std::size_t log_text_limit = 0;  // longest statement in a log line; zero: none
    bool workload_metrics = false;   // figures of plans by the gate's name for its workload, too
    bool redact_pages = false;       // and of the pages

    enum class Consolidate : std::uint8_t { never, always, not_on_primary };
    Consolidate consolidate = Consolidate::always;

    milliseconds health_interval{std::chrono::seconds(20)};
    milliseconds degraded_lag{std::chrono::seconds(30)};
    milliseconds unhealthy_lag{std::chrono::hours(2)};
    std::size_t health_buffer = 20;
    bool replication_reporter = false;
    bool heartbeat = false;
    milliseconds heartbeat_interval{1000};
    milliseconds schema_interval{std::chrono::minutes(30)};
    milliseconds schema_reload_timeout{std::chrono::seconds(30)};
    bool schema_signal = true;
    bool views = false;
    bool enforce_strict = true;
    AclRules acl;
    HotRowOptions hot_rows;
    TransactionLimitOptions transaction_limits;

    std::string database() const { return server.database; }
};

}  // namespace sluice::tabletserver
