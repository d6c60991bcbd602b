#pragma once
// A Tablet that talks to a MySQL server. It does a vttablet's duties: time-outs of transactions and
// statements, the server's role, errors with v21's codes, database names mapped back.
#include <chrono>
#include <memory>
#include <string>

#include "mysql/permits.h"
#include "mysql/server.h"
#include "tablet/tablet.h"

namespace sluice::tablet {

struct MysqlTabletOptions {
    mysql::Server server{};  // server.database is the shard's database
    std::string keyspace{};  // what clients call the database; empty: names are not mapped
    std::string shard{};
    std::string type = "primary";  // primary, replica, rdonly
    std::string alias{};           // "zone1-0000000100"
    bool primary = true;           // writes need a server that takes them

    // --queryserver-config-*; zero: none.
    std::chrono::milliseconds pool_wait = limits::pool_wait;         // ...-query-pool-timeout
    std::chrono::milliseconds transaction_wait = limits::pool_wait;  // ...-txpool-timeout
    std::chrono::milliseconds idle_timeout = std::chrono::minutes(30);
    std::chrono::milliseconds max_lifetime{0};  // ...-pool-conn-max-lifetime
    std::chrono::milliseconds query_timeout = std::chrono::seconds(30);
    // A held connection that nobody has used for so long is rolled back, or closed if reserved.
    std::chrono::milliseconds transaction_timeout = std::chrono::seconds(30);
    // A transaction that began so long ago is rolled back at its next idle moment.
    std::chrono::milliseconds transaction_age{0};
    // How long an interrupted statement may take to end before its connection is closed.
    std::chrono::milliseconds interrupt_patience = std::chrono::seconds(2);
    std::size_t handles_per_connection = 64;
};

// Figures for /debug/vars; of this loop's part.
struct MysqlTabletFigures {
    std::size_t pooled = 0, idle = 0, waiting = 0;           // connections for plain statements
    std::size_t transactions = 0, transactions_waiting = 0;  // connections for sessions, open
    std::size_t held = 0;                                    // held by sessions now
    std::uint64_t resent = 0, interrupted = 0, timed_out = 0, lost = 0;
};

// Which loop's tablet holds the connection, by the loop's index: carried numbers must come back
// there.
std::size_t loop_of(HeldId held);

class MysqlTablet : public Tablet {
 public:
    // Made, used and destroyed on one loop; `limits` is shared by this tablet's copies of all
    // loops.
    MysqlTablet(MysqlTabletOptions options, std::shared_ptr<mysql::ServerLimits> limits);
    ~MysqlTablet() override;

    Task<Outcome> execute(const Call* call, RowSink* sink) override;
    Task<Outcome> prepare(const Call* call, RowSink* sink) override;
    Task<Result<void>> commit(HeldId held, bool keep, Stop* stop) override;
    Task<Result<void>> rollback(HeldId held, bool keep, Stop* stop) override;
    Task<void> release(HeldId held) override;

    // Whether it is reserved; ABORTED with the reason if it is not held (any more) or in use.
    Result<bool> is_reserved(HeldId held);
    // A held connection stays with its session beyond its transaction: it is reserved from now on.
    Result<void> reserve(HeldId held);
    // The connection under a new number; uses of the old one are told `reason`.
    Result<HeldId> renumber(HeldId held, std::string_view reason);
    // Ends what is held and not in use; uses are told `reason`. With `idle_only`, reserved
    // connections without a transaction only.
    void end_held(std::string_view reason, bool idle_only);

    // Rolls back and closes everything; must be awaited before the tablet is destroyed, and nothing
    // may be started after it.
    Task<void> close() override;

    const MysqlTabletOptions& options() const;
    MysqlTabletFigures figures() const;

 private:
    struct Self;
    std::unique_ptr<Self> self_;
};

}  // namespace sluice::tablet
