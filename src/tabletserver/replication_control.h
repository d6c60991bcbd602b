#pragma once
// What a tablet does to its server's replication, statement by statement, as the user for
// administration. On the main loop. Each step says what the server said; what belongs together is
// reparent.h's.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "replication/position.h"
#include "tablet/mysql_tablet.h"
#include "tabletserver/options.h"

namespace replicationdata {
class FullStatus;
class PrimaryStatus;
class Status;
}  // namespace replicationdata

namespace sluice::tabletserver {

using async::Stop;
using async::Task;
using replication::Position;

// Who replicas log in as.
struct ReplicationLogin {
    std::string user = "vt_repl", password;
    bool tls = false;
    std::chrono::seconds connect_retry{10};  // before a replica connects again
};

struct SourceAddress {
    std::string host;
    std::int32_t port = 0;
    double heartbeat_seconds = 0;  // 0: as it is
};

class ReplicationControl {
 public:
    // `server` outlives it.
    ReplicationControl(tablet::MysqlTablet* server, ReplicationLogin login);
    ReplicationControl(const ReplicationControl&) = delete;
    ReplicationControl& operator=(const ReplicationControl&) = delete;
    ~ReplicationControl();

    // FAILED_PRECONDITION "no replication status (errno 100) (sqlstate HY000)" if it has no source.
    Task<Result<replicationdata::Status>> status(Stop* stop);
    // FAILED_PRECONDITION "no master status" without a binary log.
    Task<Result<replicationdata::PrimaryStatus>> primary_status(Stop* stop);
    Task<Result<replicationdata::FullStatus>> full_status(Stop* stop);
    // What the server has executed, as a primary or as a replica.
    Task<Result<Position>> position(Stop* stop);
    // Ends when the server has executed all of it; without a stop perhaps never.
    Task<Result<void>> wait_for(Position position, Stop* stop);
    // Hosts of those who replicate from it.
    Task<Result<std::vector<std::string>>> replicas(Stop* stop);

    Task<Result<void>> start(Stop* stop);
    Task<Result<void>> start_until_after(Position position, Stop* stop);
    Task<Result<void>> halt(Stop* stop);
    Task<Result<void>> halt_receiver(Stop* stop);
    Task<Result<void>> start_receiver(Stop* stop);
    // It has no source any more.
    Task<Result<void>> forget_source(Stop* stop);
    // As if it had never replicated: without source, logs and transaction ids.
    Task<Result<void>> reset(Stop* stop);
    // An empty server stands where `position` is.
    Task<Result<void>> set_position(Position position, Stop* stop);
    // Replicates from there from now on; stopped before. It is not started.
    Task<Result<void>> set_source(SourceAddress source, Stop* stop);
    // A replica without a source, with a log of its own; where it stands.
    Task<Result<Position>> promote(Stop* stop);

    Task<Result<bool>> is_read_only(Stop* stop);
    // What a replica is: super_read_only on MySQL, read_only on MariaDB.
    Task<Result<void>> refuse_writes(Stop* stop);
    // On MySQL super_read_only too. On MariaDB, whose read_only binds not all users, transactions
    // that are open end and nobody can commit before allow_writers() or set_writable().
    Task<Result<void>> stop_writers(Stop* stop);
    // Nobody waits to write any more, the server stays read-only.
    Task<Result<void>> allow_writers(Stop* stop);
    Task<Result<void>> set_writable(Stop* stop);
    // read_only alone, as vtctldclient SetWritable asks for.
    Task<Result<void>> set_read_only(Stop* stop);

    // Whether the server can do semi-sync at all.
    Task<Result<bool>> has_semi_sync(Stop* stop);
    Task<Result<void>> set_semi_sync(bool as_source, bool as_replica, Stop* stop);
    // Whether commits wait for replicas by now.
    Task<Result<bool>> waits_for_replicas(Stop* stop);
    // Whether this replica tells its source what it has received.
    Task<Result<bool>> acknowledges(Stop* stop);
    // Whether it is to, from the next start of its receiver on.
    Task<Result<bool>> will_acknowledge(Stop* stop);

 private:
    struct Words;
    Task<Result<Words>> words(Stop* stop);
    Task<Result<std::size_t>> end_transactions(Stop* stop);
    Task<Result<void>> hold_commits(Stop* stop);
    Task<void> let_commits_go();

    tablet::MysqlTablet* server_;
    ReplicationLogin login_;
    tablet::HeldId commits_held_ = tablet::not_held;
};

}  // namespace sluice::tabletserver
